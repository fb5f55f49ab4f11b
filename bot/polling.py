"""What a poll reads: the list, further pages while they bring news, the page of each release that is new."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.normalise import BadDraft, glimpse, key, normalise
from bot.errors import FetchError
from bot.model import Poll, Polled, Release, SourceState, Trouble
from bot.ports import World
from scrapers.errors import LayoutError
from scrapers.extractors import extract
from scrapers.identity import own_link
from scrapers.model import Draft, Page, Source

log = logging.getLogger(__name__)

# After so many failures a release is told from what the listing shows, rather than not at all, and a further page of
# the list is given up.
TRIES = 3
TEASER = ""
"""The glimpse of a release whose own page could not be read: it equals none, so that the page is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a poll has read, before anything is decided."""

    poll: Poll
    releases: Sequence[Release] = ()
    state: SourceState | None = None
    silent: frozenset[str] = frozenset()
    gap: bool = False
    """True if more may have come than was listed, and no later poll will look for it."""
    trouble: Trouble | None = None
    """Why nothing was read."""


def read(source: Source, world: World, poll: Poll) -> Reading:
    """What a poll reads: nothing but its own record if the list is not new."""
    state = world.store.state(source.id)
    page = world.fetcher.fetch(source.page_url(), source, etag=state.etag, modified=state.modified)
    if page is None:
        return Reading(poll=poll)
    shown = _listing(source, page, state, world)
    after, trouble = shown.state, list(shown.trouble)
    listed = [draft for draft in shown.drafts if draft.id]
    if len(listed) < len(shown.drafts):
        trouble.append(f"{len(shown.drafts) - len(listed)} items have no id where the source file looks for it")
    poll = replace(poll, found=len(listed), baseline=state.baseline is None, error="; ".join(trouble))
    fresh = fresh_ones(source, listed, world)
    if not fresh and not poll.baseline and after == state and not state.unread:
        return Reading(poll=poll, gap=shown.gap)
    found = releases_of(source, fresh, state, world)
    trouble += found.trouble
    return Reading(
        poll=replace(poll, result=Polled.OK, error="; ".join(trouble)),
        releases=found.releases,
        state=_after(after, page, found, poll.at, whole=not trouble),
        silent=state.silent,
        gap=shown.gap,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The drafts of the list, the state with what is left to be read again, and what is wrong."""

    drafts: Sequence[Draft]
    state: SourceState
    trouble: Sequence[str] = ()
    gap: bool = False


def _listing(source: Source, page: Page, state: SourceState, world: World) -> _Listing:
    """What is listed.

    Further pages are read as long as a whole page is new (more came than one page holds), up to the one that could not
    be read last time, and while something that could not be read before is missing from what was listed.
    """
    listed = last = items(source, page)
    _refuse_few(source, listed, page)
    pages = source.pages if "{page}" in source.url else 1
    for number in range(2, pages + 2 if state.baseline else 2):
        if not (_all_new(source, last, world) or _gone(source, listed, state) or number <= state.gap_page):
            break
        if number > pages:
            lost = _overflow(source, listed, last, state, world)
            return _Listing(drafts=listed, state=replace(state, gap=0, gap_page=0), trouble=lost, gap=bool(lost))
        try:
            merged = _merge(source, listed, _further(source, number, world))
        except (FetchError, LayoutError) as error:
            after, why = _with_gap(state, number), f"page {number} could not be read: {error}"
            return _Listing(drafts=listed, state=after, trouble=[why], gap=not after.gap)
        listed, last = merged, merged[len(listed) :]
    return _Listing(drafts=listed, state=replace(state, gap=0, gap_page=0))


def _with_gap(state: SourceState, number: int) -> SourceState:
    """The state with a gap at page `number`, or without one if it has been tried often enough."""
    given_up = state.gap + 1 >= TRIES
    return replace(state, gap=0 if given_up else state.gap + 1, gap_page=0 if given_up else number)


def _refuse_few(source: Source, listed: list[Draft], page: Page) -> None:
    good = sum(bool(draft.id) for draft in listed)
    if good < source.at_least:
        many = f"{len(listed)} items, {good} of them with an id,"
        raise LayoutError(f"{many} on {page.url}, and there must be at least {source.at_least}")


def _gone(source: Source, listed: list[Draft], state: SourceState) -> set[str]:
    """The unread releases that are not on the list (any more)."""
    return set(state.unread) - {key(draft, source).digest for draft in listed if draft.id}


def _overflow(source: Source, listed: list[Draft], last: list[Draft], state: SourceState, world: World) -> list[str]:
    """What may have been missed behind the last page that is read."""
    trouble = []
    if _all_new(source, last, world):
        trouble.append(
            f"all of it is new: more may have come than {source.pages if '{page}' in source.url else 1} pages"
        )
    if lost := len(_gone(source, listed, state)):
        trouble.append(f"{lost} items left the list before they could be read")
    return trouble


def _all_new(source: Source, drafts: list[Draft], world: World) -> bool:
    """True if a page has items, and none of them is known."""
    return bool(drafts) and len(fresh_ones(source, drafts, world)) == len(drafts)


def _further(source: Source, number: int, world: World) -> list[Draft]:
    page = world.fetcher.fetch(source.page_url(number), source)
    return items(source, page) if page else []


def items(source: Source, page: Page) -> list[Draft]:
    """The drafts on one page, each identity once, with links to the source's own hosts only."""
    drafts = (replace(draft, url=own_link(draft.url, source)) for draft in extract(page, source.listing))
    return _merge(source, [], drafts)


def _merge(source: Source, listed: list[Draft], more: Iterable[Draft]) -> list[Draft]:
    known = {key(draft, source) for draft in listed}
    merged = list(listed)
    for draft in more:
        if not draft.id or key(draft, source) not in known:
            merged.append(draft)
            known.add(key(draft, source))
    return merged


def fresh_ones(source: Source, listed: Sequence[Draft], world: World) -> list[Draft]:
    """Those that are not known, or that the listing shows otherwise than before; the oldest first."""
    known = world.store.glimpses([key(draft, source) for draft in listed if draft.id])
    return [draft for draft in reversed(listed) if draft.id and known.get(key(draft, source)) != glimpse(draft)]


@dataclass(slots=True)
class Found:
    """What came of the fresh drafts of a list."""

    releases: list[Release] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)
    """How often each of those that could not be read has failed so far, by public id."""
    teasers: set[str] = field(default_factory=set)
    """Those of the releases that could be read from the list only."""
    why: str = ""

    @property
    def trouble(self) -> list[str]:
        """What is wrong, for the poll's record."""
        unread = f"{len(self.unread)} items are not read yet: {self.why}" if self.unread else ""
        told = f"{len(self.teasers)} items are told from the list, since their own pages cannot be read"
        return [text for text in (unread, told if self.teasers else "") if text]


def releases_of(source: Source, fresh: Sequence[Draft], state: SourceState, world: World) -> Found:
    """The releases that the drafts are, as far as they can be read."""
    found = Found()
    known = world.store.glimpses([key(draft, source) for draft in fresh])
    for draft in fresh:
        identity = key(draft, source)
        tries = state.unread.get(identity.digest, 0) + 1
        try:
            full, whole = _detail(
                source, draft, world, give_up=tries >= TRIES and known.get(identity, TEASER) == TEASER
            )
            release = normalise(full, source, now=world.clock.now(), listed=draft, lenient=tries >= TRIES)
            found.releases.append(release if whole else replace(release, glimpse=TEASER))
            found.teasers |= set() if whole else {identity.digest}
        except (FetchError, LayoutError, BadDraft) as error:
            found.unread[identity.digest], found.why = tries, str(error)
            log.warning("unread source=%s item=%s try=%d why=%s", source.id, identity.id, tries, error)
    return found


def _detail(source: Source, draft: Draft, world: World, *, give_up: bool) -> tuple[Draft, bool]:
    """The draft as its detail page shows it, and True; as the listing shows it, and False, if there is no hope."""
    if source.detail is None or not draft.url:
        return draft, True
    try:
        page = world.fetcher.fetch(draft.url, source)
        found = next(iter(extract(page, source.detail)), None) if page else None
        if found is None or not (found.body or found.title):
            raise LayoutError(f"no text on {draft.url}")
    except (FetchError, LayoutError) as error:
        if not give_up or not draft.title:
            raise
        log.warning("told from the listing source=%s item=%s why=%s", source.id, draft.id, error)
        return draft, False
    return found, True


def _after(state: SourceState, page: Page, found: Found, now: datetime, *, whole: bool) -> SourceState:
    """What to remember: the validators only if all of the list was read, else a 304 would hide the rest for ever."""
    waiting = frozenset(found.unread) | found.teasers
    return replace(
        state,
        etag=page.etag if whole else "",
        modified=page.modified if whole else "",
        baseline=state.baseline or now,
        unread=found.unread,
        silent=waiting if state.baseline is None else state.silent & waiting,
    )

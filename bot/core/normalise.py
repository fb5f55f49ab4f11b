"""Draft → Release: clean text, a day, an identity and the fingerprints by which releases are told apart."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.core.stories.signature import signature
from bot.core.text import clean, folded
from bot.model import Key, Release, digest
from scrapers.identity import canonical_url
from scrapers.model import Draft, Source

_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_BREAK = re.compile(r"<(?:br|p|/p|div|/div|li|/li|tr|/tr|h\d|/h\d)\b[^<>]*>", re.IGNORECASE)
_LOOKS_LIKE_MARKUP = re.compile(r"</?(?:p|br|div|a|b|i|em|strong|ul|ol|li|span|table|h\d)\b[^<>]*>", re.IGNORECASE)
# What is read of a text: letters and digits, and of the marks those that change a figure (1,137 and 11.37, 5 and 5 %,
# 3 and -3).
_READ = re.compile(r"[^\W_]+|[%$€£¥₩]|(?<=\d)[.,](?=\d)|(?:(?<=[\s(])|^)-(?=\d)")
# The list of the English site ends its texts in the label "date" glued to the day.
_TAIL_DATE = re.compile(r"date\d{8}$")


# Releases are of our time; other years are slips, and would overflow where days are counted.
_YEARS = range(1900, 2200)


class BadDraft(ValueError):  # noqa: N818 (a finding about an item, told in the poll's record)
    """A draft lacks what a release cannot be without; the text says what."""


def key(draft: Draft, source: Source) -> Key:
    """The identity of a draft; ids that are links are compared in one spelling."""
    return Key(source.id, draft.board or source.board, canonical_url(draft.id, source))


def glimpse(draft: Draft) -> str:
    """Fingerprint of what the listing shows of a draft."""
    return digest(draft.title, draft.body, draft.published, *draft.categories)[:16]


def normalise(
    draft: Draft,
    source: Source,
    *,
    now: datetime,
    listed: Draft | None = None,
    lenient: bool = False,
    compared: bool = True,
) -> Release:
    """The release that `draft` is; `listed` is what the listing showed, if a detail page was read too.

    Raises BadDraft if there is neither a title nor a text, or if the date cannot be read; `lenient` does without it.
    `compared` is False for a release that is never held against others: it has no fingerprint of its text, and costs
    little.
    """
    listed = listed or draft
    title, body = plain(draft.title or listed.title), plain(draft.body or listed.body)
    if not (title or body):
        raise BadDraft(f"item {listed.id!r} has neither a title nor a text")
    url = listed.url or draft.url or (listed.id if listed.id.startswith("http") else "")
    release = Release(
        key=key(listed, source),
        publisher=source.publishes_as,
        source_name=source.name,
        url=url,
        title=title or body[:120],
        body=body,
        published=_day(draft.published or listed.published, source, lenient=lenient),
        categories=_categories(draft, listed, source),
        language=source.language,
        glimpse=glimpse(listed),
        content_hash="",
        title_key="",
        seen=now,
    )
    return _fingerprinted(release, title, source) if compared else release


def _fingerprinted(release: Release, title: str, source: Source) -> Release:
    """The release with what it is compared by; `title` is empty if the item has none of its own."""
    return replace(
        release,
        content_hash=content_hash(title, release.body, boilerplate=source.boilerplate),
        title_key=digest(_essence(title))[:16] if title else "",
        signature=signature(title, release.body),
    )


def _categories(draft: Draft, listed: Draft, source: Source) -> tuple[str, ...]:
    """What the item says of itself, else what is true of the whole list."""
    names = (*listed.categories, *draft.categories) or source.categories
    return tuple(dict.fromkeys(filter(None, (plain(name) for name in names))))


def plain(text: str) -> str:
    """Text without markup, entities and half characters, as a person would read it."""
    if "<" in text and _LOOKS_LIKE_MARKUP.search(text):
        text = _MARKUP.sub("", _BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    return clean(text)


def content_hash(title: str, body: str, *, boilerplate: tuple[str, ...] = ()) -> str:
    """Fingerprint of a plain title and text, 32 hex digits.

    Case, width, white space, quotes, bullets and boilerplate do not count; figures and their signs do.
    """
    return digest(_essence(title), _essence(body, boilerplate))[:32]


def _essence(text: str, boilerplate: tuple[str, ...] = ()) -> str:
    """What is left of a plain text when everything that carries no news is gone."""
    left = "".join(_READ.findall(folded(text).replace("–", "-").replace("−", "-")))
    for phrase in boilerplate:
        left = left.replace(_essence(phrase), "")
    return _TAIL_DATE.sub("", left)


def _day(text: str, source: Source, *, lenient: bool) -> date | None:
    try:
        return day(text, source)
    except BadDraft:
        if not lenient:
            raise
        return None


def day(text: str, source: Source) -> date | None:
    """The day that `text` names, in the source's zone; None for no text; BadDraft if no format fits."""
    text = text.strip()
    if not text:
        return None
    for form in source.date_forms:
        found = _moment(text, form, ZoneInfo(source.timezone))
        if found is not None:
            return found
    raise BadDraft(f"the date {text[:40]!r} has none of the forms {', '.join(source.date_forms)}")


def _moment(text: str, form: str, zone: ZoneInfo) -> date | None:
    try:
        if form == "iso":
            moment = datetime.fromisoformat(text)
        elif form == "epoch-ms":
            moment = datetime.fromtimestamp(int(text) / 1000, UTC)
        else:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 (a day without a zone is the source's own)
        found = moment.astimezone(zone).date() if moment.tzinfo else moment.date()
        return found if found.year in _YEARS else None
    except (ValueError, OverflowError, OSError):
        return None

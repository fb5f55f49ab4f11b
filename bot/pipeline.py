"""READ THIS FIRST: the flow, in order. collect() reads a source and stores what it decides; deliver() keeps promises.

    fetch → extract → [new? fetch detail → extract] → normalise (bot/polling.py) → decide → commit     collect(source)
    arrange (bot/courier.py) → due → claim → write → send → settle                                     deliver(delivery)

The halves share only the store. Collecting never sends, delivering never fetches; a crash anywhere leaves either
nothing or a promise.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from bot.core.normalise import BadDraft, normalise
from bot.core.plan import decide
from bot.core.replay import decide_again
from bot.core.rules.rule import RuleSet
from bot.core.watching import given_up, seen_in, unsure, watch
from bot.errors import FetchError, StoreError
from bot.model import (
    Decision,
    Delivery,
    Ending,
    Letter,
    Notice,
    Outcome,
    Poll,
    Polled,
    Reason,
    Related,
    Release,
    Sending,
    SourceState,
    State,
    Trouble,
)
from bot.polling import Reading, fresh_ones, items, read, releases_of
from bot.ports import World
from scrapers.errors import LayoutError
from scrapers.model import Draft, Source

log = logging.getLogger(__name__)

# Seconds after each failed try; the last one goes on until the promise is given up.
BACKOFF = (5, 300, 1800, 7200, 18000, 36000)
LEASE_MARGIN = 60.0
LONGEST_PAUSE = timedelta(days=1)
"""However long a receiver asks to be left alone."""
INGEST = "ingest"
"""Under this name the batches of an ingest stand among the polls, whatever the sources of their releases."""
REPLAY = "replay"
"""Under this name stand the batches of a replay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard a message is tried."""

    give_up: timedelta
    timeout: float
    """Seconds, of one try."""


class Unsettled(StoreError):  # noqa: N818 (it says what the letter is)
    """A letter was sent, and that could not be recorded: the ending is to be recorded before anything else is sent."""

    def __init__(self, text: str, *, ending: Ending) -> None:
        super().__init__(text)
        self.ending = ending


def collect(source: Source, world: World) -> Poll:
    """Poll one source once and store what follows; the poll's record. Trouble is recorded, not raised."""
    began = world.clock.monotonic()
    poll = Poll(source=source.id, at=world.clock.now(), result=Polled.UNCHANGED)
    try:
        reading = read(source, world, poll)
    except (FetchError, LayoutError) as error:
        trouble = Trouble.LAYOUT if isinstance(error, LayoutError) else Trouble.UNREACHABLE
        reading = Reading(poll=replace(poll, result=Polled.FAILED, error=str(error)), trouble=trouble)
    took = world.clock.monotonic() - began
    return _commit(replace(reading, poll=replace(reading.poll, took=took)), world, watching(source, reading, world))


def record_bug(source: Source, world: World, error: Exception) -> Poll:
    """The stored record of a poll that ended with a bug: a failed one like any other."""
    why = f"a bug, see the log: {error!r}"
    reading = Reading(poll=Poll(source=source.id, at=world.clock.now(), result=Polled.FAILED, error=why))
    return _commit(reading, world, watching(source, reading, world))


def _stamped(decision: Decision, now: datetime) -> Decision:
    """The decision with promises of this moment: a poll that began before a digest was due may end after it."""
    promised, notices = (
        [replace(one, created=now) for one in some] for some in (decision.deliveries, decision.notices)
    )
    return replace(decision, deliveries=tuple(promised), notices=tuple(notices))


Watch = Callable[[Decision], Decision]
"""Adds to a decision how its source does, and what the operator is told of that."""


def watching(source: Source, reading: Reading, world: World) -> Watch:
    """The watch over a source of which this was read."""
    condition = world.store.condition(source.id)

    def add(decision: Decision) -> Decision:
        every = timedelta(minutes=source.every_minutes)
        seen = seen_in(decision, every=every, trouble=reading.trouble, gap=reading.gap)
        after, notices = watch(condition, seen, decision.poll.at)
        told = world.audience.notices(notices, decision.poll.at)
        if notices and not told:  # there is nobody yet to be told: then what begins now is told later, or never
            after = replace(after, told=after.told & condition.told)
        return replace(decision, condition=after if after != condition else None, notices=told)

    return add


def _as_it_is(decision: Decision) -> Decision:
    return decision


def _commit(reading: Reading, world: World, watching: Watch = _as_it_is) -> Poll:
    """Decide and store in one transaction, so that two polls of one event cannot both take it for new."""

    def decision(related: Related) -> Decision:
        decided = decide(
            reading.releases,
            related=related,
            audience=world.audience,
            poll=reading.poll,
            state=reading.state,
            silent=reading.silent,
            window=world.window,
        )
        return _stamped(watching(decided), world.clock.now())

    poll = world.store.commit(reading.releases, decision)
    if poll.notice:
        log.warning("mass change source=%s notice=%s", poll.source, poll.notice)
    return poll


def ingest(
    drafts: Iterable[tuple[str, Draft, Source]], world: World, *, baseline: bool, batch: int = 500
) -> Iterator[tuple[Poll, list[str]]]:
    """Put drafts from elsewhere, each with its place, through the same decisions, a transaction a batch.

    Yields the record of each batch and what was wrong with single drafts; they stop only themselves.
    """
    waiting: list[Release] = []
    wrong: list[str] = []
    for place, draft, source in drafts:
        try:
            waiting.append(normalise(draft, source, now=world.clock.now()))
        except BadDraft as error:
            wrong.append(f"{place}: {error}")
        if len(waiting) >= batch:
            yield _store_batch(waiting, world, baseline=baseline), wrong
            waiting, wrong = [], []
    yield _store_batch(waiting, world, baseline=baseline), wrong


def _store_batch(releases: list[Release], world: World, *, baseline: bool) -> Poll:
    poll = Poll(source=INGEST, at=world.clock.now(), result=Polled.OK, found=len(releases), baseline=baseline)
    return _commit(Reading(poll=poll, releases=releases), world) if releases else poll


def replay(stored: Iterable[Release], world: World, rules: Collection[str], *, batch: int = 500) -> Iterator[Poll]:
    """Hold rules that have changed against stored releases and plan who is told, a transaction a batch; its record.

    Whatever was told before by one of the rules is not told again, so a replay that was broken off is begun anew.
    """
    chosen = RuleSet(rule for rule in world.audience.rules.rules if rule.id in rules)
    audience = replace(world.audience, rules=chosen)
    stream = iter(stored)
    while releases := list(islice(stream, batch)):
        poll = Poll(source=REPLAY, at=world.clock.now(), result=Polled.OK, found=len(releases))
        decision = partial(decide_again, releases, audience=audience, poll=poll)
        yield world.store.commit(releases, decision, told_by=rules)


def deliver(delivery: Delivery, world: World, effort: Effort) -> Ending | None:
    """Keep one promise, if it is still due: claim it, send it, settle it; how that ended, None if it was not due.

    Raises StoreError if nothing was sent since it could not be claimed, Unsettled if it was sent but not recorded.
    The claim is committed before the send, the result after: a crash between them may repeat one message, and loses
    none.
    """
    if not world.store.claim(delivery, world.clock.now(), lease=effort.timeout + LEASE_MARGIN):
        return None
    if delivery.interrupted and is_not_repeated(delivery, world):
        ending = _ending(delivery, _INTERRUPTED, world, effort)
    else:
        ending = _send(delivery, world, effort)
    _log(delivery, ending)
    try:
        world.store.settle(delivery, ending, world.clock.now())
    except StoreError as error:
        raise Unsettled(str(error), ending=ending) from error
    return ending


def is_not_repeated(delivery: Delivery, world: World) -> bool:
    """True if the owner wants nothing that may have arrived to be sent again."""
    return delivery.channel in world.holding and not world.notifier.knows_repeats(delivery.channel)


_INTERRUPTED = Outcome(result=Sending.AMBIGUOUS, why="the service ended while it was being sent; it may have arrived")


def _send(delivery: Delivery, world: World, effort: Effort) -> Ending:
    may_repeat = (delivery.interrupted or delivery.unsure) and not world.notifier.knows_repeats(delivery.channel)
    try:
        rendered = world.notifier.write(delivery.channel, delivery.message, may_repeat=may_repeat)
    except Exception as error:  # noqa: BLE001 (logged; nothing has left, so it may be tried again)
        return _ending(delivery, _bug(delivery, error, Sending.RETRY), world, effort)
    letter = Letter(id=delivery.id, message=delivery.message, rendered=rendered, answers=delivery.answers)
    try:
        outcome = world.notifier.send(delivery.channel, delivery.recipient, letter)
    except Exception as error:  # noqa: BLE001 (logged; it may have left)
        outcome = _bug(delivery, error, Sending.AMBIGUOUS)
    return replace(_ending(delivery, outcome, world, effort), fingerprint=rendered.fingerprint)


def _bug(delivery: Delivery, error: Exception, result: Sending) -> Outcome:
    """A bug must not be tried for ever; its text may hold a secret."""
    log.exception("bug channel=%s delivery=%s", delivery.channel, delivery.id)
    return Outcome(result=result, why=f"a bug, see the log: {type(error).__name__}")


def _ending(delivery: Delivery, outcome: Outcome, world: World, effort: Effort) -> Ending:
    """What becomes of a delivery after a try that ended so."""
    now = world.clock.now()
    if outcome.result is Sending.SENT:
        return Ending(outcome=outcome, state=State.SENT)
    if outcome.result is Sending.AMBIGUOUS and is_not_repeated(delivery, world):
        return Ending(outcome=outcome, state=State.AMBIGUOUS, notices=_notices(unsure, delivery, outcome, world))
    next_at = next_try(delivery, outcome, now, effort.give_up)
    if next_at is None:
        return Ending(outcome=outcome, state=State.DEAD, notices=_notices(given_up, delivery, outcome, world))
    return Ending(outcome=outcome, state=State.PENDING, next_at=next_at)


def _notices(
    said: Callable[[str, str, datetime], Notice], delivery: Delivery, outcome: Outcome, world: World
) -> tuple[Delivery, ...]:
    """The operator hears of it; but not of a notice to the operator, lest it go round."""
    now, message = world.clock.now(), delivery.message
    if all(one.reason in {Reason.TROUBLE, Reason.HEALED} for one in message.entries or (message,)):
        return ()
    return world.audience.notices([said(delivery.channel, outcome.why, now)], now)


def _log(delivery: Delivery, ending: Ending) -> None:
    outcome = ending.outcome
    level = logging.INFO if outcome.result is Sending.SENT else logging.WARNING
    log.log(level, "%s channel=%s delivery=%s why=%s", outcome.result, delivery.channel, delivery.id, outcome.why)


def next_try(delivery: Delivery, outcome: Outcome, now: datetime, give_up: timedelta) -> datetime | None:
    """When to try again; None if it arrived, was refused for good, or has been tried for long enough."""
    if outcome.result in {Sending.SENT, Sending.REFUSED} or now - delivery.created >= give_up:
        return None
    pause = timedelta(seconds=BACKOFF[min(delivery.attempts, len(BACKOFF) - 1)])
    asked = outcome.retry_after
    return now + (pause if asked is None else max(timedelta(seconds=1), min(asked, LONGEST_PAUSE)))


def backfill(source: Source, world: World, pages: int, *, alert: bool = False) -> Iterator[Poll]:
    """Store `pages` pages of a source's list, the record of each page, until one brings no items.

    Nobody is told, unless `alert` says so: then as if it came now, and what comes with one page in one message.
    """
    for number in range(1, pages + 1):
        now = world.clock.now()
        page = world.fetcher.fetch(source.page_url(number), source)
        listed = items(source, page) if page else []
        found = releases_of(source, fresh_ones(source, listed, world), SourceState(source=source.id), world)
        note = "; ".join(found.trouble)
        poll = Poll(source=source.id, at=now, result=Polled.OK, found=len(listed), baseline=not alert, error=note)
        yield _commit(Reading(poll=poll, releases=found.releases), world, _together if alert else _as_it_is)
        if not listed or "{page}" not in source.url:
            return


def _together(decision: Decision) -> Decision:
    """The decision, with alerts that come as one message."""
    mark = f"backfill {decision.poll.source} {decision.poll.at:%Y-%m-%dT%H:%M:%SZ}"
    return replace(decision, deliveries=tuple(replace(one, together=mark) for one in decision.deliveries))

"""READ THIS FIRST: the flow, in order. collect() reads a source and stores what it decides; deliver() keeps promises.

    fetch → extract → [new? fetch detail → extract] → normalise (bot/polling.py) → decide → commit     collect(source)
    due → claim → send → settle                                                                        deliver()

The halves share only the store. Collecting never sends, delivering never fetches; a crash anywhere leaves either
nothing or a promise.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from threading import Event

from bot.core.normalise import BadDraft, normalise
from bot.core.plan import decide
from bot.core.replay import decide_again
from bot.core.rules.rule import RuleSet
from bot.errors import FetchError
from bot.model import (
    Decision,
    Delivery,
    Outcome,
    Poll,
    Polled,
    Related,
    Release,
    Sending,
    SourceState,
)
from bot.polling import Reading, fresh_ones, items, read, releases_of
from bot.ports import World
from scrapers.errors import LayoutError
from scrapers.model import Draft, Source

log = logging.getLogger(__name__)

# Seconds after each failed try; the last one goes on until the promise is given up.
BACKOFF = (5, 60, 300, 1800, 7200, 18000, 36000)
LEASE_MARGIN = 60.0
ROUND_SECONDS = 5.0
"""After this a round of delivery begins nothing more, so that a slow channel does not hold up the next round."""
INGEST = "ingest"
"""Under this name the batches of an ingest stand among the polls, whatever the sources of their releases."""
REPLAY = "replay"
"""Under this name stand the batches of a replay."""


def collect(source: Source, world: World) -> Poll:
    """Poll one source once and store what follows; the poll's record. Trouble is recorded, not raised."""
    began = world.clock.monotonic()
    poll = Poll(source=source.id, at=world.clock.now(), result=Polled.UNCHANGED)
    try:
        reading = read(source, world, poll)
    except (FetchError, LayoutError) as error:
        reading = Reading(poll=replace(poll, result=Polled.FAILED, error=str(error)))
    took = world.clock.monotonic() - began
    return _commit(replace(reading, poll=replace(reading.poll, took=took)), world)


def _commit(reading: Reading, world: World) -> Poll:
    """Decide and store in one transaction, so that two polls of one event cannot both take it for new."""

    def decision(related: Related) -> Decision:
        return decide(
            reading.releases,
            related=related,
            audience=world.audience,
            poll=reading.poll,
            state=reading.state,
            silent=reading.silent,
            window=world.window,
        )

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


def deliver(
    world: World, *, give_up: timedelta, timeout: float, limit: int = 20, stopping: Callable[[], bool] = bool
) -> list[tuple[Delivery, Outcome]]:
    """Send what is due, each channel in a thread of its own; each delivery with how it ended.

    A channel that fails is left alone until the next round, and a round begins nothing more after a few seconds, so
    that neither a broken nor a slow channel holds up the others.
    `stopping` is asked before each send.
    """
    queues: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in world.store.due(world.clock.now(), limit=limit):
        queues[delivery.channel].append(delivery)
    if not queues:
        return []

    over, interrupted = world.clock.monotonic() + ROUND_SECONDS, Event()

    def send_all(queue: list[Delivery]) -> list[tuple[Delivery, Outcome]]:
        ended: list[tuple[Delivery, Outcome]] = []
        while queue and not (stopping() or interrupted.is_set()) and (not ended or _goes_on(ended[-1][1], over, world)):
            delivery = queue.pop(0)
            if world.store.claim(delivery, world.clock.now(), lease=timeout + LEASE_MARGIN):
                ended.append((delivery, _send(delivery, world, give_up)))
        return ended

    with ThreadPoolExecutor(max_workers=min(8, len(queues)), thread_name_prefix="deliver") as pool:
        try:
            return [one for ended in pool.map(send_all, queues.values()) for one in ended]
        except BaseException:  # Ctrl-C: what is being sent is finished, nothing more is begun
            interrupted.set()
            raise


def _goes_on(last: Outcome, over: float, world: World) -> bool:
    """True if a channel's queue goes on in this round: it works, and the round is not over."""
    return last.result in {Sending.SENT, Sending.REFUSED} and world.clock.monotonic() < over


def _send(delivery: Delivery, world: World, give_up: timedelta) -> Outcome:
    try:
        outcome = world.notifier.send(delivery.channel, delivery.recipient, delivery.message, delivery=delivery.id)
    except Exception as error:  # a bug must not be tried for ever; its text may hold a secret
        log.exception("bug channel=%s delivery=%s", delivery.channel, delivery.id)
        outcome = Outcome(result=Sending.AMBIGUOUS, why=f"a bug, see the log: {type(error).__name__}")
    now = world.clock.now()
    world.store.settle(delivery, outcome, now, next_try(delivery, outcome, now, give_up))
    level = logging.INFO if outcome.result is Sending.SENT else logging.WARNING
    log.log(level, "%s channel=%s delivery=%s why=%s", outcome.result, delivery.channel, delivery.id, outcome.why)
    return outcome


def next_try(delivery: Delivery, outcome: Outcome, now: datetime, give_up: timedelta) -> datetime | None:
    """When to try again; None if it arrived, was refused for good, or has been tried for long enough."""
    if outcome.result in {Sending.SENT, Sending.REFUSED} or now - delivery.created >= give_up:
        return None
    return now + timedelta(seconds=BACKOFF[min(delivery.attempts, len(BACKOFF) - 1)])


def backfill(source: Source, world: World, pages: int) -> Iterator[Poll]:
    """Store `pages` pages of a source's list, telling nobody; the record of each page, until one brings no items."""
    for number in range(1, pages + 1):
        now = world.clock.now()
        page = world.fetcher.fetch(source.page_url(number), source)
        listed = items(source, page) if page else []
        found = releases_of(source, fresh_ones(source, listed, world), SourceState(source=source.id), world)
        note = "; ".join(found.trouble)
        poll = Poll(source=source.id, at=now, result=Polled.OK, found=len(listed), baseline=True, error=note)
        yield _commit(Reading(poll=poll, releases=found.releases), world)
        if not listed or "{page}" not in source.url:
            return

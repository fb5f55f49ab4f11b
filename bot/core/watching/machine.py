"""The states of a source: ok, failing, broken, and what the operator is told when one gives way to another."""

from dataclasses import replace
from datetime import datetime

from bot.core.watching import notices
from bot.core.watching.seen import Seen
from bot.core.watching.staleness import is_stale, with_news
from bot.model import Condition, Notice, Standing, Trouble

TRIES = 3
"""Polls in a row that must fail before the operator is told: hosts restart, and lines break for a minute."""
OUTAGES = frozenset({Trouble.UNREACHABLE, Trouble.LAYOUT})
"""The troubles that end with the next poll that succeeds."""


def watch(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """How a source does after a poll, and what the operator is told: each trouble once, and once that it is over."""
    if seen.failed:
        return _failed(condition, seen, now)
    well, mended = _mended(condition, now)
    events = tuple(_events(condition, seen))
    after, news = _aged(well, seen, now)
    return after, (*mended, *events, *news)


def _failed(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    trouble = seen.trouble or Trouble.UNREACHABLE
    after = replace(condition, failures=condition.failures + 1, since=condition.since or now)
    if after.failures < TRIES:
        return replace(after, standing=Standing.FAILING), ()
    told = replace(after, standing=Standing.BROKEN, told=condition.told | {trouble})
    return told, () if trouble in condition.told else (notices.broken(told, seen, trouble),)


def _mended(condition: Condition, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """The condition after a poll that succeeded, whatever was before."""
    over = condition.told & OUTAGES
    well = replace(condition, standing=Standing.OK, failures=0, since=None, told=condition.told - OUTAGES)
    return well, (notices.mended(condition, now),) if over else ()


def _events(condition: Condition, seen: Seen) -> list[Notice]:
    """What is told as often as it happens: it is not a state that could end."""
    gap = [notices.gap(condition, seen)] if seen.gap else []
    return gap + ([notices.mass(condition, seen)] if seen.poll.notice else [])


def _aged(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """The condition with the poll's news, or with the silence that has lasted too long."""
    after = with_news(condition, seen, now)
    was_told = Trouble.STALE in condition.told
    if was_told and seen.has_news:
        return replace(after, told=after.told - {Trouble.STALE}), (notices.fresh(condition, now),)
    if not was_told and is_stale(after, seen.every, now):
        return replace(after, told=after.told | {Trouble.STALE}), (notices.stale(after, seen, now),)
    return after, ()

"""Whether nothing new has come for far longer than usual. Days, not hours: that is what publishers tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import ceil

from bot.core.watching.seen import Seen
from bot.model import Condition

KEPT = 41
"""Latest days that are remembered: forty gaps, two months of a publisher on weekdays."""
LEAST = 10
"""Gaps that must be known. Any ten in a row of a publisher on weekdays hold two weekends."""
SHARE = 0.9
"""The usual gap is the 9th decile: weekends belong to it, one long silence or one wrong date does not."""
TIMES = 3
"""With it, a publisher on weekdays may be silent for nine days: the longest holidays, Chuseok and Seollal with the
weekends at both ends, take eight. And a clock that is a day wrong never makes a usual gap a long one."""
_DAY = timedelta(days=1)


def usual_gap(days: Sequence[date], every: timedelta) -> timedelta | None:
    """The days that usually lie between two on which something is published; None if too little is known.

    `days` are in order; no gap can be seen that is shorter than the interval of the polls.
    """
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    if len(gaps) < LEAST:
        return None
    return timedelta(days=max(1, gaps[ceil(SHARE * len(gaps)) - 1], ceil(every / _DAY)))


def with_news(condition: Condition, seen: Seen, now: datetime) -> Condition:
    """The condition with what a good poll tells of days and news."""
    last = min(condition.last_news, now) if condition.last_news else None  # a clock that went astray has come back
    if not seen.has_news:
        return replace(condition, last_news=last)
    # Somewhere it is tomorrow already; a day after that is a slip, and would pass for the latest for years.
    credible = {day for day in seen.days if day <= _day(now) + _DAY}
    return replace(condition, last_news=now, days=tuple(sorted({*condition.days, *credible}))[-KEPT:])


def last_day(condition: Condition) -> date | None:
    """The day of the last news; None if there was none yet."""
    known = [*condition.days[-1:], *([_day(condition.last_news)] if condition.last_news else [])]
    return max(known, default=None)


def is_stale(condition: Condition, every: timedelta, now: datetime) -> bool:
    """True if the last news are older than some usual gaps."""
    last, usual = last_day(condition), usual_gap(condition.days, every)
    return last is not None and usual is not None and _day(now) - last > TIMES * usual


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()

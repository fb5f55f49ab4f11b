"""The moments at which a clock on the wall shows a time, through changes of summer time.

A change makes some times come twice and others never. Sums are done in UTC: Python adds to a local time as if no change
existed, and forgets which of two equal times it was (PEP 495).
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


def first_at(wall: datetime, zone: tzinfo) -> datetime:
    """The first moment, in UTC, at which the clock shows `wall` (naive); if it never does, when it jumps over it."""
    return min(_moments(wall, zone))


def last_at(wall: datetime, zone: tzinfo) -> datetime:
    """The last moment, in UTC, at which the clock shows `wall` (naive); if it never does, when it jumps over it."""
    return max(_moments(wall, zone))


def has_day(day: date, zone: tzinfo) -> bool:
    """False for a day that a zone left out, as Samoa left out 30 December 2011 to change sides of the date line."""
    return first_at(datetime.combine(day, time()), zone).astimezone(zone).date() == day


def _moments(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """By the offset before a change, and by the one after it; the same moment twice where there is no change."""
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before > after:  # only of a time that the clock jumps over: read by either offset, it is beyond the change
        before = after = _change(after, before, zone)
    return before, after


def _change(early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """When the offset changes between two moments, to the second."""
    old = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            early = middle
        else:
            late = middle
    return late

"""The ticks of a cadence: when a digest leaves, by the clock on its reader's wall."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo

from cronsim import CronSim

from bot.core.timing.wall import has_day

IMMEDIATE = "immediate"
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def next_tick(cadence: str, after: datetime, zone: tzinfo) -> datetime:
    """The first tick, in UTC, strictly after a moment; of `immediate` that moment itself.

    A time of day ticks once a day: the first time of two in a repeated hour, and when the clock jumps over it, at the
    first minute that there is (which is tomorrow's first where the jump ends at midnight, as in Greenland). Hours tick
    evenly, so that a repeated hour is an hour of its own, and nobody ever waits more than one.
    """
    after = after.astimezone(UTC)
    match cadence.split():
        case ["immediate"]:
            return after
        case ["hourly"]:
            return _next_hour(after, zone)
        case ["daily", clock]:
            at = time.fromisoformat(clock)
            return next(tick for tick in _ticks(_cron(at), after, zone) if _is_of_a_day(tick, at, zone))
        case ["weekly", day, clock]:
            return next(_ticks(_cron(time.fromisoformat(clock), day), after, zone))
    raise ValueError(f"no cadence: {cadence!r}")


def _cron(at: time, day: str = "*") -> str:
    return f"{at.minute} {at.hour} * * {day}"


def _ticks(expression: str, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The ticks of a cron expression after a moment, in order.

    CronSim 2.8 reads a fixed time's start without its fold: in the second pass of a repeated hour it begins with ticks
    of the first pass, which are over.
    """
    moments = (tick.astimezone(UTC) for tick in CronSim(expression, after.astimezone(zone)))
    return (moment for moment in moments if moment > after)


def _is_of_a_day(tick: datetime, at: time, zone: tzinfo) -> bool:
    """False for the tick of a day that the zone left out.

    CronSim moves it to the beginning of the next day, which has a tick of its own. (The tick of a week may move so.)
    """
    local = tick.astimezone(zone)
    if local.time() == at:
        return True
    return has_day(local.date() if local.time() > at else local.date() - _DAY, zone)


def _next_hour(after: datetime, zone: tzinfo) -> datetime:
    """The next whole hour on the clock, or the end of the hour that is running, if that comes first.

    They differ where a clock is set by half an hour, as on Lord Howe Island: by its whole hours alone, as CronSim
    takes them, 1:00 is followed by 2:00 or 3:00 an hour and a half later.
    """
    local = after.astimezone(zone)
    begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return min(after - begun + _HOUR, next(_ticks("0 * * * *", after, zone)))

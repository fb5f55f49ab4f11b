"""An oracle for clocks on the wall, slow and simple: it walks through the minutes in UTC and reads them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
NextTick = Callable[[str, datetime, ZoneInfo], datetime]


def moments(first: str, last: str) -> st.SearchStrategy[datetime]:
    """Times between two days."""
    return st.datetimes(datetime.fromisoformat(first), datetime.fromisoformat(last), timezones=st.just(UTC))


def reading(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows, naive."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    told = moment.astimezone(zone).utcoffset()
    assert told is not None
    return told


def changes(zone: ZoneInfo, start: datetime = FROM, end: datetime = TO) -> list[datetime]:
    """The moments from which another offset holds, to the minute; by looking every third day, and between two that differ."""
    offsets = [
        (at, offset(at, zone)) for at in (start + 3 * DAY * number for number in range((end - start) // (3 * DAY)))
    ]
    return [_change(one, other, zone) for (one, old), (other, new) in pairwise(offsets) if old != new]


def _change(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    minutes = range(1, (late - early) // MINUTE + 1)
    old = offset(early, zone)
    return (
        early
        + MINUTE * minutes[bisect_left(minutes, True, key=lambda count: offset(early + MINUTE * count, zone) != old)]
    )


@lru_cache(maxsize=1)
def changing_zones() -> dict[str, tuple[datetime, ...]]:
    """Every zone of this machine's tables whose offset changes in the two years, with the moments."""
    found = {name: tuple(changes(ZoneInfo(name))) for name in sorted(available_timezones())}
    return {name: moments for name, moments in found.items() if moments}


@lru_cache(maxsize=1)
def kinds_of_zones() -> dict[str, tuple[datetime, ...]]:
    """One zone of each kind: others with the same offsets at all times in the two years give the same answers."""
    kinds: dict[object, str] = {}
    for name, moments in changing_zones().items():
        kinds.setdefault((moments, *(offset(at, ZoneInfo(name)) for at in (FROM, *moments))), name)
    return {name: changing_zones()[name] for name in kinds.values()}


@dataclass(frozen=True)
class Walk:
    """Each minute of a span, and what the clock shows in it."""

    start: datetime
    shown: list[datetime]

    @classmethod
    def through(cls, start: datetime, end: datetime, zone: ZoneInfo) -> "Walk":
        return cls(start, [reading(start + MINUTE * number, zone) for number in range((end - start) // MINUTE + 1)])

    def daily(self, at: time) -> list[datetime]:
        """The first minute of all at which the clock shows this time of each day, or a later one."""
        highest = list(accumulate(self.shown, max))
        days = sorted({one.date() for one in self.shown})  # a day that is never shown has no tick
        wanted = [datetime.combine(day, at) for day in days]
        places = [bisect_left(highest, wall) for wall in wanted]
        return [self.start + MINUTE * place for place in places if 0 < place < len(highest)]

    def hourly(self) -> list[datetime]:
        """The minutes that begin an hour of the clock, or end one by the clock as it ran the minute before."""
        begins = [
            number
            for number in range(1, len(self.shown))
            if self.shown[number].minute == 0 or (self.shown[number - 1] + MINUTE).minute == 0
        ]
        return [self.start + MINUTE * number for number in begins]


def ticks(next_tick: NextTick, cadence: str, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The ticks after the start, up to the end, each found from the one before."""
    at = start
    while (tick := next_tick(cadence, at, zone)) <= end:
        assert tick > at, f"{cadence} stands still at {at:%Y-%m-%d %H:%MZ}"
        yield tick
        at = tick


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    return reading(wall.replace(tzinfo=zone).astimezone(UTC), zone) == wall


def day_of(tick: datetime, at: time, zone: ZoneInfo) -> date:
    """The day whose tick it is: its own, or where the clock jumped over the time at midnight, the day before."""
    shown = reading(tick, zone)
    return shown.date() if shown.time() >= at else shown.date() - DAY

"""Every zone whose clocks change, two years, every cadence: true to the wall clock, each day once."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from bot.core.timing import next_tick
from tests.timing import clocks
from tests.timing.clocks import DAY, FROM, HOUR, MINUTE, TO, NextTick, Walk, changing_zones, kinds_of_zones, reading

FULL = os.environ.get("TOCSIN_PROOF") == "full"
ZONES = changing_zones() if FULL else kinds_of_zones()
EVERY_HOUR = [time(hour, 30) for hour in range(24)]
AROUND = 26 * HOUR


def changed_times(name: str) -> set[time]:
    """The half hours of the day that some change makes come twice, or never; by what the clock shows around it."""
    zone, times = ZoneInfo(name), set()
    for change in changing_zones()[name]:
        jumps_from, jumps_to = reading(change - MINUTE, zone) + MINUTE, reading(change, zone)
        low, high = sorted((jumps_from, jumps_to))
        times.update(time(hour, 30) for hour in range(24) if _between(low, time(hour, 30), high))
        times.add(low.time())
    return times


def _between(low: datetime, at: time, high: datetime) -> bool:
    return any(low <= datetime.combine(day, at) < high for day in {low.date(), high.date()})


def each_day_once(next_tick: NextTick, name: str, times: Iterable[time]) -> None:
    """For two years: the days follow one another, each at its time; where that is jumped over, at the minute after."""
    zone = ZoneInfo(name)
    for at in times:
        cadence, days = f"daily {at:%H:%M}", []
        for tick in clocks.ticks(next_tick, cadence, zone, FROM, TO):
            days.append(clocks.day_of(tick, at, zone))
            if reading(tick, zone).time() != at:
                wanted = datetime.combine(days[-1], at)
                assert not clocks.exists(wanted, zone), f"{name}: {cadence} at {reading(tick, zone)}"
                assert reading(tick - MINUTE, zone) < wanted < reading(tick, zone)
        assert days, name
        assert all(later - day == DAY for day, later in pairwise(days)), (
            f"{name}: {cadence} leaves out a day, or doubles"
        )
        assert len(days) in {729, 730, 731}


def agrees_with_the_walk(next_tick: NextTick, name: str, times: Iterable[time]) -> None:
    """Around each change, whenever one asks: the next tick is the oracle's."""
    zone = ZoneInfo(name)
    for change in changing_zones()[name]:
        walk = Walk.through(change - AROUND, change + AROUND, zone)
        wanted = {f"daily {at:%H:%M}": walk.daily(at) for at in times} | {"hourly": walk.hourly()}
        for cadence, expected in wanted.items():
            found = list(clocks.ticks(next_tick, cadence, zone, walk.start, change + AROUND))
            assert found == expected, f"{name}: {cadence}"
            for number in range(-4, 5):
                after = change + number * timedelta(minutes=20)
                assert next_tick(cadence, after, zone) == min(tick for tick in expected if tick > after), (
                    name,
                    cadence,
                )


def hours_are_even(next_tick: NextTick, name: str) -> None:
    """An hour of real time between any two ticks; less only where the clock is set by another span than hours."""
    zone = ZoneInfo(name)
    spans = [(FROM, TO)] if FULL else [(change - 5 * HOUR, change + 5 * HOUR) for change in changing_zones()[name]]
    for start, end in spans:
        found = list(clocks.ticks(next_tick, "hourly", zone, start, end))
        for tick, later in pairwise(found):
            set_by = clocks.offset(later, zone) - clocks.offset(tick - MINUTE, zone)
            assert later - tick == HOUR or (later - tick < HOUR and set_by % HOUR), f"{name}: {tick} {later}"


def each_week_once(next_tick: NextTick, name: str, times: Iterable[time]) -> None:
    zone = ZoneInfo(name)
    for at in times:
        days = [
            clocks.day_of(tick, at, zone) for tick in clocks.ticks(next_tick, f"weekly sun {at:%H:%M}", zone, FROM, TO)
        ]
        assert all(day.weekday() == 6 for day in days)
        assert all(later - day == 7 * DAY for day, later in pairwise(days))
        assert len(days) in {104, 105}


def test_there_are_zones_to_look_at_and_the_known_oddities_are_among_them():
    assert len(changing_zones()) > 150
    kinds = set(kinds_of_zones().values())
    for name in ("Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Europe/Dublin", "America/Nuuk"):
        assert changing_zones()[name] in kinds


@pytest.mark.parametrize("name", ZONES)
def test_each_day_has_one_tick(name: str):
    each_day_once(next_tick, name, EVERY_HOUR if FULL else sorted(changed_times(name))[-1:])


@pytest.mark.parametrize("name", ZONES)
def test_ticks_are_those_of_a_walk_through_the_minutes(name: str):
    usual = {time(0, 0), time(8, 30)} | changed_times(name)
    agrees_with_the_walk(next_tick, name, {*EVERY_HOUR, *usual} if FULL else usual)


@pytest.mark.parametrize("name", ZONES)
def test_hours_are_even(name: str):
    hours_are_even(next_tick, name)


@pytest.mark.parametrize("name", ZONES)
def test_each_week_has_one_tick(name: str):
    each_week_once(next_tick, name, EVERY_HOUR if FULL else sorted(changed_times(name))[:1])


# --- what would be wrong is found -------------------------------------------------------------------------------


def by_local_sums(cadence: str, after: datetime, zone: tzinfo) -> datetime:
    """As it is often written: a day is added to the local time."""
    local = after.astimezone(zone)
    if cadence == "hourly":
        return (local.replace(minute=0) + HOUR).astimezone(UTC)
    at = time.fromisoformat(cadence.rsplit(maxsplit=1)[-1])
    due = local.replace(hour=at.hour, minute=at.minute)
    return (due if due > local else due + DAY).astimezone(UTC)


def by_bare_cronsim(cadence: str, after: datetime, zone: tzinfo) -> datetime:
    """CronSim as it comes."""
    at = time.fromisoformat(cadence.rsplit(maxsplit=1)[-1]) if cadence != "hourly" else None
    expression = f"{at.minute} {at.hour} * * *" if at else "0 * * * *"
    return next(CronSim(expression, after.astimezone(zone))).astimezone(UTC)


def test_a_day_added_to_local_time_is_found_out():
    with pytest.raises(AssertionError):
        each_day_once(by_local_sums, "Europe/Paris", [time(2, 30)])
    with pytest.raises(AssertionError):
        agrees_with_the_walk(by_local_sums, "Europe/Paris", [time(2, 30)])
    with pytest.raises(AssertionError):
        hours_are_even(by_local_sums, "Europe/Paris")
    each_day_once(by_local_sums, "Europe/Paris", [time(8, 30)])  # which is why it goes unnoticed


def test_bare_cronsim_is_found_out():
    with pytest.raises(AssertionError):
        agrees_with_the_walk(by_bare_cronsim, "Europe/Paris", [time(2, 30)])
    with pytest.raises(AssertionError):
        hours_are_even(by_bare_cronsim, "Australia/Lord_Howe")

"""Ticks of cadences, at the places where clocks do odd things."""

from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.timing import next_tick
from bot.settings import Channel
from tests.timing.clocks import DAY, HOUR, Walk, moments, ticks

PARIS = ZoneInfo("Europe/Paris")
CLOCK = st.times().map(lambda at: f"{at:%H:%M}")
FIXED = st.one_of(
    CLOCK.map("daily {}".format),
    st.tuples(st.sampled_from("mon tue wed thu fri sat sun".split()), CLOCK).map(
        lambda drawn: "weekly {} {}".format(*drawn)
    ),
)
MOMENTS = moments("1975-01-01", "2040-01-01")
NAMES = st.sampled_from(sorted(available_timezones()))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(cadence: str, after: str, zone: str, count: int) -> list[str]:
    """What the clock shows at the next ticks."""
    found, at = [], utc(after)
    for _ in range(count):
        at = next_tick(cadence, at, ZoneInfo(zone))
        found.append(f"{at.astimezone(ZoneInfo(zone)):%d %H:%M}")
    return found


def test_immediate_is_now():
    assert next_tick("immediate", utc("2026-03-01T12:34:56"), PARIS) == utc("2026-03-01T12:34:56")


@pytest.mark.parametrize(
    ("cadence", "after", "tick"),
    [
        ("daily 08:30", "2026-02-01T07:29:59.999999", "2026-02-01T07:30"),
        ("daily 08:30", "2026-02-01T07:30", "2026-02-02T07:30"),  # strictly after
        ("daily 08:30", "2026-02-01T07:30:00.000001", "2026-02-02T07:30"),
        ("hourly", "2026-02-01T07:30", "2026-02-01T08:00"),
        ("hourly", "2026-02-01T08:00", "2026-02-01T09:00"),
        ("hourly", "2026-02-01T07:59:59.999999", "2026-02-01T08:00"),
        ("weekly mon 08:30", "2026-02-01T12:00", "2026-02-02T07:30"),  # 1 February 2026 is a Sunday
        ("weekly sun 08:30", "2026-02-01T12:00", "2026-02-08T07:30"),
        ("weekly sat 00:00", "2026-02-01T12:00", "2026-02-06T23:00"),
    ],
)
def test_the_next_tick(cadence: str, after: str, tick: str):
    found = next_tick(cadence, utc(after), PARIS)
    assert found == utc(tick)
    assert found.tzinfo is UTC


def test_any_aware_time_is_taken():
    after = datetime(2026, 2, 1, 9, tzinfo=timezone(timedelta(hours=3)))
    assert next_tick("daily 08:30", after, UTC) == utc("2026-02-01T08:30")
    assert next_tick("daily 08:30", after, timezone(timedelta(hours=-2))) == utc("2026-02-01T10:30")


def test_a_missing_hour_ticks_at_the_first_minute_after_it():
    assert shown("daily 02:30", "2026-03-28T12:00", "Europe/Paris", 2) == ["29 03:00", "30 02:30"]


def test_a_repeated_hour_ticks_the_first_time_only():
    first = next_tick("daily 02:30", utc("2026-10-24T12:00"), PARIS)
    assert first == utc("2026-10-25T00:30")
    for after in ("2026-10-25T00:30", "2026-10-25T00:59", "2026-10-25T01:00", "2026-10-25T01:29", "2026-10-25T01:30"):
        assert next_tick("daily 02:30", utc(after), PARIS) == utc("2026-10-26T01:30")


def test_a_repeated_hour_is_an_hour_of_its_own():
    assert shown("hourly", "2026-10-24T23:30", "Europe/Paris", 4) == ["25 02:00", "25 02:00", "25 03:00", "25 04:00"]
    assert shown("hourly", "2026-03-28T23:30", "Europe/Paris", 3) == ["29 01:00", "29 03:00", "29 04:00"]


def test_half_an_hour_more_or_less_makes_nobody_wait_for_more_than_an_hour():
    assert shown("hourly", "2026-10-03T13:45", "Australia/Lord_Howe", 4) == [
        "04 01:00",
        "04 02:30",
        "04 03:00",
        "04 04:00",
    ]
    assert shown("hourly", "2026-04-04T13:30", "Australia/Lord_Howe", 4) == [
        "05 01:00",
        "05 01:30",
        "05 02:00",
        "05 03:00",
    ]


def test_clocks_that_change_at_midnight():
    assert shown("daily 00:00", "2026-03-07T12:00", "America/Havana", 2) == ["08 01:00", "09 00:00"]
    assert shown("daily 00:30", "2026-10-31T12:00", "America/Havana", 2) == ["01 00:30", "02 00:30"]
    assert shown("daily 00:00", "2026-10-24T12:00", "Asia/Beirut", 2) == ["25 00:00", "26 00:00"]
    assert shown("daily 23:30", "2026-10-24T12:00", "Asia/Beirut", 2) == ["24 23:30", "25 23:30"]


def test_a_time_jumped_over_at_the_end_of_a_day_comes_with_the_first_minute_of_the_next():
    assert shown("daily 23:30", "2026-03-28T12:00", "America/Nuuk", 3) == ["29 00:00", "29 23:30", "30 23:30"]


def test_a_day_that_never_was_has_no_tick_and_its_week_has_one():
    """Samoa went from 29 to 31 December 2011; the 30th would have been a Friday."""
    for at in ("00:00", "08:30", "23:30"):
        assert shown(f"daily {at}", "2011-12-29T09:45", "Pacific/Apia", 3) == [f"29 {at}", f"31 {at}", f"01 {at}"]
    assert shown("weekly fri 08:30", "2011-12-20T12:00", "Pacific/Apia", 3) == ["23 08:30", "31 00:00", "06 08:30"]


def test_a_day_that_came_twice_has_one_tick():
    """Kwajalein had 30 September 1969 almost twice."""
    assert shown("daily 08:30", "1969-09-29T12:00", "Pacific/Kwajalein", 3) == ["30 08:30", "01 08:30", "02 08:30"]


@pytest.mark.parametrize("cadence", ["", "yearly", "daily", "daily 25:00", "weekly 08:30", "weekly someday 08:30"])
def test_another_word_is_a_bug_and_says_so(cadence: str):
    with pytest.raises(Exception, match=r"."):
        next_tick(cadence, utc("2026-01-01T00:00"), UTC)


@given(FIXED)
def test_whatever_the_settings_take_has_ticks(cadence: str):
    assert Channel(url="json://x", cadence=cadence).cadence == cadence
    assert next_tick(cadence, utc("2026-01-01T00:00"), UTC) <= utc("2026-01-08T00:00")


@given(FIXED, MOMENTS, MOMENTS, NAMES)
def test_ticks_are_the_same_whoever_asks(cadence: str, one: datetime, other: datetime, name: str):
    """In any zone, in any year: a tick is after, in order, and the next tick from anywhere before it."""
    zone = ZoneInfo(name)
    early, late = sorted((one, one + (other - one) % (9 * DAY)))
    tick = next_tick(cadence, early, zone)
    assert tick > early
    assert tick <= next_tick(cadence, late, zone)
    if late < tick:
        assert next_tick(cadence, late, zone) == tick


@given(MOMENTS, NAMES)
def test_an_hour_is_never_longer_than_an_hour(after: datetime, name: str):
    zone = ZoneInfo(name)
    tick = next_tick("hourly", after, zone)
    assert after < tick <= after + HOUR
    assert tick.second == tick.microsecond == 0 or zone.utcoffset(after.astimezone(zone)).seconds % 60


@given(CLOCK, moments("2020-01-01", "2037-01-01"), NAMES)
def test_daily_ticks_are_those_of_a_walk_through_the_minutes(at: str, start: datetime, name: str):
    zone = ZoneInfo(name)
    start = start.replace(second=0, microsecond=0)
    walk = Walk.through(start, start + 2 * DAY, zone)
    expected = walk.daily(time.fromisoformat(at))
    found = list(ticks(next_tick, f"daily {at}", zone, start, start + 2 * DAY))
    assert found[-1:] == expected[-1:]

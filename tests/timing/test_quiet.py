"""Quiet hours, through the night and through changes of summer time."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.timing import quiet, quiet_until
from bot.core.timing.wall import first_at, last_at
from tests.timing.clocks import DAY, HOUR, MINUTE, changing_zones, kinds_of_zones, moments, reading

SEOUL, PARIS = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Paris")
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))


def local(text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def test_no_quiet_hours_are_never():
    assert quiet_until("", local("2026-11-02T03:00", SEOUL), SEOUL) is None


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        ("22:00-07:00", "2026-11-02T21:59:59.999999", None),
        ("22:00-07:00", "2026-11-02T22:00", "2026-11-03T07:00"),
        ("22:00-07:00", "2026-11-02T23:59", "2026-11-03T07:00"),
        ("22:00-07:00", "2026-11-03T00:00", "2026-11-03T07:00"),
        ("22:00-07:00", "2026-11-03T06:59:59.999999", "2026-11-03T07:00"),
        ("22:00-07:00", "2026-11-03T07:00", None),
        ("12:00-13:30", "2026-11-03T11:59", None),
        ("12:00-13:30", "2026-11-03T12:00", "2026-11-03T13:30"),
        ("12:00-13:30", "2026-11-03T13:30", None),
        ("00:00-07:00", "2026-11-03T00:00", "2026-11-03T07:00"),
        ("22:00-00:00", "2026-11-03T23:59", "2026-11-04T00:00"),
        ("22:00-00:00", "2026-11-03T00:00", None),
        ("12:00-11:59", "2026-11-03T11:59", None),
        ("12:00-11:59", "2026-11-03T12:00", "2026-11-04T11:59"),
        ("12:00-12:00", "2026-11-03T12:00", None),  # the settings refuse it; it is no span
    ],
)
def test_a_span_begins_with_its_start_and_ends_before_its_end(hours: str, now: str, end: str | None):
    found = quiet_until(hours, local(now, SEOUL), SEOUL)
    assert found == (local(end, SEOUL) if end else None)
    assert found is None or found.tzinfo is UTC


def test_an_end_that_the_clock_jumps_over_is_the_first_minute_after():
    assert quiet_until("22:00-02:30", local("2026-03-28T23:00", PARIS), PARIS) == local("2026-03-29T03:00", PARIS)
    assert quiet_until("22:00-02:30", local("2026-03-29T03:00", PARIS), PARIS) is None


def test_a_span_that_the_clock_jumps_over_is_empty():
    for now in ("2026-03-29T01:59", "2026-03-29T03:00"):
        assert quiet_until("02:15-02:45", local(now, PARIS), PARIS) is None


def test_an_opening_that_the_clock_jumps_over_is_none():
    assert quiet_until("03:00-02:30", local("2026-03-29T01:00", PARIS), PARIS) == local("2026-03-30T02:30", PARIS)


def test_a_night_is_one_stretch_though_its_end_comes_twice():
    end = local("2026-10-25T02:30", PARIS, fold=1)
    for now, fold in [
        ("2026-10-25T01:00", 0),
        ("2026-10-25T02:29", 0),
        ("2026-10-25T02:45", 0),
        ("2026-10-25T02:29", 1),
    ]:
        assert quiet_until("22:00-02:30", local(now, PARIS, fold), PARIS) == end
    assert quiet_until("22:00-02:30", end, PARIS) is None


def test_a_night_is_one_stretch_though_its_beginning_comes_twice():
    end = local("2026-10-25T07:00", PARIS)
    assert quiet_until("02:30-07:00", local("2026-10-25T02:29", PARIS), PARIS) is None
    for now, fold in [("2026-10-25T02:30", 0), ("2026-10-25T02:10", 1), ("2026-10-25T02:30", 1)]:
        assert quiet_until("02:30-07:00", local(now, PARIS, fold), PARIS) == end


def test_a_clock_that_is_set_back_over_midnight():
    """In Newfoundland clocks went from 0:01 back to 23:01 until 2011: the night that has begun goes on."""
    zone = ZoneInfo("America/St_Johns")
    back = local("2006-10-29T00:00", zone) + MINUTE
    assert reading(back, zone) == datetime.fromisoformat("2006-10-28T23:01")
    for now in (back - MINUTE, back, back + 30 * MINUTE):
        assert quiet_until("00:00-06:00", now, zone) == local("2006-10-29T06:00", zone)
        assert quiet_until("22:00-00:00", now, zone) == local("2006-10-29T00:00", zone, fold=1)


def test_a_day_that_never_was_is_no_time_to_wait():
    zone = ZoneInfo("Pacific/Apia")
    found = quiet_until("22:00-07:00", local("2011-12-29T22:00", zone), zone)
    assert found == local("2011-12-31T07:00", zone)
    assert found - local("2011-12-29T22:00", zone) == 9 * HOUR


# --- properties -------------------------------------------------------------------------------------------------


def is_inside(shown: datetime, start: time, end: time) -> bool:
    at = shown.time()
    return start <= at < end if start <= end else at >= start or at < end


def keeps_quiet(start: time, end: time, now: datetime, zone: ZoneInfo) -> None:
    """Never told to speak while the clock shows a quiet time; and told to wait no longer than to a time that is not."""
    hours = f"{start:%H:%M}-{end:%H:%M}"
    until = quiet.quiet_until(hours, now, zone)
    if until is None:
        assert not is_inside(reading(now, zone), start, end)
        return
    assert now < until <= now + 2 * DAY + 2 * HOUR
    assert not is_inside(reading(until, zone), start, end)
    assert quiet.quiet_until(hours, until, zone) is None
    assert quiet.quiet_until(hours, until - MINUTE / 60, zone) == until
    if not any(abs(change - at) < 2 * DAY for change in changing_zones().get(zone.key, ()) for at in (now, until)):
        assert reading(until, zone).time() == end  # and where no clock changes, just as written
        assert is_inside(reading(now, zone), start, end)


NEAR_CHANGES = st.sampled_from(
    sorted((name, at) for name, changes in kinds_of_zones().items() for at in changes)
).flatmap(
    lambda drawn: st.tuples(
        st.integers(-40 * 60, 40 * 60).map(lambda minutes: drawn[1] + minutes * MINUTE), st.just(ZoneInfo(drawn[0]))
    )
)
ANYWHERE = st.tuples(
    moments("2026-01-05", "2027-12-20"),
    st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
)


@given(TIMES, TIMES, st.one_of(NEAR_CHANGES, ANYWHERE))
def test_nobody_is_told_to_speak_at_a_quiet_time(start: time, end: time, place: tuple[datetime, ZoneInfo]):
    assume(start != end)
    keeps_quiet(start, end, *place)


def _careless(hours: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """As it is often written: by local time, with local sums."""
    start, end = map(time.fromisoformat, hours.split("-"))
    here = now.astimezone(zone)
    if not is_inside(here.replace(tzinfo=None), start, end):
        return None
    day = here.date() if here.time() < end else here.date() + DAY
    return datetime.combine(day, end, zone).astimezone(UTC)


def test_quiet_hours_by_local_sums_are_found_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quiet, "quiet_until", _careless)
    keeps_quiet(time(22), time(7), local("2026-11-02T23:00", PARIS), PARIS)
    with pytest.raises(AssertionError):
        keeps_quiet(time(22), time(2, 30), local("2026-03-29T01:00", PARIS), PARIS)


@given(TIMES, st.one_of(NEAR_CHANGES, ANYWHERE))
def test_the_first_and_the_last_moment_of_a_time(at: time, place: tuple[datetime, ZoneInfo]):
    now, zone = place
    wall = datetime.combine(reading(now, zone).date(), at)
    first, last = first_at(wall, zone), last_at(wall, zone)
    assert first <= last
    assert reading(first - MINUTE / 60, zone) < wall <= reading(first, zone)
    assert reading(last, zone) == wall or first == last
    assert all(reading(last + count * 10 * MINUTE, zone) > wall for count in range(1, 24))

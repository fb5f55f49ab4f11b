"""Nothing new for far longer than usual: told of publishers who fell silent, not of those who have a holiday."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.watching import Seen, staleness, usual_gap, watch
from bot.core.watching.staleness import KEPT
from bot.model import Condition, Notice, Poll, Polled, Trouble

EVERY = timedelta(hours=6)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = date(2025, 6, 2)
Daily = Callable[[date], bool]


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def mondays(day: date) -> bool:
    return day.weekday() == 0


def days(start: date, many: int) -> Iterator[date]:
    return (start + n * DAY for n in range(many))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)  # in Seoul


def seen(at: datetime, published: Collection[date] = (), *, failed: bool = False, **keys: object) -> Seen:
    result = Polled.FAILED if failed else Polled.OK if published else Polled.UNCHANGED
    poll = Poll(source="kr/press", at=at, result=result, new=len(published), **keys)  # type: ignore[arg-type]
    return Seen(poll=poll, every=EVERY, days=tuple(published))


def life(
    publishes: Daily,
    start: date = MONDAY,
    many: int = 400,
    *,
    closed: Collection[date] = (),
    step: Callable[[date], timedelta] = lambda _: timedelta(),
    condition: Condition | None = None,
) -> tuple[Condition, list[tuple[date, Notice]]]:
    """A source that is polled before and after it publishes; `step` is by how much the clock is wrong on a day."""
    condition, told = condition or Condition(source="kr/press"), []
    for day in days(start, many):
        at = noon(day) + step(day)
        news = (day,) if publishes(day) and day not in closed else ()
        for hour, found in ((0, ()), (2, news)):
            condition, notices = watch(condition, seen(at + hour * HOUR, found), at + hour * HOUR)
            told += [(day, one) for one in notices]
    return condition, told


def holiday(first: date, last: date) -> set[date]:
    return set(days(first, (last - first).days + 1))


SEOLLAL_2026 = holiday(date(2026, 2, 16), date(2026, 2, 18))
CHUSEOK_2025 = holiday(date(2025, 10, 3), date(2025, 10, 9))
CHUSEOK_2026 = holiday(date(2026, 9, 24), date(2026, 9, 26))


@pytest.mark.parametrize("start", range(7))
def test_a_publisher_on_weekdays_may_have_holidays(start: int) -> None:
    closed = SEOLLAL_2026 | CHUSEOK_2025 | CHUSEOK_2026
    _, told = life(weekdays, MONDAY + start * DAY, 500, closed=closed)
    assert told == []


@pytest.mark.parametrize("known", range(11, 45))
def test_a_holiday_soon_after_the_start_is_no_silence_either(known: int) -> None:
    """However few days are known: any ten gaps hold two weekends."""
    first, published = MONDAY, 0
    while published < known:
        published += weekdays(first)
        first += DAY
    _, told = life(weekdays, MONDAY, 200, closed=holiday(first, first + 4 * DAY))
    assert told == []


def test_a_publisher_on_weekdays_that_falls_silent_is_told_once() -> None:
    last = date(2025, 10, 31)
    _, told = life(lambda day: weekdays(day) and day <= last, many=400)
    ((day, notice),) = told
    assert day == last + 10 * DAY
    assert (notice.trouble, notice.healed, notice.title) == (
        Trouble.STALE,
        False,
        "kr/press: nothing new since 2025-10-31",
    )
    assert notice.text == (
        "Nothing new has come for 10 days; usually something comes within 3 days. Perhaps the list has moved, or stands"
        " still: compare the publisher's page with `tocsin try kr/press`."
    )


def test_a_weekly_publisher_is_told_after_a_month() -> None:
    last = date(2025, 10, 27)
    _, told = life(lambda day: mondays(day) and day <= last)
    ((day, _),) = told
    assert timedelta(days=21) < day - last <= timedelta(days=31)


def test_a_daily_publisher_is_told_after_three_days_of_silence() -> None:
    last = date(2025, 10, 31)
    _, told = life(lambda day: day <= last)
    assert [day for day, _ in told] == [last + 4 * DAY]


def test_news_heal_it_and_say_how_long_it_lasted() -> None:
    silent = holiday(date(2025, 11, 1), date(2025, 11, 30))
    _, told = life(weekdays, closed=silent)
    (_, stale), (day, fresh) = told
    assert (day, fresh.trouble, fresh.healed, fresh.key) == (date(2025, 12, 1), Trouble.STALE, True, stale.key)
    assert fresh.text == "They are the first for 31 days: the last came on 2025-10-31."


def test_each_silence_is_another_notice() -> None:
    silent = holiday(date(2025, 11, 1), date(2025, 11, 30)) | holiday(date(2026, 2, 1), date(2026, 2, 28))
    _, told = life(weekdays, closed=silent)
    assert [one.healed for _, one in told] == [False, True] * 2
    assert len({one.key for _, one in told}) == 2


def test_too_little_is_known_of_a_new_source() -> None:
    _, told = life(lambda day: day < MONDAY + 10 * DAY)
    assert told == []
    _, told = life(lambda day: day < MONDAY + 11 * DAY)
    assert len(told) == 1


def test_what_the_first_list_shows_is_known_but_silence_is_measured_from_the_first_poll() -> None:
    """A list that has stood still for months before is given its time, too: nobody is told at the first poll."""
    listed = [MONDAY - n * DAY for n in range(100, 112)]
    at = noon(MONDAY)
    condition, told = watch(Condition(source="kr/press"), seen(at, listed, baseline=True), at)
    assert told == ()
    _, later = life(lambda _: False, MONDAY + DAY, 30, condition=condition)
    assert [day for day, _ in later] == [MONDAY + 4 * DAY]


def test_a_source_is_not_judged_by_polls_that_failed() -> None:
    last = date(2025, 10, 31)
    condition, _ = life(lambda day: weekdays(day) and day <= last, many=(last - MONDAY).days + 1)
    for day in days(last + DAY, 30):
        condition, told = watch(condition, seen(noon(day), failed=True), noon(day))
        assert Trouble.STALE not in {one.trouble for one in told}
    back = noon(last + 31 * DAY)
    condition, told = watch(condition, seen(back), back)
    assert [(one.trouble, one.healed) for one in told] == [(Trouble.UNREACHABLE, True), (Trouble.STALE, False)]
    other, told = watch(replace(condition, told=frozenset()), seen(back, [last + 31 * DAY]), back)
    assert (told, other.told) == ((), frozenset())


def test_what_a_mass_change_brings_is_no_news() -> None:
    last = date(2025, 10, 31)
    condition, told = life(lambda day: weekdays(day) and day <= last, many=200)
    assert len(told) == 1
    at = noon(MONDAY + 200 * DAY)
    condition, after = watch(condition, seen(at, [at.date()], notice="9 of 10 have another id"), at)
    assert [one.trouble for one in after] == [Trouble.MASS]
    assert Trouble.STALE in condition.told


@given(
    st.sampled_from([weekdays, mondays, lambda _: True]),
    st.integers(0, 120),
    st.sampled_from([1, 2, 3, 7, 30, 1000]),
    st.sampled_from([-24, -1, 1, 24]),
)
def test_a_clock_that_is_a_day_wrong_raises_nothing(publishes: Daily, begins: int, lasts: int, hours: int) -> None:
    """Set wrong on any day, for one day, for some, or for good."""
    wrong = timedelta(hours=hours)
    ends = begins + lasts
    step = lambda day: wrong if begins <= (day - MONDAY).days < ends else timedelta()  # noqa: E731
    assert life(publishes, many=130, step=step)[1] == []


def test_a_watch_that_knew_no_patience_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: told after one usual gap, a holiday and a clock that is a day wrong would be taken for silence."""
    monkeypatch.setattr(staleness, "TIMES", 1)
    with pytest.raises(AssertionError):
        test_a_publisher_on_weekdays_may_have_holidays(0)
    with pytest.raises(AssertionError):
        test_a_clock_that_is_a_day_wrong_raises_nothing.hypothesis.inner_test(weekdays, 28, 1000, 24)


def test_a_clock_that_jumps_to_and_fro_does_not_repeat_a_silence() -> None:
    last = date(2025, 10, 31)
    _, told = life(
        lambda day: weekdays(day) and day <= last, step=lambda day: timedelta(days=(day.toordinal() * 7) % 3 - 1)
    )
    assert len(told) == 1


def test_news_from_a_clock_that_was_years_ahead_do_not_silence_the_watch() -> None:
    condition, _ = life(weekdays, many=100)
    ahead = noon(date(2062, 1, 2))
    condition, _ = watch(condition, seen(ahead, [MONDAY + 100 * DAY]), ahead)
    condition, told = life(lambda _: False, MONDAY + 101 * DAY, 60, condition=condition)
    assert [one.trouble for _, one in told] == [Trouble.STALE]


def test_a_date_in_the_future_is_a_slip() -> None:
    at = noon(MONDAY)
    tomorrow = MONDAY + DAY  # where it is tomorrow already
    condition, _ = watch(Condition(source="kr/press"), seen(at, [MONDAY, tomorrow, date(2062, 1, 1)]), at)
    assert condition.days == (MONDAY, tomorrow)


def test_as_many_days_are_remembered_as_are_needed() -> None:
    condition, _ = life(lambda _: True, many=100)
    assert condition.days == tuple(days(MONDAY + (100 - KEPT) * DAY, KEPT))


def test_nothing_is_usual_before_ten_gaps_are_known() -> None:
    assert usual_gap(tuple(days(MONDAY, 10)), EVERY) is None
    assert usual_gap(tuple(days(MONDAY, 11)), EVERY) == DAY


def test_a_source_that_is_polled_once_a_week_has_gaps_of_a_week() -> None:
    assert usual_gap(tuple(days(MONDAY, 30)), timedelta(days=7)) == timedelta(days=7)


@given(st.sets(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=11, max_size=KEPT))
def test_the_usual_gap_covers_nine_gaps_in_ten(found: set[date]) -> None:
    ordered = sorted(found)
    usual = usual_gap(ordered, EVERY)
    assert usual is not None
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    assert sum(gap <= usual for gap in gaps) >= 0.9 * len(gaps)
    assert usual == DAY or sum(gap < usual for gap in gaps) < 0.9 * len(gaps)

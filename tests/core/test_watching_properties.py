"""Whatever a source does, and whenever the process dies: notices alternate, and no news is told twice."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.watching import Seen, deliveries, machine, watch
from bot.model import Condition, Notice, Poll, Polled, Standing, Trouble
from tests.fakes import START

OUTAGES = {Trouble.UNREACHABLE, Trouble.LAYOUT}
Watch = Callable[[Condition, Seen, datetime], tuple[Condition, tuple[Notice, ...]]]


@dataclass(frozen=True)
class Step:
    """One poll: what it brings, when, and whether the process dies before it is stored."""

    kind: str
    hours: int
    dies: bool = False
    step: int = 0
    """Hours by which the clock is set on or back before it."""


KINDS = ("ok", "news", "unreachable", "layout", "bug", "gap", "mass")
steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(KINDS) | st.sampled_from(("unreachable", "ok")),
        st.sampled_from((1, 24, 24 * 5, 24 * 40)),
        st.booleans(),
        st.just(0),
    ),
    max_size=60,
)
stepping = st.lists(
    st.builds(Step, st.sampled_from(KINDS), st.sampled_from((1, 24)), st.booleans(), st.sampled_from((0, 0, 24, -24))),
    max_size=60,
)


def seen(step: Step, at: datetime) -> Seen:
    failed = step.kind in {"unreachable", "layout", "bug"}
    new = 3 if step.kind in {"news", "gap", "mass"} else 0
    result = Polled.FAILED if failed else Polled.OK if new else Polled.UNCHANGED
    notice = "most of it changed" if step.kind == "mass" else ""
    poll = Poll(source="demo/press", at=at, result=result, new=new, error=step.kind, notice=notice)
    trouble = Trouble(step.kind) if failed and step.kind != "bug" else None
    days = (at.date(),) if new else ()
    return Seen(poll=poll, every=timedelta(hours=1), trouble=trouble, gap=step.kind == "gap", days=days)


@dataclass
class Life:
    """What came of a row of polls: the notices that were stored, in order, each with the poll that brought it."""

    condition: Condition
    told: list[tuple[Notice, Seen]]


def live(row: Sequence[Step], watching: Watch) -> Life:
    """A source from its second week on: how usual its gaps are is known."""
    first = START.date()
    known = tuple(first - timedelta(days=n) for n in range(12, 0, -1))
    life, at = Life(Condition(source="demo/press", days=known, last_news=START), []), START
    for step in row:
        at += timedelta(hours=step.hours + step.step)
        if step.dies:  # nothing was stored; the poll comes again
            _, lost = watching(life.condition, seen(step, at), at)
            at += timedelta(minutes=7)
            after, told = watching(life.condition, seen(step, at), at)
            if not step.step:  # at midnight a silence may begin meanwhile
                assert {one.key for one in lost} <= {one.key for one in told}
        else:
            after, told = watching(life.condition, seen(step, at), at)
        life.told += [(one, seen(step, at)) for one in told]
        life.condition = after
    return life


def check(row: Sequence[Step], watching: Watch = watch) -> Life:
    """Live through a row of polls; the order of the notices must make sense to somebody who reads nothing else."""
    life, standing = live(row, watching), set[Trouble]()
    for notice, brought in life.told:
        if notice.trouble in {Trouble.GAP, Trouble.MASS}:
            continue
        ends = OUTAGES if notice.trouble in OUTAGES else {notice.trouble}
        if notice.healed:
            assert standing & ends, "a heal of what nobody was told of"
            assert not brought.failed
            standing -= ends
        else:
            assert notice.trouble not in standing, "told twice"
            assert (notice.trouble in OUTAGES) == brought.failed
            standing.add(notice.trouble)
    assert standing == life.condition.told, "what is remembered is not what was told"
    assert (life.condition.standing is Standing.BROKEN) == bool(standing & OUTAGES)
    return life


@given(steps)
def test_notices_alternate(row: list[Step]) -> None:
    check(row)


@given(steps)
def test_no_two_notices_are_the_same_promise(row: list[Step]) -> None:
    """But for mass changes and gaps of which nothing else came meanwhile: they are one event."""
    told = [one for one, _ in check(row).told if one.trouble is not Trouble.MASS]
    promised = deliveries(told, "ops", ("",), START)
    assert len({one.id for one in promised}) == len(promised)


@given(steps)
def test_the_third_failure_in_a_row_is_told_and_no_earlier_one(row: list[Step]) -> None:
    """Held against the plainest way of counting."""
    failures, expected = 0, []
    for step in row:
        failed = step.kind in {"unreachable", "layout", "bug"}
        expected += ["healed"] if not failed and failures >= 3 else []
        failures = failures + 1 if failed else 0
        expected += ["told"] if failures == 3 else []
    outages = [one for one, _ in check(row).told if one.trouble in OUTAGES]
    said, broken = [], False
    for notice in outages:
        said += ["healed"] if notice.healed else [] if broken else ["told"]
        broken = not notice.healed
    assert said == expected


@given(stepping)
def test_a_clock_that_is_set_to_and_fro_breaks_no_promise(row: list[Step]) -> None:
    texts = [one.text for one, _ in check(row).told]
    assert not [text for text in texts if re.search(r"-\d+ (day|hour|minute)", text)]


@given(steps)
def test_each_gap_with_news_is_told(row: list[Step]) -> None:
    told = [one for one, _ in check(row).told if one.trouble is Trouble.GAP]
    assert len(told) == sum(step.kind == "gap" for step in row)


def forgets(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """Forgets what was told while it lasts."""
    after, told = watch(condition, seen, now)
    return replace(after, told=frozenset() if seen.failed else after.told), told


def heals_always(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """Tells of each success after a failure that all is well."""
    if condition.failures and not seen.failed:
        return watch(replace(condition, told=condition.told | {Trouble.UNREACHABLE}), seen, now)
    return watch(condition, seen, now)


def by_the_hour(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """Names each notice by when it was made."""
    after, told = watch(condition, seen, now)
    return after, tuple(replace(one, key=f"{one.key} {now}") for one in told)


def impatient(condition: Condition, seen: Seen, now: datetime) -> tuple[Condition, tuple[Notice, ...]]:
    """Takes news that a mass change brings for news."""
    after, told = watch(condition, replace(seen, poll=replace(seen.poll, notice="")), now)
    return replace(after, told=after.told - {Trouble.STALE}), told


@pytest.mark.parametrize("bug", [forgets, heals_always, by_the_hour, impatient])
def test_a_bug_is_found(bug: Watch) -> None:
    """The control: each planted bug is seen by the property."""

    @settings(max_examples=2000, database=None, report_multiple_bugs=False, phases=[hypothesis.Phase.generate])
    @given(steps)
    def holds(row: list[Step]) -> None:
        check(row, bug)

    with pytest.raises(AssertionError):
        holds()


def test_a_miscount_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "TRIES", 4)
    with pytest.raises(AssertionError):
        test_the_third_failure_in_a_row_is_told_and_no_earlier_one()

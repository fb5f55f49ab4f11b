"""Weeks of waiting on a simulated clock: nothing lost, nothing doubled, nothing at the wrong time, nothing for ever."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.core.timing import Timing, arranging, holding
from bot.core.timing.cadence import next_tick
from bot.core.timing.holding import Hold
from bot.model import Arrangement, Delivery, Held, Mute, Postponed, Waiting
from tests.timing.clocks import HOUR, MINUTE, reading
from tests.timing.making import ME, START, alert
from tests.timing.test_quiet import is_inside, time

DAY = 24 * HOUR
WEEK = 7 * DAY
LONGEST_MUTE = 30 * HOUR


@dataclass(frozen=True)
class Story:
    """What comes, and how it is to be arranged."""

    deliveries: tuple[Delivery, ...]
    timing: Timing
    mutes: tuple[Mute, ...]
    room: int
    takes: timedelta
    """How long a message is on its way."""


@dataclass
class Run:
    """What became of it: when each delivery left, and when each message ended."""

    left: dict[str, datetime] = field(default_factory=dict)
    ends: list[datetime] = field(default_factory=list)
    extra: list[tuple[datetime, int]] = field(default_factory=list)
    """Messages that a summary took beyond its first."""


def run(story: Story) -> Run:
    """Play it: as the store and the courier would, but that nothing fails."""
    done, clock = Run(), [(one.created, number) for number, one in enumerate(story.deliveries)]
    heapq.heapify(clock)
    rows, at = dict(enumerate(story.deliveries)), {number: one.created for number, one in enumerate(story.deliveries)}
    until = max(one.created for one in story.deliveries) + 9 * WEEK
    while clock:
        now, _ = heapq.heappop(clock)
        assert now < until, "held for ever"
        numbers = [number for number, when in sorted(at.items()) if when <= now]
        if not numbers:
            continue
        waiting = Waiting(
            target=ME,
            deliveries=tuple(rows[number] for number in numbers),
            recent=tuple(end for end in sorted(done.ends) if now - HOUR < end <= now),
            leaving=sum(end > now for end in done.ends),
        )
        found = arranging.arrange(waiting, timing=story.timing, mutes=story.mutes, now=now, room=story.room)
        stands_once_and_in_order(waiting, found)
        names = {rows[number].id: number for number in numbers}
        for one in (*found.ready, *(member for digest in found.digests for member in digest.members)):
            done.left[one] = now
            del at[names[one]]
        done.ends += [now + story.takes] * (len(found.ready) + len(found.digests))
        # with room for two, one of an odd number is no digest, but is a message that the summary takes all the same
        done.extra.append((now, max(0, len(found.digests) - (story.room != 2))))
        for postponed in found.postponed:
            assert postponed.until > now
            for one in postponed.ids:
                rows[names[one]] = replace(rows[names[one]], held=postponed.held)
                at[names[one]] = postponed.until
            heapq.heappush(clock, (postponed.until, -1))
    return done


def stands_once_and_in_order(waiting: Waiting, found: Arrangement) -> None:
    """Each delivery in exactly one part; each part in the order of the promises; digests of two or more, in turn."""
    parts = [
        list(found.ready),
        [one for digest in found.digests for one in digest.members],
        *(list(postponed.ids) for postponed in found.postponed),
    ]
    order = {one.id: number for number, one in enumerate(waiting.deliveries)}
    assert sorted(order) == sorted(one for part in parts for one in part)
    assert all(order[one] < order[other] for part in parts for one, other in pairwise(part))
    assert all(len(digest.members) > 1 for digest in found.digests)
    assert all(postponed.ids for postponed in found.postponed)
    entries = {one.id: one.message for one in waiting.deliveries}
    for digest in found.digests:
        assert digest.message.entries == tuple(entries[one] for one in digest.members)


def all_goes_well(story: Story) -> None:
    done, timing = run(story), story.timing
    assert done.left.keys() == {one.id for one in story.deliveries}
    for one in story.deliveries:
        left = done.left[one.id]
        assert not any(mute.until > left and mute.name in {one.rule, one.story} for mute in story.mutes)
        if not one.urgent:
            assert left >= next_tick(timing.cadence, one.created, timing.zone)
            assert not is_quiet(timing, left)
        if not (timing.max_per_hour or one.urgent):
            assert left == wanted(story, one)
        if timing.max_per_hour and story.room > 1:
            assert left <= wanted(story, one) + 2 * DAY
    keeps_the_limit(done, story)


def is_quiet(timing: Timing, at: datetime) -> bool:
    start, _, end = timing.quiet.partition("-")
    return bool(start) and is_inside(reading(at, timing.zone), time.fromisoformat(start), time.fromisoformat(end))


def wanted(story: Story, one: Delivery) -> datetime:
    """The earliest time at which it may leave, found by trying; all times of quiet hours here are quarters."""
    about = [mute.until for mute in story.mutes if mute.name in {one.rule, one.story}]
    at = max([one.created, next_tick(story.timing.cadence, one.created, story.timing.zone), *about])
    while is_quiet(story.timing, at) and not one.urgent:
        at += MINUTE if at.minute % 15 else 15 * MINUTE
    return at


def keeps_the_limit(done: Run, story: Story) -> None:
    """Never more messages in an hour than the limit; but for those that a summary needs because it is long."""
    if not story.timing.max_per_hour:
        return
    ends = sorted(done.ends)
    for number, end in enumerate(ends):
        many = sum(later - end < HOUR for later in ends[number:])
        extra = sum(count for at, count in done.extra if end - story.takes <= at < end + HOUR)
        assert many <= story.timing.max_per_hour + extra


ZONES = [(ZoneInfo("Asia/Seoul"), START), *((ZoneInfo(name), datetime.fromisoformat(at)) for name, at in [
    ("Europe/Paris", "2026-10-24T06:00Z"),
    ("Europe/Paris", "2027-03-27T06:00Z"),
    ("Australia/Lord_Howe", "2026-10-02T20:00Z"),
])]  # fmt: skip
CADENCES = ["immediate", "immediate", "hourly", "daily 08:30", "daily 02:30", "weekly mon 08:30"]
QUIET = ["", "", "22:00-07:00", "00:00-06:15", "03:00-08:30", "10:00-09:00"]
RULES, STORIES = ["tariffs", "steel"], ["s1", "s2", "s3"]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    zone, start = draw(st.sampled_from(ZONES))
    gaps = draw(st.lists(st.sampled_from([0, 0, 0, 1, 7, 30, 60, 200, 1000]), min_size=1, max_size=25))
    deliveries, at = [], start
    for number, gap in enumerate(gaps):
        at += gap * MINUTE
        deliveries.append(
            alert(
                f"{number}",
                rule=draw(st.sampled_from(RULES)),
                story=draw(st.sampled_from(STORIES)),
                urgent=draw(st.integers(0, 4)) == 0,
                together=draw(st.sampled_from(["", "", "", "page 1"])),
                created=at,
            )
        )
    mutes = draw(
        st.lists(st.tuples(st.sampled_from([("rule", RULES), ("story", STORIES)]), st.integers(1, 30)), max_size=2)
    )
    return Story(
        deliveries=tuple(deliveries),
        timing=Timing(
            cadence=draw(st.sampled_from(CADENCES)),
            quiet=draw(st.sampled_from(QUIET)),
            zone=zone,
            max_per_hour=draw(st.sampled_from([0, 1, 2, 3, 5, 20])),
        ),
        mutes=tuple(
            Mute(kind=kind, name=names[0], since=start, until=start + hours * HOUR) for (kind, names), hours in mutes
        ),
        room=draw(st.sampled_from([1, 2, 4, 100])),
        takes=draw(st.sampled_from([0, 0, 1, 45])) * MINUTE,
    )


@given(stories())
def test_every_alert_leaves_once_at_a_right_time(story: Story):
    all_goes_well(story)


# --- what would be wrong is found -------------------------------------------------------------------------------


def finds_the_fault(examples: int = 1000) -> None:
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(stories())
    def planted(story: Story) -> None:
        all_goes_well(story)

    with pytest.raises(AssertionError):
        planted()


arrange, hold_of, chunks, put_off = arranging.arrange, arranging.hold_of, arranging.chunks, arranging._put_off


def loses_one(*given: Waiting, **how: object) -> Arrangement:
    found = arrange(*given, **how)
    return replace(found, ready=found.ready[:2])


def doubles_one(*given: Waiting, **how: object) -> Arrangement:
    found = arrange(*given, **how)
    return replace(found, ready=(*found.ready, *(digest.members[0] for digest in found.digests)))


def puts_off_for_ever(*given: Waiting, **how: object) -> Arrangement:
    found, now = arrange(*given, **how), how["now"]
    assert isinstance(now, datetime)
    again = (Postponed(ids=found.ready, until=now + HOUR, held=Held.STORM),) if len(found.ready) > 3 else ()
    return replace(found, ready=found.ready if not again else (), postponed=(*found.postponed, *again))


def drops_a_rest(things: list[Delivery], room: int) -> Iterator[list[Delivery]]:
    yield from (things[at : at + room] for at in range(0, len(things) - len(things) % room, room))


def leaves_backwards(things: list[Delivery], room: int) -> Iterator[list[Delivery]]:
    return chunks(things[::-1], room)


def mutes_nothing_urgent(delivery: Delivery, **how: object) -> Hold | None:
    return None if delivery.urgent else hold_of(delivery, **how)


def forgets_the_cadence(delivery: Delivery, timing: Timing, now: datetime) -> datetime:
    return now


def waits_for_the_next_tick(delivery: Delivery, timing: Timing, now: datetime) -> datetime:
    return now if timing.cadence == "immediate" else next_tick(timing.cadence, now, timing.zone)


def sees_no_quiet(quiet: str, now: datetime, zone: ZoneInfo) -> None:
    return None


def counts_nothing(waiting: Waiting, now: datetime) -> list[datetime]:
    return []


def lets_one_more_go(due: list[Delivery], allowance: int) -> object:
    return put_off(due, allowance + 1)


@pytest.mark.parametrize(
    ("where", "name", "fault"),
    [
        (arranging, "arrange", loses_one),
        (arranging, "arrange", doubles_one),
        (arranging, "arrange", puts_off_for_ever),
        (arranging, "chunks", drops_a_rest),
        (arranging, "chunks", leaves_backwards),
        (arranging, "hold_of", mutes_nothing_urgent),
        (arranging, "_lately", counts_nothing),
        (arranging, "_put_off", lets_one_more_go),
        (holding, "_tick", forgets_the_cadence),
        (holding, "_tick", waits_for_the_next_tick),
        (holding, "quiet_until", sees_no_quiet),
    ],
    ids=lambda part: part.__name__ if callable(part) else "",
)
def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, fault: Callable[..., object]
):
    monkeypatch.setattr(where, name, fault)
    finds_the_fault()

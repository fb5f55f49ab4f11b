"""What becomes of what waits: mutes, cadences, quiet hours, digests, storms."""

from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.timing import Timing, timing_of
from bot.core.timing.merging import chunks
from bot.model import Arrangement, Held, Reason
from bot.settings import Channel
from tests.timing.making import ME, START, alert, alerts, arranged, held, ids, mute, notice, titles

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAILY = Timing(cadence="daily 08:30")  # START is a Monday, 9:00
QUIET = Timing(quiet="08:00-10:00")
TICK = START - HOUR / 2
TOMORROW = TICK + 24 * HOUR


def test_a_channels_settings_say_its_timing():
    channel = Channel(url="json://x", cadence="hourly", quiet="22:00-07:00", timezone="Asia/Seoul", max_per_hour=3)
    assert timing_of(channel) == Timing(
        cadence="hourly", quiet="22:00-07:00", zone=ZoneInfo("Asia/Seoul"), max_per_hour=3
    )


def test_nothing_makes_nothing():
    assert arranged([], timing=DAILY) == Arrangement()
    assert arranged([], timing=Timing(max_per_hour=1), recent=(START,)) == Arrangement()


def test_at_any_time_each_leaves_by_itself_in_order():
    three = alerts(3)
    assert arranged(three) == Arrangement(ready=ids(*three))


# --- mutes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "muted"),
    [
        ("rule", "tariffs", True),
        ("rule", "other", False),
        ("rule", "tar*", False),
        ("story", "a", True),
        ("story", "b", False),
        ("source", "demo/press", True),
        ("source", "demo/*", True),
        ("source", "DEMO/*", False),
        ("source", "*", True),
        ("source", "kr/*", False),
    ],
)
def test_a_mute_holds_what_it_names_until_its_end(kind: str, name: str, muted: bool):
    one = alert("a")
    found = arranged([one], mutes=(mute(kind, name, hours=5),))
    assert found == (
        Arrangement(postponed=(held([one], Held.MUTE, START + 5 * HOUR),)) if muted else Arrangement(ready=ids(one))
    )


def test_the_latest_of_several_mutes_counts_and_one_that_is_over_does_not():
    one = alert("a")
    mutes = mute("rule", "tariffs", hours=2), mute("story", "a", hours=3), mute("source", "*", hours=0)
    assert arranged([one], mutes=mutes).postponed == (held([one], Held.MUTE, START + 3 * HOUR),)
    assert arranged([one], mutes=mutes[2:]).ready == ids(one)


def test_a_mute_holds_urgent_ones_too():
    one = alert("a", urgent=True)
    assert arranged([one], mutes=(mute("rule", "tariffs", hours=2),)).postponed


def test_a_notice_is_muted_by_its_source_only():
    about_source, about_service = notice("x", story=""), notice("y", source="", story="")
    everything = mute("rule", "", hours=2), mute("story", "", hours=2)
    assert arranged([about_source, about_service], mutes=everything).ready == ids(about_source, about_service)
    found = arranged([about_source, about_service], mutes=(mute("source", "*", hours=2),))
    assert found.ready == ids(about_service)
    assert found.postponed == (held([about_source], Held.MUTE, START + 2 * HOUR),)


def test_a_mute_of_another_kind_is_a_bug():
    with pytest.raises(ValueError, match="colour"):
        arranged([alert()], mutes=(mute("colour", "red", hours=2),))


def test_after_a_mute_all_come_merged():
    three = alerts(3, held=Held.MUTE)
    (digest,) = arranged([*three, new := alert("new")]).digests
    assert digest.members == ids(*three)
    assert digest.message.held == "mute"
    assert arranged([*three, new]).ready == ids(new)


# --- cadences and quiet hours -----------------------------------------------------------------------------------


def test_before_its_tick_an_alert_waits_but_an_urgent_one_leaves():
    usual, urgent = alert("a"), alert("b", urgent=True)
    found = arranged([usual, urgent], timing=DAILY)
    assert found == Arrangement(ready=ids(urgent), postponed=(held([usual], Held.CADENCE, TOMORROW),))


def test_at_its_tick_all_come_as_one():
    three = alerts(3, created=TICK - HOUR, held=Held.CADENCE)
    found = arranged(three, timing=DAILY, now=TICK)
    (digest,) = found.digests
    assert (found.ready, found.postponed) == ((), ())
    assert digest.members == ids(*three)
    assert titles(digest) == ["00", "01", "02"]
    assert (digest.target, digest.reason, digest.message.reason) == (ME, Reason.DIGEST, Reason.DIGEST)
    assert (digest.created, digest.rule, digest.about, digest.urgent) == (TICK, "", "", False)
    assert digest.message.held == "cadence"


def test_one_alone_comes_as_itself():
    one = alert("a", created=TICK - HOUR, held=Held.CADENCE)
    assert arranged([one], timing=DAILY) == Arrangement(ready=ids(one))


def test_what_was_missed_while_down_comes_at_once_and_together():
    old = alerts(3, created=START - 72 * HOUR)
    found = arranged([*old, new := alert("new")], timing=DAILY)
    (digest,) = found.digests
    assert digest.members == ids(*old)
    assert digest.message.held == "cadence"
    assert found.postponed == (held([new], Held.CADENCE, TOMORROW),)


def test_what_a_mute_or_a_storm_held_past_its_tick_does_not_wait_for_the_next():
    two = [alert("a", created=TICK - HOUR, held=Held.MUTE), alert("b", created=TICK - HOUR, held=Held.STORM)]
    assert arranged(two, timing=DAILY).digests[0].members == ids(*two)


def test_ticks_are_those_of_the_channels_zone():
    one = alert("a")
    found = arranged([one], timing=replace(DAILY, zone=ZoneInfo("Asia/Seoul")))
    assert found.postponed[0].until == TOMORROW - 9 * HOUR


def test_a_clock_that_was_set_back_holds_nothing_for_ever():
    """The promise is of next year, as it seems: it leaves at a tick all the same, and not at another time."""
    one = alert("a", created=START + timedelta(days=365), held=Held.CADENCE)
    assert arranged([one], timing=DAILY).postponed == (held([one], Held.CADENCE, TOMORROW),)
    assert arranged([one], timing=DAILY, now=TOMORROW + timedelta(seconds=5)).ready == ids(one)
    assert arranged([one], timing=DAILY, now=TOMORROW - MINUTE).postponed[0].until == TOMORROW


def test_quiet_hours_hold_all_but_the_urgent():
    usual, urgent = alert("a"), alert("b", urgent=True)
    found = arranged([usual, urgent], timing=QUIET)
    assert found == Arrangement(ready=ids(urgent), postponed=(held([usual], Held.QUIET, START + HOUR),))
    two = [replace(usual, held=Held.QUIET), alert("c", held=Held.QUIET)]
    assert arranged(two, timing=QUIET, now=START + HOUR).digests[0].message.held == "quiet"


def test_a_tick_in_quiet_hours_waits_for_their_end():
    one = alert("a", created=TICK - HOUR, held=Held.CADENCE)
    timing = replace(DAILY, quiet="08:00-10:00")
    assert arranged([one], timing=timing).postponed == (held([one], Held.QUIET, START + HOUR),)
    waited = replace(one, held=Held.QUIET)
    assert arranged([waited], timing=timing, now=START + HOUR).ready == ids(one)


# --- digests ----------------------------------------------------------------------------------------------------


def test_alerts_of_one_mark_come_together_urgent_or_not():
    marked = [alert("a", together="page 1"), alert("b", together="page 1", urgent=True)]
    found = arranged([*marked, alone := alert("c")])
    assert found.ready == ids(alone)
    assert found.digests[0].members == ids(*marked)
    assert found.digests[0].message.held == "together"
    assert arranged(marked[:1]).ready == ids(marked[0])


def test_the_commonest_reason_is_given_and_of_equals_the_first():
    some = [alert("a", held=Held.MUTE), alert("b", held=Held.QUIET), alert("c", held=Held.QUIET)]
    assert arranged(some).digests[0].message.held == "quiet"
    assert arranged(some[:2]).digests[0].message.held == "mute"


def test_a_digest_has_no_more_entries_than_there_is_room_for():
    found = arranged(alerts(14, held=Held.QUIET), room=13)
    assert [len(digest.members) for digest in found.digests] == [7, 7]
    assert [title for digest in found.digests for title in titles(digest)] == [f"{number:02}" for number in range(14)]


def test_a_part_of_one_is_no_digest():
    three = alerts(3, held=Held.QUIET)
    found = arranged(three, room=2)
    assert found.ready == ids(three[0])
    assert [digest.members for digest in found.digests] == [ids(*three[1:])]
    assert arranged(three, room=1) == Arrangement(ready=ids(*three))
    assert arranged(three, room=0) == Arrangement(ready=ids(*three))


@pytest.mark.parametrize("count", range(30))
@pytest.mark.parametrize("room", [1, 2, 3, 7, 10])
def test_chunks_are_few_whole_and_alike(count: int, room: int):
    found = list(chunks(range(count), room))
    assert [one for part in found for one in part] == list(range(count))
    sizes = {len(part) for part in found}
    assert not sizes or (min(sizes) > 0 and max(sizes) <= min(room, min(sizes) + 1))
    assert len(found) == -(-count // room)


def test_the_digest_of_the_same_is_the_same():
    three = alerts(3, held=Held.QUIET)
    (one,) = arranged(three).digests
    (later,) = arranged(three, now=START + HOUR, timing=Timing(max_per_hour=9)).digests
    (other,) = arranged(three[:2]).digests
    assert one.id == later.id != other.id


def test_what_may_have_arrived_and_a_digest_are_never_merged():
    """A channel knows a repeat by its id; and a digest that has waited is not wrapped into another."""
    parts = alerts(2, held=Held.QUIET)
    (digest,) = arranged(parts).digests
    again = [
        replace(digest, held=Held.QUIET),
        alert("x", held=Held.QUIET, interrupted=True),
        alert("y", held=Held.QUIET, unsure=True),
    ]
    found = arranged([*again, *alerts(3, held=Held.QUIET)])
    assert found.ready == ids(*again)
    assert len(found.digests) == 1


def test_a_digest_does_not_wait_for_another_tick():
    (digest,) = arranged(alerts(2, created=TICK - HOUR, held=Held.CADENCE), timing=DAILY, now=TICK).digests
    assert arranged([replace(digest, held=Held.QUIET)], timing=DAILY).ready == ids(digest)
    assert arranged([digest], timing=replace(DAILY, quiet="08:00-10:00")).postponed[0].held is Held.QUIET


# --- storms -----------------------------------------------------------------------------------------------------


def test_no_limit_is_none():
    assert len(arranged(alerts(500), recent=(START,) * 500, leaving=500).ready) == 500


def test_up_to_the_limit_each_leaves_by_itself():
    assert len(arranged(alerts(5), timing=Timing(max_per_hour=5)).ready) == 5
    assert len(arranged(alerts(3), timing=Timing(max_per_hour=5), recent=(START - MINUTE,), leaving=1).ready) == 3


def test_beyond_the_limit_the_rest_is_one_summary_that_lists_all():
    many = alerts(8)
    found = arranged(many, timing=Timing(max_per_hour=5), recent=(START - MINUTE,), leaving=1)
    assert found.ready == ids(*many[:2])
    (summary,) = found.digests
    assert summary.members == ids(*many[2:])
    assert summary.message.held == "storm"


def test_the_urgent_leave_first_and_in_order():
    many = [*alerts(4), *(urgent := [alert("x", urgent=True), alert("y", urgent=True)])]
    found = arranged(many, timing=Timing(max_per_hour=4))
    assert found.ready == ids(many[0], *urgent)
    assert found.digests[0].members == ids(*many[1:4])
    assert not found.digests[0].urgent


def test_a_summary_that_holds_an_urgent_one_is_urgent():
    """Or it would, if it had to be tried again at night, wait for the morning."""
    found = arranged(alerts(3, urgent=True), timing=Timing(max_per_hour=2))
    assert len(found.ready) == 1
    assert found.digests[0].urgent


def test_what_was_to_be_merged_goes_with_the_summary_in_order():
    many = [alert("a", held=Held.QUIET), *alerts(3), alert("b", held=Held.QUIET)]
    found = arranged(many, timing=Timing(max_per_hour=3))
    assert found.ready == ids(*many[1:3])
    assert found.digests[0].members == ids(many[0], many[3], many[4])


def test_a_summary_takes_as_many_messages_as_it_needs():
    found = arranged(alerts(25), timing=Timing(max_per_hour=2), room=6)
    assert len(found.ready) == 0
    assert [len(summary.members) for summary in found.digests] == [5, 5, 5, 5, 5]


@pytest.mark.parametrize(("room", "alone"), [(5, 25), (13, 48), (120, 58)])
def test_the_parts_of_a_summary_count_as_messages(room: int, alone: int):
    found = arranged(alerts(200), timing=Timing(max_per_hour=60), room=room)
    assert len(found.ready) == alone
    assert len(found.ready) + len(found.digests) == 60


def test_one_that_may_leave_leaves_as_itself():
    one = alert("a", held=Held.STORM)
    assert arranged([one], timing=Timing(max_per_hour=1)).ready == ids(one)


def test_if_nothing_more_may_leave_all_wait_until_the_hour_is_over():
    two = [alert("a", urgent=True), alert("b", held=Held.QUIET)]
    recent = (START - HOUR / 2, START - MINUTE)
    found = arranged(two, timing=Timing(max_per_hour=2), recent=recent)
    assert found == Arrangement(postponed=(held(two, Held.STORM, START + HOUR / 2),))
    found = arranged(two, timing=Timing(max_per_hour=2), leaving=3)
    assert found == Arrangement(postponed=(held(two, Held.STORM, START + 10 * MINUTE),))


def test_an_end_an_hour_ago_counts_no_more_nor_one_far_in_the_future():
    for end in (START - HOUR, START + timedelta(days=300)):
        assert arranged([alert()], timing=Timing(max_per_hour=1), recent=(end,)).ready
    assert not arranged([alert()], timing=Timing(max_per_hour=1), recent=(START + MINUTE,)).ready


def test_where_one_alert_fills_a_message_the_rest_waits():
    many = [*alerts(3), urgent := alert("x", urgent=True)]
    found = arranged(many, timing=Timing(max_per_hour=2), room=1)
    assert found.ready == ids(many[0], urgent)
    assert found.postponed == (held(many[1:3], Held.STORM, START + 10 * MINUTE),)


def test_what_cannot_be_summed_up_has_the_first_places():
    whole = [alert("x", unsure=True), alert("y", interrupted=True)]
    many = [*alerts(3, urgent=True), *whole]
    found = arranged(many, timing=Timing(max_per_hour=3))
    assert found.ready == ids(*whole)
    assert found.digests[0].members == ids(*many[:3])
    found = arranged(many, timing=Timing(max_per_hour=1))
    assert found.ready == ids(whole[0])
    assert found.postponed == (held([*many[:3], whole[1]], Held.STORM, START + 10 * MINUTE),)


def test_times_are_told_in_utc():
    found = arranged(alerts(1), timing=replace(DAILY, zone=ZoneInfo("Asia/Seoul")))
    assert found.postponed[0].until.tzinfo is UTC

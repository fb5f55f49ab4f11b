"""The second half of the flow: a promise is kept, tried again, held, or given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.core.timing import Timing
from bot.courier import arrange_all
from bot.model import Message, Mute, Outcome, Rendered, Sending
from bot.pipeline import BACKOFF, collect
from bot.ports import World
from tests.fakes import SOURCE, START, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, world
from tests.flow.promised import GIVE_UP, SENT, clock_of, promised, sent, states


def test_what_is_sent_is_sent_once(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff one", "Tariff two")
    assert len(sent(here)) == 2
    assert sent(here) == []
    assert sorted(notifier.titles) == ["Tariff one", "Tariff two"]
    assert states(database) == {"sent": 2}


def test_a_failure_is_tried_again_later_and_later_until_it_is_a_dead_letter(database: Database) -> None:
    notifier = FakeNotifier(answer=lambda *_: Outcome(result=Sending.RETRY, why="busy"))
    here = promised(database, notifier, "Tariff")
    clock, waits = clock_of(here), []
    sent(here)
    while states(database) == {"pending": 1}:
        due = Archive(database).outbox(limit=1)[0]["next_at"]
        waits.append((due - clock.now()).total_seconds())
        clock.at = due - timedelta(seconds=1)
        assert sent(here) == [], "not before its time"
        clock.at = due
        assert len(sent(here)) == 1
    assert waits[: len(BACKOFF)] == list(BACKOFF)
    assert states(database) == {"dead": 1}
    assert clock.now() - START >= GIVE_UP
    [record] = Archive(database).outbox(limit=9)
    assert record["why"] == "busy"


def test_what_is_refused_for_good_is_a_dead_letter_at_once(database: Database) -> None:
    here = promised(database, FakeNotifier(answer=lambda *_: Outcome(result=Sending.REFUSED)), "Tariff")
    sent(here)
    assert states(database) == {"dead": 1}


@pytest.mark.parametrize(("keyed", "holds", "comes"), [(False, False, 2), (False, True, 1), (True, True, 2)])
def test_what_may_have_arrived(database: Database, keyed: bool, holds: bool, comes: int) -> None:
    """Sent again where that is safe or wanted, and then it says so; else it is held, listed, and told."""
    answers = iter([Outcome(result=Sending.AMBIGUOUS, why="no answer in time")])
    told: list[str] = []

    def answer(channel: str, _recipient: str, message: Message) -> Outcome:
        if channel == "me":
            told.append(message.title)
        return next(answers, SENT) if channel == "me" else SENT

    notifier = FakeNotifier(answer=answer, keyed=keyed)
    holding = frozenset({"me"}) if holds else frozenset()
    here = promised(database, notifier, "Tariff", holding=holding)
    sent(here)
    clock_of(here).pass_(minutes=2)
    sent(here)
    assert len(told) == comes
    if comes == 1:
        assert states(database) == {"ambiguous": 1}
    else:
        assert notifier.letters[0].rendered.text == ("Tariff" if keyed else "Tariff (may be a repeat)")


def test_a_retry_that_comes_due_in_quiet_hours_waits_for_their_end(database: Database) -> None:
    answers = iter([Outcome(result=Sending.RETRY, why="busy")])
    notifier = FakeNotifier(answer=lambda *_: next(answers, SENT))
    here = promised(database, notifier, "Tariff", timings={"me": Timing(quiet="09:01-11:00")})
    sent(here)  # it is 09:00
    clock_of(here).pass_(minutes=5)
    assert sent(here) == []
    clock_of(here).pass_(minutes=114)
    assert sent(here) == []
    clock_of(here).pass_(minutes=1)
    assert len(sent(here)) == 1


@pytest.mark.parametrize("late", [False, True])
def test_a_claim_left_by_a_crash_is_taken_up_when_its_lease_has_run_out(database: Database, late: bool) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff")
    claim(here)
    if late:
        here.clock.sleep(61)
    sent(here)
    assert len(notifier.sent) == (1 if late else 0)


def claim(here: World) -> None:
    """As a process does that dies before it has sent."""
    arrange_all(here)
    [delivery] = here.store.due(here.clock.now(), limit=9)
    assert here.store.claim(delivery, here.clock.now(), lease=60)


def test_the_process_that_has_the_database_takes_up_a_claim_at_once(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff")
    claim(here)
    assert here.store.recover(here.clock.now()) == 1  # type: ignore[attr-defined]
    sent(here)
    assert [letter.rendered.text for letter in notifier.letters] == ["Tariff (may be a repeat)"]


def test_a_claim_left_by_a_crash_is_held_where_nothing_may_be_repeated(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff", holding=frozenset({"me"}), operator="ops")
    here.audience.channels["ops"] = ("",)  # type: ignore[index]
    claim(here)
    here.store.recover(here.clock.now())  # type: ignore[attr-defined]
    sent(here)
    assert states(database) == {"ambiguous": 1, "sent": 1}
    [(channel, _, notice, _)] = notifier.sent
    assert (channel, str(notice.reason)) == ("ops", "trouble")


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_is_moved_loses_nothing_and_doubles_nothing(database: Database, step: timedelta) -> None:
    answers = iter([Outcome(result=Sending.RETRY, why="busy")])
    notifier = FakeNotifier(answer=lambda *_: next(answers, SENT))
    here = promised(database, notifier, "Tariff one", "Tariff two")
    sent(here)
    clock_of(here).at += step
    here.store.reconsider(here.clock.now(), step=step)
    clock_of(here).pass_(seconds=BACKOFF[1])
    sent(here)
    clock_of(here).at -= step
    sent(here)
    assert sorted(notifier.titles) == ["Tariff one", "Tariff two"]


def test_a_clock_that_was_set_back_while_we_were_away_puts_nothing_off(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff")
    clock_of(here).pass_(days=-2)
    sent(here)
    assert notifier.titles == ["Tariff"]


def busy_once() -> FakeNotifier:
    answers = iter([Outcome(result=Sending.RETRY, why="busy")])
    return FakeNotifier(answer=lambda *_: next(answers, SENT))


def test_days_asleep_are_no_days_of_trying(database: Database) -> None:
    notifier = FakeNotifier(answer=lambda *_: Outcome(result=Sending.RETRY, why="no network"))
    here = promised(database, notifier, "Tariff")
    sent(here)
    clock_of(here).pass_(days=4)
    here.store.reconsider(here.clock.now(), step=timedelta(days=4))
    sent(here)
    notifier.answer = lambda *_: SENT
    clock_of(here).pass_(hours=1)
    sent(here)
    assert notifier.titles == ["Tariff"]


def test_nor_are_days_in_which_nobody_was_there(database: Database) -> None:
    notifier = FakeNotifier(answer=lambda *_: Outcome(result=Sending.RETRY, why="no network"))
    here = promised(database, notifier, "Tariff")
    sent(here)
    clock_of(here).pass_(days=4)
    here.store.recover(here.clock.now(), patience=GIVE_UP - timedelta(hours=1))  # type: ignore[attr-defined]
    sent(here)
    assert states(database) == {"pending": 1}
    clock_of(here).pass_(hours=2)
    sent(here)
    assert states(database) == {"dead": 1}, "an hour of trying is left to it"


def test_a_retry_that_waits_for_the_morning_is_not_put_off_by_a_sleep(database: Database) -> None:
    notifier = busy_once()
    here = promised(database, notifier, "Tariff", timings={"me": Timing(quiet="09:01-11:00")})
    sent(here)
    clock_of(here).pass_(minutes=5)
    sent(here)
    clock_of(here).pass_(hours=1)
    here.store.reconsider(here.clock.now(), step=timedelta(hours=1))
    clock_of(here).at = START.replace(hour=11)
    sent(here)
    assert notifier.titles == ["Tariff"]


def test_what_is_revived_keeps_to_the_limit_of_an_hour(database: Database) -> None:
    notifier = FakeNotifier(answer=lambda *_: Outcome(result=Sending.REFUSED, why="no"))
    titles = [f"Tariff {n}" for n in range(20)]
    here = promised(database, notifier, *titles)
    sent(here)
    notifier.answer = lambda *_: SENT
    here.store.revive([], here.clock.now(), dead=True)  # type: ignore[attr-defined]
    limited = replace(here, timings={"me": Timing(max_per_hour=5)})
    sent(limited)
    assert len(notifier.sent) == 5
    assert sorted(notifier.titles) == sorted(titles)


def test_a_bug_before_the_sending_is_no_letter_that_may_have_arrived(database: Database) -> None:
    class Buggy(FakeNotifier):
        def write(self, *_: object, **__: object) -> Rendered:
            raise ZeroDivisionError

    here = promised(database, Buggy(), "Tariff", holding=frozenset({"me"}))
    sent(here)
    assert states(database) == {"pending": 1}


def test_what_nobody_has_tried_before_the_quiet_hours_comes_merged_after_them(database: Database) -> None:
    notifier = busy_once()
    here = promised(database, notifier, "Tariff one", "Tariff two", "Tariff three")
    arrange_all(here)
    clock_of(here).pass_(hours=1)
    quiet = replace(here, timings={"me": Timing(quiet="10:00-11:00")})
    sent(quiet)
    clock_of(here).pass_(hours=1)
    sent(quiet)
    clock_of(here).pass_(minutes=5)
    sent(quiet)
    assert len(notifier.sent) == 1
    assert len(notifier.titles) == 3


@pytest.mark.parametrize(("kind", "name"), [("rule", "tariffs"), ("source", "demo/*")])
def test_a_mute_reaches_what_is_about_to_leave(database: Database, kind: str, name: str) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff one", "Tariff two")
    arrange_all(here)
    now = here.clock.now()
    here.store.mute(Mute(kind=kind, name=name, since=now, until=now + timedelta(hours=1)))  # type: ignore[attr-defined]
    assert sent(here) == []
    clock_of(here).pass_(hours=1)
    sent(here)
    assert len(notifier.sent) == 1


def test_a_mute_that_was_said_under_a_wrong_clock_lasts_as_long_as_it_was_meant(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff")
    wrong = here.clock.now() + timedelta(days=365)
    mute = Mute(kind="rule", name="tariffs", since=wrong, until=wrong + timedelta(hours=2))
    here.store.mute(mute)  # type: ignore[attr-defined]
    here.store.reconsider(here.clock.now(), step=timedelta(days=-365))
    assert sent(here) == []
    clock_of(here).pass_(hours=2)
    sent(here)
    assert notifier.titles == ["Tariff"]


def test_a_claim_cut_off_is_no_claim_while_it_waits_for_the_morning(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff", timings={"me": Timing(quiet="09:01-11:00")})
    claim(here)
    clock_of(here).pass_(minutes=5)
    sent(here)
    assert states(database) == {"pending": 1}
    clock_of(here).pass_(hours=2)
    sent(here)
    assert [letter.rendered.text for letter in notifier.letters] == ["Tariff (may be a repeat)"]


def test_a_poll_that_ends_after_a_digest_makes_no_second_one_of_its_hour(database: Database) -> None:
    clock = FakeClock(START.replace(minute=59))

    class Slow(FakeWeb):
        def fetch(self, *args: object, **keys: object) -> object:  # type: ignore[override]
            found = super().fetch(*args, **keys)  # type: ignore[arg-type]
            clock.pass_(minutes=4)
            return found

    old = [Item(str(900_000 + n), f"old {n}") for n in range(3)]
    web, notifier = Slow({list_url(): page(*old)}), FakeNotifier()
    here = world(database, web=web, notifier=notifier, clock=clock, timings={"me": Timing(cadence="hourly")})
    collect(SOURCE, here)
    clock.at = START.replace(minute=59)
    web.pages[list_url()] = page(Item("1", "Tariff"), *old)
    collect(SOURCE, here)
    assert sent(here) == [], "the digest of 10:00 has left before this was known"
    clock.at = START.replace(hour=11, minute=1)
    assert len(sent(here)) == 1

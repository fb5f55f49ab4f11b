"""The second half of the flow: promises are kept, and one bad channel holds up no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.model import Message, Outcome, Sending
from bot.pipeline import BACKOFF, collect, deliver
from bot.ports import World
from tests.fakes import SOURCE, START, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, rule, world

GIVE_UP = timedelta(days=3)


def promised(database: Database, notifier: FakeNotifier, *titles: str, to: tuple[str, ...] = ("me",)) -> World:
    """A world whose outbox holds an alert for each title and channel."""
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    here = world(
        database,
        rule(to=to, any=["tariff"]),
        web=web,
        notifier=notifier,
        clock=FakeClock(),
        channels=dict.fromkeys(to, ("",)),
    )
    collect(SOURCE, here)
    items = [Item(str(n), title) for n, title in enumerate(titles, start=2)]
    web.pages[list_url()] = page(*items, Item("1", "old"))
    assert collect(SOURCE, here).planned == len(titles) * len(to)
    return here


def states(database: Database) -> dict[str, int]:
    return dict(Archive(database).waiting())


def sent(here: World) -> list[Outcome]:
    return [outcome for _, outcome in deliver(here, give_up=GIVE_UP, timeout=5)]


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
    clock, waits = here.clock, []
    assert isinstance(clock, FakeClock)
    while states(database) == {"pending": 1}:
        due = Archive(database).outbox(limit=1)[0]["next_at"]
        waits.append((due - clock.now()).total_seconds())
        clock.at = due - timedelta(seconds=1)
        assert sent(here) == [], "not before its time"
        clock.at = due
        assert len(sent(here)) == 1
    assert waits[1 : len(BACKOFF) + 1] == list(BACKOFF)
    assert states(database) == {"dead": 1}
    assert clock.now() - START >= GIVE_UP
    [record] = Archive(database).outbox(limit=9)
    assert record["why"] == "busy"


def test_what_is_refused_for_good_is_a_dead_letter_at_once(database: Database) -> None:
    here = promised(database, FakeNotifier(answer=lambda *_: Outcome(result=Sending.REFUSED)), "Tariff")
    sent(here)
    assert states(database) == {"dead": 1}


def test_a_channel_that_fails_does_not_hold_up_the_others(database: Database) -> None:
    def answer(channel: str, _recipient: str, _message: Message) -> Outcome:
        return Outcome(result=Sending.RETRY if channel == "bad" else Sending.SENT)

    notifier = FakeNotifier(answer=answer)
    here = promised(database, notifier, "Tariff one", "Tariff two", to=("bad", "good"))
    outcomes = sent(here)
    assert len(notifier.sent) == 2
    assert sum(one.result is Sending.RETRY for one in outcomes) == 1, "a failing channel is left alone for this round"


def test_a_long_queue_of_a_failing_channel_does_not_starve_another(database: Database) -> None:
    def answer(channel: str, _recipient: str, _message: Message) -> Outcome:
        return Outcome(result=Sending.AMBIGUOUS if channel == "bad" else Sending.SENT, why="no answer in time")

    notifier = FakeNotifier(answer=answer)
    here = promised(database, notifier, *(f"Tariff {n}" for n in range(150)), to=("bad", "good"))
    tried = [delivery.channel for delivery, _ in deliver(here, give_up=GIVE_UP, timeout=5)]
    assert tried.count("bad") == 1, "one time-out a round is enough"
    assert tried.count("good") == 20


def test_a_slow_channel_ends_its_round(database: Database) -> None:
    clock = FakeClock()

    def slowly(*_: object) -> Outcome:
        clock.pass_(seconds=2)
        return Outcome(result=Sending.SENT)

    notifier = FakeNotifier(answer=slowly)
    here = replace(promised(database, notifier, *(f"Tariff {n}" for n in range(10))), clock=clock)
    assert len(deliver(here, give_up=GIVE_UP, timeout=5)) == 3, "the fourth is left for the next round"


def test_nothing_more_is_begun_once_we_are_to_stop(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff one", "Tariff two")
    deliver(here, give_up=GIVE_UP, timeout=5, stopping=lambda: bool(notifier.sent))
    assert len(notifier.sent) == 1
    assert states(database) == {"sent": 1, "pending": 1}


@pytest.mark.parametrize("late", [False, True])
def test_a_claim_left_by_a_crash_is_taken_up_when_its_lease_has_run_out(database: Database, late: bool) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff")
    [delivery] = here.store.due(here.clock.now(), limit=9)
    here.store.claim(delivery, here.clock.now(), lease=60)
    if late:
        here.clock.sleep(61)
    sent(here)
    assert len(notifier.sent) == (1 if late else 0)

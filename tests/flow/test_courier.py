"""The courier: one bad target holds up no other, and everything comes in its order."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, wait
from datetime import timedelta
from threading import Event

import pytest

from bot.adapters.database import Database
from bot.courier import ARRANGED, BATCH, PATIENCE, PAUSES, THREADS, Courier
from bot.errors import StoreError
from bot.model import Delivery, Message, Mute, Outcome, Reason, Sending
from tests.fakes import START, FakeClock, FakeNotifier, sent_by, world
from tests.flow.promised import EFFORT, SENT, clock_of, promised, sent, states


def failing(*bad: str, result: Sending = Sending.RETRY) -> Callable[[str, str, Message], Outcome]:
    return lambda channel, *_: Outcome(result=result, why="busy") if channel in bad else SENT


@pytest.mark.parametrize("result", [Sending.RETRY, Sending.AMBIGUOUS])
def test_a_target_that_does_not_work_is_left_alone_and_holds_up_no_other(database: Database, result: Sending) -> None:
    notifier = FakeNotifier(answer=failing("bad", result=result))
    titles = [f"Tariff {n}" for n in range(3 * BATCH)]
    here = promised(database, notifier, *titles, to=("bad", "good"))
    tried = [delivery.channel for delivery, _ in sent_by(here)]
    assert tried.count("bad") == PATIENCE, "then it is left alone"
    assert notifier.titles == titles, "all of the other's, in the order of their promises"


def test_one_message_that_cannot_be_sent_stops_no_other(database: Database) -> None:
    def answer(_channel: str, _recipient: str, message: Message) -> Outcome:
        return Outcome(result=Sending.RETRY, why="no") if "poison" in message.title else SENT

    notifier = FakeNotifier(answer=answer)
    sent(promised(database, notifier, "Tariff poison", "Tariff two", "Tariff three"))
    assert notifier.titles == ["Tariff two", "Tariff three"]


def test_after_an_outage_everything_comes_in_its_order(database: Database) -> None:
    notifier = FakeNotifier(answer=failing("me"))
    titles = [f"Tariff {n}" for n in range(9)]
    here = promised(database, notifier, *titles)
    courier = Courier(lambda: here, EFFORT)
    courier.drain()
    notifier.answer = lambda *_: SENT
    assert courier.drain() == [], "the target is left alone"
    clock_of(here).pass_(seconds=PAUSES[0])
    courier.drain()
    courier.close()
    assert sorted(notifier.titles) == titles
    assert notifier.titles[1:] == sorted(notifier.titles[1:])


def test_a_receiver_that_asks_to_be_left_alone_is(database: Database) -> None:
    answers = iter([Outcome(result=Sending.RETRY, why="429", retry_after=timedelta(minutes=7))])
    notifier = FakeNotifier(answer=lambda *_: next(answers, SENT))
    here = promised(database, notifier, "Tariff one", "Tariff two")
    courier = Courier(lambda: here, EFFORT)
    assert len(courier.drain()) == 1
    clock_of(here).pass_(minutes=6)
    assert courier.drain() == []
    clock_of(here).pass_(minutes=1)
    courier.drain()
    courier.close()
    assert len(notifier.sent) == 2


def test_what_waited_for_a_dead_target_too_long_is_given_up_and_the_operator_told(database: Database) -> None:
    notifier = FakeNotifier(answer=failing("bad"))
    titles = [f"Tariff {n}" for n in range(20)]
    here = promised(database, notifier, *titles, to=("bad", "ops"), operator="ops")
    courier = Courier(lambda: here, EFFORT)
    for _ in range(200):
        courier.drain()
        clock_of(here).pass_(minutes=30)
    courier.close()
    assert states(database)["dead"] == 20
    notices = [message.title for _, _, message, _ in notifier.sent if message.reason == "trouble"]
    assert notices, "dead letters are seen"
    assert len(notices) <= 2, "once a day"


def test_what_cannot_be_recorded_stops_all_sending_and_is_not_sent_again(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff one", "Tariff two")
    settle, full = here.store.settle, [True]

    def settle_if_there_is_room(*args: object) -> None:
        if full[0]:
            raise StoreError("database or disk is full")
        settle(*args)  # type: ignore[arg-type]

    here.store.settle = settle_if_there_is_room  # type: ignore[method-assign]
    courier = Courier(lambda: here, EFFORT)
    with pytest.raises(StoreError, match="full"):
        courier.drain()
    clock_of(here).pass_(hours=1)  # the lease runs out
    courier.drain()
    assert len(notifier.sent) == 1
    full[0] = False
    courier.drain()
    courier.close()
    assert notifier.titles == ["Tariff one", "Tariff two"]
    assert states(database) == {"sent": 2}


def test_a_slow_target_does_not_delay_the_others(database: Database) -> None:
    """The slow one is still busy when all of the other's have gone."""
    go_on = Event()

    def answer(channel: str, *_: object) -> Outcome:
        if channel == "slow":
            assert go_on.wait(10)
        return SENT

    notifier = FakeNotifier(answer=answer)
    titles = [f"Tariff {n}" for n in range(2 * BATCH)]
    here = promised(database, notifier, *titles, to=("slow", "quick"))
    courier = Courier(lambda: here, EFFORT)
    tasks = courier.round()
    for _ in range(2):
        wait(tasks, timeout=10, return_when=FIRST_COMPLETED)
        tasks = [one for one in tasks if not one.done()] + courier.round()
    assert [one[0] for one in notifier.sent] == ["quick"] * len(titles)
    go_on.set()
    wait(tasks, timeout=10)
    courier.drain()
    courier.close()
    assert len(notifier.sent) == 2 * len(titles)


def test_nothing_more_is_begun_once_we_are_to_stop(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff one", "Tariff two")
    courier = Courier(lambda: here, EFFORT, stopping=lambda: bool(notifier.sent))
    courier.drain()
    courier.close()
    assert len(notifier.sent) == 1
    assert states(database) == {"sent": 1, "pending": 1}


def test_many_that_wait_hide_none_that_may_go(database: Database) -> None:
    """The muted ones stand in front, and are more than are arranged at once."""
    notifier = FakeNotifier()
    here = world(database, notifier=notifier, clock=FakeClock())
    now = here.clock.now()
    here.store.mute(Mute(kind="rule", name="loud", since=now, until=now + timedelta(days=1)))  # type: ignore[attr-defined]
    here.store.promise([promise(f"n{n}", "loud") for n in range(ARRANGED + 100)] + [promise("last", "quiet")])
    sent(here)
    assert notifier.titles == ["last"]
    here.store.mute(Mute(kind="rule", name="loud", since=now, until=now + timedelta(hours=1)))  # type: ignore[attr-defined]
    clock_of(here).pass_(hours=1)
    sent(here)
    assert len(notifier.titles) == ARRANGED + 101, "the later word counts, also if it is a nearer end"


def promise(about: str, rule_id: str, *, channel: str = "me", recipient: str = "") -> Delivery:
    return Delivery(
        channel=channel,
        recipient=recipient,
        rule=rule_id,
        reason=Reason.NEW,
        about=about,
        message=Message(reason=Reason.NEW, title=about),
        created=START,
    )


def test_three_messages_that_cannot_be_sent_stop_none_of_the_others(database: Database) -> None:
    """Though they stand in front, and are tried again and again."""

    def answer(_channel: str, _recipient: str, message: Message) -> Outcome:
        return Outcome(result=Sending.RETRY, why="no") if "poison" in message.title else SENT

    notifier = FakeNotifier(answer=answer)
    titles = [f"Tariff {n}" for n in range(10)]
    here = promised(database, notifier, *(f"Tariff poison {n}" for n in range(PATIENCE)), *titles)
    courier = Courier(lambda: here, EFFORT)
    courier.drain()
    clock_of(here).pass_(seconds=PAUSES[0])
    courier.drain()
    courier.close()
    assert sorted(notifier.titles) == titles


def test_a_server_that_hangs_with_many_recipients_leaves_room_for_others(database: Database) -> None:
    go_on = Event()

    def answer(channel: str, *_: object) -> Outcome:
        if channel == "hangs":
            assert go_on.wait(10)
        return SENT

    notifier = FakeNotifier(answer=answer)
    many = tuple(f"r{n}@x.example" for n in range(THREADS + 10))
    here = world(database, notifier=notifier, clock=FakeClock(), channels={"hangs": many, "quick": ("",)})
    here.store.promise([promise("a", "", channel="hangs", recipient=one) for one in many])
    here.store.promise([promise("b", "", channel="quick")])
    courier = Courier(lambda: here, EFFORT)
    tasks = courier.round()
    wait(tasks, timeout=10, return_when=FIRST_COMPLETED)
    assert [channel for channel, *_ in notifier.sent] == ["quick"]
    go_on.set()
    wait(tasks, timeout=10)
    courier.drain()
    courier.close()
    assert len(notifier.sent) == len(many) + 1


def test_what_could_not_be_recorded_is_recorded_at_the_end(database: Database) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff")
    settle, fails = here.store.settle, [True]

    def settle_later(*args: object) -> None:
        if fails.pop():
            fails.append(False)
            raise StoreError("locked")
        settle(*args)  # type: ignore[arg-type]

    here.store.settle = settle_later  # type: ignore[method-assign]
    courier = Courier(lambda: here, EFFORT)
    with pytest.raises(StoreError):
        courier.drain()
    courier.close()
    assert states(database) == {"sent": 1}


def test_what_cannot_be_read_stops_only_itself(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    notifier = FakeNotifier()
    here = promised(database, notifier, "Tariff one", "Tariff two", "Tariff three")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET reason = 'of-a-later-version' WHERE message LIKE '%Tariff two%'")
    sent_by(here)
    assert notifier.titles == ["Tariff one", "Tariff three"]
    assert "cannot read delivery" in caplog.text

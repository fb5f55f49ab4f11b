"""The service in real time, with intervals of a fraction of a second; nothing here measures speed."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.errors import Stopping
from bot.model import Message, Outcome, Sending
from bot.schedule import Plan, _first_run, serve
from bot.settings import Delivering
from scrapers.model import Source
from tests.fakes import SOURCE, FakeNotifier, FakeWeb, Item, list_url, page, world

OFTEN = SOURCE.model_copy(update={"every_minutes": 0.2 / 60})
PATIENCE = 10.0


def plan(*sources: Source, **last_polls: timedelta) -> Plan:
    now = SystemClock().now()
    return Plan(
        sources=sources,
        last_polls={name.replace("_", "/"): now - ago for name, ago in last_polls.items()},
        jitter=0,
        delivery=Delivering(every_seconds=3600),
    )


def until(met: Callable[[], bool]) -> bool:
    return any(met() or Event().wait(0.05) for _ in range(int(PATIENCE / 0.05)))


class Service:
    """The service in a thread, stopped at the end of the with block."""

    def __init__(self, database: Database, wanted: Plan, web: object, notifier: FakeNotifier) -> None:
        here = world(database, web=web, notifier=notifier, clock=SystemClock())  # type: ignore[arg-type]
        self.stop = Event()
        self.thread = Thread(target=serve, args=(wanted, here, self.stop))

    def __enter__(self) -> "Service":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(timeout=PATIENCE)
        assert not self.thread.is_alive()


def test_news_is_polled_and_delivered_at_once_though_the_outbox_is_looked_at_hourly(database: Database) -> None:
    web, notifier = FakeWeb({list_url(): page(Item("1", "old"))}), FakeNotifier()
    with Service(database, plan(OFTEN), web, notifier):
        assert until(lambda: len(Archive(database).polls(limit=9)) >= 2)
        web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
        assert until(lambda: notifier.titles == ["Tariff"])


def test_a_bug_in_one_source_stops_neither_it_nor_the_others(database: Database) -> None:
    class Buggy(FakeWeb):
        def fetch(self, url: str, source: Source, **keys: str) -> object:  # type: ignore[override]
            if source.id == "demo/buggy":
                self.asked.append(source.id)
                raise ZeroDivisionError
            return super().fetch(url, source, **keys)

    web = Buggy({list_url(): page(Item("1", "old"))})
    buggy = OFTEN.model_copy(update={"id": "demo/buggy"})
    with Service(database, plan(buggy, OFTEN), web, FakeNotifier()):
        assert until(lambda: web.asked.count("demo/buggy") >= 2)
        assert until(lambda: len(Archive(database).polls(limit=9)) >= 2)


def test_what_is_in_hand_is_finished_when_we_are_told_to_stop(database: Database) -> None:
    begun, go_on = Event(), Event()

    def slowly(_channel: str, _recipient: str, _message: Message) -> Outcome:
        begun.set()
        go_on.wait(PATIENCE)
        return Outcome(result=Sending.SENT)

    web, notifier = FakeWeb({list_url(): page(Item("1", "old"))}), FakeNotifier(answer=slowly)
    with Service(database, plan(OFTEN), web, notifier) as service:
        assert until(lambda: len(Archive(database).polls(limit=9)) >= 1)
        web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
        assert begun.wait(PATIENCE)
        service.stop.set()
        go_on.set()
    assert Archive(database).waiting() == {"sent": 1}


def test_stopping_in_the_middle_of_a_poll_with_news_ends(database: Database) -> None:
    """A job that asked the scheduler for anything would wait for ever for a scheduler that waits for the job."""
    begun, go_on = Event(), Event()

    class Slow(FakeWeb):
        def fetch(self, url: str, source: Source, **keys: str) -> object:  # type: ignore[override]
            if "Tariff" in str(self.pages[url]):
                begun.set()
                go_on.wait(PATIENCE)
            return super().fetch(url, source, **keys)

    web = Slow({list_url(): page(Item("1", "old"))})
    with Service(database, plan(OFTEN), web, FakeNotifier()) as service:
        assert until(lambda: len(Archive(database).polls(limit=9)) >= 1)
        web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
        assert begun.wait(PATIENCE)
        service.stop.set()
        Event().wait(0.2)
        go_on.set()
    assert sum(Archive(database).waiting().values()) == 1, "the poll in hand was finished"


def test_stopping_cuts_a_wait_for_the_web_short() -> None:
    stop = Event()
    clock = SystemClock(stop)
    clock.sleep(0)
    stop.set()
    with pytest.raises(Stopping):
        clock.sleep(3600)


def test_only_what_is_due_is_caught_up_at_the_start(database: Database) -> None:
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    hourly = SOURCE.model_copy(update={"every_minutes": 60})
    late = hourly.model_copy(update={"id": "late/one"})
    wanted = plan(hourly, late, demo_press=timedelta(minutes=5), late_one=timedelta(hours=5))
    with Service(database, wanted, web, FakeNotifier()):
        assert until(lambda: bool(Archive(database).polls(limit=9)))
        Event().wait(0.5)
    assert [poll["source"] for poll in Archive(database).polls(limit=9)] == ["late/one"]


def test_a_clock_that_was_set_back_puts_no_poll_off_for_long(database: Database) -> None:
    ahead = _first_run(OFTEN, 0, plan(OFTEN, demo_press=timedelta(days=-400)), SystemClock().now())
    assert ahead <= SystemClock().now() + timedelta(minutes=OFTEN.every_minutes, seconds=1)

"""The service in real time, with intervals of a fraction of a second; nothing here measures speed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.adapters.database.archive import Archive
from bot.core.promising import Audience
from bot.core.rules.rule import RuleSet
from bot.errors import Stopping, StoreError
from bot.model import Message, Outcome, Sending
from bot.schedule import Orders, Plan, _first_run, serve
from bot.settings import Delivering
from scrapers.model import Source
from tests.fakes import SOURCE, FakeNotifier, FakeWeb, Item, list_url, page, rule, world

OFTEN = SOURCE.model_copy(update={"every_minutes": 0.2 / 60})
PATIENCE = 10.0


class Desk:
    """Hands out orders, one at a look; `looks` is how often it was asked."""

    def __init__(self) -> None:
        self.looks = 0
        self.waiting: list[Orders] = []

    def look(self) -> Orders | None:
        self.looks += 1
        return self.waiting.pop(0) if self.waiting else None

    def order(self, *sources: Source, about: str = "tariff") -> None:
        """Give new orders, and wait until they are taken."""
        audience = Audience(rules=RuleSet([rule(any=[about])]), channels={"me": ("",)})
        self.waiting.append(Orders(sources=sources, audience=audience))
        assert until(lambda: not self.waiting)
        looks = self.looks
        assert until(lambda: self.looks > looks)


def plan(*sources: Source, desk: Desk | None = None, **last_polls: timedelta) -> Plan:
    now = SystemClock().now()
    return Plan(
        sources=sources,
        last_polls={name.replace("_", "/"): now - ago for name, ago in last_polls.items()},
        jitter=0,
        delivery=Delivering(every_seconds=3600),
        look=desk.look if desk else lambda: None,
        look_seconds=0.05,
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
    now = SystemClock().now()
    ahead = _first_run(OFTEN, 0, now + timedelta(days=400), now)
    assert ahead <= SystemClock().now() + timedelta(minutes=OFTEN.every_minutes, seconds=1)


# --- new orders -----------------------------------------------------------------------------------------------------

SELDOM = SOURCE.model_copy(update={"every_minutes": 600})


def polls_of(database: Database, source: str = SOURCE.id) -> int:
    return len(Archive(database).polls(limit=10_000, source=source))


def test_a_changed_interval_is_kept_from_then_on(database: Database) -> None:
    web, desk = FakeWeb({list_url(): page(Item("1", "old"))}), Desk()
    with Service(database, plan(SELDOM, desk=desk, demo_press=timedelta(minutes=1)), web, FakeNotifier()):
        desk.order(SELDOM)
        assert polls_of(database) == 0, "it is not due"
        desk.order(OFTEN)
        assert until(lambda: polls_of(database) >= 3)
        desk.order(SELDOM)
        many = polls_of(database)
        desk.order(SELDOM, OFTEN.model_copy(update={"id": "demo/other"}))
        assert until(lambda: polls_of(database, "demo/other") >= 4)
        assert polls_of(database) <= many + 1, "one may have been in hand"


def test_a_new_source_is_polled_and_one_that_is_gone_is_not(database: Database) -> None:
    web, desk = FakeWeb({list_url(): page(Item("1", "old"))}), Desk()
    with Service(database, plan(OFTEN, desk=desk), web, FakeNotifier()):
        assert until(lambda: polls_of(database) >= 2)
        desk.order(OFTEN.model_copy(update={"id": "demo/other"}))
        assert until(lambda: polls_of(database, "demo/other") >= 1)
        many = polls_of(database)
        assert until(lambda: polls_of(database, "demo/other") >= 4)
        assert polls_of(database) <= many + 1
        desk.order(OFTEN)
        assert until(lambda: polls_of(database) >= many + 3), "it comes back"


def test_a_source_that_is_read_otherwise_is_due_at_once(database: Database) -> None:
    web, desk = FakeWeb({list_url(): page(Item("1", "old"))}), Desk()
    mended = SELDOM.model_copy(update={"name": "Mended"})
    with Service(database, plan(SELDOM, desk=desk, demo_press=timedelta(minutes=1)), web, FakeNotifier()):
        desk.order(SELDOM)
        assert polls_of(database) == 0
        desk.order(mended)
        assert until(lambda: polls_of(database) == 1)


def test_news_after_the_change_is_told_by_the_new_rules(database: Database) -> None:
    web, notifier, desk = FakeWeb({list_url(): page(Item("1", "old"))}), FakeNotifier(), Desk()
    with Service(database, plan(OFTEN, desk=desk), web, notifier):
        assert until(lambda: polls_of(database) >= 1)
        desk.order(OFTEN, about="quota")
        web.pages[list_url()] = page(Item("3", "Quota"), Item("2", "Tariff"), Item("1", "old"))
        assert until(lambda: bool(notifier.sent))
    assert notifier.titles == ["Quota"]


def test_a_poll_in_hand_goes_by_the_set_with_which_it_began(database: Database) -> None:
    begun, go_on = Event(), Event()

    class Slow(FakeWeb):
        def fetch(self, url: str, source: Source, **keys: str) -> object:  # type: ignore[override]
            found = super().fetch(url, source, **keys)
            if "Tariff" in str(self.pages[url]) and not begun.is_set():
                begun.set()
                go_on.wait(PATIENCE)
            return found

    web, notifier, desk = Slow({list_url(): page(Item("1", "old"))}), FakeNotifier(), Desk()
    with Service(database, plan(OFTEN, desk=desk), web, notifier):
        assert until(lambda: polls_of(database) >= 1)
        web.pages[list_url()] = page(Item("3", "Quota"), Item("2", "Tariff"), Item("1", "old"))
        assert begun.wait(PATIENCE)
        desk.order(OFTEN, about="quota")
        go_on.set()
        assert until(lambda: notifier.titles == ["Tariff"]), "by the old rule, and not by both"
        web.pages[list_url()] = page(Item("5", "Quota raised"), Item("4", "Tariff raised"), Item("1", "old"))
        assert until(lambda: len(notifier.sent) == 2)
    assert notifier.titles == ["Tariff", "Quota raised"]


def test_a_bug_in_looking_leaves_all_as_it_is(database: Database) -> None:
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    looks: list[int] = []

    def broken() -> Orders | None:
        looks.append(1)
        raise ZeroDivisionError

    wanted = replace(plan(OFTEN), look=broken)
    with Service(database, wanted, web, FakeNotifier()):
        assert until(lambda: len(looks) >= 2)
        many = polls_of(database)
        assert until(lambda: polls_of(database) >= many + 2)


def test_a_round_that_fails_is_no_sign_of_life_and_ends_nothing(database: Database) -> None:
    ticks, failures, fails = [], [], [True]

    class Failing(FakeNotifier):
        def room(self, channel: str) -> int:
            if fails[0]:
                failures.append(len(ticks))
                raise ZeroDivisionError
            return super().room(channel)

    web, notifier = FakeWeb({list_url(): page(Item("1", "old"))}), Failing()
    wanted = replace(plan(OFTEN), delivery=Delivering(every_seconds=0.05), tick=ticks.append)
    with Service(database, wanted, web, notifier):
        assert until(lambda: polls_of(database) >= 1)
        web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
        assert until(lambda: len(failures) >= 5)
        assert len(set(failures)) == 1, "no tick between one failing round and the next"
        before = len(ticks)
        fails[0] = False
        assert until(lambda: notifier.titles == ["Tariff"])
        assert until(lambda: len(ticks) > before)


def test_a_service_that_cannot_record_shows_no_sign_of_life(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a full disk, or a database that somebody else keeps locked: nothing is sent, and that is seen."""
    ticks, failures, fails = [], [], [True]
    claim = SqlStore.claim

    def refused(self: SqlStore, *args: object, **keys: object) -> bool:
        if fails[0]:
            failures.append(len(ticks))
            raise StoreError("database or disk is full")
        return claim(self, *args, **keys)  # type: ignore[arg-type]

    monkeypatch.setattr(SqlStore, "claim", refused)
    web, notifier = FakeWeb({list_url(): page(Item("1", "old"))}), FakeNotifier()
    wanted = replace(plan(OFTEN), delivery=Delivering(every_seconds=0.05), tick=ticks.append)
    with Service(database, wanted, web, notifier):
        assert until(lambda: polls_of(database) >= 1)
        web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
        assert until(lambda: len(failures) >= 6)
        assert len(set(failures[2:])) == 1, "no tick from the second failing round on"
        fails[0] = False
        before = len(ticks)
        assert until(lambda: notifier.titles == ["Tariff"])
        assert until(lambda: len(ticks) > before)

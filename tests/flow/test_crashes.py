"""A crash at every step, one after another: nothing is lost, and little is repeated."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.model import Message, Outcome
from bot.pipeline import LEASE_MARGIN, collect, deliver
from bot.ports import World
from tests.fakes import SOURCE, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, world

GIVE_UP, TIMEOUT = timedelta(days=3), 5.0
TITLES = ["Tariff one", "Tariff two", "Tariff three"]


class Crash(BaseException):
    """The process dies: nothing may catch it."""


class Steps:
    """Counts the steps, and dies at the one it was told."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.count = fatal, 0

    def __call__(self, _point: str) -> None:
        self.count += 1
        if self.count == self.fatal:
            raise Crash


def lives(path: Path, web: FakeWeb, clock: FakeClock, notifier: FakeNotifier, step: Callable[[str], None]) -> None:
    """One life of the process: poll, then deliver."""
    database = Database.open(path)
    try:
        here: World = world(database, web=web, clock=clock, notifier=notifier, crash_point=step)
        assert collect(SOURCE, here).error == ""
        deliver(here, give_up=GIVE_UP, timeout=TIMEOUT)
    finally:
        database.close()


def crashed_at(step: int, folder: Path) -> tuple[FakeNotifier, list[str], bool]:
    """Crash at one step of a poll with news, live on without crashes: what was sent, what is stored, if it crashed."""
    path, clock, notifier = folder / f"{step}.db", FakeClock(), FakeNotifier()
    old = Item("1", "old")
    web = FakeWeb({list_url(): page(old)})
    lives(path, web, clock, notifier, lambda _: None)
    web.pages[list_url()] = page(*(Item(str(n), title) for n, title in enumerate(TITLES, start=2)), old)
    crashed = False
    try:
        lives(path, web, clock, notifier, Steps(step))
    except Crash:
        crashed = True
    for _ in range(2):
        clock.pass_(seconds=TIMEOUT + LEASE_MARGIN + 1)
        lives(path, web, clock, notifier, lambda _: None)
    database = Database.peek(path)
    stored = [record["title"] for record in Archive(database).releases(limit=99)]
    assert set(Archive(database).waiting()) == {"sent"}
    database.close()
    return notifier, stored, crashed


def test_a_crash_at_any_step_loses_nothing_and_repeats_at_most_one(tmp_path: Path) -> None:
    step, crashes = 1, 0
    while True:
        notifier, stored, crashed = crashed_at(step, tmp_path)
        if not crashed:
            break
        crashes += 1
        assert sorted(stored) == sorted(["old", *TITLES]), f"step {step}"
        assert set(notifier.titles) == set(TITLES), f"step {step}"
        assert len(notifier.titles) <= len(TITLES) + 1, f"step {step}"
        step += 1
    assert crashes >= 4 + 2 * len(TITLES), "every step of collecting and delivering was reached"


def test_a_repeat_carries_the_same_delivery_id(tmp_path: Path) -> None:
    """So that a channel with a key (mail by its Message-ID) can drop it."""
    for step in range(1, 50):
        notifier, _, crashed = crashed_at(step, tmp_path)
        if not crashed:
            break
        ids = {delivery for *_, delivery in notifier.sent}
        assert len(ids) == len(TITLES)


def test_saving_validators_before_the_releases_would_lose_them(tmp_path: Path) -> None:
    """The negative control: the planted bug (state committed apart, and first) must turn the crash test red."""
    path, clock, notifier = tmp_path / "a.db", FakeClock(), FakeNotifier()
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    lives(path, web, clock, notifier, lambda _: None)
    web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
    database = Database.open(path)
    here = world(database, web=web, clock=clock, notifier=notifier, crash_point=Steps(3))
    etag = f'"{hash(web.pages[list_url()])}"'
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE source_states SET etag = ?", (etag,))
    with pytest.raises(AssertionError):
        lives_on(here, database, path, web, clock, notifier)


def lives_on(
    here: World, database: Database, path: Path, web: FakeWeb, clock: FakeClock, notifier: FakeNotifier
) -> None:
    with pytest.raises(Crash):
        collect(SOURCE, _unconditional(here))
    database.close()
    for _ in range(2):
        clock.pass_(minutes=10)
        lives(path, web, clock, notifier, lambda _: None)
    assert notifier.titles == ["Tariff"]


def _unconditional(here: World) -> World:
    """The world whose fetcher forgets validators, as in the poll that had just saved them."""
    from dataclasses import replace

    class Fresh:
        def fetch(self, url: str, source: object, **_: object) -> object:
            return here.fetcher.fetch(url, source)  # type: ignore[arg-type]

    return replace(here, fetcher=Fresh())  # type: ignore[arg-type]


def test_a_notifier_with_a_bug_is_tried_like_any_failure_and_ends_as_a_dead_letter(tmp_path: Path) -> None:
    def broken(_channel: str, _recipient: str, _message: Message) -> Outcome:
        raise ZeroDivisionError("secret-canary")

    path, clock = tmp_path / "a.db", FakeClock()
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    lives(path, web, clock, FakeNotifier(), lambda _: None)
    web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
    for _ in range(30):
        lives(path, web, clock, FakeNotifier(answer=broken), lambda _: None)
        clock.pass_(hours=3)
    database = Database.peek(path)
    [record] = Archive(database).outbox(limit=9)
    database.close()
    assert (record["state"], record["why"]) == ("dead", "a bug, see the log: ZeroDivisionError")
    assert 5 < record["attempts"] < 30

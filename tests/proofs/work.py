"""Real work on a real database: releases are stored and promised, promises are kept; what was acknowledged is noted."""

import random
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from bot.adapters.database import Database, SqlStore
from bot.courier import Courier, arrange_all
from bot.errors import StoreError
from bot.model import Arrangement, Delivery, Ending
from bot.pipeline import Effort, collect, deliver
from tests.fakes import SOURCE, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, world

Acknowledge = Callable[[str, str], None]
"""Takes what was promised to last (`stored`, `arranged`, `claimed` or `sent`), and of what: a title, or a delivery."""
OLD = Item("9999", "An old notice")
"""Listed before anybody looks, so that nobody is told of it."""
LISTED = 25
"""The latest releases, which the list shows."""
EFFORT = Effort(give_up=timedelta(days=3), timeout=5)


@cache
def words(number: int, many: int) -> str:
    """Words that no other number has, so that no release is taken for a repeat of another."""
    dice = random.Random(f"words {number}")  # noqa: S311 (dice, no secret)
    return " ".join("".join(dice.choice("abdeiklmnoprstuz") for _ in range(7)) for _ in range(many))


def title(number: int) -> str:
    """Of the release of that number."""
    return f"Tariff on {words(number, 3)}"


def item(number: int) -> Item:
    """The release of that number; the texts are of all lengths."""
    return Item(str(number), title(number), f"The ministry said: {words(-number, 20 + number % 7 * 150)}.")


class TellingStore(SqlStore):
    """The store, which says what it has acknowledged."""

    def __init__(self, database: Database, acknowledge: Acknowledge) -> None:
        super().__init__(database)
        self._acknowledge = acknowledge

    def arrange(self, arrangements: Iterable[Arrangement], now: datetime) -> None:
        made = list(arrangements)
        super().arrange(made, now)
        for one in made:
            for delivery in (*one.ready, *(member for digest in one.digests for member in digest.members)):
                self._acknowledge("arranged", delivery)

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        claimed = super().claim(delivery, now, lease=lease)
        if claimed:
            self._acknowledge("claimed", delivery.id)
        return claimed

    def settle(self, delivery: Delivery, ending: Ending, now: datetime) -> None:
        super().settle(delivery, ending, now)
        if ending.state == "sent":
            self._acknowledge("sent", delivery.id)


class Worker:
    """Stores one release after another and sends what was promised, as long as the database lets it."""

    def __init__(self, database: Database, acknowledge: Acknowledge, *, recipients: tuple[str, ...] = ("",)) -> None:
        self.clock, self.web, self.notifier = FakeClock(), FakeWeb(etags=False), FakeNotifier()
        self.store = TellingStore(database, acknowledge)
        here = world(database, clock=self.clock, web=self.web, notifier=self.notifier, channels={"me": recipients})
        self.world = replace(here, store=self.store)
        self._items: list[Item] = []
        self._acknowledge = acknowledge

    def look(self) -> None:
        """Store what is listed so far. Raises StoreError."""
        listed = self._items[-LISTED:]
        self.web.pages[list_url()] = page(*reversed(listed), OLD)
        poll = collect(SOURCE, self.world)
        assert (poll.error, poll.folded) == ("", 0)
        for one in listed:
            self._acknowledge("stored", one.title)

    def publish(self, many: int = 1) -> None:
        """More releases are listed, stored and promised. Raises StoreError."""
        first = len(self._items)
        self._items += [item(number) for number in range(first, first + many)]
        self.look()

    def send(self) -> bool:
        """Arrange what waits, and keep the first promise that is due; False if none is. Raises StoreError."""
        self.clock.pass_(seconds=1)
        arrange_all(self.world)
        due = self.store.due(self.clock.now(), limit=1)[:1]
        for delivery in due:
            assert deliver(delivery, self.world, EFFORT)
        return bool(due)

    def send_all(self, *, tries: int = 5) -> None:
        """Let the real courier send all that is due, all recipients at once, and try again where the disk failed."""
        courier = Courier(lambda: self.world, EFFORT)
        for _ in range(tries):
            self.clock.pass_(seconds=1)
            with suppress(StoreError):
                courier.drain()
        courier.close()

    @property
    def told(self) -> list[tuple[str, str]]:
        """Recipient and title of all that was sent."""
        return [
            (recipient, one.title)
            for _, recipient, message, _ in self.notifier.sent
            for one in message.entries or (message,)
        ]


def life(path: Path, acknowledge: Acknowledge, *, releases: int, burst: int = 0) -> str:
    """Open, store and send so many releases, then some at once, close; what went wrong, or nothing."""
    try:
        with closing(Database.open(path)) as database:
            worker = Worker(database, acknowledge)
            worker.look()
            for many in (*[1] * releases, burst):
                worker.publish(many)
                while worker.send():
                    pass
    except StoreError as error:
        return str(error)
    return ""


def held(path: Path) -> set[tuple[str, str]]:
    """What the file holds, in the words of the acknowledgements, read by the sqlite3 of Python."""
    rows = _rows(path, "SELECT id, state, digest, attempts FROM outbox")
    found = {("stored", row[0]) for row in _rows(path, "SELECT title FROM releases")}
    found |= {("arranged", row[0]) for row in rows if row[1] != "held" or row[2]}
    found |= {("claimed", row[0]) for row in rows if row[3]}
    return found | {("sent", row[0]) for row in rows if row[1] == "sent"}


def told(path: Path) -> set[tuple[str, str]]:
    """Recipient and title of all that the file holds as sent."""
    query = "SELECT recipient, title FROM outbox JOIN releases ON releases.id = release WHERE state = 'sent'"
    return {(row[0], row[1]) for row in _rows(path, query)}


def unpromised(path: Path) -> set[str]:
    """Titles of stored releases with the word that the rule asks for, of which nobody was promised to be told."""
    query = (
        "SELECT title FROM releases WHERE title LIKE 'Tariff%'"
        " AND id NOT IN (SELECT release FROM outbox WHERE release IS NOT NULL)"
    )
    return {row[0] for row in _rows(path, query)}


def _rows(path: Path, query: str) -> list[tuple[str, ...]]:
    """What the query finds; nothing if the file has no tables yet."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone()
        return connection.execute(query).fetchall() if made else []

"""A bot that can die at any step, and receivers that answer by a script and remember all that they were handed."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.adapters.database import Database, SqlStore
from bot.core.timing import Timing
from bot.courier import Courier
from bot.errors import StoreError
from bot.model import Letter, Message, Outcome, Rendered, Sending, Target
from bot.pipeline import Effort
from bot.ports import World
from tests.fakes import FakeClock, FakeWeb, rule, world

EFFORT = Effort(give_up=timedelta(hours=72), timeout=5)
RULES = (rule(to=("chat", "hold")), rule("alarm", any=["alarm"], to=("mail", "hold"), urgent=True))
CHANNELS = {"chat": ("",), "hold": ("",), "mail": ("ann", "bob"), "ops": ("",)}
"""`hold` wants nothing repeated that may have arrived, `mail` knows repeats."""
TARGETS = [Target(channel, one) for channel, names in CHANNELS.items() for one in names if channel != "ops"]


class Crash(BaseException):
    """The process dies: nothing may catch it."""


class MovableClock(FakeClock):
    """The time can be set; the monotonic clock goes on as if nothing had happened."""

    moved = timedelta(0)

    def monotonic(self) -> float:
        return (self.at - self.moved).timestamp()

    def step(self, by: timedelta) -> None:
        self.at += by
        self.moved += by


class Answer(StrEnum):
    """How a receiver takes a letter."""

    SENT = "sent"
    SLOW = "sent, after half an hour"
    BUSY = "retry"
    LATER = "retry, in ten minutes"
    REFUSED = "refused"
    UNKNOWN = "ambiguous, arrived"
    LOST = "ambiguous, lost"
    BUG = "an exception"
    DIES_BEFORE = "the process dies before it arrives"
    DIES_AFTER = "the process dies when it has arrived"


SLOWLY = timedelta(minutes=30)
ARRIVES = {Answer.SENT, Answer.SLOW, Answer.UNKNOWN, Answer.DIES_AFTER}
OUTCOMES = {
    Answer.SENT: Outcome(result=Sending.SENT),
    Answer.SLOW: Outcome(result=Sending.SENT),
    Answer.BUSY: Outcome(result=Sending.RETRY, why="busy"),
    Answer.LATER: Outcome(result=Sending.RETRY, why="busy", retry_after=timedelta(minutes=10)),
    Answer.REFUSED: Outcome(result=Sending.REFUSED, why="no such mailbox"),
    Answer.UNKNOWN: Outcome(result=Sending.AMBIGUOUS, why="no answer"),
    Answer.LOST: Outcome(result=Sending.AMBIGUOUS, why="no answer"),
}


@dataclass(frozen=True)
class Try:
    """A letter as a receiver saw it."""

    at: datetime
    passed: float
    """By the monotonic clock."""
    target: Target
    letter: Letter
    answer: Answer

    @property
    def arrived(self) -> bool:
        return self.answer in ARRIVES

    @property
    def is_marked(self) -> bool:
        return self.letter.rendered.text.endswith("repeat")

    @property
    def told(self) -> list[tuple[Target, str]]:
        """The alerts that it holds: for whom, of what."""
        message = self.letter.message
        return [(self.target, one.title) for one in message.entries or (message,)]


@dataclass
class Receivers:
    """The notifier, and everybody behind it."""

    clock: MovableClock
    fits: int
    script: list[Answer] = field(default_factory=list)
    """The next answers; then all goes well."""
    tries: list[Try] = field(default_factory=list)

    def room(self, channel: str) -> int:
        return self.fits

    def knows_repeats(self, channel: str) -> bool:
        return channel == "mail"

    def write(self, channel: str, message: Message, *, may_repeat: bool = False) -> Rendered:
        return Rendered(subject=message.title, text="may be a repeat" if may_repeat else "")

    def send(self, channel: str, recipient: str, letter: Letter) -> Outcome:
        answer = self.script.pop(0) if self.script else Answer.SENT
        if answer is Answer.SLOW:
            self.clock.at += SLOWLY
        made = Try(self.clock.at, self.clock.monotonic(), Target(channel, recipient), letter, answer)
        self.tries.append(made)
        if answer in {Answer.DIES_BEFORE, Answer.DIES_AFTER}:
            raise Crash
        if answer is Answer.BUG:
            raise ZeroDivisionError
        return OUTCOMES[answer]


class Disk(Database):
    """A database whose disk is full for a while: some writes go well, then some fail."""

    good, bad = 0, 0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        if self.good:
            self.good -= 1
        elif self.bad:
            self.bad -= 1
            raise StoreError("database or disk is full")
        with super().writing() as connection:
            yield connection


class Inline(Executor):
    """Does work at once, in its order, so that a run can be played again; whoever dies, dies at once."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **keys: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **keys))
        except Exception as error:  # noqa: BLE001 (as a thread does)
            done.set_exception(error)
        return done


@dataclass(frozen=True)
class Row:
    """A row of the outbox, as the sqlite3 of Python reads it."""

    number: int
    id: str
    target: Target
    rule: str
    story: str
    source: str
    reason: str
    title: str
    urgent: bool
    state: str
    held: str
    digest: str
    next_at: datetime | None
    ended: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in {"sent", "dead", "ambiguous"}

    @property
    def is_leaving(self) -> bool:
        return self.state in {"pending", "sending"}


@dataclass(frozen=True)
class Line:
    """A line of the ledger."""

    number: int
    at: str
    event: str
    delivery: str
    reason: str
    target: Target


class Bot:
    """The part of the service that keeps promises, on a database file that outlives it."""

    def __init__(self, first: Path, store_type: type[SqlStore], room: int, timings: dict[str, Timing]) -> None:
        self.path, self._store_type, self.timings = first.with_name("bot.db"), store_type, timings
        for name in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + name).unlink(missing_ok=True)
        shutil.copyfile(first, self.path)
        self.clock, self.web = MovableClock(), FakeWeb(etags=False)
        self.receivers = Receivers(self.clock, room)
        self.fatal = 0
        """The step at which the process dies; 0 for none."""
        self.start()

    def start(self) -> None:
        """A new process, as `open_app` begins it."""
        self.disk = Disk.open(self.path)
        self._eye = sqlite3.connect(self.path)
        self._eye.row_factory = sqlite3.Row
        self.store = self._store_type(self.disk, crash_point=self._step)
        self.store.recover(self.clock.now(), patience=EFFORT.give_up - timedelta(hours=1))
        self.store.reconsider(self.clock.now())
        here = world(self.disk, *RULES, clock=self.clock, web=self.web, channels=CHANNELS, operator="ops")
        self.world: World = replace(
            here, store=self.store, notifier=self.receivers, timings=self.timings, holding=frozenset({"hold"})
        )
        self.courier = Courier(lambda: self.world, EFFORT)
        self.courier._pool = Inline()  # type: ignore[assignment]

    def _step(self, _point: str) -> None:
        self.fatal -= 1
        if self.fatal == 0:
            raise Crash

    def end(self) -> None:
        """The process is gone."""
        self._eye.close()
        self.disk.close()
        self.fatal = 0

    @contextmanager
    def troubled(self, answers: list[Answer], good: int, bad: int) -> Iterator[None]:
        """While this lasts, receivers answer so, and of the next writes `good` go well and then `bad` do not."""
        self.receivers.script, self.disk.good, self.disk.bad = [*answers], good if bad else 0, bad
        try:
            yield
        finally:
            self.receivers.script, self.disk.good, self.disk.bad = [], 0, 0

    def drain(self) -> None:
        """Send until nothing more is due; what cannot be stored is tried again at once."""
        while True:
            try:
                self.courier.drain()
            except StoreError:
                continue
            return

    def is_left_alone(self, target: Target) -> bool:
        """True while the courier lets a target that does not work be."""
        breaker = self.courier._breakers.get(target)
        return breaker is not None and breaker.until > self.clock.monotonic()

    def rows(self) -> dict[str, Row]:
        """The outbox."""
        query = "SELECT *, json_extract(message, '$.title') title FROM outbox ORDER BY number"
        return {row["id"]: _row(row) for row in self._read(query)}

    def lines(self) -> list[Line]:
        """The ledger."""
        found = self._read("SELECT * FROM ledger ORDER BY number")
        names = ("number", "at", "event", "delivery", "reason")
        return [Line(*(one[name] for name in names), Target(one["channel"], one["recipient"])) for one in found]

    def stored(self) -> set[str]:
        """Titles of the releases that are kept."""
        return {row["title"] for row in self._read("SELECT title FROM releases")}

    def _read(self, query: str) -> list[sqlite3.Row]:
        return self._eye.execute(query).fetchall()


def _row(row: sqlite3.Row) -> Row:
    return Row(
        target=Target(row["channel"], row["recipient"]),
        urgent=bool(row["urgent"]),
        digest=row["digest"] or "",
        story=row["story"] or "",
        next_at=_time(row["next_at"]),
        ended=_time(row["ended"]),
        **{name: row[name] for name in ("number", "id", "rule", "source", "reason", "title", "state", "held")},
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

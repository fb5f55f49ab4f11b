"""Another process holds the database for longer than we wait: an error that loses nothing, and then it goes on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer

import pytest

from bot.adapters.database import Database
from bot.errors import StoreError
from tests.fakes import promised_in
from tests.proofs.fakedisk import pragmas
from tests.proofs.powercut import damage
from tests.proofs.work import Worker, held, title

PATIENCE_MS = 100
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


@contextmanager
def held_by_another(path: Path, *, seconds: float | None = None) -> Iterator[None]:
    """Another process is inside a write transaction, until the end or for so many seconds."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        def release() -> None:
            assert holder.stdin is not None
            holder.stdin.close()

        timer = Timer(seconds or 0, release)
        if seconds is not None:
            timer.start()
        try:
            yield
        finally:
            timer.cancel()
            release()
            assert holder.wait(timeout=10) == 0


@pytest.fixture
def said() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def worker(tmp_path: Path, said: list[tuple[str, str]]) -> Iterator[Worker]:
    """A worker with one release stored, whose database waits only shortly."""
    with pragmas(busy_timeout=PATIENCE_MS), closing(Database.open(tmp_path / "a.db")) as database:
        made = Worker(database, lambda *what: said.append(what))
        made.look()
        made.publish()
        yield made


def test_a_lock_that_stays_is_a_store_error_that_loses_nothing(
    worker: Worker, tmp_path: Path, said: list[tuple[str, str]]
) -> None:
    path = tmp_path / "a.db"
    [first] = promised_in(worker.world)
    with held_by_another(path):
        with pytest.raises(StoreError, match="locked"):
            worker.publish()
        with pytest.raises(StoreError, match="locked"):
            worker.send()
        assert worker.store.due(worker.clock.now(), limit=9) == [], "reading goes on"
        assert not {("stored", title(1)), ("arranged", first.id)} & held(path)
    worker.publish()
    worker.send_all()
    assert sorted(worker.notifier.titles) == sorted(map(title, range(3)))
    assert set(said) <= held(path)
    assert damage(path) == ""


def test_a_lock_keeps_the_courier_from_sending_what_it_cannot_record(worker: Worker, tmp_path: Path) -> None:
    with held_by_another(tmp_path / "a.db"):
        worker.send_all(tries=2)
        assert worker.notifier.sent == []
    worker.send_all()
    assert worker.notifier.titles == [title(0)]


def test_a_lock_that_ends_in_time_is_waited_for(tmp_path: Path) -> None:
    """The control: what is found above is the end of our patience, and not a lock by itself."""
    with closing(Database.open(tmp_path / "a.db")) as database:
        worker = Worker(database, lambda *_: None)
        worker.look()
        with held_by_another(tmp_path / "a.db", seconds=PATIENCE_MS / 1000 * 3):
            worker.publish()
    assert ("stored", title(0)) in held(tmp_path / "a.db")

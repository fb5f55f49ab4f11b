"""A full disk, in episodes: nothing is sent that cannot be recorded, nothing is lost, and it goes on when there is room.

Needs a small file system of its own, and so root; skipped where that cannot be had.
"""

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.adapters.database.ballast import Ballast
from bot.courier import Courier, arrange_all
from bot.errors import StoreError
from bot.model import Outcome, Sending
from bot.pipeline import Unsettled
from tests.proofs.fakedisk import pragmas
from tests.proofs.powercut import damage
from tests.proofs.work import EFFORT, Worker, held, title, told, unpromised

FULL = os.environ.get("TOCSIN_PROOF") == "full"
EPISODES, ROOM = (50, "24m") if FULL else (10, "8m")
PAGE = 4096
PEOPLE = ("a@example.org", "b@example.org", "c@example.org")
OFTEN, NEVER = 60, 0
"""Pages after which SQLite moves the log into the file: so that both run into the end of the disk, or so that the log
only grows, and the first write to a full disk fails."""


class Disk:
    """A file system that can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no room."""
        with self._filler.open("ab") as file:
            size = self.room()
            for _ in range(100):
                try:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
                except OSError:  # somebody else was faster
                    size = max(PAGE, size // 2)
                if not self.room():
                    return
        raise AssertionError("the disk cannot be filled")

    def room(self) -> int:
        """Bytes that are free."""
        return shutil.disk_usage(self.folder).free

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if not made or made.returncode:
        why = made.stderr.strip() if made else "there is no mount"
        pytest.skip(f"NOT PROVEN HERE: a full disk needs a small file system of its own, and so root ({why})")
    try:
        yield Disk(folder)
    finally:
        if subprocess.run(["umount", folder], check=False).returncode:
            subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def said() -> set[tuple[str, str]]:
    return set()


@contextmanager
def at_work(
    disk: Disk, said: set[tuple[str, str]], *, checkpoint: int, recipients: tuple[str, ...] = ("",)
) -> Iterator[Worker]:
    """A worker on the disk, for as long as its process lives; the log is moved into the file after so many pages."""
    with pragmas(wal_autocheckpoint=checkpoint), closing(Database.open(disk.folder / "a.db")) as database:
        worker = Worker(database, lambda *what: said.add(what), recipients=recipients)
        worker.look()
        yield worker


def publish_until_full(worker: Worker) -> None:
    """Store release after release until that fails: the log may have some room of its own."""
    wrong, tries = "", 0
    while not wrong and tries < 200:
        tries += 1
        try:
            worker.publish()
        except StoreError as error:
            wrong = str(error)
    assert "full" in wrong


def test_a_full_disk_is_a_store_error_and_loses_nothing(disk: Disk, said: set[tuple[str, str]]) -> None:
    path = disk.folder / "a.db"
    with at_work(disk, said, checkpoint=OFTEN) as worker:
        for episode in range(1, EPISODES + 1):
            disk.fill()
            publish_until_full(worker)
            assert said <= held(path), "what was acknowledged can be read while the disk is full"
            disk.free()
            assert damage(path) == ""
            if episode % 3:  # else the log keeps what room it has, and takes some more commits on the full disk
                shorten_log(path)
            worker.publish(0)  # the list is looked at again: what could not be stored is still on it
            worker.send_all()
            assert len(worker.notifier.titles) >= episode
    sent = Counter(worker.notifier.titles)
    assert set(sent.values()) == {1}
    assert set(sent) == {what for kind, what in said if kind == "stored"}
    assert said <= held(path)
    assert not unpromised(path)


def shorten_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class FillsWhileSending:
    """An answer of the channel after which the disk is full."""

    def __init__(self, disk: Disk) -> None:
        self.disk, self.armed = disk, False

    def __call__(self, *_: object) -> Outcome:
        if self.armed:
            self.armed = False
            self.disk.fill()
        return Outcome(result=Sending.SENT)


def test_what_was_sent_as_the_disk_filled_is_recorded_once_there_is_room(disk: Disk) -> None:
    """The courier keeps it in mind, sends nothing more meanwhile, and repeats nothing afterwards."""
    with at_work(disk, set(), checkpoint=NEVER, recipients=PEOPLE) as worker:
        worker.notifier.answer = fills = FillsWhileSending(disk)
        courier = Courier(lambda: worker.world, EFFORT)
        for episode in range(1, 4):
            worker.publish(3)
            fills.armed = True
            go_round(courier)
            sent = len(worker.told)
            assert sent < 9 * episode
            go_round(courier)
            assert len(worker.told) == sent, "nothing is sent that cannot be recorded"
            disk.free()
            go_round(courier)
        courier.close()
    everything = [(one, title(number)) for one in PEOPLE for number in range(9)]
    assert sorted(worker.told) == sorted(everything)
    assert told(disk.folder / "a.db") == set(everything)


def go_round(courier: Courier) -> None:
    """Two rounds: in the first, what could not be recorded is."""
    for _ in range(2):
        with suppress(StoreError):
            wait(courier.round())


@pytest.mark.parametrize("has_ballast", [True, False], ids=["with ballast", "without"])
def test_the_ballast_makes_room_for_the_last_mark(disk: Disk, has_ballast: bool) -> None:
    """A letter is sent, the disk is full, the process dies. Without the ballast (the control) the next one repeats."""
    path = disk.folder / "a.db"
    with at_work(disk, set(), checkpoint=NEVER) as worker:
        assert not has_ballast or ballast_of(path).keep()
        worker.notifier.answer = fills = FillsWhileSending(disk)
        worker.publish()
        arrange_all(worker.world)
        fills.armed = True
        with nullcontext() if has_ballast else pytest.raises(Unsettled):
            worker.send()
        assert worker.notifier.titles == [title(0)]
    disk.free()
    assert damage(path) == ""
    with at_work(disk, set(), checkpoint=NEVER) as worker:
        worker.store.recover(worker.clock.now())
        worker.send_all()
        assert worker.notifier.titles == ([] if has_ballast else [title(0)])
    assert told(path) == {("", title(0))}


def ballast_of(path: Path) -> Ballast:
    """The ballast that belongs to a database."""
    with closing(Database(path)) as database:
        return database.ballast


def test_the_ballast_comes_back_when_there_is_room(disk: Disk) -> None:
    ballast = ballast_of(disk.folder / "a.db")
    assert ballast.keep()
    disk.fill()
    assert ballast.give_up()
    assert disk.room() > 500_000, "its bytes were real"
    assert not ballast.keep(), "what little there is stays free"
    disk.free()
    assert ballast.keep()

"""The disk fails at its N-th operation, for N = 1, 2, 3 … until a run goes through: SQLite's own way to test itself."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.courier import Courier, arrange_all
from bot.errors import StoreError
from tests.proofs.fakedisk import Disk, mounted
from tests.proofs.powercut import damage
from tests.proofs.work import EFFORT, Acknowledge, Worker, held, life, title, told, unpromised

FULL = os.environ.get("TOCSIN_PROOF") == "full"
PEOPLE = ("a@example.org", "b@example.org", "c@example.org")
BEFORE, RELEASES = 2, 4
"""Releases that the database holds before the disk fails, and afterwards."""


@dataclass
class Run:
    """A run on a disk that fails at one operation."""

    path: Path
    disk: Disk
    wrong: str = ""
    said: set[tuple[str, str]] = field(default_factory=set)


Job = Callable[[Path, Acknowledge], str]
"""Works on the file, tells what is acknowledged, and returns what went wrong."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a few releases, to be copied."""
    path = tmp_path_factory.mktemp("made") / "a.db"
    assert life(path, lambda *_: None, releases=BEFORE) == ""
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which only the first look was stored."""
    path = tmp_path_factory.mktemp("empty") / "a.db"
    assert life(path, lambda *_: None, releases=0) == ""
    return path


def runs(job: Job, folder: Path, *, made: Path | None, step: int, for_good: bool = False) -> Iterator[Run]:
    """A run for each operation that may fail (or each `step`-th), until one sees no failure."""
    for fatal in count(1, 1 if FULL else step):
        run = Run(folder / str(fatal) / "a.db", Disk(fatal=fatal, for_good=for_good))
        run.path.parent.mkdir()
        if made:
            shutil.copyfile(made, run.path)
        with mounted(run.disk):
            run.wrong = job(run.path, lambda *what, run=run: run.said.add(what))
        yield run
        if not run.disk.failures:
            return


def opened(path: Path) -> Database:
    """The database, opened again if the disk failed at the first time."""
    with suppress(StoreError):
        return Database.open(path)
    return Database.open(path)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_a_failing_operation_is_a_store_error_and_loses_nothing(made: Path, tmp_path: Path, for_good: bool) -> None:
    raised = silent = 0

    def job(path: Path, acknowledge: Acknowledge) -> str:
        return life(path, acknowledge, releases=RELEASES)

    for run in runs(job, tmp_path, made=made, step=13 if for_good else 7, for_good=for_good):
        raised, silent = raised + bool(run.wrong), silent + (not run.wrong and bool(run.disk.failures))
        assert damage(run.path) == "", run.wrong
        assert run.said <= held(run.path), run.wrong
        assert not unpromised(run.path)
        if not run.wrong:  # nothing failed, or only the tidying when the file was closed
            assert told(run.path) == {("", title(number)) for number in range(RELEASES)}
    print(f"raised={raised} silent={silent}")
    assert raised > 10
    assert raised > 2 * silent


def test_who_acknowledges_too_early_is_seen(empty: Path, tmp_path: Path) -> None:
    """The negative control: what is said before it is committed is missing after some of the failures."""

    def job(path: Path, acknowledge: Acknowledge) -> str:
        acknowledge("stored", title(0))
        return life(path, acknowledge, releases=1)

    lost = [run.wrong for run in runs(job, tmp_path, made=empty, step=7) if not run.said <= held(run.path)]
    print(f"lost={len(lost)}")
    assert lost
    assert all(lost)


def test_a_database_is_made_whole_or_can_be_made_anew(tmp_path: Path) -> None:
    failed = 0
    for run in runs(lambda path, say: life(path, say, releases=0), tmp_path, made=None, step=10, for_good=True):
        failed += bool(run.disk.failures)
        assert damage(run.path) == "", run.wrong
        if run.wrong:
            assert life(run.path, lambda *_: None, releases=1) == "", f"after {run.wrong}"
    print(f"failed={failed}")
    assert failed > 10


def test_after_a_failure_the_same_process_goes_on_and_repeats_nothing(empty: Path, tmp_path: Path) -> None:
    """What was sent and could not be recorded is kept in mind until it can be."""
    heard: list[tuple[str, str]] = []

    def job(path: Path, acknowledge: Acknowledge) -> str:
        with closing(opened(path)) as database:
            worker = Worker(database, acknowledge, recipients=PEOPLE)
            for many in (0, 1, 2, 0, 0):  # the list is looked at again, and what could not be stored is found
                with suppress(StoreError):
                    worker.publish(many)
                worker.send_all()
        heard[:] = worker.told
        return ""

    failed = 0
    expected = {(one, title(number)) for one in PEOPLE for number in range(3)}
    for run in runs(job, tmp_path, made=empty, step=9):
        failed += bool(run.disk.failures)
        assert sorted(heard) == sorted(expected)
        assert damage(run.path) == ""
        assert told(run.path) == expected
        assert run.said <= held(run.path)
    print(f"failed={failed}")
    assert failed > 15


def test_a_disk_that_fails_for_good_ends_the_courier(made: Path, tmp_path: Path) -> None:
    """`tocsin once` must not try for ever."""
    path, disk = tmp_path / "a.db", Disk()
    shutil.copyfile(made, path)
    looks = count()
    with mounted(disk), closing(Database.open(path)) as database:
        worker = Worker(database, lambda *_: None)
        worker.publish(RELEASES)
        arrange_all(worker.world)
        disk.fail_for_good()
        courier = Courier(lambda: worker.world, EFFORT, stopping=lambda: next(looks) > 100)
        with suppress(StoreError):
            courier.drain()
        courier.close()
    assert worker.notifier.sent == []
    assert next(looks) < 50, "it went on trying"

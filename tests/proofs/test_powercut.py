"""A power cut at any operation: the file stays whole, and what was acknowledged is in it."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters.database import Database
from tests.proofs.fakedisk import Disk, Operation, mounted, pragmas
from tests.proofs.powercut import cuts, damage, restore, spread
from tests.proofs.work import Worker, held, title, told, unpromised

FULL = os.environ.get("TOCSIN_PROOF") == "full"
CUTS = 720 if FULL else 120
SEED = 5
ONE_BY_ONE, AT_ONCE = 6, 12
"""Releases that come one after another, and then all at once: these are told in one digest."""
PEOPLE = ("a@example.org", "b@example.org")
RELEASES = ONE_BY_ONE + AT_ONCE
REOPENED = 9
"""Of this many cuts one is followed by a new life of our own code, which takes longer."""
OFTEN = 60
"""Pages after which SQLite moves the log into the file, so that a short run sees it several times."""


@dataclass
class Run:
    """A run without a cut: what was done, and what was acknowledged after how many operations."""

    operations: list[Operation]
    acknowledged: list[tuple[int, tuple[str, ...]]]

    def by(self, place: int) -> set[tuple[str, ...]]:
        return {what for when, what in self.acknowledged if when <= place}


@dataclass
class Tally:
    """What many cuts did."""

    cuts: int = 0
    corrupt: int = 0
    losing: int = 0
    """Cuts after which something acknowledged was not there."""
    lost: int = 0


def record(work: Callable[[Worker], None], path: Path, *, synchronous: str = "FULL") -> Run:
    """What the work does to a disk on which there is nothing yet."""
    disk = Disk()
    run = Run(disk.operations, [])

    def acknowledge(*what: str) -> None:
        run.acknowledged.append((len(disk.operations), what))

    with (
        mounted(disk),
        pragmas(synchronous=synchronous, wal_autocheckpoint=OFTEN),
        closing(Database.open(path)) as database,
    ):
        work(Worker(database, acknowledge, recipients=PEOPLE))
    return run


def one_by_one(worker: Worker) -> None:
    """Each promise by itself, all in one thread: the same run every time."""
    worker.look()
    for many in (*[1] * ONE_BY_ONE, AT_ONCE):
        worker.publish(many)
        while worker.send():
            pass


def all_at_once(worker: Worker) -> None:
    """As the service does it: the recipients each in a thread, whose writes go to the disk together."""
    worker.look()
    for many in (*[1] * ONE_BY_ONE, AT_ONCE):
        worker.publish(many)
        worker.send_all(tries=1)


def cut_and_count(run: Run, operations: list[Operation], folder: Path, *, most: int) -> Tally:
    """Cut the power at many operations, and look at what is left."""
    tally = Tally()
    for place, files in cuts(operations, spread(len(operations), most), SEED):
        here = folder / f"cut-{place}"
        restore(files, here)
        tally.cuts += 1
        if damage(here / "a.db"):
            tally.corrupt += 1
            continue
        lost = run.by(place) - held(here / "a.db")
        tally.losing += bool(lost)
        tally.lost += len(lost)
        assert not unpromised(here / "a.db"), f"cut at {place}: stored, but nobody was promised to be told"
        if place % REOPENED == 0:
            goes_on(here / "a.db")
    return tally


def goes_on(path: Path) -> None:
    """What a power cut left is opened, and everything that was published is sent, nothing of it again."""
    with closing(Database.open(path)) as database:
        database.check()
        worker = Worker(database, lambda *_: None, recipients=PEOPLE)
        expected = {(one, title(number)) for one in PEOPLE for number in range(RELEASES)} - told(path)
        worker.look()  # the first look tells nobody, if the cut was before it
        worker.publish(RELEASES)
        worker.store.recover(worker.clock.now())
        worker.send_all(tries=1)
    assert sorted(worker.told) == sorted(expected)


@pytest.fixture(scope="module")
def durable(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return record(one_by_one, tmp_path_factory.mktemp("durable") / "a.db")


def test_a_power_cut_loses_nothing_that_was_acknowledged(durable: Run, tmp_path: Path) -> None:
    tally = cut_and_count(durable, durable.operations, tmp_path, most=CUTS)
    print(tally)
    assert tally.cuts >= CUTS
    assert (tally.corrupt, tally.losing) == (0, 0)


def test_it_loses_nothing_of_what_threads_have_written_together(tmp_path: Path) -> None:
    run = record(all_at_once, tmp_path / "a.db")
    tally = cut_and_count(run, run.operations, tmp_path, most=CUTS // 2)
    print(tally)
    assert (tally.corrupt, tally.losing) == (0, 0)


def test_the_run_sees_all_that_sqlite_does(durable: Run) -> None:
    """Else the cuts would prove little: the log is moved into the file several times, and begun anew."""
    done = [(one.kind, one.file) for one in durable.operations]
    assert done.count(("sync", "a.db")) >= 4
    assert done.count(("sync", "a.db-wal")) > 4 * ONE_BY_ONE
    begun = [one for one in durable.operations if one.file == "a.db-wal" and one.kind == "write" and one.at == 0]
    assert len(begun) >= 4
    kinds = Counter(what for _, (what, _) in durable.acknowledged)
    assert kinds["sent"] == kinds["claimed"] == len(PEOPLE) * (ONE_BY_ONE + 1), "the last came as one digest"
    assert kinds["arranged"] == len(PEOPLE) * RELEASES


def test_without_full_syncs_acknowledged_commits_are_lost(tmp_path: Path) -> None:
    """The negative control: what most programs set."""
    run = record(one_by_one, tmp_path / "a.db", synchronous="NORMAL")
    tally = cut_and_count(run, run.operations, tmp_path, most=CUTS // 2)
    print(tally)
    assert tally.losing > tally.cuts // 10
    assert tally.corrupt == 0


def test_a_disk_that_only_says_that_it_has_synced_is_seen(durable: Run, tmp_path: Path) -> None:
    """The negative control of the damage: a disk that lies leaves files that are no databases."""
    lied = [one if one.kind != "sync" else one._replace(kind="write", data=b"") for one in durable.operations]
    tally = cut_and_count(durable, lied, tmp_path, most=CUTS // 2)
    print(tally)
    assert tally.corrupt + tally.losing > tally.cuts // 2
    assert tally.corrupt > 0

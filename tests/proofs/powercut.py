"""Power cuts: what is left of files when unsynced writes are lost or torn, and whether it holds what was acknowledged.

The run is recorded once, and cut afterwards at any operation: up to there it cannot know of the cut.
A write is torn into sectors of 512 bytes, of which a seeded random part reaches the disk; so is a truncation, and the
creation and the deletion of a file that no sync followed. What was synced stays, and a sector is written or not
written: the disk is taken to be honest.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.proofs.fakedisk import Operation

SECTOR = 512
CHANCES = (0.0, 0.1, 0.5, 0.9, 1.0)
"""Of a sector to reach the disk: from a disk that keeps all back to one that keeps nothing back."""


@dataclass
class _Shadow:
    """A file: what is surely on the disk, and what may be."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)
    certain: bool = False
    """True if the file is there after a power cut: it has been synced once."""

    def take(self, operation: Operation) -> None:
        if operation.kind != "sync":
            self.pending.append(operation)
            return
        for one in self.pending:
            _apply(self.synced, one)
        self.pending, self.certain = [], True

    def torn(self, chance: float, dice: random.Random) -> bytes:
        """What a power cut leaves."""
        left = bytearray(self.synced)
        for operation in self.pending:
            for piece in _sectors(operation):
                if dice.random() < chance:
                    _apply(left, piece)
        return bytes(left)


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.kind == "truncate":
        del content[operation.at :]
        return
    content.extend(bytes(max(0, operation.at - len(content))))
    content[operation.at : operation.at + len(operation.data)] = operation.data


def _sectors(operation: Operation) -> Iterator[Operation]:
    """The pieces of a write that reach the disk or do not, each by itself."""
    if operation.kind == "truncate":
        yield operation
        return
    at, end = operation.at, operation.at + len(operation.data)
    while at < end:
        border = min(end, (at // SECTOR + 1) * SECTOR)
        yield Operation("write", operation.file, at, operation.data[at - operation.at : border - operation.at])
        at = border


class _Folder:
    """The files as the operations make them, the database's own first."""

    def __init__(self, main: str) -> None:
        self._main = main
        self.files: dict[str, _Shadow] = {}
        self.ghosts: dict[str, _Shadow] = {}
        """Deleted, but the folder was not synced: they may be there again."""

    def take(self, operation: Operation) -> None:
        if operation.kind == "delete":
            gone = self.files.pop(operation.file, None)
            if gone and not operation.at:
                self.ghosts[operation.file] = gone
            return
        if operation.file not in self.files:
            self.files[operation.file] = _Shadow()
            self.ghosts.pop(operation.file, None)
        if operation.kind == "sync" and not self.files[operation.file].certain and operation.file != self._main:
            self.ghosts.clear()  # SQLite's unix VFS syncs the folder at the first sync of a new log or journal
        if operation.kind != "create":
            self.files[operation.file].take(operation)

    def cut(self, dice: random.Random) -> dict[str, bytes]:
        """What a power cut leaves now."""
        chance = dice.choice(CHANCES)
        left = {}
        for name, shadow in (*self.files.items(), *self.ghosts.items()):
            there = name in self.files
            if (there and shadow.certain) or dice.random() < (chance if there else 1 - chance):
                left[name] = shadow.torn(chance, dice)
        return left


def cuts(operations: list[Operation], places: Iterable[int], seed: int) -> Iterator[tuple[int, dict[str, bytes]]]:
    """The files after a power cut at each of the places: so many operations had been begun."""
    folder, done = _Folder(operations[0].file), 0
    for place in sorted(set(places)):
        for operation in operations[done:place]:
            folder.take(operation)
        done = place
        yield place, folder.cut(random.Random(f"{seed} {place}"))  # noqa: S311 (dice, no secret)


def spread(many: int, most: int, *, first: int = 1) -> list[int]:
    """At most `most` places from `first` to `many`, evenly apart."""
    span = many - first + 1
    return sorted({first + step * span // most for step in range(most)} | {many})


def restore(files: dict[str, bytes], folder: Path) -> None:
    """Put the files into an empty folder."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def damage(path: Path) -> str:
    """What SQLite's own checks find wrong with the file, read by the sqlite3 of Python; empty if nothing."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'release_words'").fetchone():
                connection.execute("INSERT INTO release_words (release_words) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        return str(error)
    return "; ".join(found)

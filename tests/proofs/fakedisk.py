"""A disk of ours under SQLite: it remembers every write and every sync, and it fails when it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest
from sqlalchemy import create_engine

from bot.adapters.database import opening
from tests.proofs import apsw_dbapi

NAME = "fakedisk"


class Operation(NamedTuple):
    """Something that was done to a file."""

    kind: str
    """`create`, `write`, `truncate`, `sync` or `delete`."""
    file: str
    at: int = 0
    """Of a write where it begins, of a truncation the new size; of a deletion 1 if the folder was synced, too."""
    data: bytes = b""


class Disk:
    """What was done, and at which operation it fails: `fatal` counts from 1; with `for_good` all later ones fail, too."""

    def __init__(self, *, fatal: int = 0, for_good: bool = False) -> None:
        self.operations: list[Operation] = []
        self.failures = 0
        self._fatal, self._for_good = fatal, for_good

    def fail_for_good(self) -> None:
        """From the next operation on."""
        self._fatal, self._for_good = len(self.operations) + 1, True

    def note(self, operation: Operation) -> None:
        """Remember an operation before it is done, or fail it."""
        place = len(self.operations) + self.failures + 1
        if self._fatal and (place == self._fatal or (self._for_good and place > self._fatal)):
            self.failures += 1
            raise _failure(operation.kind)
        self.operations.append(operation)


def _failure(kind: str) -> apsw.IOError:
    """SQLITE_IOERR, as the operating system's EIO would become."""
    error = apsw.IOError(f"disk I/O error ({kind})")
    error.extendedresult = {
        "write": apsw.SQLITE_IOERR_WRITE,
        "sync": apsw.SQLITE_IOERR_FSYNC,
        "truncate": apsw.SQLITE_IOERR_TRUNCATE,
        "delete": apsw.SQLITE_IOERR_DELETE,
    }.get(kind, apsw.SQLITE_IOERR)
    return error


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__(NAME, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None:  # a temporary file of SQLite's own
            return super().xOpen(name, flags)
        if not Path(path).exists():
            self.disk.note(Operation("create", Path(path).name))
        return _File(self.disk, Path(path).name, name, flags)

    def xDelete(self, path: str, syncdir: bool) -> None:
        self.disk.note(Operation("delete", Path(path).name, int(syncdir)))
        super().xDelete(path, syncdir)


class _File(apsw.VFSFile):
    """Shared memory and locks are inherited: they live in memory, and are gone after a power cut."""

    def __init__(self, disk: Disk, name: str, path: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self.disk, self.name = disk, name
        super().__init__("", path, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.note(Operation("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self.disk.note(Operation("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        self.disk.note(Operation("sync", self.name))  # and no more: the disk below keeps its power


@contextmanager
def mounted(disk: Disk) -> Iterator[Disk]:
    """While this lasts, whatever the database package opens lies on the disk."""
    vfs = _Vfs(disk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "create_engine", partial(create_engine, module=apsw_dbapi))
        patch.setattr(apsw_dbapi, "VFS", NAME)
        try:
            yield disk
        finally:
            vfs.unregister()


@contextmanager
def pragmas(**changed: object) -> Iterator[None]:
    """While this lasts, the database package opens connections with other pragmas than in production."""
    usual = dict(one.split("=", 1) for one in opening._PRAGMAS)
    with pytest.MonkeyPatch.context() as patch:
        wanted = {**usual, **changed}
        patch.setattr(opening, "_PRAGMAS", tuple(f"{name}={value}" for name, value in wanted.items()))
        yield

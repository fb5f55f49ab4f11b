"""The DBAPI over apsw, as far as SQLAlchemy's sqlite dialect asks for it: so that our real code runs on a VFS of ours."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import apsw

paramstyle = "qmark"
sqlite_version = apsw.sqlite_lib_version()
sqlite_version_info = tuple(map(int, sqlite_version.split(".")))
VFS = ""
"""Name of the VFS of new connections; empty for SQLite's own. Set by `fakedisk.mounted`."""


class Error(Exception):
    pass


class DatabaseError(Error):
    pass


class OperationalError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


def connect(path: str, *, timeout: float = 5, **_: object) -> "Connection":
    made = _translated(lambda: apsw.Connection(path, vfs=VFS or None))
    made.set_busy_timeout(int(timeout * 1000))
    return Connection(made)


class Connection:
    """Like one of sqlite3 with `isolation_level = None`: nothing begins by itself."""

    isolation_level: str | None = None

    def __init__(self, made: apsw.Connection) -> None:
        self._made = made

    def cursor(self) -> "Cursor":
        return Cursor(self._made)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        return self.cursor().execute(statement, parameters)

    def create_function(
        self, name: str, arity: int, function: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        self._made.create_scalar_function(name, function, arity, deterministic=deterministic)

    def commit(self) -> None:
        if self._made.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._made.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        _translated(self._made.close)


class Cursor:
    """Runs a statement to its end at once, as `rowcount` and RETURNING want it."""

    arraysize = 1

    def __init__(self, made: apsw.Connection) -> None:
        self._made = made
        self._rows: Iterator[Any] = iter(())
        self.description: Any = None
        self.rowcount = -1

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        self._run(statement, [parameters])
        return self

    def executemany(self, statement: str, many: Iterable[Sequence[Any]]) -> "Cursor":
        self._run(statement, many)
        return self

    def _run(self, statement: str, many: Iterable[Sequence[Any]]) -> None:
        found: list[Any] = []
        self.description, self.rowcount = None, 0
        for parameters in many:
            before = self._made.total_changes()
            cursor = self._made.cursor()
            cursor.exec_trace = self._see
            found += _translated(lambda: cursor.execute(statement, tuple(parameters)).fetchall())  # noqa: B023
            self.rowcount += self._made.changes() if self._made.total_changes() > before else 0
        self._rows = iter(found)

    def _see(self, cursor: apsw.Cursor, _statement: str, _bindings: object) -> bool:
        self.description = tuple((name, *[None] * 6) for name, _ in cursor.get_description()) or None
        return True

    @property
    def lastrowid(self) -> int:
        return self._made.last_insert_rowid()

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [row for row, _ in zip(self._rows, range(size), strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())


def _translated(call: Callable[[], Any]) -> Any:
    """What the call gives; apsw's exceptions as those that SQLAlchemy knows."""
    try:
        return call()
    except apsw.ConstraintError as error:
        raise IntegrityError(str(error)) from error
    except apsw.Error as error:
        raise OperationalError(str(error)) from error

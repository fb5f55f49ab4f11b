"""Opening the database file: one process at a time, durable, at the schema of this version."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from bot.adapters.database.ballast import Ballast
from bot.errors import StoreError

HEAD = "0004"
"""The newest migration; a test holds it against migrations/versions."""

# FULL, since NORMAL loses acknowledged commits at a power cut; WAL, so that reading does not wait for writing.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-32000")


class Database:
    """An open database file."""

    def __init__(self, path: Path, *, lock: IO[str] | None = None) -> None:
        self.path = path
        self.ballast = Ballast(path.with_name(path.name + ".ballast"))
        self._lock = lock
        self._one_writer = Lock()  # a thread that waits for SQLite's own lock sleeps, also when it is free again
        self._engine = _engine(path)

    @classmethod
    def open(cls, path: Path, *, migrations: Path | None = None) -> "Database":
        """The database at `path` for the one process that writes; made or upgraded as needed.

        Raises StoreError if another process has it, or if it is no database, or newer than this version.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _take_lock(path)
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}") from None
        database = cls(path, lock=lock)
        try:
            _upgrade(database, migrations)
        except StoreError:
            database.close()
            raise
        return database

    @classmethod
    def peek(cls, path: Path) -> "Database":
        """The database at `path` for reading beside the process that writes; StoreError if there is none."""
        if not path.exists():
            raise StoreError(f"{path}: there is no database yet; `tocsin once` or `tocsin run` makes one")
        database = cls(path)
        found = database.revision()
        if found != HEAD:
            database.close()
            raise StoreError(f"{path}: schema {found or 'none'}, wanted {HEAD}; `tocsin once` upgrades it")
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database."""
        with _as_store_error(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection inside a transaction: kept whole at the end, or not at all."""
        engine = self._engine.execution_options(writes=True)
        with self._one_writer, _as_store_error(self.path), engine.begin() as connection:
            yield connection

    def revision(self) -> str | None:
        """The schema's revision, None for an empty file."""
        with self.reading() as connection:
            table = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
            if table.scalar() is None:
                return None
            found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return found

    def check(self) -> None:
        """Read the whole file; raises StoreError if it is damaged."""
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise StoreError(f"{self.path}: the database is damaged ({found}); restore a copy of it")

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own guess breaks DDL and locking
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another has written in between.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _as_store_error(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{path}: {error.orig}") from error


def _take_lock(path: Path) -> IO[str]:
    """The lock beside the database, held as long as the file is open; raises StoreError if another process has it."""
    lock = path.with_name(path.name + ".lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise StoreError(
            f"{path}: another Tocsin (process {owner}) is using this database; stop it first, or wait until it ends"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _upgrade(database: Database, migrations: Path | None) -> None:
    """Bring the schema up to date in one transaction, after a copy of an older file."""
    found = database.revision()
    if found == HEAD and migrations is None:
        return
    from bot.adapters.database import migrating  # alembic is heavy and mostly not needed

    if found is not None:
        migrating.refuse_newer(database.path, found, migrations)
        _back_up(database.path, found)
    with database.writing() as connection:
        migrating.upgrade(connection, migrations)


def _back_up(path: Path, revision: str) -> Path:
    """A whole copy beside the file, named by its schema; an earlier copy of that schema is replaced."""
    copy = path.with_name(f"{path.name}.before-{revision}.bak")
    copy.unlink(missing_ok=True)
    try:
        with sqlite3.connect(path) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        connection.close()
    except sqlite3.Error as error:
        raise StoreError(f"{copy}: the copy before the upgrade failed, nothing was changed: {error}") from None
    return copy

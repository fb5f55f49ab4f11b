"""Small writes of many threads in one transaction: each waits for the disk, but they wait for it together.

A write is answered only when it is committed, so nothing is promised less than by a transaction each; a disk that takes
4 ms to make a commit durable would else allow 125 deliveries a second, however many targets there are.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.adapters.database.opening import Database

T = TypeVar("T")


class _Write(Generic[T]):
    """One write, and how it ended."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work
        self.is_over = False
        self._found: T | None = None
        self._error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Do the work; a bug in it undoes this work only, trouble of the database all that are together."""
        try:
            connection.exec_driver_sql("SAVEPOINT work")
            self._found = self._work(connection)
        except DBAPIError:  # a full disk may have ended the whole transaction already
            raise
        except BaseException as error:  # noqa: BLE001 (it is raised where it belongs)
            self._error = error
            connection.exec_driver_sql("ROLLBACK TO work")
        connection.exec_driver_sql("RELEASE work")

    def fail(self, error: BaseException) -> None:
        """The commit failed."""
        self._error = self._error or error

    def result(self) -> T:
        """What the work returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._found  # type: ignore[return-value]  # no error: it is what the work returned


class Together:
    """Writes to one database: those that wait while one is committed, are the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: list[_Write[Any]] = []
        self._guard = Lock()
        self._turn = Lock()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction, perhaps together with that of others; what it returned, once it is durable."""
        mine = _Write(work)
        with self._guard:
            self._queue.append(mine)
        with self._turn:
            if not mine.is_over:
                self._commit(self._taken())
        return mine.result()

    def _taken(self) -> list[_Write[Any]]:
        with self._guard:
            taken, self._queue = self._queue, []
        return taken

    def _commit(self, writes: list[_Write[Any]]) -> None:
        try:
            with self._database.writing() as connection:
                for one in writes:
                    one.run(connection)
        except BaseException as error:  # noqa: BLE001 (nothing is stored: whatever it is, each must hear of it)
            for one in writes:
                one.fail(error)
        finally:
            for one in writes:
                one.is_over = True

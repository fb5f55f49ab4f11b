"""What all that writes the outbox has: the database, and the way to write together."""

from collections.abc import Callable

from bot.adapters.database.opening import Database
from bot.adapters.database.together import Together


class Writer:
    """Writes to a database; `crash_point` lets tests die at a step, and does nothing in production."""

    def __init__(self, database: Database, *, crash_point: Callable[[str], None] = lambda _: None) -> None:
        self._database, self._together = database, Together(database)
        self._is_spent = False  # the ballast was given up
        self._crash_point = crash_point

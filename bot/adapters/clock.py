"""The clock of this machine: the only place that reads it."""

import time
from datetime import UTC, datetime
from threading import Event

from bot.errors import Stopping


class SystemClock:
    """Clock over the system's time; waiting ends when `stop` is set."""

    def __init__(self, stop: Event | None = None) -> None:
        self._stop = stop or Event()

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 (its one home)

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; raises Stopping if the service is stopped meanwhile."""
        if self._stop.wait(seconds):
            raise Stopping("the service is being stopped")

"""The clock of this machine: the only place that reads it."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Clock over the system's time."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 (its one home)

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)  # noqa: TID251 (its one home)

"""Sources that have not been polled in time: the service is stuck, whatever its process says."""

from collections.abc import Mapping
from datetime import datetime, timedelta

MISSED = 3
"""Intervals of a source without a poll, after which it is late."""
GRACE = timedelta(seconds=30)
"""However short the interval is."""


def late(every: Mapping[str, float], last: Mapping[str, datetime], now: datetime) -> list[str]:
    """The sources that are late; `every` is the interval of each in minutes, `last` when each was polled."""
    bounds = {source: now - MISSED * timedelta(minutes=minutes) - GRACE for source, minutes in every.items()}
    return [source for source, bound in bounds.items() if source not in last or last[source] < bound]

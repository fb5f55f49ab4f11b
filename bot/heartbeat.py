"""The sign of life of the service: a small file that says when it last looked round, for `tocsin health` beside it."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path

log = logging.getLogger(__name__)

HEARTBEAT = "heartbeat"
MISSED = 3
"""Intervals without a beat after which the service is stuck."""
LEAST = timedelta(seconds=30)
"""However short the interval is: a busy machine is not stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """The last sign of life."""

    at: datetime
    every: float
    """Seconds until the next one is due."""


def beat(data: Path, now: datetime, every: float) -> None:
    """Say that the service looks round, and does so again in `every` seconds; a failure is logged, and is seen soon."""
    file = data / HEARTBEAT
    beside = file.with_suffix(".new")
    try:
        beside.write_text(json.dumps({"at": now.isoformat(), "every": every}), encoding="utf-8")
        beside.replace(file)  # so that nobody reads half of it
    except OSError as error:
        log.warning("cannot write file=%s error=%s", file, error.strerror)


def last_beat(data: Path) -> Beat | None:
    """The last sign of life; None if there is none that can be read."""
    try:
        found = json.loads((data / HEARTBEAT).read_text(encoding="utf-8"))
        told = Beat(at=datetime.fromisoformat(found["at"]), every=float(found["every"]))
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return told if told.at.tzinfo is not None and isfinite(told.every) else None


def is_stuck(beat: Beat, now: datetime) -> bool:
    """True if beats are missing. One from the future is as old as it is far away: a clock was set back meanwhile."""
    patience = max(LEAST.total_seconds(), MISSED * beat.every)
    return abs((now - beat.at).total_seconds()) > patience


def forget(data: Path) -> None:
    """For the process that has the database to itself: no service is running."""
    (data / HEARTBEAT).unlink(missing_ok=True)

"""Rules and sources that change while the service runs: read when they lie still, taken whole or not at all."""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bot.core.watching import refused, taken
from bot.errors import ConfigError, Problem
from bot.files import Stamps
from bot.loading import Loaded, reload, stamps_now
from bot.model import Notice
from bot.ports import Clock

log = logging.getLogger(__name__)

IN_FORCE = "in-force.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What the running service goes by, for commands beside it."""

    since: str
    """When the set was taken (ISO 8601)."""
    rules: int
    sources: Mapping[str, float]
    """The interval of each source that is polled, in minutes."""
    refused: tuple[str, ...] = ()
    """What is wrong with the files as they are now; then an earlier set is in force."""
    refused_at: str = ""
    restart: bool = False
    """True if config.toml has been changed: that is read at a start only."""


def read_in_force(data: Path) -> InForce | None:
    """What the service goes by; None if none is running."""
    try:
        found = json.loads((data / IN_FORCE).read_text(encoding="utf-8"))
        return InForce(**{**found, "refused": tuple(found["refused"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def forget_in_force(data: Path) -> None:
    """For the process that has the database to itself: no service is running."""
    (data / IN_FORCE).unlink(missing_ok=True)


class Reloader:
    """Looks whether the files have changed; what is wrong with a change is told once."""

    def __init__(
        self,
        loaded: Loaded,
        clock: Clock,
        asked: "SimpleQueue[None] | None" = None,
        tell: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self._loaded, self._clock, self._tell_operator = loaded, clock, tell
        self._refused_since: datetime | None = None
        self._asked: SimpleQueue[None] = asked or SimpleQueue()
        """Somebody wants the files to be read now. (A queue, since a signal may come at any moment.)"""
        self._config = loaded.stamps.get(loaded.file)
        self._tried = self._seen = loaded.stamps
        self._in_force = InForce(since=self._now(), **_figures(loaded))
        self._tell()

    def look(self) -> Loaded | None:
        """The files as a new set if they have changed, lie still and are right; None if all stays as it is."""
        stamps, asked = stamps_now(self._loaded), _drained(self._asked)
        is_still = stamps == self._seen  # a file that is just being written is left alone until the next look
        self._seen = stamps
        if not asked and (stamps == self._tried or not is_still):
            return None
        earlier, self._tried = self._tried, stamps
        changed = {path for path in {*stamps, *earlier} if stamps.get(path) != earlier.get(path)}
        if self._loaded.file in changed:
            self._note_config(stamps)
        return self._read(earlier) if asked or changed - {self._loaded.file} else None

    def _read(self, earlier: Stamps) -> Loaded | None:
        """Everything anew; nothing of it counts if a file was changed while they were read."""
        loaded, problems = None, tuple[Problem, ...]()
        try:
            loaded = reload(self._loaded)
        except ConfigError as error:
            problems = error.problems
        except OSError as error:  # a folder went away under our hands
            problems = (Problem(str(error.filename), "", f"it cannot be read: {error.strerror}"),)
        if stamps_now(self._loaded) != self._tried:
            self._tried = earlier
            return None
        self._refuse(problems) if loaded is None else self._take(loaded)
        return loaded

    def _take(self, loaded: Loaded) -> None:
        for warning in loaded.warnings:
            log.warning("loaded warning=%s", warning)
        self._loaded = loaded
        if self._refused_since is not None:
            self._tell_operator(taken(self._refused_since, self._clock.now()))
            self._refused_since = None
        self._in_force = InForce(since=self._now(), restart=self._in_force.restart, **_figures(loaded))
        self._tell()

    def _refuse(self, problems: Collection[Problem]) -> None:
        for problem in problems:
            log.error("refused problem=%s", problem)
        log.error("refused problems=%d the last good rules and sources stay in force", len(problems))
        told = tuple(str(problem) for problem in problems)
        self._refused_since = self._refused_since or self._clock.now()
        self._tell_operator(refused(told, self._refused_since))
        self._in_force = replace(self._in_force, refused=told, refused_at=self._now())
        self._tell()

    def _note_config(self, stamps: Stamps) -> None:
        file = self._loaded.file
        if stamps.get(file) != self._config:
            log.warning("config changed file=%s it is read at the next start only", file)
            self._in_force = replace(self._in_force, restart=True)
            self._tell()

    def _tell(self) -> None:
        """Say what is in force to commands beside the service."""
        file = self._loaded.data / IN_FORCE
        beside = file.with_suffix(".new")
        try:
            beside.write_text(json.dumps(asdict(self._in_force), ensure_ascii=False), encoding="utf-8")
            beside.replace(file)
        except OSError as error:  # the service goes on: only `tocsin health` knows less
            log.warning("cannot write file=%s error=%s", file, error.strerror)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="seconds")


def _figures(loaded: Loaded) -> dict[str, Any]:
    return {
        "rules": sum(rule.spec.enabled for rule in loaded.rules),
        "sources": {source.id: source.every_minutes for source in loaded.enabled},
    }


def _drained(queue: "SimpleQueue[None]") -> bool:
    """True if there was something in it."""
    found = False
    try:
        while True:
            queue.get_nowait()
            found = True
    except Empty:
        return found

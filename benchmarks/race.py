"""All candidates on the same never-seen releases, in turns: who matches how many a second."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.turns import IN_ROUND, JAVA, PYTHON, Out, Seat, set_up_lucene

OURS, COLD = "tocsin", "tocsin, cold"
JAVA_WARM = 15
"""Seconds: before its compiler has done its work, Lucene is several times slower, which would be unfair."""
NAMES = (OURS, *JAVA, *PYTHON)
GOALS = {100: 8_000, 10_000: 2_000, 100_000: 800}
"""Releases a second that are wanted of ours, by the number of rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured."""

    sizes: tuple[int, ...]
    rounds: int
    """Of 20 never-seen releases, of 628 that there are; as many more, at most 10, are for the cold index."""
    warm: int
    """Seconds in which a candidate may read the learning half."""
    budget: float
    """Seconds of one candidate at one size; then it takes part in no more rounds."""
    patience: float
    """Seconds in which its rules must be taken in."""
    lengths: tuple[int, ...]
    """Characters of the hostile texts."""
    largest: Mapping[str, int]
    """The most rules for which a candidate is tried: beyond it takes minutes."""


@dataclass(slots=True, kw_only=True)
class Row:
    """What a candidate did at one size."""

    name: str
    size: int
    rate: float
    """Releases a second: the median of the rounds."""
    releases: int
    matches: float
    """Rules met, of a release."""
    built: dict[str, Any] = field(default_factory=dict)


@contextmanager
def seated(names: tuple[str, ...], folder: Path, size: int, scale: Scale) -> Iterator[dict[str, Seat]]:
    """The candidates that have taken in their rules; why another has not is printed."""
    seats: dict[str, Seat] = {}
    try:
        for name in names:
            if size > scale.largest.get(name, size):
                _out(name, size, f"tried up to {scale.largest[name]:,} only, beyond it takes minutes")
                continue
            try:
                seats[name] = Seat(name, folder, size, patience=scale.patience)
            except Out as why:
                _out(name, size, str(why))
        yield seats
    finally:
        for seat in seats.values():
            seat.leave()


def names() -> tuple[str, ...]:
    """Who can take part on this machine; that Lucene cannot is said loudly."""
    why = set_up_lucene()
    if not why:
        return NAMES
    print(f"WITHOUT LUCENE MONITOR, the best peer: benchmarks/lucene/setup says: {why}", flush=True)
    return tuple(name for name in NAMES if name not in JAVA)


def race(seats: dict[str, Seat], size: int, scale: Scale, unseen: int) -> list[Row]:
    """Warm up, then rounds; ours is also measured before it has read anything."""
    rows = [_cold(seats[OURS], size, scale, unseen)] if OURS in seats else []
    runners = [_Runner(seat, _share(seat, scale)) for seat in seats.values()]
    for turn in range(scale.rounds):
        first = turn % len(runners)
        for runner in runners[first:] + runners[:first]:
            if sum(runner.seconds) < scale.budget:
                runner.run(turn * IN_ROUND)
    return rows + [_row(one.seat.name, size, one.rates, one.found, one.seat) for one in runners]


@dataclass(slots=True)
class _Runner:
    """A candidate in a race."""

    seat: Seat
    share: int
    """How many releases of a round it takes: all, or as many as it has the time for."""
    seconds: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Releases a second, by rounds."""
        return [self.share / seconds for seconds in self.seconds]

    def run(self, first: int) -> None:
        """One round."""
        answer = self.seat.ask("match", first, first + self.share)
        self.seconds.append(answer["seconds"])
        self.found += answer["answers"]


def _share(seat: Seat, scale: Scale) -> int:
    warmed = seat.ask("warm", max(scale.warm, JAVA_WARM if seat.name in JAVA else 0), 0)
    rate = warmed.get("rate") or warmed["read"] / warmed["seconds"]
    return max(1, min(IN_ROUND, int(rate * scale.budget / 2)))


def _cold(seat: Seat, size: int, scale: Scale, unseen: int) -> Row:
    """An index that has seen no text: all releases by all seconds, since its first ones are the slow ones."""
    many = min(10, scale.rounds) * IN_ROUND
    seat.built["first"] = seat.ask("match", unseen - many - 1, unseen - many)["seconds"]
    answer = seat.ask("match", unseen - many, unseen)
    return _row(COLD, size, [many / answer["seconds"]], answer["answers"], seat)


def _row(name: str, size: int, rates: list[float], found: list[int], seat: Seat) -> Row:
    rate = statistics.median(rates)
    return Row(
        name=name, size=size, rate=rate, releases=len(found), matches=statistics.fmean(found), built=dict(seat.built)
    )


def _out(name: str, size: int, why: str) -> None:
    print(f"      {size:,} rules without {name}: {why}", flush=True)

"""How fast all rules are matched against each release, and what a rule costs, beside what a user would take instead.

`python -m benchmarks.matching` measures everything, in about a quarter of an hour; with `--plot` it also writes the
plots and the table of docs/benchmarks.md. `python -m benchmarks` measures a part, in a few minutes.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import agreement
from benchmarks.figures import show
from benchmarks.race import COLD, GOALS, OURS, Row, Scale, names, race, seated
from benchmarks.turns import JAVA, Seat, on_one_core, write_for_java
from benchmarks.workload import SPARE, save, workload

MANY = 100_000
ADD_MS, BUILD_SECONDS, BYTES, WORST_MS = 1.0, 5.0, 2_048, 100.0
CHANGES = 300
WHOLE = Scale(
    sizes=(100, 1_000, 10_000, 100_000),
    rounds=20,
    warm=15,
    budget=20,
    patience=300,
    lengths=(100_000, 1_000_000),
    largest={"hyperscan": 10_000},
)
PART = Scale(
    sizes=(100, 10_000, 100_000),
    rounds=8,
    warm=4,
    budget=2,
    patience=100,
    lengths=(100_000,),
    largest={"hyperscan": 1_000, "SQLite FTS5": 10_000, "loop of re": 10_000, "loop of in": 10_000}
    | dict.fromkeys(JAVA, 100),
)


def main() -> None:
    """Measure a part, in a few minutes."""
    measure(PART)


def measure(scale: Scale) -> tuple[list[Row], dict[str, Any]]:
    """Print all figures; what the race gave, and what one rule costs each."""
    on_one_core()
    load, taking_part = workload(max(scale.sizes)), names()
    print(f"matching: {load.origin}, {len(load.learning):,} to learn from, {len(load.unseen)} never seen", flush=True)
    agreement.compare(load, taking_part, scale)
    rows: list[Row] = []
    costs: dict[str, Any] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        save(load, folder)
        write_for_java(load, folder)
        for size in scale.sizes:
            with seated(taking_part, folder, size, scale) as seats:
                found = race(seats, size, scale, len(load.unseen))
                rows += found
                _print_race(found, size)
                if size == MANY:
                    costs = _costs(seats, found, scale)
    return rows, costs


def _print_race(rows: list[Row], size: int) -> None:
    peers = ", ".join(f"{row.name} {_short(row.rate)}" for row in rows if row.name not in {OURS, COLD})
    for row in rows:
        if row.name == COLD:
            what = f"{size:,} rules, an index that has read nothing"
            show(what, row.rate, "releases/s", goal="none", met=True)
        if row.name == OURS:
            what, goal = f"{size:,} rules, {row.matches:,.0f} of them met by a release", GOALS.get(size, 0)
            told = f"at least {goal:,}" if goal else "none"
            show(what, row.rate, "releases/s", goal=told, met=row.rate >= goal, peer=peers)


def _short(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


# --- what a rule costs -----------------------------------------------------------------------------------------------


def _costs(seats: dict[str, Seat], rows: list[Row], scale: Scale) -> dict[str, Any]:
    """Print what one rule costs where there are 100,000; the seconds that each candidate takes for one more."""
    ours = seats[OURS]
    costs: dict[str, Any] = {row.name: row.built["seconds"] for row in rows if row.name not in {OURS, COLD}}
    costs |= {name: seats[name].ask("change", MANY, MANY + 20)["add"] for name in JAVA if name in seats}
    changed = ours.ask("change", MANY, MANY + min(CHANGES, SPARE))
    peers = ", ".join(
        f"{name} {seconds * 1000:,.0f}{'' if name in JAVA else ' (all anew)'}"
        for name, seconds in costs.items()
        if not name.startswith(("loop", "SQLite"))  # these keep no index
    )
    for what in ("add", "remove"):
        times = [1000 * seconds for seconds in changed[what]]
        _at_most(f"{what} one rule at {MANY:,}, median", statistics.median(times), ADD_MS, "ms", peers)
        _at_most(f"{what} one rule at {MANY:,}, worst of {len(times)}", max(times), ADD_MS, "ms")
    _print_building(ours, rows)
    _print_worst(ours, scale)
    return costs | {OURS: statistics.median(changed["add"])}


def _at_most(what: str, value: float, goal: float, unit: str, peer: str = "") -> None:
    show(what, value, unit, goal=f"at most {goal:,g} {unit}", met=value <= goal, peer=peer)


def _print_building(ours: Seat, rows: list[Row]) -> None:
    built, peers = ours.built, [row for row in rows if row.name not in {OURS, COLD}]
    first = f"its first answer included ({built['first'] * 1000:,.0f} ms)"
    beside = ", ".join(f"{row.name} {row.built['seconds']:,.1f}" for row in peers)
    _at_most(
        f"build {MANY:,} rules from trees, {first}", built["building"] + built["first"], BUILD_SECONDS, "s", beside
    )
    print(f"      before that, parse them from text: {built['parsing']:,.1f} s", flush=True)
    beside = ", ".join(f"{row.name} {row.built['bytes'] / MANY:,.0f}" for row in peers)
    what = f"memory a rule, index and tree, after reading (before: {built['bytes'] / MANY:,.0f})"
    _at_most(what, ours.ask("size", 0, 0)["bytes"] / MANY, BYTES, "bytes", beside)


def _print_worst(ours: Seat, scale: Scale) -> None:
    for length in scale.lengths:
        found = ours.ask("worst", length, 0, patience=1_200)
        what = (
            f"slowest of {found['pairs']} pairs of a hostile rule and text of {length:,} characters ({found['which']})"
        )
        beside = f"{len(found['refused'])} more rules are refused; re.search of (a+)+$ never ends"
        _at_most(what, 1000 * found["seconds"], WORST_MS, "ms", beside)


if __name__ == "__main__":
    rows, costs = measure(WHOLE)
    if "--plot" in sys.argv:
        from benchmarks.plotting import write

        write(rows, costs)

"""One form for every figure: what, how much, what it should be, and what a user would take instead."""

import statistics
import time
from collections.abc import Callable


def show(what: str, value: float, unit: str, *, goal: str, met: bool, peer: str = "") -> None:
    """Print one figure."""
    beside = f"   beside it: {peer}" if peer else ""
    print(f"{'ok  ' if met else 'MISS'}  {what}: {value:,.2f} {unit} (goal: {goal}){beside}", flush=True)


def median_seconds(action: Callable[[], object], *, rounds: int, cpu: bool = False) -> float:
    """The median time of `rounds` calls; of the processor only if `cpu`."""
    clock = time.process_time if cpu else time.perf_counter
    times = []
    for _ in range(rounds):
        began = clock()
        action()
        times.append(clock() - began)
    return statistics.median(times)

"""How soon the command line answers, in a warm cache."""

import subprocess
import sys

from benchmarks.figures import median_seconds, show

GOAL = 0.25


def main() -> None:
    """Time --version and --help, beside a bare interpreter and the eager imports we avoid."""
    bare = _run("-c", "pass")
    eager = _run("-c", "import sqlalchemy, httpx, pydantic, rich.table, apscheduler.schedulers.background")
    for option in ("--version", "--help"):
        value = _run("-m", "bot", option)
        peer = f"bare interpreter {bare:.2f} s, eager imports {eager:.2f} s"
        show(f"tocsin {option}", value, "s", goal=f"at most {GOAL} s", met=value <= GOAL, peer=peer)


def _run(*words: str) -> float:
    command = [sys.executable, *words]
    subprocess.run(command, check=True, capture_output=True)  # warm the cache
    return median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), rounds=9)

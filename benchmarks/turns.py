"""Candidates in processes of their own, which take turns on one core: none pays for the memory of another."""

import contextlib
import gc
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import rivals
from benchmarks.asked import as_list
from benchmarks.workload import Text, Workload, saved

LUCENE = Path(__file__).parent / "lucene"
IN_ROUND = 20
JAVA = {"Lucene Monitor": "one", f"Lucene Monitor, {IN_ROUND} at once": "batch"}
PYTHON: Mapping[str, type[Any]] = {
    "ahocorasick_rs": rivals.AhoCorasick,
    "hyperscan": rivals.Hyperscan,
    "SQLite FTS5": rivals.FullText,
    "loop of in": rivals.Substrings,
    "loop of re": rivals.Patterns,
}
EXACT = ("tocsin", "ahocorasick_rs", "hyperscan", "SQLite FTS5", "loop of re", *JAVA)


class Out(Exception):  # noqa: N818 (no error: it takes part no longer)
    """A candidate that takes no part in a run; the text says why."""


class Seat:
    """A candidate at the table: a process that waits for its turn."""

    def __init__(self, name: str, folder: Path, size: int, *, patience: float) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._process = subprocess.Popen(
            _command(name, folder, size),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=Path(__file__).parents[1],
        )
        self.built = self._answer(patience, "its rules were not taken in after")

    def ask(self, *words: object, patience: float = 600) -> dict[str, Any]:
        """What it answers to a command."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # then there is no answer either
            self._process.stdin.write((" ".join(map(str, words)) + "\n").encode())
            self._process.stdin.flush()
        return self._answer(patience, f"{words[0]} was not done after")

    def _answer(self, patience: float, what: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        line = self._process.stdout.readline() if ready else b""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.leave()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        raise Out(said[-1] if ready and said else f"{what} {patience:.0f} s")

    def leave(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def _command(name: str, folder: Path, size: int) -> list[str]:
    if name in JAVA:
        classes = (LUCENE / "build/classpath").read_text(encoding="utf-8").strip()
        return ["java", "-Xms4g", "-Xmx4g", "-cp", classes, "Rival", str(folder), str(size), JAVA[name]]
    return [sys.executable, "-m", "benchmarks.turns", name, str(folder), str(size)]


def set_up_lucene() -> str:
    """Why Lucene cannot take part; empty if it can."""
    try:
        subprocess.run([LUCENE / "setup"], check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or b""
        return (said.decode(errors="replace").strip().splitlines() or [str(error)])[-1]
    return ""


def write_for_java(load: Workload, folder: Path) -> None:
    """The workload as lines."""
    (folder / "rules").write_text("".join(f"{as_list(rule)}\n" for rule in load.rules), encoding="utf-8")
    for name, texts in (("learning", load.learning), ("unseen", load.unseen)):
        lines = (" ".join(title.split()) + "\t" + " ".join(body.split()) + "\n" for title, body in texts)
        (folder / name).write_text("".join(lines), encoding="utf-8")


def on_one_core() -> None:
    """Keep this process and those it starts on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


# --- the process -----------------------------------------------------------------------------------------------------


class _Player:
    """Carries the commands out."""

    def __init__(self, name: str, load: Workload, size: int) -> None:
        make = PYTHON.get(name) or _ours()
        self._load = load
        gc.collect()
        self._before = _resident()
        began = time.process_time()
        self._candidate = make(load.rules[:size], load.frequency)
        took = time.process_time() - began
        self.built = {"seconds": took, **getattr(self._candidate, "facts", {}), **self.size()}
        gc.freeze()  # what has been built stays: the collector need not look through it again

    def size(self, *_: int) -> dict[str, Any]:
        gc.collect()
        return {"bytes": _resident() - self._before}

    def warm(self, seconds: int, *_: int) -> dict[str, Any]:
        """Read the learning half, or as much as the time allows; the rate is that of the last of it."""
        began, place, took, some = time.process_time(), 0, 0.0, 1
        while place < len(self._load.learning) and time.process_time() - began < seconds:
            texts = self._load.learning[place : place + some]
            took = self._timed(texts)[0] / len(texts)
            place += len(texts)
            some = IN_ROUND if took * IN_ROUND < seconds else 1
        return {"seconds": time.process_time() - began, "read": place, "rate": 1 / took}

    def match(self, first: int, last: int) -> dict[str, Any]:
        took, answers = self._timed(self._load.unseen[first:last])
        return {"seconds": took, "answers": list(map(len, answers))}

    def answer(self, first: int, last: int) -> dict[str, Any]:
        took, answers = self._timed(self._load.unseen[first:last])
        return {"seconds": took, "answers": list(map(list, answers))}

    def change(self, first: int, last: int) -> dict[str, Any]:
        changed: dict[str, Any] = self._candidate.change(self._load, first, last)
        return changed

    def worst(self, length: int, *_: int) -> dict[str, Any]:
        from benchmarks.ours import worst

        return worst(length)

    def _timed(self, texts: Sequence[Text]) -> tuple[float, rivals.Answers]:
        began = time.process_time()  # of the processor, since others may be at work on the machine
        answers = self._candidate.match(texts)
        return time.process_time() - began, answers


def _ours() -> type[Any]:
    from benchmarks.ours import Tocsin

    return Tocsin


def _resident() -> int:
    """The memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _serve(name: str, folder: str, size: str) -> None:
    player = _Player(name, saved(Path(folder)), int(size))
    print(json.dumps(player.built), flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        print(json.dumps(getattr(player, command)(*map(int, numbers))), flush=True)


if __name__ == "__main__":
    _serve(*sys.argv[1:])

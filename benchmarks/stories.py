"""What telling repeats costs in an archive of 10,000, 100,000 and 1,000,000 releases, beside datasketch and rensa.

Each candidate runs in a process of its own, so that its memory can be read. The prior releases have real texts where
the sample is at hand, and keys of the same kind and spread as real ones: hashing a million texts would take longer
than everything else together. The releases that are timed are never-seen ones, taken in whole: normalise, signature,
look-up, verdict, durable insert of the full text, in batches of 100.
"""

import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.figures import show

SIZES = (10_000, 100_000, 1_000_000)
TIMED, BATCH = 1_000, 100
GOAL_MS, GOAL_MB = 1.0, 150
ON_TRADE = " Tariffs on imports were a subject."
"""What makes a release one on trade: of those also other texts on the same event are looked for, which costs more."""
PUBLISHERS = 20
A_DAY = 300
"""Releases a day in the made-up archive: as many as all trade authorities of the world together."""
SENATE = Path(__file__).resolve().parents[2] / "shared/samples/us-senate-releases/releases.jsonl.gz"
LAST = date(2026, 11, 1)
PEERS = ("datasketch", "rensa")


def main() -> None:
    """Measure every candidate at every size, and print the figures side by side."""
    for size in SIZES:
        peers = [_measured(name, size) for name in PEERS if find_spec(name)]
        beside = "; ".join(
            f"{one['name']} {one['ms']:.2f} ms with its signature, {one['mb']:,.0f} MB, "
            f"again after {one['restart']:.1f} s"
            for one in peers
        )
        ours = _measured("tocsin", size)
        what = f"a release among {size:,}"
        show(what, ours["ms"], "ms", goal=f"at most {GOAL_MS} ms", met=ours["ms"] <= GOAL_MS, peer=beside)
        show(f"{what}, resident", ours["mb"], "MB", goal=f"at most {GOAL_MB} MB", met=ours["mb"] <= GOAL_MB)
        print(f"      {what}, file: {ours['file']:,.0f} MB")
        show(f"{what}, open and first answer", ours["restart"] * 1000, "ms", goal="at once", met=ours["restart"] < 0.5)


def _measured(name: str, size: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stories", name, str(size)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- the releases ----------------------------------------------------------------------------------------------------


def texts() -> list[tuple[str, str]]:
    """Titles and texts: the sample of real releases, or made-up ones of the same length."""
    if SENATE.exists():
        with gzip.open(SENATE) as file:
            return [(record["title"], record["body"] + ON_TRADE) for record in map(json.loads, file)]
    from benchmarks.ingesting import made_up

    return [(record["title"], record["body"]) for record in map(json.loads, made_up(4000))]


def _never_seen(many: int) -> list[tuple[str, str]]:
    """Texts made of the sentences of others, so that none is like one in the archive."""
    chance = random.Random(11)  # noqa: S311 (no secret)
    found = texts()
    sentences = [one for _, body in found for one in body.split(". ") if 40 < len(one) < 400]
    return [
        (f"{chance.choice(sentences)[:80]} {number}", ". ".join(chance.sample(sentences, 18)) + "." + ON_TRADE)
        for number in range(many)
    ]


# --- ours ------------------------------------------------------------------------------------------------------------


def _tocsin(size: int) -> dict[str, Any]:
    from bot.adapters.database import Database

    with tempfile.TemporaryDirectory(dir=os.environ.get("TOCSIN_BENCH_DIR")) as folder:
        path = Path(folder) / "a.db"
        database = Database.open(path)
        _fill(database, size)
        database.close()
        began = time.perf_counter()
        database = Database.open(path)
        world, lines = _world(database), _lines()
        _take(world, lines[:1])
        restart = time.perf_counter() - began
        began = time.perf_counter()
        _take(world, lines[1:])
        took = time.perf_counter() - began
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        database.close()
        return {
            "name": "tocsin",
            "ms": took / (len(lines) - 1) * 1000,
            "mb": resident,
            "file": path.stat().st_size / 1e6,
            "restart": restart,
        }


def _fill(database: Any, size: int) -> None:
    """An archive of `size` releases, written by a process of its own so that its memory does not count."""
    subprocess.run(
        [sys.executable, "-m", "benchmarks.stories", "fill", str(size), str(database.path)], check=True, timeout=3600
    )


def _fill_file(size: int, path: str) -> None:
    import sqlite3

    from bot.core.stories.signature import kept, signature
    from bot.model import Signature

    chance = random.Random(7)  # noqa: S311 (no secret)
    real = texts()
    about = [signature(title, body) for title, body in real]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for start in range(0, size, 10_000):
        rows, keys, stories = [], [], []
        for number in range(start + 1, min(start + 10_000, size) + 1):
            day = LAST - timedelta(days=(size - number) // A_DAY)
            like = about[chance.randrange(len(about))]
            made = Signature(
                near=tuple(chance.getrandbits(47) << 1 for _ in like.near), about=like.about, case=like.case
            )
            keys += [(key, number) for key in set(kept(made, day))]
            rows.append(_row(number, day, *real[chance.randrange(len(real))]))
            stories.append((rows[-1][1], "2026-01-01"))
        connection.executemany("INSERT INTO stories VALUES (?, ?)", stories)
        connection.executemany(f"INSERT INTO releases VALUES ({','.join('?' * 24)})", rows)  # noqa: S608 (our own text)
        connection.executemany("INSERT OR IGNORE INTO story_keys VALUES (?, ?)", sorted(keys))
        connection.commit()
    connection.close()


def _row(number: int, day: date, title: str, body: str) -> tuple[Any, ...]:
    from bot.model import Key

    key = Key("bench", "", str(number))
    told = {
        "number": number,
        "id": key.digest,
        "source": "bench",
        "board": "",
        "external_id": str(number),
        "publisher": f"bench/p{number % PUBLISHERS}",
        "source_name": "bench",
        "url": f"https://x.example/{number}",
        "title": title,
        "body": body,
        "published": day.isoformat(),
        "categories": "[]",
        "language": "en",
        "glimpse": "0" * 16,
        "content_hash": f"{number:032x}",
        "title_key": f"{number:016x}",
        "story": key.digest,
        "relation": "different",
        "related_to": "",
        "why": "",
        "revision": 1,
        "seen": "2026-01-01 00:00:00.000000",
        "score": 0.0,
        "changes": "[]",
    }
    return tuple(told.values())


def _lines() -> list[bytes]:
    found = _never_seen(TIMED + 1)
    return [
        json.dumps(
            {
                "url": f"https://new.example/{n}",
                "title": title,
                "body": body,
                "source": f"bench/p{n % PUBLISHERS}",
                "published": (LAST + timedelta(days=1 + n // A_DAY)).isoformat(),
            }
        ).encode()
        for n, (title, body) in enumerate(found)
    ]


def _world(database: Any) -> Any:
    from benchmarks.polling import Nobody, OnePage
    from bot.adapters.clock import SystemClock
    from bot.adapters.database import SqlStore
    from bot.core.promising import Audience
    from bot.core.rules.rule import RuleSet
    from bot.ports import World

    return World(
        clock=SystemClock(),
        fetcher=OnePage(b"", etags=False),
        store=SqlStore(database),
        notifier=Nobody(),
        audience=Audience(rules=RuleSet(()), channels={}),
    )


def _take(world: Any, lines: Sequence[bytes]) -> None:
    from bot.core.intake import read_line
    from bot.pipeline import ingest

    for _ in ingest((("line", *read_line(line, {})) for line in lines), world, baseline=True, batch=BATCH):
        pass


# --- what a user would take instead ----------------------------------------------------------------------------------


def _shingles(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))]


def _datasketch(size: int) -> dict[str, Any]:
    import numpy
    from datasketch import MinHash, MinHashLSH

    chance = numpy.random.default_rng(7)
    lsh, scheme = MinHashLSH(num_perm=128, params=(16, 8)), MinHash(num_perm=128).scheme
    began = time.perf_counter()
    for number in range(size):
        values = chance.integers(0, 1 << 32, 128, dtype="uint64")
        lsh.insert(number, MinHash(num_perm=128, hashvalues=values, scheme=scheme))
    restart = time.perf_counter() - began
    return _peer("datasketch", restart, lambda n, text: _ds_one(lsh, MinHash, n, text))


def _ds_one(lsh: Any, kind: Any, number: int, text: str) -> None:
    made = kind(num_perm=128)
    made.update_batch([one.encode() for one in _shingles(text)])
    lsh.query(made)
    lsh.insert(f"new{number}", made)


def _rensa(size: int) -> dict[str, Any]:
    from rensa import RMinHash, RMinHashLSH

    chance = random.Random(7)  # noqa: S311 (no secret)
    lsh = RMinHashLSH(threshold=0.7, num_perm=128, num_bands=16)
    began = time.perf_counter()
    for number in range(size):
        made = RMinHash(num_perm=128, seed=42)
        made.update([str(chance.getrandbits(60))])
        lsh.insert(number, made)
    restart = time.perf_counter() - began

    def one(number: int, text: str) -> None:
        made = RMinHash(num_perm=128, seed=42)
        made.update(_shingles(text))
        lsh.query(made)
        lsh.insert(size + number, made)

    return _peer("rensa", restart, one)


def _peer(name: str, restart: float, take: Any) -> dict[str, Any]:
    """A peer keeps nothing over a restart: what it took to fill it, it takes again (and its signatures on top)."""
    lines = _never_seen(TIMED)
    began = time.perf_counter()
    for number, (_, body) in enumerate(lines):
        take(number, body)
    took = time.perf_counter() - began
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"name": name, "ms": took / len(lines) * 1000, "mb": resident, "restart": restart}


def _child(arguments: Sequence[str]) -> None:
    name, size = arguments[0], int(arguments[1])
    if name == "fill":
        _fill_file(size, arguments[2])
        return
    candidates = {"tocsin": _tocsin, "datasketch": _datasketch, "rensa": _rensa}
    print(json.dumps(candidates[name](size)))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _child(sys.argv[1:])
    else:
        main()

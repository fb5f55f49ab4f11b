"""How fast an archive is taken in, with the starter rules and durable commits in batches."""

import gzip
import json
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from benchmarks.figures import show
from benchmarks.polling import Nobody, OnePage
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.core.intake import read_line
from bot.core.promising import Audience
from bot.core.rules.language.tree import Word, leaves
from bot.core.rules.rule import RuleSet
from bot.pipeline import ingest
from bot.ports import World
from bot.rule_files import load_rules
from bot.starting import starter_rules

MANY, GOAL = 10_000, 1_000
SENATE = Path(__file__).resolve().parents[2] / "shared/samples/us-senate-releases/releases.jsonl.gz"
COMMON = (
    "ministry announced export import growth percent industry steel semiconductor meeting agreement minister trade",
    "cooperation investment market energy policy support company technology global supply chain region discussion",
    "measure plan year month million billion product the of and to in for on with by from at as is was will be a an",
    "this that which their its 수출 산업 회의 협력 정책",
)
# Words of the rules stand in one release of ten, about as often as on the real lists.
TELLING = ("tariffs on cars", "anti-dumping duty", "export controls", "safeguard duty", "반덤핑관세", "상호관세")


def main() -> None:
    """Ingest made-up releases of 400 words and, where they are at hand, real ones of other authors."""
    _measure(f"ingest of {MANY:,} made-up releases of 400 words", list(made_up(MANY)))
    if SENATE.exists():
        lines = list(real())
        _measure(f"ingest of {len(lines):,} real releases", lines)


def made_up(many: int) -> Iterator[bytes]:
    """JSON lines of releases whose words are drawn by chance, always the same."""
    words = " ".join(COMMON).split()
    chance = random.Random(7)  # noqa: S311 (no secret)
    for n in range(many):
        title = " ".join(chance.choices(words, k=9)) + f" {n}"
        told = f" {chance.choice(TELLING)} " if n % 10 == 0 else " "
        body = told.join((" ".join(chance.choices(words, k=12)) + ".") for _ in range(33))
        day = f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}"
        yield json.dumps({"url": f"https://x.example/{n}", "title": title, "body": body, "published": day}).encode()


def real() -> Iterator[bytes]:
    """The sample of real releases as JSON lines."""
    with gzip.open(SENATE) as file:
        for n, line in enumerate(file):
            record = json.loads(line)
            text = str(record.get("text") or record.get("body"))
            title = str(record.get("title") or text[:80])
            day = datetime.strptime(re.sub(r"(\d{4}).*", r"\1", record["date"]), "%d%b%Y").date().isoformat()  # noqa: DTZ007 (a day, no moment)
            yield json.dumps({"id": str(n), "title": title, "body": text, "published": day}).encode()


def _measure(what: str, lines: list[bytes]) -> None:
    peer = len(lines) / _bare(lines)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "a.db")
        rules = RuleSet(rule for rule, _ in load_rules(starter_rules(), []) if rule.spec.enabled)
        world = World(
            clock=SystemClock(),
            fetcher=OnePage(b"", etags=False),
            store=SqlStore(database),
            notifier=Nobody(),
            audience=Audience(rules=rules, channels={"me": ("",)}),
        )
        began = time.perf_counter()
        polls = [poll for poll, _ in ingest((("line", *read_line(line, {})) for line in lines), world, baseline=False)]
        took = time.perf_counter() - began
        database.close()
    stored = sum(poll.new for poll in polls)
    rate = len(lines) / took
    what = f"{what} ({stored:,} stored, {sum(poll.matched for poll in polls):,} matches)"
    show(
        what, rate, "a second", goal=f"at least {GOAL}", met=rate >= GOAL, peer=f"a loop of re and sqlite3 {peer:,.0f}"
    )


def _bare(lines: list[bytes]) -> float:
    """Seconds that a user's own script would take: each pattern searched in each text, rows in one table."""
    written = [
        leaf.term.written.strip("=*")
        for rule, _ in load_rules(starter_rules(), [])
        if rule.spec.enabled
        for leaf in leaves(rule.query)
        if isinstance(leaf, Word)
    ]
    patterns = [re.compile(rf"\b{re.escape(word)}", re.IGNORECASE) for word in written]
    part = lines[:300]  # the loop is slow; its rate does not depend on the number
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "b.db")
        connection.execute("CREATE TABLE r (title TEXT, body TEXT, hits INTEGER)")
        began = time.perf_counter()
        for line in part:
            record = json.loads(line)
            text = f"{record['title']}\n{record['body']}"
            hits = sum(pattern.search(text) is not None for pattern in patterns)
            connection.execute("INSERT INTO r VALUES (?, ?, ?)", (record["title"], record["body"], hits))
        connection.commit()
        took = time.perf_counter() - began
        connection.close()
    return took * len(lines) / len(part)

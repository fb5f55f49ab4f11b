"""How fast the archive is searched at 100,000 releases, beside a scan and SQLite's full-text search by itself."""

import gzip
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.figures import median_seconds, show
from benchmarks.ingesting import SENATE, made_up
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.adapters.database.archive import Archive
from bot.core.intake import read_line
from bot.core.normalise import normalise
from bot.core.rules.language.parsing import parse
from bot.core.text import sentences
from bot.model import Decision, Filed, Key, Poll, Polled, Release, Signature

MANY, GOAL, LIMIT, ROUNDS = 100_000, 100, 20, 9
QUERIES = {
    "a common word": "trade",
    "the commonest": "said",
    "a rare word": "antidumping",
    "no hit": "xylophone",
    "a phrase": '"trade agreement"',
    "in titles": "title:trade",
    "a beginning": "econom*",
    "a whole rule": "(anti-dumping OR tariff*) (China OR Vietnam) NOT steel published:>=2020",
}


def main() -> None:
    """Search an archive made of real sentences, or of words drawn by chance where the samples are not at hand."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "a.db")
        began = time.perf_counter()
        _fill(database)
        print(f"      {MANY:,} releases stored in {time.perf_counter() - began:,.0f} s{_sizes(database)}", flush=True)
        _add_peer(database)
        for what, query in QUERIES.items():
            _measure(database, what, query)
        database.close()


def _measure(database: Database, what: str, query: str) -> None:
    archive, asked = Archive(database), parse(query)
    hits = len(archive.search(asked, limit=LIMIT).hits)
    took = 1000 * median_seconds(lambda: archive.search(asked, limit=LIMIT), rounds=ROUNDS)
    peers = [f"{name} {1000 * median_seconds(peer, rounds=3):,.1f}" for name, peer in _peers(database, query)]
    goal = f"at most {GOAL}" if what == "a common word" else "none"
    show(
        f"search for {what}, {query} ({hits} shown)",
        took,
        "ms",
        goal=goal,
        met=took <= GOAL or goal == "none",
        peer=", ".join(peers),
    )


def _peers(database: Database, query: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """The same word in other ways; they know no fields, endings or rules."""
    if not query.isalpha():
        return

    def ask(statement: str, *values: str) -> list[object]:
        with database.reading() as connection:
            return list(connection.exec_driver_sql(statement, values).all())

    like = f"SELECT id FROM releases WHERE title LIKE ? OR body LIKE ? ORDER BY published DESC LIMIT {LIMIT}"  # noqa: S608
    yield "LIKE", lambda: ask(like, f"%{query}%", f"%{query}%")
    ranked = f"SELECT rowid FROM peer WHERE peer MATCH ? ORDER BY rank LIMIT {LIMIT}"  # noqa: S608
    yield "FTS5 by rank", lambda: ask(ranked, query)


def _add_peer(database: Database) -> None:
    """FTS5 as its manual sets it up."""
    with database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE peer USING fts5(title, body, content='releases', content_rowid='number')"
        )
        connection.exec_driver_sql("INSERT INTO peer (peer) VALUES ('rebuild')")


def _sizes(database: Database) -> str:
    with database.reading() as connection:
        texts = connection.exec_driver_sql("SELECT sum(length(title) + length(body)) FROM releases").scalar_one()
        index = connection.exec_driver_sql("SELECT sum(length(block)) FROM release_words_data").scalar_one()
    return f"; texts {texts / 1e6:,.0f} MB, index {index / 1e6:,.0f} MB"


def _fill(database: Database) -> None:
    """Store releases of ten years, most sentences of each from one real release, the others from any."""
    store, now = SqlStore(database), SystemClock().now()
    poll = Poll(source="bench", at=now, result=Polled.OK)
    batch: list[Filed] = []
    for release in _releases():
        batch.append(Filed(release=release, story=release.id))
        if len(batch) == 500:
            _store(store, Decision(poll=poll, filed=tuple(batch)))
            batch.clear()


def _store(store: SqlStore, decision: Decision) -> None:
    store.commit((), lambda _: decision)


def _releases() -> Iterator[Release]:
    now = SystemClock().now()
    models = [normalise(*read_line(line, {}), now=now) for line in _lines()]
    told = [[one.body[start:end] for start, end in sentences(one.body)] for one in models]
    all_told = [sentence for some in told for sentence in some]
    chance = random.Random(7)  # noqa: S311 (no secret)
    for number in range(MANY):
        model, own = models[number % len(models)], told[number % len(models)]
        body = " ".join(one if chance.random() < 0.7 else chance.choice(all_told) for one in own)
        day = date(2016, 1, 1) + timedelta(days=number * 3650 // MANY - chance.randrange(3))
        key = Key(model.key.source, "", str(number))
        yield replace(model, key=key, body=body, published=day, content_hash=str(number), signature=Signature())


def _lines() -> Iterator[bytes]:
    if not SENATE.exists():
        yield from made_up(4_000)
        return
    with gzip.open(SENATE) as file:
        for line in file:
            record = json.loads(line)
            yield json.dumps({"id": str(record["id"]), "title": record["title"], "body": record["body"]}).encode()


if __name__ == "__main__":
    main()

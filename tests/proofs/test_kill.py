"""kill -9 again and again: every release is told on every channel, and repeats are what was promised."""

import os
import random
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.render.phrases import phrase
from tests.proofs.killing import Letter, count, live_and_die, live_on, served, write_config
from tests.proofs.powercut import damage
from tests.proofs.work import title

KILLS, MOST = (60, 80) if os.environ.get("TOCSIN_PROOF") == "full" else (6, 12)
"""So many at least, and until one has come while a letter was on its way."""
SEED = 7
NAIVE = """
import json, sqlite3, sys
from urllib.request import Request, urlopen
site, path = sys.argv[1:]
seen = sqlite3.connect(path, isolation_level=None)
seen.execute("PRAGMA synchronous = FULL")
seen.execute("CREATE TABLE IF NOT EXISTS seen (id PRIMARY KEY)")
while True:
    items = json.load(urlopen(site + "/list.json"))["items"]
    new = [one for one in items if seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", [one["id"]]).rowcount]
    for one in new:
        urlopen(Request(site + "/chat", data=json.dumps(one).encode()))
"""
"""What many programs do: remember the news, then send it."""


def states(path: Path) -> dict[str, int]:
    """How many deliveries stand in each state."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())


def test_killed_again_and_again_it_loses_nothing_and_repeats_little(tmp_path: Path) -> None:
    dice, kills, interrupted = random.Random(SEED), 0, 0  # noqa: S311 (dice, no secret)
    with served() as world:
        config, log = write_config(world, tmp_path), tmp_path / "log"
        command = [sys.executable, "-m", "bot", "--config", str(config), "run"]
        database = tmp_path / "data" / "tocsin.db"
        live_on(world, command, log, done=world.asked.is_set)  # the first look tells nobody
        while kills < KILLS or (not interrupted and kills < MOST):
            live_and_die(world, command, log, dice)
            kills += 1
            interrupted += states(database).get("sending", 0)
            assert damage(database) == ""
        code = live_on(world, command, log, done=lambda: not world.waits_for())
        found = count(world.published, world.letters)
    print(f"{kills=} {interrupted=} published={len(world.published)} letters={len(world.letters)} {found.repeats=}")
    assert code == 0
    assert len(found.missing) == 0
    assert set(states(database)) == {"sent"}
    assert interrupted, "no kill came while a letter was on its way, so little was proven"
    assert max(found.repeats.values()) <= kills
    assert sum(found.repeats.values()) <= interrupted
    assert (found.kept["mail"], found.kept["hook"]) == (0, 0)
    unmarked = [one for one in world.letters if phrase("repeat", "en") not in one.text]
    assert count(world.published, unmarked).repeats["chat"] == 0, "a repeat that nobody can drop says what it is"


def test_who_remembers_and_then_sends_loses_some(tmp_path: Path) -> None:
    """The negative control, killed in the same way."""
    dice, log = random.Random(SEED), tmp_path / "log"  # noqa: S311 (dice, no secret)
    with served() as world:
        command = [sys.executable, "-c", NAIVE, world.site, str(tmp_path / "seen.db")]
        for _ in range(KILLS):
            live_and_die(world, command, log, dice)
        looks = world.looks
        live_on(world, command, log, done=lambda: world.looks >= looks + 2)  # it has sent all that it ever will
        found = count(world.published, world.letters, ["chat"])
    print(f"kills={KILLS} published={len(world.published)} lost={len(found.missing)}")
    assert found.missing


NAMES = [title(1), title(2)]
LETTERS = [Letter(channel, f"{channel}-{name}", f"Subject: {name}!") for channel in ("mail", "hook") for name in NAMES]


@pytest.mark.parametrize(
    ("letters", "missing", "repeats", "kept"),
    [
        (LETTERS, 0, 0, 0),
        (LETTERS[1:], 1, 0, 0),
        ([*LETTERS, LETTERS[0]], 0, 1, 0),
        ([*LETTERS, replace(LETTERS[0], key="another")], 0, 1, 1),
        ([*LETTERS, replace(LETTERS[0], key="")], 0, 1, 1),
        ([*LETTERS, Letter("mail", "digest", " and ".join(NAMES))], 0, 2, 2),
        ([*LETTERS[2:], Letter("mail", "digest", " and ".join(NAMES))], 0, 0, 0),
        ([], 4, 0, 0),
    ],
    ids=["all is well", "lost", "repeated", "another key", "no key", "in a digest, too", "in a digest", "nothing"],
)
def test_who_counts_sees_what_is_planted(letters: list[Letter], missing: int, repeats: int, kept: int) -> None:
    found = count(NAMES, letters, ["mail", "hook"])
    assert (len(found.missing), found.repeats.total(), found.kept.total()) == (missing, repeats, kept)

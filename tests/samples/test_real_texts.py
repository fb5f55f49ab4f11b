"""Real texts through the whole pipeline; skipped, loudly, where the samples are not at hand."""

import json
import re
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.core.intake import read_line
from bot.core.promising import Audience
from bot.core.rules.rule import RuleSet
from bot.loading import load_sources
from bot.model import Poll
from bot.pipeline import collect, ingest
from bot.ports import World
from bot.rule_files import load_rules
from bot.starting import starter_rules
from tests.fakes import FakeWeb, world


@pytest.fixture
def here(database: Database) -> World:
    made = world(database)
    rules = RuleSet(rule for rule, _ in load_rules(starter_rules(), []) if rule.spec.enabled)
    return World(
        clock=made.clock,
        fetcher=made.fetcher,
        store=made.store,
        notifier=made.notifier,
        audience=Audience(rules=rules, channels={"me": ("",)}),
    )


def take(here: World, lines: list[dict[str, object]]) -> Poll:
    known = load_sources([], [])
    drafts = ((f"line {n}", *read_line(json.dumps(line), known)) for n, line in enumerate(lines))
    [(poll, wrong)] = ingest(drafts, here, baseline=False)
    assert wrong == []
    return poll


def seed(samples: Path) -> list[dict[str, object]]:
    """The ministry's list as a person sees it: a line '-', category, title, text with 'date' glued to the day."""
    text = (samples / "motie-seed" / "releases.txt").read_text(encoding="utf-8")
    releases = []
    for number, block in enumerate(part for part in re.split(r"^-\n", text, flags=re.MULTILINE) if part.strip()):
        category, title, body = block.strip().split("\n", 2)
        body, day = re.fullmatch(r"(.*?)\s*date(\d{4}-\d\d-\d\d)", body.strip(), re.DOTALL).groups()  # type: ignore[union-attr]
        releases.append(
            {"id": str(number), "title": title, "body": body, "category": category, "published": day, "source": "motie"}
        )
    return releases


def alerts(database: Database) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in Archive(database).outbox(limit=1000):
        found.setdefault(record["rule"], []).append(record["title"])
    return found


def test_the_ministrys_ten_releases(samples: Path, here: World, database: Database) -> None:
    releases = seed(samples)
    assert len(releases) == 10
    poll = take(here, releases)
    assert (poll.new, poll.folded) == (10, 3)
    told = alerts(database)
    assert told.keys() == {"anti-dumping", "tariffs", "export-controls"}
    [dumping] = told["anti-dumping"]
    assert dumping.startswith("Korea Trade Commission proposes anti-dumping duty")
    assert told["tariffs"] == ["Korea and the U.S. establish framework for tariff discussions"]
    [export] = told["export-controls"]
    assert "rare earth" in export
    stories = {record["title"]: record["count"] for record in Archive(database).stories(limit=99)}
    assert len(stories) == 7
    assert stories["Korea and the U.S. establish framework for tariff discussions"] == 3, "and its two captions"
    assert stories["Trade Minister meets Costa Rica's Minister of Foreign Trade"] == 2, (
        "the caption, and what it begins"
    )


def test_the_ministrys_ten_releases_in_the_other_order_tell_the_same(
    samples: Path, here: World, database: Database
) -> None:
    take(here, seed(samples)[::-1])
    assert {rule: len(titles) for rule, titles in alerts(database).items()} == {
        "anti-dumping": 1,
        "tariffs": 1,
        "export-controls": 1,
    }


def federal_register(samples: Path) -> list[dict[str, object]]:
    file = samples / "us-federal-register" / "federal_register_2025-06-02.json"
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_a_day_of_the_federal_register_by_the_shipped_source(samples: Path, here: World, database: Database) -> None:
    documents = federal_register(samples)
    source = load_sources([], [])["us/federal-register"]
    web = FakeWeb({source.page_url(): json.dumps({"count": 0, "results": []})})
    polling = World(clock=here.clock, fetcher=web, store=here.store, notifier=here.notifier, audience=here.audience)
    assert "there must be at least 20" in collect(source, polling).error
    web.pages[source.page_url()] = json.dumps({"count": len(documents), "results": documents})
    assert collect(source, polling).new == len(documents) == 114
    web.pages[source.page_url()] = json.dumps({"results": documents[:-1]})
    assert collect(source, polling).new == 0
    met = {one["external_id"] for one in Archive(database).releases(limit=999, rule="anti-dumping")}
    assert {"2025-09825", "2025-09826", "2025-09829"} <= met, "titles that name neither dumping nor countervailing"
    assert alerts(database) == {}, "the first poll is silent"


@pytest.mark.parametrize("folder", ["uk-tra", "eu-tdi", "ustr", "gov-uk"])
def test_other_authorities_texts_pass(samples: Path, here: World, folder: str) -> None:
    records = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((samples / folder).glob("*.json"))]
    lines = []
    for number, record in enumerate(records):
        body = (
            record.get("text") or record.get("body") or record.get("content") or record.get("details", {}).get("body")
        )
        title = record.get("title") or record.get("name") or f"{folder} {number}"
        lines.append({"id": str(number), "title": str(title), "body": str(body or ""), "source": folder})
    poll = take(here, lines)
    assert poll.new == len(records) > 0
    again = take(here, lines)
    assert (again.new, again.planned) == (0, 0)

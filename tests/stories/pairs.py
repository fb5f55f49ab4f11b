"""The labelled pairs: families of releases in `*.toml`, `*-learn*` to build the judge by, `*-test` kept for testing only."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.core.intake import read_line
from bot.core.normalise import normalise
from bot.core.stories.judging import relate
from bot.model import Relation, Release

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 24, tzinfo=UTC)
FOLDED = (Relation.DUPLICATE, Relation.SAME_STORY)


@dataclass(frozen=True)
class Pair:
    """Two releases and how their writer says they relate."""

    name: str
    a: Release
    b: Release
    relation: Relation


def pairs(*names: str) -> Iterator[Pair]:
    """The pairs of the files called `names`."""
    for name in names:
        for family in tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))["family"]:
            members = {one["id"]: _release(family["name"], one) for one in family["release"]}
            for pair in family["pair"]:
                label = f"{family['name']}: {pair['a']} | {pair['b']}"
                yield Pair(label, members[pair["a"]], members[pair["b"]], Relation(pair["relation"]))


def _release(family: str, one: dict[str, str]) -> Release:
    draft, source = read_line(_line(family, one), {})
    return normalise(draft, source, now=NOW)


def _line(family: str, one: dict[str, str]) -> str:
    import json

    return json.dumps(
        {
            "id": f"{family}/{one['id']}",
            "title": one["title"],
            "body": one["text"],
            "published": one["date"],
            "source": one["source"],
        }
    )


def confusion(*names: str) -> Counter[tuple[Relation, Relation]]:
    """How often each label was judged as what."""
    return Counter((pair.relation, relate(pair.a, pair.b).relation) for pair in pairs(*names))


def folded(found: Counter[tuple[Relation, Relation]], label: Relation) -> float:
    """The share of the pairs with one label that the judge folds, 0 to 1."""
    many = sum(count for (said, _), count in found.items() if said is label)
    return sum(found[label, one] for one in FOLDED) / many


def files(kind: str) -> list[str]:
    """The names of the files of one kind, `learn` or `test`."""
    return sorted(file.stem for file in HERE.glob(f"*-{kind}*.toml"))

"""What must hold of any two releases, real or made up by chance."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.core.intake import read_line
from bot.core.stories.diffing import changed_sentences, word_diff
from bot.core.stories.judging import judge_revision, relate
from bot.core.stories.signature import kept, sought
from bot.model import Relation, Release
from bot.pipeline import ingest
from tests.fakes import world
from tests.stories.pairs import files, pairs

TOLD = list(pairs(*files("learn")))
BODIES = [one.body for pair in TOLD for one in (pair.a, pair.b)]
WILD = (
    st.text(max_size=300)
    | st.sampled_from(BODIES)
    | st.lists(
        st.sampled_from(
            "24일 4월 24일 2026.4.24. 99/99/2026 제459차 3천 200억 $58.2-billion May 1st 31.02.2025 '26.1.15 — ※ 1조 A-580-912 &amp; U.S.".split()
        ),
        max_size=30,
    ).map(" ".join)
)


def made(title: str, body: str, day: date = date(2026, 11, 2), number: str = "1") -> Release:
    from bot.core.normalise import normalise
    from scrapers.model import Draft
    from tests.fakes import SOURCE, START

    return normalise(Draft(id=number, title=title, body=body, published=day.isoformat()), SOURCE, now=START)


@given(WILD, WILD, st.integers(0, 400))
def test_any_two_texts_are_judged(one: str, other: str, days: int) -> None:
    a, b = made("One", one or "x"), made("Other", other or "y", date(2026, 1, 1) + timedelta(days=days), "2")
    verdict = relate(a, b)
    assert 0 <= verdict.score <= 1
    assert verdict.why
    assert judge_revision(a, b).relation in set(Relation)


@given(st.sampled_from(TOLD))
def test_the_same_release_again_is_a_duplicate_whatever_its_id(pair: object) -> None:
    release = pair.a  # type: ignore[attr-defined]
    again = replace(release, key=replace(release.key, id="again"), url="")
    expected = Relation.DUPLICATE if release.body else relate(again, release).relation
    assert relate(release, again).relation is expected


@given(st.sampled_from(TOLD), st.sampled_from(TOLD))
def test_releases_of_two_families_are_judged_alike_both_ways(one: object, other: object) -> None:
    a, b = one.a, other.b  # type: ignore[attr-defined]
    if one.name.split(":")[0] != other.name.split(":")[0]:  # type: ignore[attr-defined]
        folds = {Relation.DUPLICATE, Relation.SAME_STORY}
        assert (relate(a, b).relation in folds) == (relate(b, a).relation in folds)


@given(WILD, WILD)
def test_the_word_diff_holds_all_words_of_both(one: str, other: str) -> None:
    runs = word_diff(one, other)
    assert " ".join(text for kind, text in runs if kind != "+").split() == one.split()
    assert " ".join(text for kind, text in runs if kind != "-").split() == other.split()
    same = made("One", one or "x")
    assert changed_sentences(same, same) == ()


@given(st.sampled_from(TOLD))
def test_what_is_kept_is_sought_by_a_copy(pair: object) -> None:
    release = pair.a  # type: ignore[attr-defined]
    day, window = release.published, timedelta(days=60)
    assert set(kept(release.signature, day)) <= set(sought(release.signature, day, window))
    near = kept(release.signature, day)[: len(release.signature.near)]
    assert set(near) <= set(sought(release.signature, day + window, window))
    assert not set(near) & set(sought(release.signature, day + timedelta(days=400), window))


def test_signatures_are_the_same_on_every_machine() -> None:
    """Known answers: keys that are stored must be found after any upgrade."""
    release = made("Tariffs on steel from Chile", "The tariff on steel from Chile is 11.24 percent. " * 6)
    assert [release.signature.near[0], release.signature.about[0], release.signature.case[0]] == KNOWN


KNOWN = [48381899164834, 92830369458109, 205214862554210]


def lines() -> list[bytes]:
    """All releases of the learning half in the order of their days."""
    releases = {one.key: one for pair in TOLD for one in (pair.a, pair.b)}
    ordered = sorted(releases.values(), key=lambda one: (one.published or date.min, one.key.id))
    return [
        json.dumps(
            {
                "id": one.key.id,
                "source": one.key.source,
                "title": one.title,
                "body": one.body,
                "published": str(one.published),
            }
        ).encode()
        for one in ordered
    ]


def take(database: Database, told: list[bytes]) -> list[tuple[str, str, str]]:
    here = world(database)
    for _ in ingest((("line", *read_line(line, {})) for line in told), here, baseline=False, batch=50):
        pass
    return sorted((one["id"], one["story"], one["relation"]) for one in Archive(database).releases(limit=9999))


def test_replaying_an_archive_changes_nothing(database: Database, tmp_path: Path) -> None:
    told = lines()
    first = take(database, told)
    outbox = len(Archive(database).outbox(limit=9999))
    assert take(database, told) == first
    assert len(Archive(database).outbox(limit=9999)) == outbox
    other = Database.open(tmp_path / "other.db")
    assert take(other, told) == first, "another archive of the same releases has the same stories"
    other.close()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 0, 1)])
def test_a_family_of_three_is_one_story_in_any_order(database: Database, order: tuple[int, ...]) -> None:
    """A caption, its release, and a re-post with furniture."""
    release = (
        "Minister for Trade Yoon Hae-rim met European Commissioner Katarina Lindqvist in Brussels on April 24 to discuss"
        " the planned tariff-rate quotas on steel. The two agreed to set up a working group that meets every month until"
        " the quotas enter into force. Korea exported 3.94 million tonnes of steel to the EU last year, 6.1 percent less"
        " than the year before. Yoon asked that the quota of each origin be based on the average of three years."
    )
    texts = (
        ("Trade Minister meets Commissioner", release.split(". ", maxsplit=1)[0] + "."),
        ("Korea and EU set up working group on steel quotas", release),
        (
            "KOREA AND EU SET UP WORKING GROUP ON STEEL QUOTAS",
            f"Home > Press > Trade\n{release}\nContact: press@motir.example",
        ),
    )
    told = [
        json.dumps(
            {"id": str(at), "source": f"kr/{at}", "title": title, "body": body, "published": "2026-04-24"}
        ).encode()
        for at, (title, body) in enumerate(texts)
    ]
    assert len({story for _, story, _ in take(database, [told[at] for at in order])}) == 1
    assert len(Archive(database).outbox(limit=9)) == 1

from dataclasses import replace
from datetime import date

import pytest

from bot.core.normalise import normalise
from bot.core.stories.family import Family, same_document
from bot.model import Filed, Key, Relation, Release
from scrapers.model import Draft
from tests.fakes import SOURCE, START


def release(number: str, title: str, body: str, day: str = "2026-11-02", **changes: object) -> Release:
    made = normalise(Draft(id=number, title=title, body=body, published=day), SOURCE, now=START)
    return replace(made, **changes)  # type: ignore[arg-type]


def relation(new: Release, *earlier: Release) -> Relation | None:
    kin = Family(Filed(release=one, story=one.id) for one in earlier).kin(new)
    return kin.verdict.relation if kin else None


FIRST = release(
    "1", "Korea-U.S. trade consultation", "Minister Ahn met U.S. Trade Representative Greer on tariffs in Washington."
)


def test_the_same_title_on_the_same_day_is_one_story() -> None:
    twin = release(
        "2", "Korea–U.S. Trade Consultation", "Four of both sides at one table: the U.S. Treasury opposite Seoul."
    )
    assert relation(twin, FIRST) is Relation.SAME_STORY


def test_the_same_title_on_another_day_is_another_story() -> None:
    assert (
        relation(
            release("2", FIRST.title, "The officials came back for a second round of talks.", day="2026-11-03"), FIRST
        )
        is None
    )


def test_document_numbers_tell_bare_titles_apart() -> None:
    notices = [release(number, "Sunshine Act Meetings", "") for number in ("2025-10079", "2025-10080")]
    assert relation(notices[1], notices[0]) is None
    twice = [release(number, FIRST.title, "") for number in "12"]
    assert relation(twice[1], twice[0]) is Relation.DUPLICATE


def test_the_same_text_is_a_duplicate_wherever_it_stands() -> None:
    copy = replace(FIRST, key=Key("other/site", "", "x"), publisher="elsewhere")
    assert relation(copy, FIRST) is Relation.DUPLICATE


def test_the_same_words_a_month_later_are_another_event() -> None:
    """Authorities reuse whole notices with nothing new but the date."""
    notice = release(
        "1",
        "Initiation of Five-Year (Sunset) Reviews",
        "The department is automatically initiating the reviews of the orders listed below.",
        day="2026-10-01",
    )
    later = release("2", notice.title, notice.body, day="2026-11-02")
    assert notice.content_hash == later.content_hash
    assert relation(later, notice) is None
    assert relation(replace(later, published=date(2026, 10, 3)), notice) is Relation.DUPLICATE


def test_a_bare_title_says_too_little_across_publishers() -> None:
    bare = release("1", "Press release", "")
    assert relation(replace(bare, key=Key("x", "", "9"), publisher="elsewhere"), bare) is None


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"key": Key("demo/topics", "2", "1")}, True),
        ({"key": Key("demo/topics", "1", "1")}, False),  # ids count per board
        ({"key": Key("demo/topics", "2", "1"), "title_key": "another"}, False),  # the number alone says nothing
        ({"key": Key("demo/topics", "2", "1"), "published": date(2026, 11, 3)}, False),
        ({"key": Key("demo/topics", "2", "1"), "publisher": "elsewhere"}, False),
    ],
)
def test_the_same_document_on_another_list(change: dict[str, object], same: bool) -> None:
    other = replace(FIRST, content_hash="other text", **change)  # type: ignore[arg-type]
    assert same_document(FIRST, other) is same


def test_the_same_document_on_another_list_is_a_duplicate_though_its_text_is_cut() -> None:
    cut = replace(FIRST, key=Key("demo/topics", "2", "1"), content_hash="cut", body="The minister met")
    assert relation(cut, FIRST) is Relation.DUPLICATE

from dataclasses import replace
from datetime import date

import pytest

from bot.core.normalise import BadDraft, content_hash, day, key, normalise
from bot.core.normalise import plain as plain_text
from scrapers.identity import own_link
from scrapers.model import Draft
from tests.fakes import SOURCE, START

DRAFT = Draft(
    id="17", title="Tariff talks", body="They met.", published="2026-11-02", url="https://press.example/17/view"
)


def test_a_release_is_clean_and_dated_in_the_sources_zone() -> None:
    release = normalise(replace(DRAFT, title=" Tariff &amp; duty\u200b  talks "), SOURCE, now=START)
    assert release.title == "Tariff & duty talks"
    assert release.published == date(2026, 11, 2)
    assert release.key.board == "2"
    assert release.seen == START


def test_the_detail_wins_over_the_listing_and_the_listing_fills_the_gaps() -> None:
    release = normalise(Draft(id="", body="The whole text."), SOURCE, now=START, listed=replace(DRAFT, body="The who"))
    assert (release.title, release.body) == ("Tariff talks", "The whole text.")
    assert release.key.id == "17"


def test_the_identity_comes_from_the_listing_never_from_the_detail() -> None:
    release = normalise(Draft(id="999", body="x"), SOURCE, now=START, listed=DRAFT)
    assert release.key == key(DRAFT, SOURCE)


@pytest.mark.parametrize(
    "spelling",
    [
        "http://old.example/a?utm_source=x",
        "https://PRESS.example/a;jsessionid=123",
        "https://press.example:443/a",
    ],
)
def test_ids_that_are_links_have_one_spelling(spelling: str) -> None:
    assert key(Draft(id=spelling), SOURCE).id == "https://press.example/a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://press.example/view?1", "https://press.example/view?2"),
        ("https://press.example/news#12", "https://press.example/news#13"),
        ("http://[x", "http://[y"),
        ("https://h:abc/", "https://h:abd/"),
    ],
)
def test_ids_that_differ_stay_apart_whatever_they_look_like(one: str, other: str) -> None:
    assert key(Draft(id=one), SOURCE) != key(Draft(id=other), SOURCE)


@pytest.mark.parametrize(
    "clothes",
    [
        "The  KTC proposed duties of 11.37% - 18.81%\n on “steel”.",
        "the ktc proposed duties of 11.37%–18.81% on &quot;steel&quot;",
        "• The KTC proposed duties of 11.37% – 18.81% on 'steel' . date2026-11-02",
        "Skip to Main Contents The KTC proposed duties of 11.37% - 18.81% on steel.",
        "<p>The KTC proposed duties of 11.37% - 18.81% on <b>steel</b>.</p>",
    ],
)
def test_the_same_text_in_other_clothes_has_the_same_hash(clothes: str) -> None:
    plain = content_hash("Title", "The KTC proposed duties of 11.37% - 18.81% on steel.")
    assert content_hash("TITLE ", plain_text(clothes), boilerplate=("Skip to Main Contents",)) == plain


@pytest.mark.parametrize(
    "other",
    [
        "The KTC proposed duties of 11.37% - 18.82% on steel.",
        "The KTC proposed duties of 1137% - 18.81% on steel.",
        "The KTC proposed duties of 11.37 - 18.81 on steel.",
        "Exports fell -3 percent.",
    ],
)
def test_other_figures_and_signs_are_another_text(other: str) -> None:
    plain = content_hash("Title", "The KTC proposed duties of 11.37% - 18.81% on steel.")
    assert content_hash("Title", other) not in {plain, content_hash("Title", "Exports fell 3 percent.")}


@pytest.mark.parametrize(
    ("text", "forms", "expected"),
    [
        ("2025-04-24", ("%Y-%m-%d",), date(2025, 4, 24)),
        ("2025.04.24", ("%Y-%m-%d", "%Y.%m.%d"), date(2025, 4, 24)),
        ("24 April 2025", ("%d %B %Y",), date(2025, 4, 24)),
        ("2025-04-23T23:30:00+00:00", ("iso",), date(2025, 4, 24)),  # already the next day in Seoul
        ("1745446200000", ("epoch-ms",), date(2025, 4, 24)),
        ("", ("%Y-%m-%d",), None),
        ("0001-01-01", ("%Y-%m-%d",), BadDraft),
        ("9999-12-31", ("iso",), BadDraft),
        ("0001-01-01T00:00:00+14:00", ("iso", "%Y-%m-%dT%H:%M:%S%z"), BadDraft),
    ],
)
def test_dates(text: str, forms: tuple[str, ...], expected: date | type[BadDraft] | None) -> None:
    if expected is BadDraft:
        with pytest.raises(BadDraft):
            day(text, SOURCE.model_copy(update={"dates": forms}))
        return
    assert day(text, SOURCE.model_copy(update={"dates": forms})) == expected


def test_a_date_in_no_known_form_is_refused_with_the_forms() -> None:
    with pytest.raises(BadDraft, match=r"'2nd of May' has none of the forms %Y-%m-%d"):
        normalise(replace(DRAFT, published="2nd of May"), SOURCE, now=START)


def test_lenient_reading_does_without_a_date() -> None:
    assert normalise(replace(DRAFT, published="2nd of May"), SOURCE, now=START, lenient=True).published is None


def test_nothing_to_read_is_refused() -> None:
    with pytest.raises(BadDraft, match="neither a title nor a text"):
        normalise(Draft(id="3", title=" ", body="<p></p>"), SOURCE, now=START)


def test_the_items_own_category_wins_over_the_lists() -> None:
    topical = SOURCE.model_copy(update={"categories": ("Energy",)})
    assert normalise(DRAFT, topical, now=START).categories == ("Energy",)
    assert normalise(replace(DRAFT, categories=("Industry",)), topical, now=START).categories == ("Industry",)


def test_text_with_a_less_than_sign_is_not_taken_for_markup() -> None:
    assert normalise(replace(DRAFT, body="margins <2% and a<b are de minimis"), SOURCE, now=START).body.startswith(
        "margins <2% and a<b"
    )


def test_a_link_in_the_text_never_becomes_the_releases_link() -> None:
    detail = Draft(id="", url="https://evil.example/x", body="x")
    assert normalise(detail, SOURCE, now=START, listed=DRAFT).url == DRAFT.url


@pytest.mark.parametrize(
    "link", ["https://evil.com\\@press.example/x", "https://u@press.example/x", "https://press.example.evil.com/"]
)
def test_a_link_that_only_looks_like_the_sources_host_is_none(link: str) -> None:
    assert own_link(link, SOURCE) == ""

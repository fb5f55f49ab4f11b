"""Every shipped source reads its saved page as it should: golden page in, golden JSON out."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from bot.core.normalise import normalise
from bot.loading import load_sources
from scrapers.extractors import extract
from scrapers.model import HtmlStep, JsonStep, Page, Source, Step
from tests.fakes import START

HERE = Path(__file__).parent
SOURCES = load_sources([], [])


def golden(source: Source, name: str) -> tuple[Page, list[dict[str, object]]]:
    folder = HERE / source.id
    pages = [file for file in folder.glob(f"{name}.*") if not file.name.endswith(".expected.json")]
    assert len(pages) == 1, f"{source.id} has no golden data: run `tocsin sample {source.id}` and look at the JSON"
    kind = {".html": "text/html; charset=utf-8", ".json": "application/json", ".xml": "application/xml"}
    page = Page(url=source.page_url(), body=pages[0].read_bytes(), content_type=kind[pages[0].suffix])
    return page, json.loads((folder / f"{name}.expected.json").read_text(encoding="utf-8"))


def read(page: Page, step: Step) -> list[dict[str, object]]:
    return json.loads(json.dumps([asdict(draft) for draft in extract(page, step)]))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_list(source: Source) -> None:
    page, expected = golden(source, "listing")
    assert read(page, source.listing) == expected
    assert len(expected) >= source.at_least


@pytest.mark.parametrize("source", [one for one in SOURCES.values() if one.detail], ids=lambda one: one.id)
def test_the_detail_page(source: Source) -> None:
    page, expected = golden(source, "detail")
    assert source.detail is not None
    assert read(page, source.detail) == expected
    assert expected[0]["body"]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_item_becomes_a_release_with_a_link_and_a_day(source: Source) -> None:
    page, _ = golden(source, "listing")
    for draft in extract(page, source.listing):
        release = normalise(draft, source, now=START)
        assert release.url.startswith(f"https://{source.hosts[0]}/")
        assert release.published is not None
        assert "<" not in release.title


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_changed_layout_is_noticed(source: Source) -> None:
    """The negative control: take away what the source file looks for, and nothing is read."""
    page, _ = golden(source, "listing")
    lost = page.body.replace(b"board-list", b"new-list").replace(b'"results"', b'"data"')
    with pytest.raises(Exception, match=r"container|not a list"):
        list(extract(Page(url=page.url, body=lost), source.listing))


def test_topic_lists_carry_the_category_and_the_press_list_none() -> None:
    for source in SOURCES.values():
        if source.publisher == "kr/motir":
            assert bool(source.categories) is source.id.startswith("kr/motir-topics-")


def test_the_ministrys_former_host_is_the_same_identity() -> None:
    for source in SOURCES.values():
        if source.publisher == "kr/motir":
            assert source.hosts == ("english.motir.go.kr",)
            assert source.aliases == ("english.motie.go.kr",)


def test_every_shipped_source_is_data() -> None:
    assert {type(source.listing) for source in SOURCES.values()} == {HtmlStep, JsonStep}

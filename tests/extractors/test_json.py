import json
from dataclasses import replace

import pytest

from bot.core.normalise import normalise
from scrapers.errors import LayoutError
from scrapers.extractors import extract
from scrapers.identity import own_link
from scrapers.model import Draft, JsonStep, Page
from tests.fakes import SOURCE, START

STEP = JsonStep(
    extract="json",
    items="results",
    id="number",
    title="title",
    url="link.href",
    body=("action", "abstract"),
    published="date",
    category="agencies[].name",
)


def read(answer: object, step: JsonStep = STEP) -> list[Draft]:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return list(extract(Page(url="https://api.example/", body=body), step))


def test_paths_into_an_answer() -> None:
    item = {
        "number": 17,
        "title": "Notice",
        "link": {"href": "https://api.example/17"},
        "action": "Final results.",
        "abstract": None,
        "date": "2026-11-02",
        "agencies": [{"name": "ITA"}, {"name": "ITC"}, {"slug": "no-name"}],
    }
    assert read({"results": [item]}) == [
        Draft(
            id="17",
            url="https://api.example/17",
            title="Notice",
            body="Final results.",
            published="2026-11-02",
            categories=("ITA", "ITC"),
        )
    ]


def test_an_answer_that_is_a_list_itself() -> None:
    assert read([{"number": "1", "title": "T"}], STEP.model_copy(update={"items": "@"}))[0].id == "1"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"<html>maintenance</html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ({"error": "x"}, "'results' is not a list"),
    ],
)
def test_another_shape_is_a_changed_layout(answer: object, why: str) -> None:
    with pytest.raises(LayoutError, match=why):
        read(answer)


def test_a_path_that_is_not_jmespath_is_named() -> None:
    with pytest.raises(LayoutError, match="cannot be followed"):
        read({}, STEP.model_copy(update={"items": "results["}))


def test_an_item_without_an_id_has_an_empty_one() -> None:
    assert [draft.id for draft in read({"results": [{"title": "no number"}, {"number": 1}]})] == ["", "1"]


def test_half_characters_do_not_reach_the_store() -> None:
    [draft] = read(
        b'{"results": [{"number": "\\ud800", "title": "T\\udfff", "link": {"href": "https://press.example/\\ud800"}}]}'
    )
    release = normalise(replace(draft, url=own_link(draft.url, SOURCE)), SOURCE, now=START)
    "".join((release.key.id, release.title, release.url)).encode()

import json

import pytest

from bot.core.intake import BadLine, read_line
from bot.core.normalise import key, normalise
from tests.fakes import SOURCE, START

SOURCES = {SOURCE.id: SOURCE}


def test_a_line_becomes_a_draft_of_its_source() -> None:
    line = {
        "url": "https://x.example/1",
        "title": "T",
        "body": "B",
        "published": "2026-11-02T10:00:00Z",
        "category": "A; B",
    }
    draft, source = read_line(json.dumps(line), SOURCES)
    release = normalise(draft, source, now=START)
    assert release.key.source == "ingest"
    assert (release.title, release.categories, str(release.published)) == ("T", ("A", "B"), "2026-11-02")


def test_a_link_of_a_known_source_is_the_release_that_a_poll_would_find() -> None:
    """Also under the host's former name."""
    for host in ("press.example", "old.example"):
        line = {"url": f"http://{host}/17/view?pageIndex=1", "title": "T", "source": "demo/press"}
        draft, source = read_line(json.dumps(line), SOURCES)
        assert (key(draft, source).board, key(draft, source).id) == ("2", "17")


def test_an_id_is_taken_as_it_is() -> None:
    draft, _ = read_line('{"id": 17, "title": "T"}', SOURCES)
    assert draft.id == "17"


def test_without_id_and_link_the_content_is_the_identity() -> None:
    one, _ = read_line('{"title": "T", "body": "B"}', SOURCES)
    same, _ = read_line('{"body": "B", "title": "T"}', SOURCES)
    other, _ = read_line('{"title": "T", "body": "C"}', SOURCES)
    assert one.id == same.id != other.id


def test_what_releases_prints_can_be_read_back() -> None:
    draft, _ = read_line('{"id": "0123", "board": "2", "external_id": "17", "title": "T", "story": "s"}', SOURCES)
    assert (draft.board, draft.id) == ("2", "17")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "not JSON: Expecting value at column 1"),
        ("[1]", "a JSON object was expected, not a list"),
        ('{"title": ["T"]}', "title must be a text, not a list"),
        ('{"url": "https://x.example"}', "neither a title nor a body"),
        ('{"title": "T", "source": "No Such!"}', "source 'No Such!': write small letters"),
        ("[" * 100_000, "not JSON"),
        (b'\xff\xfe{"title"', "not JSON"),
        ('{"title": ' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_a_line_that_is_no_release_says_why(line: str | bytes, why: str) -> None:
    with pytest.raises(BadLine, match=why):
        read_line(line, SOURCES)


@pytest.mark.parametrize(
    "line",
    [
        '{"title": "T", "url": "http://[x"}',
        '{"title": "T", "url": "https://h:abc/"}',
        '{"title": "T", "id": "\\ud800"}',
        '{"title": "T\\udfff", "category": ["\\ud800"]}',
        '{"title": "T", "url": null, "published": null, "category": null}',
    ],
)
def test_odd_values_become_releases_that_can_be_stored(line: str) -> None:
    draft, source = read_line(line, SOURCES)
    release = normalise(draft, source, now=START)
    assert release.id
    "".join((release.title, release.url, *release.categories, release.key.id)).encode()

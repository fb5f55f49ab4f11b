"""What the full-text index is asked for: never too little. The index of these tests is SQLite's own, in memory."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from importlib import import_module

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from bot.core.rules import fulltext
from bot.core.rules.fulltext import expression, sought
from bot.core.rules.judging.explaining import holds
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.parsing import parse
from bot.core.rules.language.term import BadTerm, Term, parse_term
from bot.core.rules.language.tree import And, AtLeast, Near, Not, Or, Query, Word
from bot.core.rules.language.words import searchable
from tests.rules.strategies import LISTS, single

SCHEMA = import_module("bot.adapters.database.migrations.versions.0003_search").WORDS


def possible(query: Query, texts: list[Subject]) -> set[int]:
    """The places of those texts that the index names."""
    told = expression(query)
    if told is None:
        return set(range(len(texts)))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(SCHEMA)
        rows = [(place, searchable(one.title), searchable(one.body)) for place, one in enumerate(texts)]
        connection.executemany("INSERT INTO release_words (rowid, title, body) VALUES (?, ?, ?)", rows)
        found = connection.execute("SELECT rowid FROM release_words WHERE release_words MATCH ?", (told,))
        return {place for (place,) in found}


def lost(query: Query, texts: list[Subject]) -> set[int]:
    """The places of those texts that the query holds for and the index does not name."""
    return {place for place, one in enumerate(texts) if holds(query, one)} - possible(query, texts)


ATOMS = (
    "tariff tariffs duty duties anti dumping antidumping Anti-Dumping steel cold-rolled rolled re view review us U.S. u.s"
    " 3.5 1,000 its x-its boxes boxe's status café CAFÉ ﬁnes ﷺ ⑴ ½ _view a 중 中國 관세 관세청 관세를 관 세 덤핑 반덤핑 反덤핑"
    " 덤핑방지관세 수출 수출을 통제 통제가 KTC가 FTA협정 협정 ftas 대한민국 대한 민국 ㎏ '\" AND"
).split()
texts = st.lists(
    st.tuples(st.sampled_from(ATOMS), st.sampled_from([" ", " ", "-", ". ", "\n", "·", "", " “"])), max_size=8
).map(lambda parts: "".join(word + gap for word, gap in parts))
subjects = st.builds(Subject, title=texts, body=texts)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    words = draw(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3))
    written = draw(st.sampled_from([" ", " ", "-", ""])).join(words)
    form = draw(st.sampled_from(["plain", "plain", "=", "*"]))
    if form == "*":
        written = written[: draw(st.integers(1, len(written)))] + "*"
    try:
        return parse_term("=" + written if form == "=" else written)
    except BadTerm:
        reject()


places = st.sampled_from(["", "", "title", "body"])
words = st.builds(Word, terms(), places)
nears = st.builds(Near, st.lists(terms(), min_size=2, max_size=3).map(tuple), st.integers(0, 3), places)


def _compounds(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    some = st.lists(parts, min_size=1, max_size=4).map(tuple)
    chosen = st.tuples(some, st.integers(0, 3)).map(lambda told: AtLeast(1 + told[1] % len(told[0]), told[0]))
    return st.one_of(some.map(And), some.map(Or), parts.map(Not), chosen)


queries = st.recursive(st.one_of(words, words, nears), _compounds, max_leaves=6)


@given(query=queries, found=st.lists(subjects, min_size=1, max_size=6))
def test_no_release_that_the_judge_takes_is_missed(query: Query, found: list[Subject]) -> None:
    assert lost(query, found) == set()


@given(told=single)
def test_so_it_is_with_all_that_the_language_has(told: tuple[str, Subject]) -> None:
    written, one = told
    assert lost(parse(written, LISTS), [one]) == set()


# Each needs one of the ways in which the index differs from the text; without that way it would be lost.
NEEDED: dict[str, tuple[str, str, str, Callable[..., object]]] = {
    "a beginning that a plural has lost": ("duti*", "New duties", "singular", lambda word: word),
    "an ending as it is written": ("=duties", "New duties", "_written", fulltext._token),
    "spaces inside a compound": (
        "덤핑방지관세",
        "덤핑 방지 관세",
        "_korean",
        lambda text, _: fulltext._beginning(text),
    ),
    "a particle inside a compound": (
        '"수출 통제"',
        "수출을 통제",
        "_korean",
        lambda text, _: fulltext._beginning(text),
    ),
}


@pytest.mark.parametrize(("query", "text", "name", "fault"), NEEDED.values(), ids=NEEDED)
def test_the_hard_ones_are_found_and_the_test_would_see_it_if_not(
    query: str, text: str, name: str, fault: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, stored = parse(query), [Subject(body=text)]
    assert holds(asked, stored[0])
    assert lost(asked, stored) == set()
    monkeypatch.setattr(fulltext, name, fault)
    assert lost(asked, stored) == {0}


@pytest.mark.parametrize(
    ("query", "others"),
    [
        ("tariff", ["tariff war", "tarif", "taxes"]),
        ("anti-dumping", ["dumping only", "antitrust"]),
        ("title:tariff", ["about tariffs"]),
        ("2 of (steel, iron, copper)", ["steel", "copper wire"]),
        ("관세", ["관광", "세관"]),
        ("=관세", ["관광", "세관"]),
        ("steel AND (iron OR copper)", ["steel", "copper"]),
    ],
)
def test_what_has_not_the_words_is_not_looked_at(query: str, others: list[str]) -> None:
    stored = [Subject(body=text) for text in others]
    right = [place for place, one in enumerate(stored) if holds(parse(query), one)]
    assert possible(parse(query), stored) == set(right)


@pytest.mark.parametrize("query", ["/steel/", "NOT steel", "category:Energy", "steel OR /iron/", "1 of (/a/, b)"])
def test_what_has_no_word_that_is_needed_is_asked_of_all(query: str) -> None:
    assert sought(parse(query)).match == ""


def test_days_and_sources_that_must_be_met() -> None:
    found = sought(parse("steel published:2025-04 published:<2025-04-10 source:kr/* (source:kr/a OR source:us/b)"))
    assert (found.first, found.last) == (date(2025, 4, 1), date(2025, 4, 9))
    assert found.sources == (("kr/*",), ("kr/a", "us/b"))


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("published:>2025-04", (date(2025, 5, 1), None)),
        ("published:>=2025-04", (date(2025, 4, 1), None)),
        ("published:<2025", (None, date(2024, 12, 31))),
        ("published:<=2025", (None, date(2025, 12, 31))),
        ("published:>9999", (date(9999, 12, 31), None)),
        ("published:2025 OR steel", (None, None)),
        ("NOT published:2025", (None, None)),
        ("words:>50", (None, None)),
    ],
)
def test_days(query: str, days: tuple[date | None, date | None]) -> None:
    found = sought(parse(query))
    assert (found.first, found.last) == days


def test_a_source_or_something_else_bounds_nothing() -> None:
    assert sought(parse("source:kr/* OR steel")).sources == ()


def _long() -> Iterator[str]:
    yield " OR ".join(f"countervailing{n}" for n in range(90))
    yield "(" * 18 + "steel" + ")" * 18
    query = "steel"
    for n in range(9):
        query = f"(a{n} OR (b{n} AND {query}))"
    yield query


@pytest.mark.parametrize("query", list(_long()))
def test_sqlite_takes_all_that_the_language_takes(query: str) -> None:
    assert possible(parse(query), [Subject(body="nothing of it")]) == set()


def test_a_list_as_long_as_allowed_is_taken() -> None:
    parts = tuple(Word(parse_term(f"countervailing measure{n}")) for n in range(1000))
    assert possible(Or(parts), [Subject(body="countervailing measure77"), Subject(body="none")]) == {0}
    assert possible(AtLeast(500, parts), [Subject(body="none")]) == set()

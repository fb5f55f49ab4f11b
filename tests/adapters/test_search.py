"""The search over a real SQLite file: the releases that a rule would match, the latest first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.database import Database, SqlStore, searching
from bot.adapters.database.archive import Archive
from bot.core.normalise import normalise
from bot.core.rules.language.parsing import parse
from bot.core.rules.language.words import searchable
from bot.errors import StoreError
from bot.model import Decision, Filed, Poll, Polled, Release
from scrapers.model import Draft
from tests.fakes import SOURCE, START

POLL = Poll(source="demo/press", at=START, result=Polled.OK)


def release(number: int, title: str, body: str = "", *, day: str = "2026-11-02", source: str = "kr/motir") -> Release:
    here = SOURCE.model_copy(update={"id": source})
    return normalise(Draft(id=str(number), title=title, body=body, published=day), here, now=START)


def put(database: Database, *releases: Release) -> None:
    filed = tuple(Filed(release=one, story=one.id) for one in releases)
    SqlStore(database).commit((), lambda _: Decision(poll=POLL, filed=filed))


def revise(database: Database, *releases: Release) -> None:
    revised = tuple(Filed(release=one, story=one.id, revision=2) for one in releases)
    SqlStore(database).commit((), lambda _: Decision(poll=POLL, revised=revised))


def search(
    database: Database, query: str, *, limit: int = 100, source: str = "", since: date | None = None
) -> list[str]:
    found = Archive(database).search(parse(query), limit=limit, source=source, since=since)
    assert found.whole
    return [hit.release.title for hit in found.hits]


def test_the_latest_published_comes_first_then_the_latest_to_arrive(database: Database) -> None:
    days = ("2026-01-02", "", "2026-11-01", "2026-01-02", "1999-12-31")
    put(database, *(release(number, f"Tariff {number}", day=day) for number, day in enumerate(days)))
    put(database, release(9, "Tariff 9", day="2026-01-02"))
    expected = ["Tariff 2", "Tariff 9", "Tariff 3", "Tariff 0", "Tariff 4", "Tariff 1"]
    assert search(database, "tariff") == expected
    assert search(database, "/tariff/") == expected, "without the index too"
    assert search(database, "tariff", limit=2) == expected[:2]


def test_the_words_are_those_of_the_rules(database: Database) -> None:
    put(database, release(1, "Anti-dumping duties on U.S. steel"), release(2, "반도체 수출을 통제"))
    for query in ("antidumping", '"anti dumping duty"', "us", "=duties", "dut*", "NOT 통제", "title:steel"):
        assert search(database, query) == ["Anti-dumping duties on U.S. steel"], query
    for query in ("반도체", "반도체수출", '"수출 통제"', "수출", "language:en 반도체"):
        assert search(database, query) == ["반도체 수출을 통제"], query
    for query in ("=duty", "body:steel", "도체", "=수출통", '"duty anti"'):
        assert search(database, query) == [], query


def test_evidence_tells_where_the_words_stand(database: Database) -> None:
    put(database, release(1, "Steel news", "About the tariffs."))
    [hit] = Archive(database).search(parse("tariff"), limit=1, source="kr/*").hits
    assert [(one.field, one.start, one.end, one.text) for one in hit.evidence] == [("body", 10, 17, "tariffs")]
    assert hit.story == hit.release.id


def test_sources_and_days(database: Database) -> None:
    put(
        database,
        release(1, "Tariff one", source="kr/motir", day="2026-01-01"),
        release(2, "Tariff two", source="us/ustr", day="2026-02-01"),
        release(3, "Tariff three", source="kr/ktc", day=""),
    )
    assert search(database, "tariff", source="KR/*") == ["Tariff one", "Tariff three"]
    assert search(database, "tariff source:us/ustr") == ["Tariff two"]
    assert search(database, "source:*/ktc") == ["Tariff three"]
    assert search(database, "tariff NOT source:kr/*") == ["Tariff two"]
    assert search(database, "tariff", since=date(2026, 1, 15)) == ["Tariff two"]
    assert search(database, "tariff published:2026-01") == ["Tariff one"]
    assert search(database, "published:<=2026-01-01") == ["Tariff one"]
    assert search(database, "tariff", source="eu/*") == []


def test_a_revision_is_found_by_its_new_words_and_not_by_the_old(database: Database) -> None:
    put(database, release(1, "Tariff", "On steel."), release(2, "Tariff", "On copper."))
    revise(database, release(1, "Tariff", "On iron."))
    assert len(search(database, "iron")) == 1
    assert search(database, "steel") == []
    assert len(search(database, "tariff")) == 2, "found once, though its words stand there twice"
    revise(database, release(1, "Tariff new", "On iron.", day="2027-01-01"))
    assert search(database, "tariff") == ["Tariff new", "Tariff"], "it moves with its day"


def test_a_crash_inside_a_commit_leaves_no_words(database: Database) -> None:
    def crash(point: str) -> None:
        if point == "before commit":
            raise RuntimeError(point)

    one = release(1, "Tariff")
    filed = (Filed(release=one, story=one.id),)
    with pytest.raises(RuntimeError):
        SqlStore(database, crash_point=crash).commit((), lambda _: Decision(poll=POLL, filed=filed))
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT rowid FROM release_words WHERE release_words MATCH 'tariff'").all()
    assert rows == []


def test_looking_ends_at_a_bound_and_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_FIRST", 2)
    days = [date(2026, 5, 1) - timedelta(days=one) for one in range(10)]
    put(
        database,
        *(release(one, "tariff steel" if one > 7 else "steel tariff", day=str(days[one])) for one in range(10)),
    )
    found = Archive(database).search(parse('"tariff steel"'), limit=5, most=9)
    assert (len(found.hits), found.whole, found.back_to) == (1, False, days[8])
    assert len(search(database, '"tariff steel"')) == 2


def test_the_index_is_whole_after_all_that(database: Database) -> None:
    put(database, *(release(one, f"Tariff {one}", day=f"2026-0{1 + one % 9}-01") for one in range(50)))
    for again in range(5):
        revise(database, *(release(one, f"Tariff {one} {again}", day=f"2026-0{1 + one % 7}-01") for one in range(50)))
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO release_words (release_words) VALUES ('optimize')")
        connection.exec_driver_sql("INSERT INTO release_words (release_words) VALUES ('integrity-check')")
    assert len(search(database, "tariff")) == 50
    database.check()


WORDS = ("tariff", "tariffs", "steel", "anti-dumping", "duty", "관세", "관세청", "cold-rolled", "U.S.", "3.5%")
CLEARED = ("DELETE FROM story_keys", "DELETE FROM releases", "DELETE FROM stories")
ASKED = (
    'tariff|=tariff|steel NOT tariff|anti*|"anti dumping duty"|title:duty|관세|=관세|관세 NOT 관세청|2 of (steel, duty, tariff)'
    '|"steel tariff"~1|source:kr/* steel|steel OR /3\\.\\d/|NOT steel|published:>=2026-02 duty|percent:>3 (duty OR us)|rolled'
).split("|")


@given(
    told=st.lists(
        st.tuples(st.lists(st.sampled_from(WORDS), max_size=5), st.integers(1, 4), st.sampled_from(["kr/a", "us/b"])),
        min_size=1,
        max_size=12,
    ),
    again=st.sets(st.integers(0, 11)),
    query=st.sampled_from(ASKED),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_search_gives_what_a_rule_would_match(
    database: Database,
    told: Sequence[tuple[list[str], int, str]],
    again: set[int],
    query: str,
) -> None:
    from bot.core.rules.judging.explaining import holds
    from bot.core.rules.judging.subject import subject_of

    with database.writing() as connection:
        for statement in CLEARED:  # the old words stay, as if all had been revised
            connection.exec_driver_sql(statement)
    made = [
        release(number, " ".join(words[:2]) or "-", " ".join(words[2:]), day=f"2026-0{month}-01", source=source)
        for number, (words, month, source) in enumerate(told)
    ]
    put(database, *made)
    for number in sorted(again & set(range(len(made)))):
        made[number] = replace(made[number], body="steel duty", published=date(2026, 3, 1 + number))
        revise(database, made[number])
    asked = parse(query)
    expected = {one.id for one in made if holds(asked, subject_of(one))}
    found = Archive(database).search(asked, limit=100).hits
    assert [hit.release.id for hit in found] == list(dict.fromkeys(hit.release.id for hit in found))
    assert {hit.release.id for hit in found} == expected
    days = [hit.release.published or date.min for hit in found]
    assert days == sorted(days, reverse=True)


# If this changes, what is stored was read in another way: write a migration that fills release_words anew.
KNOWN = {
    "Anti-dumping duties on U.S. steel: 3.5%": "anti dumping antidumping duty on us steel 3.5",
    "반도체 수출을 통제, 反덤핑": "반도체 수출을 통제 반덤핑",
}


@pytest.mark.parametrize("text", KNOWN)
def test_words_are_read_as_those_that_are_stored(text: str) -> None:
    assert searchable(text) == KNOWN[text]


def test_labels_the_latest_counts(database: Database) -> None:
    store, archive, one = SqlStore(database), Archive(database), release(1, "Tariff")
    put(database, one)
    store.label(one.id, "tariffs", START, verdict=True)
    store.label(one.id, "steel", START, verdict=True)
    store.label(one.id, "tariffs", START + timedelta(hours=1), verdict=False)
    assert archive.labels() == {one.id: {"tariffs": False, "steel": True}}
    assert [kept["rule"] for kept in archive.labelled(limit=9)] == ["tariffs", "steel"]
    assert archive.labelled(limit=9)[1] == {"release": one.id, "rule": "steel", "verdict": True, "at": START}
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.label("0" * 16, "tariffs", START, verdict=True)

"""The commands search and label, as people and scripts use them."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.adapters.database import Database, SqlStore
from bot.cli import searching
from bot.cli.options import Session
from bot.cli.searching import label, search
from bot.core.normalise import normalise
from bot.errors import ConfigError
from bot.model import Decision, Filed, Poll, Polled
from scrapers.model import Draft
from tests.fakes import SOURCE, START

STORED = {
    "2026-05-19": ("Anti-dumping duty on steel", "It was decided. The tariffs on Chinese steel stay.\nMore follows."),
    "2026-05-18": ("Ministers meet in Hanoi", "On <b>energy</b> and [red]tariff[/red] \x1b matters."),
    "2026-04-01": ("산업부, 반덤핑 관세 검토", "중국산 강판에 관세를 부과한다."),
}
RULES = '[[rule]]\nid = "tariffs"\nname = "Tariffs"\nany = ["tariff"]\nto = ["me"]\n'


class Home:
    """A folder with a config, rules and three stored releases, and the two commands in it."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.toml"
        self.config.write_text('[channels.me]\nurl = "terminal://"\n')
        (folder / "rules").mkdir()
        (folder / "rules" / "r.toml").write_text(RULES)
        (folder / "rules" / "terms.toml").write_text('[terms]\nsteel = ["steel", "강판"]\n')
        (folder / "data").mkdir()
        self.database = Database.open(folder / "data" / "tocsin.db")  # as a running service has it
        drafts = (Draft(id=day, title=title, body=body, published=day) for day, (title, body) in STORED.items())
        releases = [normalise(draft, SOURCE, now=START) for draft in drafts]
        filed = tuple(Filed(release=one, story=one.id) for one in releases)
        poll = Poll(source="demo/press", at=START, result=Polled.OK)
        SqlStore(self.database).commit((), lambda _: Decision(poll=poll, filed=filed))
        self.ids = [one.id for one in releases]

    def run(self, command: click.Command, *words: str) -> Result:
        session = Session(config=str(self.config), verbose=False)
        return CliRunner(env={"COLUMNS": "200"}).invoke(command, [*words], obj=session, catch_exceptions=False)

    def ok(self, command: click.Command, *words: str) -> str:
        result = self.run(command, *words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def titles(self, *words: str) -> list[str]:
        return [str(json.loads(line)["title"]) for line in self.ok(search, *words, "--json").splitlines()]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    with closing(made.database):
        yield made


TITLES = [title for title, _ in STORED.values()]


def test_words_are_marked_in_the_title_and_in_their_sentence(home: Home) -> None:
    shown = home.ok(search, "tariff OR steel")
    assert f"{home.ids[0]} · 2026-05-19 · demo/press" in shown
    assert "  Anti-dumping duty on «steel»\n" in shown
    assert "  The «tariffs» on Chinese «steel» stay.\n" in shown
    assert "It was decided" not in shown
    assert "[red]«tariff»[/red]" in shown
    assert "\x1b" not in shown


def test_the_words_of_the_command_line_are_one_query(home: Home) -> None:
    assert home.titles("duty", "steel") == TITLES[:1]
    assert home.titles("관세") == TITLES[2:]


def test_a_long_sentence_is_shown_around_the_words() -> None:
    text = "word " * 200 + "tariff" + " more" * 200
    parts = searching._excerpt(text, [(1000, 1006)])
    assert parts[0] == ("…", False)
    assert ("tariff", True) in parts
    assert sum(len(piece) for piece, _ in parts) <= searching.EXCERPT + 10
    assert searching._excerpt("tariff " * 3, [(0, 6), (7, 13)])[:3] == [("", False), ("tariff", True), (" ", False)]


def test_json_has_the_evidence(home: Home) -> None:
    [line] = home.ok(search, "=tariffs", "--json").splitlines()
    record = json.loads(line)
    assert record.keys() >= {"id", "title", "published", "source", "evidence"}
    assert (record["id"], record["published"], record["source"]) == (home.ids[0], "2026-05-19", "demo/press")
    [evidence] = record["evidence"]
    assert (evidence["field"], evidence["text"]) == ("body", "tariffs")
    start, end = evidence["start"], evidence["end"]
    assert STORED["2026-05-19"][1][start:end] == "tariffs"


def test_narrowed_by_source_day_and_number(home: Home) -> None:
    assert home.titles("tariff", "--since", "2026-05-19") == TITLES[:1]
    assert home.titles("tariff OR 관세", "--since", "2026-05-01") == TITLES[:2]
    assert home.titles("tariff OR 관세", "--source", "demo/*") == TITLES
    assert home.titles("tariff OR 관세", "--source", "kr/*") == []
    assert home.titles("tariff OR 관세", "-n", "1") == TITLES[:1]
    assert "no stored release" in home.ok(search, "zinc")


def test_lists_of_terms_are_known(home: Home) -> None:
    assert home.titles("@steel") == [TITLES[0], TITLES[2]]


def test_a_broken_list_is_told_only_if_a_list_is_asked_for(home: Home) -> None:
    (home.config.parent / "rules" / "terms.toml").write_text('[terms]\nsteel = ["@none"]\n')
    assert home.titles("duty") == TITLES[:1]
    with pytest.raises(ConfigError, match=r"terms\.toml:2"):
        home.run(search, "@steel")


@pytest.mark.parametrize(
    ("query", "column", "what"),
    [("steel AND sorce:kr", 11, "did you mean source:"), ("(steel", 1, "never closed"), ("@steal", 1, "@steel")],
)
def test_a_bad_query_is_shown_with_its_place(home: Home, query: str, column: int, what: str) -> None:
    with pytest.raises(ConfigError, match="query:1:") as caught:
        home.run(search, query)
    [problem] = caught.value.problems
    assert (problem.column, problem.source) == (column, query)
    assert what in str(problem)


def test_a_search_that_is_cut_short_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.adapters.database.archive import Archive

    whole = Archive.search
    monkeypatch.setattr(Archive, "search", lambda self, query, **keys: whole(self, query, **keys, most=1))
    result = home.run(search, "tariff")
    assert TITLES[1] not in result.stdout
    assert "back to 2026-05-19; add published:<=2026-05-19" in result.stderr


def test_labels_are_kept_and_listed(home: Home) -> None:
    assert "no labels yet" in home.ok(label, "--list")
    assert home.ok(label, home.ids[0][:8], "tariffs", "yes").startswith(f"{home.ids[0]}  tariffs  yes")
    home.ok(label, home.ids[0], "tariffs", "no")
    [line] = home.ok(label, "--list", "--json").splitlines()
    kept = json.loads(line)
    assert (kept["release"], kept["rule"], kept["verdict"]) == (home.ids[0], "tariffs", "no")
    assert "tariffs" in home.ok(label, "--list")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["0123", "tariffs", "yes"], "begins with '0123'"),
        (["", "tariffs", "yes"], "no release has an id"),
        (["{0}", "tarifs", "yes"], 'did you mean "tariffs"?'),
        (["{0}", "zinc", "yes"], "`tocsin rules list` lists them"),
        (["{0}", "tariffs", "maybe"], "'maybe' is not one of"),
        (["{0}", "tariffs"], "yes or no"),
        ([], "--list"),
        (["{0}", "tariffs", "yes", "--list"], "--list"),
    ],
)
def test_labels_that_cannot_be_are_usage_errors(home: Home, words: list[str], told: str) -> None:
    result = home.run(label, *(word.format(home.ids[0]) for word in words))
    assert result.exit_code == 2
    assert told in result.stderr

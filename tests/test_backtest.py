"""`tocsin rules backtest` and `tocsin once --replay` as people and scripts use them."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.adapters.database import Database, SqlStore
from bot.adapters.database.archive import Archive
from bot.cli import cli
from bot.cli.backtesting import backtest
from bot.cli.options import Session
from bot.core.rules.backtesting import Backtest, Tried
from bot.core.rules.judging.subject import Subject
from bot.errors import ConfigError
from bot.pipeline import ingest
from scrapers.model import Draft
from tests.fakes import SOURCE, FakeClock, rule, world

RULES = """
[[rule]]
id = "steel"
name = "Steel"
any = ["steel"]
to = ["me"]
[[rule]]
id = "visits"
name = "Visits"
enabled = false
any = ["visit"]
to = ["me"]
"""
LINES: list[dict[str, Any]] = [
    {"id": "a", "title": "Steel output", "body": "Of steel.", "published": "2026-10-05", "labels": ["steel"]},
    {"id": 2, "title": "Iron output", "published": "2026-10-20", "labels": ["steel"]},
    {"title": "A visit to a steel mill", "published": "2026-11-02", "labels": []},
    {"id": "d", "title": "A visit", "published": "2026-11-03"},
]
SCORES = ("labelled", "true_positives", "false_positives", "false_negatives", "precision", "recall")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "r.toml").write_text(RULES)
    return tmp_path


def configured(home: Path) -> Path:
    (home / "config.toml").write_text('[sources]\nenabled = []\n[channels.me]\nurl_env = "NOT_SET"\n')
    return home


def run(home: Path, *words: str, lines: str | None = None) -> Result:
    """The command in `home`, with `lines` as its input."""
    given = () if lines is None else ("--input", "-")
    session = Session(config=str(home / "config.toml"), verbose=False)
    runner = CliRunner(env={"COLUMNS": "140"})
    return runner.invoke(backtest, [*words, *given], obj=session, input=lines)


def jsonl(*records: object) -> str:
    return "\n".join(map(json.dumps, records))


def answers(result: Result) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The matches and the summary."""
    *found, last = (json.loads(line) for line in result.stdout.splitlines())
    return found, last["summary"]


def test_lines_are_tried_without_config_or_database(home: Path) -> None:
    result = run(home, "--json", lines=jsonl(*LINES))
    assert result.exit_code == 0, (result.output, result.exception)
    found, summary = answers(result)
    assert (found[0]["rule"], found[0]["release"]) == ("steel", "a")
    assert len(found[1]["release"]) == 16, "a line without an id has ours"
    place = {"clause": "any: steel", "field": "body", "start": 3, "end": 8, "text": "steel"}
    assert place in found[0]["evidence"]
    assert all(LINES[0][one["field"]][one["start"] : one["end"]] == one["text"] for one in found[0]["evidence"])
    steel = summary["rules"]["steel"]
    assert steel["weeks"] == {"2026-10-05": 1, "2026-11-02": 1}
    assert [steel[name] for name in SCORES] == [3, 1, 1, 1, 0.5, 0.5]
    assert (steel["false_positive_releases"], steel["false_negative_releases"]) == ([found[1]["release"]], [2])
    assert (summary["releases"], summary["skipped_lines"], summary["rules_off"]) == (4, 0, 1)
    assert not (home / "data").exists()


def test_a_screen_shows_the_weeks_the_newest_and_what_is_wrong(home: Path) -> None:
    shown = run(home, lines=jsonl(*LINES)).stdout
    assert "4 releases of 2026-10-05 to 2026-11-03, 1 rule (1 more is switched off: name one to try it)" in shown
    assert "steel  Steel  2 matches · precision 0.50 (1 of 2), recall 0.50 (1 of 2)" in shown
    assert "█···█  at most 1" in shown
    assert "not alerts: repeats are not folded" in shown
    assert [line.split()[0] for line in shown.splitlines() if "2026-11-02" in line] == ["2026-11-02", "✗"]
    assert "In all: 2 matches in 2 releases; precision 0.50 (1 of 2), recall 0.50 (1 of 2)." in shown
    many = run(home, "-n", "1", lines=jsonl(*LINES)).stdout
    assert "… 1 more" in many


def test_a_rule_that_is_named_is_tried_even_if_it_is_off(home: Path) -> None:
    found, _ = answers(run(home, "visits", "--json", lines=jsonl(*LINES)))
    assert [one["rule"] for one in found] == ["visits", "visits"]
    unknown = run(home, "visit", lines="")
    assert (unknown.exit_code, "did you mean 'visits'?" in unknown.output) == (2, True)


def test_a_line_that_is_no_release_is_named_and_the_others_are_tried(home: Path) -> None:
    result = run(home, lines="nonsense\n\n" + jsonl({"title": "Steel"}, {"title": "x", "labels": "steel"}))
    assert result.exit_code == 1
    assert "line 1: not JSON" in result.stderr
    assert "line 4: labels must be a list" in result.stderr
    assert "1 match in 1 release; 2 lines left out." in result.stdout


def other(home: Path, text: str) -> str:
    folder = home / "other"
    folder.mkdir()
    (folder / "r.toml").write_text(text)
    return str(folder)


def test_another_version_shows_what_is_gained_and_lost(home: Path) -> None:
    gone = '[[rule]]\nid = "gone"\nname = "Gone"\nany = ["A visit"]\nto = ["me"]\n'
    folder = other(home, RULES.replace('["steel"]', '["output"]') + gone)
    result = run(home, "--against", folder, lines=jsonl(*LINES))
    assert result.exit_code == 0
    shown = result.stdout
    assert "steel  Steel  2 matches · 1 gained · 1 lost" in shown
    assert " +  2026-11-02" in shown
    assert " −  2026-10-20  2" in shown
    assert "gone  Gone  0 matches · no longer a rule · 2 lost" in shown
    strict = run(home, "--against", folder, "--no-loss", lines=jsonl(*LINES))
    assert (strict.exit_code, "steel: 1 lost" in strict.stderr) == (1, True)
    same = run(home, "--against", str(home / "rules"), "--no-loss", lines=jsonl(*LINES))
    assert same.exit_code == 0, "the negative control: the same rules lose nothing"
    assert run(home, "--no-loss", lines="").exit_code == 2


def test_bounds_fail_a_run_and_say_which_rule(home: Path) -> None:
    low = run(home, "--min-precision", "0.6", "--min-recall", "0.5", lines=jsonl(*LINES))
    assert low.exit_code == 1
    assert low.stderr == "error: steel: precision 0.500 is below 0.6\n"
    assert run(home, "--min-precision", "0.5", "--min-recall", "0.5", lines=jsonl(*LINES)).exit_code == 0
    bare = run(home, "--min-recall", "0.5", lines=jsonl({"title": "Steel"}))
    assert (bare.exit_code, "nothing is labelled" in bare.stderr) == (1, True)


def test_labels_of_no_rule_are_warned_of(home: Path) -> None:
    result = run(home, lines=jsonl({"title": "Steel", "labels": ["stel", "visits"]}))
    assert result.exit_code == 0
    assert "rule there is none of: stel\n" in result.stderr


def test_wrong_rules_are_refused_whole(home: Path) -> None:
    (home / "rules" / "r.toml").write_text(RULES.replace('["steel"]', '["=="]'))
    result = run(home, lines=jsonl(*LINES))
    assert isinstance(result.exception, ConfigError)
    assert run(home, "--since", "long", lines="").exit_code == 2
    assert isinstance(run(home / "elsewhere", lines="").exception, ConfigError)


def test_the_starter_is_enough(tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["init", str(tmp_path / "new")])
    result = run(tmp_path / "new", "--json", lines=jsonl({"id": 1, "title": "New tariff on steel", "labels": []}))
    assert result.exit_code == 0, result.exception
    assert "tariffs" in {one["rule"] for one in answers(result)[0]}


# --- the archive ------------------------------------------------------------------------------------------------


def fill(home: Path, *records: dict[str, Any]) -> None:
    database = Database.open(home / "data" / "tocsin.db")
    drafts = [
        (str(n), Draft(id=str(n), title=one["title"], body=f"Text {n}.", published=one.get("published", "")), SOURCE)
        for n, one in enumerate(records)
    ]
    list(ingest(drafts, world(database, rule("none", any=["nothing"])), baseline=False))
    database.close()


def test_what_is_stored_is_tried_from_a_day_on(home: Path) -> None:
    """Channels whose secrets are not at hand, as in CI, do not matter."""
    fill(configured(home), *LINES)
    found, summary = answers(run(home, "--json"))
    assert (summary["releases"], len(found)) == (4, 2)
    found, summary = answers(run(home, "--json", "--since", "2026-10-20"))
    assert (summary["releases"], summary["first"], len(found)) == (3, "2026-10-20", 1)


def test_a_folder_without_rules_is_no_other_version(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run(home, "--against", str(tmp_path / "empty"), "--no-loss", lines=jsonl(*LINES))
    assert result.exit_code == 2
    assert "there are no rules in" in result.stderr


def test_what_people_have_said_of_stored_releases_is_held_against_the_rules(home: Path) -> None:
    fill(configured(home), *LINES)
    database = Database.open(home / "data" / "tocsin.db")
    ids = {one.title: one.id for one in Archive(database).each()}
    verdicts = {"Steel output": True, "Iron output": True, "A visit to a steel mill": False}
    for title, verdict in verdicts.items():
        SqlStore(database).label(ids[title], "steel", datetime(2026, 11, 4, tzinfo=UTC), verdict=verdict)
    database.close()
    _, summary = answers(run(home, "steel", "visits", "--json"))
    steel, visits = summary["rules"]["steel"], summary["rules"]["visits"]
    assert [steel[name] for name in SCORES] == [3, 1, 1, 1, 0.5, 0.5]
    assert steel["false_positive_releases"] == [ids["A visit to a steel mill"]]
    assert steel["false_negative_releases"] == [ids["Iron output"]]
    assert [visits[name] for name in SCORES] == [0, 0, 0, 0, None, None], "nothing was said of this rule"


def test_without_a_database_it_says_so(home: Path) -> None:
    assert "there is no database yet" in str(run(configured(home)).exception)


def test_the_archive_is_gone_through_page_by_page(database: Database) -> None:
    at = world(database, clock=FakeClock(datetime(2026, 11, 5, tzinfo=UTC)))
    drafts = [Draft(id=str(n), title=f"Release {n}", published=f"2026-11-0{n}" if n else "") for n in range(6)]
    list(ingest([("", one, SOURCE) for one in drafts], at, baseline=True))
    archive = Archive(database)
    for size in (1, 2, 5, 6, 7):
        assert [one.title for one in archive.each(page=size)] == [f"Release {n}" for n in (5, 4, 3, 2, 1, 0)]
    since = archive.each(since=date(2026, 11, 4), page=2)
    assert [one.title for one in since] == ["Release 5", "Release 4", "Release 0"]
    assert len(list(archive.each(since=date(2026, 11, 6)))) == 0


def many() -> Iterator[Tried]:
    for number in range(300):
        yield Tried(id=number, subject=Subject(title="Steel", body=f"{number} " + "x" * 100_000), day=date(2026, 11, 2))


def peak_of(releases: Iterator[Tried], kept: list[Tried]) -> float:
    """Megabytes at most, while the releases are tried and put into `kept` by their maker."""
    run = Backtest([rule("steel", any=["steel"])], [])
    tracemalloc.start()
    for one in releases:
        run.take(one)
        kept[:] = kept and [*kept, one]
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert run.tallies["steel"].matches == 300
    return peak


def test_texts_do_not_stay_in_memory() -> None:
    bounded = peak_of(many(), [])
    kept = peak_of(many(), [next(many())])
    assert bounded < 8
    assert kept > 16, "the negative control: with all texts kept it is far more"


# --- once --replay ----------------------------------------------------------------------------------------------


def once(home: Path, *words: str) -> Result:
    runner = CliRunner(env={"NOT_SET": "terminal://", "COLUMNS": "140"})
    return runner.invoke(cli, ["--config", str(home / "config.toml"), "once", *words])


def test_a_replay_tells_what_is_stored_and_only_once(home: Path) -> None:
    fill(configured(home), *({**one, "published": ""} for one in LINES))
    shown = once(home, "--replay", "steel", "--since", "2026-10-01")
    assert shown.exit_code == 0, (shown.output, shown.exception)
    [row] = [line.split() for line in shown.stdout.splitlines() if line.startswith("replay")]
    assert row == ["replay", "ok", "4", "0", "0", "2"]
    assert "2 alerts sent, 0 tries failed." in shown.stdout
    [poll] = [
        json.loads(line)
        for line in once(home, "--replay", "steel", "--since", "2026-10-01", "--json").stdout.splitlines()
    ]
    assert (poll["source"], poll["matched"], poll["planned"]) == ("replay", 2, 0)


def test_a_rule_that_is_not_in_force_is_not_replayed(home: Path) -> None:
    off, unknown = once(configured(home), "--replay", "visits"), once(home, "--replay", "stel")
    assert (off.exit_code, unknown.exit_code) == (2, 2)
    assert "'visits' is switched off" in off.output
    assert "'stel' is none of the rules: steel" in unknown.output


def test_nothing_is_replayed_unless_it_is_asked_for(home: Path) -> None:
    fill(configured(home), *LINES)
    assert "0 alerts sent" in once(home).stdout

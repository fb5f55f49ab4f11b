"""The commands about rules: list, check, test; and what `check` says of them."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.cli.options import Session
from bot.cli.ruling import rules
from bot.errors import ConfigError

CONFIG = '[fetch]\ncontact = "t@example.org"\n[channels.me]\nurl_env = "NOBODY_HAS_SET_THIS"\n'
RULE = '[[rule]]\nid = "ad"\nname = "Anti-dumping"\nany = ["anti-dumping", "반덤핑"]\nto = ["me"]\n'


class Desk:
    """A folder with rules, and the commands about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "rules").mkdir()
        (folder / "config.toml").write_text(CONFIG)
        self.write(r=RULE)

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.folder / "rules" / f"{name}.toml").write_text(text)

    def invoke(self, command: click.Command, *words: str, input: str | None = None) -> Result:  # noqa: A002
        session = Session(config=str(self.folder / "config.toml"), verbose=False)
        return CliRunner().invoke(command, list(words), obj=session, input=input)

    def run(self, *words: str, input: str | None = None) -> Result:  # noqa: A002
        return self.invoke(rules, *words, input=input)

    def cli(self, *words: str, input: str | None = None) -> Result:  # noqa: A002
        config = str(self.folder / "config.toml")
        return CliRunner(env={"NOBODY_HAS_SET_THIS": "terminal://"}).invoke(
            cli, ["--config", config, *words], input=input
        )

    def store(self, *releases: dict[str, str]) -> list[str]:
        """The ids of releases, stored in this order."""
        done = self.cli("ingest", "-", input="\n".join(map(json.dumps, releases)))
        assert done.exit_code == 0, (done.output, done.exception)
        shown = self.cli("releases", "--json").stdout.splitlines()
        return [json.loads(line)["id"] for line in reversed(shown)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_rules_are_listed_without_the_channels_secrets(desk: Desk) -> None:
    desk.write(s=RULE.replace('"ad"', '"off"\nenabled = false\nurgent = true'))
    [ad, off] = [json.loads(line) for line in desk.run("list", "--json").stdout.splitlines()]
    assert ad.keys() == {"id", "name", "version", "enabled", "to", "alert", "urgent", "file", "line"}
    assert (ad["urgent"], off["urgent"]) == (False, True)
    assert (ad["id"], ad["enabled"], ad["line"], ad["to"]) == ("ad", True, 2, ["me"])
    assert ad["file"].endswith("r.toml")
    assert (off["id"], off["enabled"], off["version"]) == ("off", False, ad["version"])
    shown = desk.run("list").stdout
    assert "Anti-dumping" in shown
    assert "off, urgent" in shown
    assert "on, urgent" not in shown
    assert ad["version"] in shown


def test_the_check_of_rules_ends_as_its_findings_say(desk: Desk) -> None:
    fine = desk.run("check", "--strict")
    assert (fine.exit_code, fine.stderr) == (0, "")
    assert "No problems: 1 rules, 1 of them on; 0 examples hold." in fine.stdout
    desk.write(s=RULE.replace('"ad"', '"two"').replace("반덤핑", "steel anti-dumping"))
    usual = desk.run("check")
    assert usual.exit_code == 0
    assert '2 | id = "two"' in usual.stderr
    assert "warning: " in usual.stderr
    assert 'the rule "ad" meets every release that this one meets, and tells "me", too' in usual.stderr
    assert "No problems, 1 warning: 2 rules" in usual.stdout
    assert desk.run("check", "--strict").exit_code == 1
    desk.write(s=RULE.replace('"ad"', '"two"').replace('"반덤핑"', '"( steel"').replace('["me"]', '["you"]'))
    wrong = desk.run("check", "--strict")
    assert wrong.exit_code == 2
    assert "this ( is never closed" in wrong.stderr
    assert wrong.stdout == ""


def test_findings_for_programs(desk: Desk) -> None:
    desk.write(r=RULE.replace('"ad"', '"ad"\nnone = ["dumping", "anti dumping"]'))
    [found] = [json.loads(line) for line in desk.run("check", "--json").stdout.splitlines()]
    assert (found["severity"], found["line"], found["column"]) == ("warning", 5, 8)
    assert "none has 'anti dumping', which is in it" in found["what"]
    desk.write(s=RULE)
    result = desk.run("check", "--json")
    [found] = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, found["severity"]) == (2, "error")
    assert "this id is used in" in found["what"]


def test_lists_that_nobody_uses_are_pointed_at_unless_they_came_with_tocsin(desk: Desk) -> None:
    shipped = (Path(__file__).parent.parent / "rules" / "terms.toml").read_text(encoding="utf-8")
    shipped = shipped.replace('"Tbilisi", ', '"Tbilisi", "Batumi", ')  # a list with a word more is still the same list
    desk.write(terms=f'{shipped}\nmine = ["nickel"]\n')
    result = desk.run("check")
    assert result.stderr.count("warning: ") == 1
    assert "terms.mine: no rule uses @mine" in result.stderr
    assert 'mine = ["nickel"]' in result.stderr
    desk.write(terms='[terms]\ncopper = ["copper", "red metal"]\n')
    assert "no rule uses @copper" in desk.run("check").stderr


def test_the_starter_rules_are_clean(desk: Desk) -> None:
    (desk.folder / "rules" / "r.toml").unlink()
    for file in (Path(__file__).parent.parent / "rules").glob("*.toml"):
        desk.write(**{file.stem: file.read_text(encoding="utf-8")})
    result = desk.run("check", "--strict")
    assert (result.exit_code, result.stderr) == (0, "")


def test_examples_that_are_stored_releases_are_run(desk: Desk) -> None:
    told = {"source": "kr/x", "title": "Anti-dumping duty on steel", "published": "2026-05-20", "id": "1"}
    [stored] = desk.store(told)
    gone = "0123456789abcdef"
    desk.write(r=f'{RULE}examples.hit = ["{stored}", "{gone}"]\n')
    result = desk.cli("check")
    assert result.exit_code == 0, result.exception
    assert "1 rules of 1" in result.stdout
    assert "examples.hit.2: no release of this id is stored" in result.stderr
    assert desk.run("check", "--strict").exit_code == 1
    desk.write(r=f'{RULE}sources = ["us/*"]\nexamples.hit = ["{stored}"]\n')
    failed = desk.cli("check")
    assert isinstance(failed.exception, ConfigError)
    [problem] = failed.exception.problems
    assert "it lacks 'source: us/*'" in problem.what
    assert "Anti-dumping duty on steel" in problem.what
    assert desk.run("check").exit_code == 2


def test_a_category_is_known_from_source_files_or_from_the_archive(desk: Desk) -> None:
    (desk.folder / "config.toml").write_text(f'{CONFIG}[sources]\nenabled = ["kr/*"]\n')
    desk.write(r=f'{RULE}categories = ["Enrgy", "Energy"]\n')
    assert "no source has the category 'Enrgy'; did you mean \"Energy\"?" in desk.run("check").stderr
    desk.store({"source": "kr/x", "title": "A", "category": "Enrgy", "id": "1"})
    assert desk.run("check", "--strict").exit_code == 0


def test_what_is_hardly_meant_in_the_config_is_no_matter_of_rules(desk: Desk) -> None:
    (desk.folder / "config.toml").write_text(CONFIG.replace("t@example.org", ""))
    assert "fetch.contact: is empty" in desk.cli("check").stderr, "the negative control"
    assert desk.run("check", "--strict").exit_code == 0


@pytest.mark.parametrize(("code", "told"), [("korean", True), ("kr", True), ("EN", False)])
def test_a_language_that_no_source_has_is_pointed_at(desk: Desk, code: str, told: bool) -> None:
    desk.write(r=f'{RULE}when = "language:{code}"\n')
    assert (f"no source has the language '{code}'; there are: en" in desk.run("check").stderr) is told


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        (["ad", "Anti-dumping duty on steel"], 0, "✓ anti-dumping  title  [Anti-dumping] duty on steel"),
        (["ad", "Duty on steel"], 1, "✗ 반덤핑"),
        (["ad", "--title", "Duty", "New anti-dumping duty."], 0, "✓ anti-dumping  body  New [anti-dumping] duty."),
        (["ad", "-"], 0, "[반덤핑]"),
        (["far", "steel 30%"], 0, "? source: us/*  a text alone does not tell"),
        (["far", "steel 30%"], 0, "\n? all of 3\n"),
        (["far", "copper 30%"], 1, "\n✗ all of 3\n"),
        (["far", "copper 3%"], 1, "✗ percent:>25  it names 3%"),
    ],
)
def test_a_rule_is_held_against_a_text(desk: Desk, words: list[str], code: int, shown: str) -> None:
    desk.write(s='[[rule]]\nid = "far"\nname = "F"\nto = ["me"]\nsources = ["us/*"]\nwhen = "percent:>25 steel"\n')
    result = desk.run("test", *words, input="새 소식\n반덤핑 관세 부과")
    assert (result.exit_code, result.stderr) == (code, "")
    assert result.stdout.startswith("miss" if code else "hit")
    assert shown in result.stdout
    assert all(line == line.rstrip() for line in result.stdout.splitlines())


def test_what_a_rule_makes_of_a_text_for_programs(desk: Desk) -> None:
    found = json.loads(desk.run("test", "ad", "Anti-dumping", "--json").stdout)
    assert (found["rule"], found["hit"], found["clauses"]["clause"]) == ("ad", True, "any of")
    first, second = found["clauses"]["parts"]
    assert first["evidence"][0] == {
        "clause": "any: anti-dumping",
        "field": "title",
        "start": 0,
        "end": 12,
        "text": "Anti-dumping",
    }
    assert second == {"clause": "any: 반덤핑", "holds": False}


def test_a_long_list_is_shown_short(desk: Desk) -> None:
    listed = ", ".join(f'"word{chr(97 + n)}"' for n in range(20))
    desk.write(
        s=f'[[rule]]\nid = "long"\nname = "L"\nto = ["me"]\nany = [{listed}]\nnone = [{listed.replace("w", "x")}]\n'
    )
    hit = desk.run("test", "long", "Wordb and wordd.").stdout
    assert "✓ wordb" in hit
    assert "✓ wordd" in hit
    assert "… and 18 others not found" in hit
    assert "none of 20: none found" in hit
    assert "worda" not in hit
    assert "… and 15 others not found" in desk.run("test", "long", "Nothing.").stdout


def test_an_unknown_rule_is_a_usage_error_with_a_guess(desk: Desk) -> None:
    result = desk.run("test", "add", "text")
    assert result.exit_code == 2
    assert 'did you mean "ad"?' in result.output


def test_every_command_has_a_short_line_and_an_example() -> None:
    for name, command in [("rules", rules), *rules.commands.items()]:
        assert not command.get_short_help_str(limit=45).endswith("..."), f"{name}: the first line is too long"
        assert "Example" in (command.help or ""), f"{name}: no example"


def test_an_archive_that_cannot_be_read_is_a_warning(desk: Desk) -> None:
    (desk.folder / "data").mkdir()
    (desk.folder / "data" / "tocsin.db").write_text("no database")
    result = desk.run("check")
    assert result.exit_code == 0
    assert "examples that are stored were not run: " in result.stderr

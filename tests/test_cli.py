"""The command line as people and scripts use it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.demo.site import Site, items, serve
from bot.errors import BotError, ConfigError

COMMANDS = (
    "demo init check once notify run rules releases search explain label stories relate render outbox mute mutes unmute"
    " audit sources polls try sample backfill ingest health completion"
)


PRESS = [one for one in items() if one.board == "2"]


class Home:
    """A folder with a config that polls the demo site, and the command line in it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        (folder / "rules").mkdir()
        (folder / "rules" / "r.toml").write_text(
            '[[rule]]\nid = "ad"\nname = "Anti-dumping"\nany = ["anti-dumping", "반덤핑"]\nto = ["me"]\n'
        )
        (folder / "sources" / "demo").mkdir(parents=True)
        shipped = Path(__file__).parent.parent / "scrapers/sources/kr/motir-press.toml"
        text = shipped.read_text(encoding="utf-8").replace("https://english.motir.go.kr", url)
        text = text.replace('hosts = ["english.motir.go.kr"]', 'hosts = ["127.0.0.1"]').replace(
            "tries = 5", "tries = 1"
        )
        (folder / "sources" / "demo" / "press.toml").write_text(
            text.replace("every_minutes = 5", "every_minutes = 0.01")
        )
        self.config = folder / "config.toml"
        self.config.write_text(
            '[fetch]\ncontact = "t@example.org"\nhost_seconds = 0.0\njitter = 0.0\n'
            '[sources]\nenabled = ["demo/press"]\nfolders = ["sources"]\n[channels.me]\nurl = "terminal://"\n'
        )

    def run(self, *words: str, input: str | None = None) -> Result:  # noqa: A002
        return CliRunner(env={"COLUMNS": "250"}).invoke(cli, ["--config", str(self.config), *words], input=input)

    def ok(self, *words: str, input: str | None = None) -> str:  # noqa: A002
        result = self.run(*words, input=input)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def lines(self, *words: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.ok(*words, "--json").splitlines()]


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    opened = Site(published=[one for one in PRESS if "anti-dumping" not in one.title])
    server = serve(opened)
    yield opened, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, site: tuple[Site, str]) -> Home:
    return Home(tmp_path, site[1])


def publish(site: Site) -> None:
    """Publish the Trade Commission's release, too."""
    site.published += [one for one in PRESS if "anti-dumping" in one.title]


def test_every_command_explains_itself() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).output
    for name in COMMANDS.split():
        assert f"\n  {name} " in shown
        help_text = CliRunner().invoke(cli, [name, "--help"])
        assert help_text.exit_code == 0
        assert len(help_text.output.splitlines()) > 4
    assert set(cli.commands) == set(COMMANDS.split())


def test_the_day_of_a_user(home: Home, site: tuple[Site, str]) -> None:
    assert "All is well: 1 sources" in home.ok("check")
    assert "first poll: stored, nobody told" in home.ok("once")
    publish(site[0])
    shown = home.ok("once")
    assert "Anti-dumping" in shown
    assert "1 alerts sent, 0 tries failed." in shown
    [record] = home.lines("outbox")
    assert {"id", "channel", "rule", "story", "reason", "state", "attempts"} <= record.keys()
    assert (record["state"], record["attempts"], record["reason"]) == ("sent", 1, "new")
    found = home.lines("releases")
    wanted = {"id", "source", "board", "url", "title", "published", "category", "content_hash", "story", "relation"}
    assert wanted <= found[0].keys()
    assert len(home.lines("stories", "-n", "100")) == len(found)
    assert "1  new" not in home.ok("stories", str(found[0]["story"]))
    assert [poll["result"] for poll in home.lines("polls")] == ["ok", "ok"]
    [source] = [one for one in home.lines("sources") if one["enabled"]]
    assert (source["source"], source["result"], source["releases"]) == ("demo/press", "ok", len(found))
    for name in ("releases", "stories", "outbox", "sources", "polls"):
        assert home.ok(name)


def test_no_send_leaves_the_alerts_in_the_outbox(home: Home, site: tuple[Site, str]) -> None:
    home.ok("once")
    publish(site[0])
    home.ok("once", "--no-send")
    [record] = home.lines("outbox", "--state", "held")
    assert (record["state"], record["held"], record["digest"]) == ("held", "", None)
    assert "it waits for the next round of `tocsin run` or `tocsin once`" in home.ok("outbox")
    assert home.lines("outbox", "--dead", "--state", "sent") == []
    assert home.ok("outbox", "--dead").strip() == "no such alert"
    assert "1 alerts sent" in home.ok("once")
    assert [one["state"] for one in home.lines("outbox", "--state", "sent")] == ["sent"]


def test_a_source_that_fails_is_shown_and_exit_is_1(home: Home, site: tuple[Site, str]) -> None:
    site[0].published = []
    result = home.run("once")
    assert result.exit_code == 1
    assert "at least 5" in " ".join(result.output.split())
    [source] = [one for one in home.lines("sources") if one["enabled"]]
    assert source["failures"] == 1
    assert "at least 5" in str(source["error"])


def test_ingest_answers_with_its_counts(home: Home) -> None:
    line = {"url": "https://x.example/1", "title": "Anti-dumping duty", "body": "B", "published": "2026-11-02"}
    twin = {**line, "url": "https://x.example/2", "body": "Other words"}
    text = "\n".join(json.dumps(one) for one in (line, twin))
    counts = json.loads(home.ok("ingest", "-", "--json", input=text))
    expected = {"stored": 2, "folded": 1, "revised": 0, "matched": 2, "planned": 1, "known": 0, "failed": 0}
    assert counts == expected
    again = json.loads(home.ok("ingest", "-", "--json", input=text))
    assert (again["stored"], again["known"], again["planned"]) == (0, 2, 0)


def test_a_bad_line_is_named_and_the_others_are_stored(home: Home) -> None:
    result = home.run("ingest", "-", input='{"title": "A"}\nnonsense\n\n{"title": "B"}\n')
    assert result.exit_code == 1
    assert "line 2: not JSON: Expecting value at column 1" in result.stderr
    assert "2 stored" in result.stdout
    assert len(home.lines("releases")) == 2


def test_a_baseline_ingest_tells_nobody(home: Home) -> None:
    assert "0 alerts planned" in home.ok("ingest", "-", "--baseline", input='{"title": "Anti-dumping"}')


STEEL = (
    "The tariff on hot-rolled steel from Chile will be {} percent from June 1, the Trade Commission decided on Monday."
)


def one(title: str, text: str, **more: str) -> dict[str, str]:
    return {"title": title, "date": "2026-05-20", "text": text, **more}


def test_relate_answers_each_pair_without_config_or_database(tmp_path: Path) -> None:
    first = one("Tariff on steel decided", STEEL.format("11.24"))
    pairs = [
        {"a": first, "b": one("TARIFF ON STEEL DECIDED", STEEL.format("11.24").replace("June 1", "1 June"))},
        {"a": first, "b": one("Tariff on steel decided (corrected)", STEEL.format("12.14"))},
        {"a": first, "b": one("Minister visits Hanoi", "Talks on energy in Hanoi ended without a result.")},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n\n".join(json.dumps(pair) for pair in pairs))
    result = CliRunner().invoke(cli, ["--config", str(tmp_path / "none.toml"), "relate", "--pairs", str(path)])
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["relation"] for answer in answers] == ["duplicate", "update", "different"]
    assert all(answer.keys() == {"relation", "score", "why"} for answer in answers)
    assert "11.24" in answers[1]["why"]


def test_a_line_that_is_no_pair_is_named_and_the_others_are_answered() -> None:
    good = json.dumps({"a": one("Steel", STEEL), "b": one("Steel", STEEL)})
    lines = [
        "nonsense",
        good,
        '{"a": {"title": "x"}}',
        json.dumps({"a": one("x", "y") | {"date": "soon"}, "b": one("x", "y")}),
    ]
    result = CliRunner().invoke(cli, ["relate", "--pairs", "-"], input="\n".join(lines))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["relation"] == "duplicate"
    assert [f"line {number}:" in result.stderr for number in (1, 2, 3, 4)] == [True, False, True, True]


def test_relate_wants_two_releases_or_pairs(home: Home) -> None:
    assert home.run("relate").exit_code == 2
    assert home.run("relate", "1").exit_code == 2
    home.ok("ingest", "-", input=line("1", "Tariff on steel", "Text."))
    assert "begins with 'zzz'" in home.run("relate", "zzz", "yyy").stderr


def line(name: str, title: str, text: str) -> str:
    return json.dumps({"id": name, "source": "kr/board", "title": title, "body": text, "published": "2026-05-20"})


def test_two_stored_releases_and_their_story_are_shown_with_what_changed(home: Home) -> None:
    told = [
        line("1", "Tariff on steel decided", STEEL.format("11.24")),
        line("2", "Tariff on steel decided", STEEL.format("12.14")),
    ]
    home.ok("ingest", "-", input="\n".join(told))
    a, b = (record["id"] for record in sorted(home.lines("releases"), key=lambda record: str(record["related_to"])))
    shown = home.ok("relate", str(a)[:8], str(b))
    assert "update" in shown
    assert "- The tariff on hot-rolled steel from Chile will be 11.24 percent" in shown
    assert "+ The tariff on hot-rolled steel from Chile will be 12.14 percent" in shown
    [record] = home.lines("relate", str(a), str(b))
    assert record["figures"] == [{"before": "11.24", "after": "12.14"}]
    assert f"update of {a}" in home.ok("stories", str(home.lines("stories")[0]["story"]))


def test_a_story_shows_the_words_of_a_text_that_was_replaced(home: Home) -> None:
    for rate in ("11.24", "12.14"):
        home.ok("ingest", "-", input=line("1", "Tariff on steel decided", STEEL.format(rate)))
    shown = home.ok("stories", str(home.lines("stories")[0]["story"]))
    assert "(told as an update)" in shown
    assert "[-11.24-] {+12.14+}" in shown


def test_health_tells_a_service_that_ticks_from_one_that_does_not(home: Home) -> None:
    with pytest.raises(BotError, match="no database yet"):
        CliRunner().invoke(cli, ["--config", str(home.config), "health"], catch_exceptions=False)
    home.ok("ingest", "-", input='{"title": "A"}')
    never = home.run("health")
    assert (never.exit_code, "demo/press" in never.output) == (1, True)
    home.ok("once")
    assert "healthy" in home.ok("health")
    [answer] = home.lines("health")
    assert answer["healthy"] is True


def test_trying_a_source_stores_nothing(home: Home) -> None:
    assert PRESS[-1].title in home.ok("try", "demo/press")
    assert len(home.lines("try", "demo/press")) == 8
    assert not (home.folder / "data").exists()


def test_trying_a_source_file_on_a_saved_page(home: Home, tmp_path: Path) -> None:
    saved = Path(__file__).parent / "sources/kr/motir-press/listing.html"
    file = home.folder / "sources" / "demo" / "press.toml"
    expected = json.loads((saved.parent / "listing.expected.json").read_text(encoding="utf-8"))
    assert len(home.lines("try", str(file), "--page", str(saved))) == len(expected)
    empty = tmp_path / "empty.html"
    empty.write_text("<html></html>")
    with pytest.raises(BotError, match="does not look as its source file says"):
        CliRunner().invoke(
            cli, ["--config", str(home.config), "try", str(file), "--page", str(empty)], catch_exceptions=False
        )


def test_an_unknown_source_is_a_usage_error_with_a_guess(home: Home) -> None:
    result = home.run("try", "demo/pres")
    assert result.exit_code == 2
    assert 'did you mean "demo/press"?' in result.output


def test_sample_saves_what_the_golden_test_wants(home: Home, tmp_path: Path) -> None:
    home.ok("sample", "demo/press", "--out", str(tmp_path / "out"))
    names = {file.name for file in (tmp_path / "out" / "demo" / "press").iterdir()}
    assert names == {"listing.html", "listing.expected.json", "detail.html", "detail.expected.json"}


def test_backfill(home: Home, site: tuple[Site, str]) -> None:
    publish(site[0])
    assert "new releases stored" in home.ok("backfill", "demo/press", "--pages", "2")
    assert home.lines("outbox") == []


def test_a_backfill_tells_of_what_is_new_only_if_it_is_asked_to(home: Home, site: tuple[Site, str]) -> None:
    publish(site[0])
    assert "new releases stored, 1 alerts planned" in home.ok("backfill", "demo/press", "--pages", "1", "--alert")
    assert [one["state"] for one in home.lines("outbox")] == ["held"]
    again = home.ok("backfill", "demo/press", "--pages", "1", "--alert")
    assert "0 new releases stored, 0 alerts planned" in again


def test_notify_sends_a_test_message(home: Home) -> None:
    shown = home.ok("notify", "me")
    assert "me : sent" in shown
    assert "이 글이 보이면 채널이 동작합니다." in shown
    assert 'did you mean "me"?' in home.run("notify", "mee").stderr
    assert home.run("notify", "nobody").exit_code == 2


def test_notify_fails_for_a_channel_that_cannot_be_reached(home: Home) -> None:
    home.config.write_text(home.config.read_text() + '[channels.bad]\nurl = "nonsense://canary"\n')
    result = home.run("notify", "bad")
    assert (result.exit_code, "bad : retry" in result.stdout) == (1, True)
    assert "canary" not in result.output


def test_outbox_retry_wants_names_or_dead(home: Home) -> None:
    home.ok("once")
    assert "0 messages" in home.ok("outbox", "retry", "--dead")
    assert home.run("outbox", "retry").exit_code == 2
    assert home.run("outbox", "retry", "0123").exit_code == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "tocsin" in CliRunner().invoke(cli, ["completion", shell]).output


def test_init_gives_what_check_accepts(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    done = CliRunner().invoke(cli, ["init", str(folder), "--contact", "me@example.org"])
    assert done.exit_code == 0, done.output
    checked = CliRunner().invoke(cli, ["--config", str(folder / "config.toml"), "check"])
    assert checked.exit_code == 0, (checked.output, checked.exception)
    assert checked.stderr == ""
    again = CliRunner().invoke(cli, ["init", str(folder)])
    assert again.exit_code == 1
    assert "is there already" in again.output


def tocsin(home: Home, *words: str, **keys: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bot", "--config", str(home.config), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **keys)  # type: ignore[call-overload, no-any-return]


def test_a_broken_config_exits_with_2_and_all_problems(home: Home) -> None:
    home.config.write_text('dta = 1\n[channels.me]\nurl = "nonsense://x"\n[chanels.you]\n')
    done = tocsin(home, "check")
    assert done.returncode == 2
    assert 'dta: unknown key; did you mean "data"?' in done.stderr
    assert 'chanels: unknown key; did you mean "channels"?' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_channel_that_cannot_be_used_fails_the_check(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace("terminal://", "nonsense://canary"))
    with pytest.raises(ConfigError, match=r"channels\.me: apprise does not understand the url") as caught:
        CliRunner().invoke(cli, ["--config", str(home.config), "check"], catch_exceptions=False)
    assert "canary" not in str(caught.value)


def test_a_terminal_without_hangul_shows_marks_instead_of_a_traceback(home: Home) -> None:
    home.ok("ingest", "-", input='{"title": "반덤핑 관세"}')
    for words in (("releases",), ("once",)):
        done = tocsin(home, *words, env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert done.returncode == 0, done.stderr
        assert "???" in done.stdout


def test_reading_goes_on_while_a_rule_is_broken(home: Home) -> None:
    home.ok("once")
    (home.folder / "rules" / "r.toml").write_text("[[rule]")
    for name in ("releases", "stories", "outbox", "sources", "polls", "health"):
        assert home.run(name).exit_code == 0, name


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_the_service_polls_delivers_and_ends_with_0_when_told_to(
    home: Home, site: tuple[Site, str], name: signal.Signals
) -> None:
    command = [sys.executable, "-m", "bot", "--config", str(home.config), "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert _until(lambda: (home.folder / "data").exists() and bool(home.lines("polls")))
            refused = tocsin(home, "once")
            assert refused.returncode == 1
            assert f"another Tocsin (process {service.pid}) is using this database" in refused.stderr
            publish(site[0])
            assert _until(lambda: [one["state"] for one in home.lines("outbox")] == ["sent"])
            assert "healthy" in home.ok("health")
        finally:
            os.kill(service.pid, name)
            out, err = service.communicate(timeout=30)
    assert service.returncode == 0, err
    assert "Anti-dumping" in out
    assert "stopped" in err
    assert "Traceback" not in err


def _until(met: object) -> bool:
    for _ in range(200):
        try:
            if met():  # type: ignore[operator]
                return True
        except (AssertionError, BotError):
            pass  # not there yet: the loop's end is the failure
        Event().wait(0.1)
    return False


def every_command() -> Iterator[tuple[str, click.Command]]:
    """All commands, those inside others too."""
    for name, command in cli.commands.items():
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in command.commands.items())


def test_every_command_has_a_short_line_and_an_example() -> None:
    assert {"outbox retry", "rules backtest"} < {name for name, _ in every_command()}
    for name, command in every_command():
        assert not command.get_short_help_str(limit=45).endswith("..."), f"{name}: the first line is too long"
        assert "Example" in (command.help or ""), f"{name}: no example"


def test_help_loads_nothing_heavy() -> None:
    heavy = "lark re2 pydantic sqlalchemy alembic apprise httpx rich rapidfuzz selectolax apscheduler"
    asked = f"import bot.cli, sys; print(*sorted(set({heavy.split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("tocsin sea", "search"), ("tocsin rules b", "backtest"), ("tocsin rules backtest --ag", "--against")],
)
def test_what_is_typed_is_completed(typed: str, offered: str) -> None:
    *before, last = typed.split()[1:]
    told = ShellComplete(cli, {}, "tocsin", "_TOCSIN_COMPLETE").get_completions(before, last)
    assert offered in [one.value for one in told]

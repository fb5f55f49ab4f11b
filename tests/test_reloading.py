"""Files that change while the service runs: taken whole when they are right, else the last good ones stay."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

import bot.reloading
from bot.loading import Loaded, load, stamps_now
from bot.reloading import IN_FORCE, Reloader, forget_in_force, read_in_force
from tests.fakes import FakeClock
from tests.test_cli import Home, _until, home, publish, site  # noqa: F401 (fixtures)
from tests.test_loading import CONFIG, OWN, RULES, written

BROKEN = RULES.replace('any = ["tariff"]', 'any = ["tariff"')


class Files:
    """A folder with a config, and the reloader over it."""

    def __init__(self, folder: Path) -> None:
        config = (
            CONFIG + '[sources]\nenabled = ["kr/*", "own/*"]\nfolders = ["sources"]\n[fetch]\ncontact = "a@b.example"\n'
        )
        (folder / "sources" / "own").mkdir(parents=True)
        self.folder = folder
        self.source = folder / "sources" / "own" / "feed.toml"
        self.source.write_text(OWN)
        self.config = written(folder, config=config)
        self.rules = folder / "rules" / "mine.toml"
        self.clock = FakeClock()
        (folder / "data").mkdir()
        self.start()

    def start(self) -> None:
        self.asked: SimpleQueue[None] = SimpleQueue()
        self.reloader = Reloader(load(self.config, {}), self.clock, self.asked)

    def settled(self) -> Loaded | None:
        """What comes of two looks: the first sees the change, the second that it lies still."""
        found = [self.reloader.look(), self.reloader.look()]
        assert found[0] is None
        return found[1]

    @property
    def state(self) -> "bot.reloading.InForce":
        found = read_in_force(self.folder / "data")
        assert found is not None
        return found


@pytest.fixture
def files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Files:
    caplog.set_level(logging.INFO)
    return Files(tmp_path)


def test_nothing_is_read_while_nothing_changes(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    assert [files.reloader.look() for _ in range(5)] == [None] * 5
    assert caplog.messages == []


def test_a_changed_rule_is_taken(files: Files) -> None:
    files.rules.write_text(RULES.replace("tariff", "quota"))
    loaded = files.settled()
    assert loaded is not None
    assert [rule.spec.any for rule in loaded.rules] == [("quota",)]
    assert loaded.stamps == stamps_now(loaded)
    assert files.settled() is None
    assert files.state.refused == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules/more.toml", RULES.replace('"tariffs"', '"more"')),
        ("rules/deep/er/more.toml", RULES.replace('"tariffs"', '"more"')),
        ("rules/terms.toml", '[terms]\nsteel = ["steel"]\n'),
        ("sources/own/more.toml", OWN),
        ("sources/own/feed.toml", OWN + "# longer\n"),
    ],
)
def test_every_file_of_rules_terms_and_sources_is_watched(files: Files, name: str, text: str) -> None:
    file = files.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert files.settled() is not None
    if name.endswith("more.toml"):
        file.unlink()
        assert files.settled() is not None


def test_a_file_of_the_same_size_and_time_is_seen_all_the_same(files: Files) -> None:
    was = files.rules.stat()
    files.rules.write_text(RULES.replace("tariff", "quotas"))
    os.utime(files.rules, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert files.rules.stat().st_mtime_ns == was.st_mtime_ns
    assert files.settled() is not None


def test_a_broken_file_is_refused_and_told_once(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    since = files.state.since
    files.clock.pass_(hours=1)
    files.rules.write_text(BROKEN)
    assert [files.reloader.look() for _ in range(6)] == [None] * 6
    [problem, summary] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert f"refused problem={files.rules}:" in problem
    assert "not TOML" in problem
    assert "\n" not in problem
    assert summary == "refused problems=1 the last good rules and sources stay in force"
    assert (files.state.since, len(files.state.refused), files.state.rules) == (since, 1, 1)
    files.clock.pass_(hours=1)
    files.rules.write_text(RULES)
    assert files.settled() is not None
    assert (files.state.refused, files.state.since > since) == ((), True)


def test_every_problem_is_an_event_of_its_own(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    files.rules.write_text(RULES.replace('["me"]', '["mee", "moo"]'))
    files.source.write_text("")
    assert files.settled() is None
    assert sum("refused problem=" in message for message in caplog.messages) == len(files.state.refused) > 4


def test_one_broken_file_keeps_the_good_ones_out(files: Files) -> None:
    files.rules.write_text(RULES.replace("tariff", "quota"))
    files.source.write_text(OWN.replace("feed", "fed"))
    assert files.settled() is None
    assert files.state.sources["own/feed"] == 10


def test_a_file_that_is_being_written_is_left_alone(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    text = RULES + "# a comment\n"
    for end in range(1, len(text), 7):  # what half a file says is often wrong, and sometimes right
        files.rules.write_text(text[:end])
        assert files.reloader.look() is None
    files.rules.write_text(text)
    assert files.settled() is not None
    assert [message for message in caplog.messages if "refused" in message] == []


@pytest.mark.parametrize("meanwhile", [RULES.replace("tariff", "quota"), BROKEN])
def test_a_file_that_changes_while_it_is_read_counts_for_nothing(
    files: Files, monkeypatch: pytest.MonkeyPatch, meanwhile: str, caplog: pytest.LogCaptureFixture
) -> None:
    honest, more = bot.reloading.reload, files.folder / "rules" / "more.toml"

    def slow(loaded: Loaded) -> Loaded:
        """Read, while another file is written."""
        more.write_text(meanwhile.replace('"tariffs"', '"more"'))
        return honest(loaded)

    monkeypatch.setattr(bot.reloading, "reload", slow)
    files.rules.write_text(RULES + "# new\n")
    assert files.settled() is None
    assert caplog.messages == []
    monkeypatch.setattr(bot.reloading, "reload", honest)
    more.unlink()
    loaded = files.reloader.look()
    assert loaded is not None, "it lies still again"
    assert [rule.id for rule in loaded.rules] == ["tariffs"]


def test_what_changed_before_the_first_look_is_taken(files: Files) -> None:
    loaded = load(files.config, {})
    files.rules.write_text(RULES.replace("tariff", "quota"))
    reloader = Reloader(loaded, files.clock)
    assert [reloader.look() is None, reloader.look() is None] == [True, False]


def test_a_signal_reads_at_once_and_tells_again(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    files.asked.put(None)
    assert files.reloader.look() is not None
    files.rules.write_text(BROKEN)
    for _ in range(2):
        files.asked.put(None)
        files.asked.put(None)
        assert [files.reloader.look(), files.reloader.look()] == [None, None]
    assert sum("refused problem=" in message for message in caplog.messages) == 2


def test_a_changed_config_waits_for_the_next_start(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    files.rules.write_text(BROKEN)
    files.settled()
    caplog.clear()
    files.config.write_text("nonsense")
    assert [files.reloader.look() for _ in range(5)] == [None] * 5
    assert caplog.messages == [f"config changed file={files.config} it is read at the next start only"]
    assert (files.state.restart, len(files.state.refused)) == (True, 1)
    files.rules.write_text(RULES)
    assert files.settled() is not None, "rules go by the settings of the start"
    assert (files.state.restart, files.state.refused) == (True, ())


def test_a_folder_that_is_gone_is_refused(files: Files, tmp_path: Path) -> None:
    (files.folder / "rules").rename(tmp_path / "elsewhere")
    assert files.settled() is None
    assert "there is no such rules folder" in files.state.refused[0]
    (tmp_path / "elsewhere").rename(files.folder / "rules")
    assert files.settled() is not None


def test_a_data_folder_that_cannot_be_written_stops_nothing(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    (files.folder / "data" / IN_FORCE).unlink()
    (files.folder / "data").rmdir()
    files.rules.write_text(RULES + "# new\n")
    assert files.settled() is not None
    assert "cannot write file=" in caplog.text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"refused": 1}', '{"refused": [], "more": 1}'])
def test_a_damaged_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / IN_FORCE).write_text(text)
    assert read_in_force(tmp_path) is None
    forget_in_force(tmp_path)
    forget_in_force(tmp_path)
    assert read_in_force(tmp_path) is None


# --- the service itself ---------------------------------------------------------------------------------------------


def test_the_running_service_goes_on_by_the_old_rules_until_the_file_is_mended(
    home: Home,  # noqa: F811
    site: tuple[object, str],  # noqa: F811
) -> None:
    file = home.folder / "rules" / "r.toml"
    good = file.read_text()

    def health() -> dict[str, object]:
        [answer] = home.lines("health")
        return answer

    command = [sys.executable, "-m", "bot", "--config", str(home.config), "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert _until(lambda: (home.folder / "data").exists() and bool(home.lines("polls")))
            file.write_text(good.replace("[[rule]]", "[[rule]"))
            (home.folder / "sources" / "demo" / "press.toml").write_text("name = 1\n")
            service.send_signal(signal.SIGHUP)
            assert _until(lambda: len(health()["refused"]) > 1)  # type: ignore[arg-type]
            assert "those of" in home.ok("health"), "broken sources do not make a working service unhealthy"
            publish(site[0])  # type: ignore[arg-type]
            assert _until(lambda: _states(home) == ["sent"])
        finally:
            service.send_signal(signal.SIGTERM)
            _, err = service.communicate(timeout=30)
    assert service.returncode == 0, err
    assert err.count(f"refused problem={file}:1:") == 1
    assert read_in_force(home.folder / "data") is None
    assert "Traceback" not in err


def test_the_running_service_takes_new_rules_and_sources(home: Home, site: tuple[object, str]) -> None:  # noqa: F811
    file = home.folder / "rules" / "r.toml"
    good = file.read_text()
    file.write_text(good.replace('["anti-dumping", "반덤핑"]', '["nothing of the kind"]'))
    command = [sys.executable, "-m", "bot", "--config", str(home.config), "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert _until(lambda: (home.folder / "data").exists() and bool(home.lines("polls")))
            file.write_text(good)
            source = home.folder / "sources" / "demo" / "press.toml"
            source.write_text(source.read_text().replace("every_minutes = 0.01", "every_minutes = 0.02"))
            assert _until(
                lambda: json.loads((home.folder / "data" / IN_FORCE).read_text())["sources"]["demo/press"] == 0.02
            )
            publish(site[0])  # type: ignore[arg-type]
            assert _until(lambda: _states(home) == ["sent"])
        finally:
            service.send_signal(signal.SIGTERM)
            _, err = service.communicate(timeout=30)
    assert service.returncode == 0, err
    assert "reloaded rules=1 sources=1 added=0 removed=0 changed=1" in err


def _states(home: Home) -> list[object]:  # noqa: F811
    """How the alerts stand, as the database says: the files on disk may be wrong."""
    from bot.app import open_archive_in

    with open_archive_in(home.folder / "data") as archive:
        return [one["state"] for one in archive.outbox(limit=9)]

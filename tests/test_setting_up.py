"""What check and notify load and print."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.adapters.channels import Channels
from bot.cli import cli
from bot.model import Outcome, Sending
from bot.starting import write_starter


@pytest.fixture
def config(tmp_path: Path) -> str:
    write_starter(tmp_path / "w", contact="")
    return str(tmp_path / "w" / "config.toml")


@pytest.mark.parametrize("command", ["check", "notify me"])
def test_a_terminal_needs_neither_the_database_nor_apprise(config: str, command: str) -> None:
    heavy = "sqlalchemy alembic apprise apscheduler jinja2"
    words = ["--config", config, *command.split()]
    asked = (
        f"import sys; from bot.cli import cli; cli({words!r}, standalone_mode=False); "
        f"print('loaded:', *sorted(set({heavy.split()!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_what_a_server_answered_is_not_obeyed_by_the_screen(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Outcome(result=Sending.RETRY, why="said 451 \x1b]0;owned\x07\x1b[2J later")
    monkeypatch.setattr(Channels, "send", lambda *_: answer)
    result = CliRunner().invoke(cli, ["--config", config, "notify", "me"])
    assert result.exit_code == 1
    assert "me : retry (said 451 " in result.stdout
    assert not {"\x1b", "\x07"} & {*result.stdout}

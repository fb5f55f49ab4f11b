"""Logs: no secret, nothing that acts, and no event that nobody wrote."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.options import Session
from bot.logs import _QUIET, set_up
from bot.secrecy import Mask, login_forms, secrets_in
from bot.starting import write_starter

FORGED = "x\n2026-11-02T09:00:00+0000 INFO bot.pipeline sent channel=me\r\u2028\x85\u202e\x1b[2J"


@pytest.fixture(autouse=True)
def usual_logging() -> Iterator[None]:
    """Puts the log back as the other tests have it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _QUIET}
    yield
    root.handlers[:], root.level = handlers, level
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)


def test_an_event_is_one_line_and_a_traceback_is_set_in(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(level=logging.INFO)
    log = logging.getLogger("bot.test")
    log.info("polled title=%s", FORGED)
    try:
        raise ValueError(FORGED)
    except ValueError:
        log.exception("failed")
    written = capsys.readouterr().err
    first, second, *trace = written.rstrip("\n").split("\n")
    assert first.endswith("[2J")
    assert second.endswith("ERROR bot.test failed")
    assert any("ValueError: x" in line for line in trace)
    assert all(line.startswith("  ") for line in trace), "a line of the error passes for an event"
    assert not {*written} & {*"\r\u2028\x85\u202e\x1b"}


URL = "mailtos://desk:hunter2@mail.example.org?from=a@x.org&to=b@x.org"


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        (URL, "hunter2"),
        (URL, "aHVudGVyMg=="),
        (URL, "ZGVzazpodW50ZXIy"),
        ("mailto://desk:p%40ss%2Fword@mail.example.org?to=b@x.org", "p@ss/word"),
        ("mailto://desk:p%40ss%2Fword@mail.example.org?to=b@x.org", "p%40ss%2Fword"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "abcdefg_hijklmnop"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", "TIiajkdnlazkcOXrIdevi7FQ"),
        ("webhooks://h.example/p?secret=short1", "short1"),
        ("webhooks://h.example/p?secret=whsec_c2Vj/cmV0+A==", "whsec_c2Vj/cmV0+A=="),
        ("json://h.example/?+X-Token=canary-key", "canary-key"),
        ("https://ping.example/0d5f3a4c-88aa", "0d5f3a4c-88aa"),
    ],
)
def test_each_secret_part_of_a_url_is_masked(url: str, secret: str) -> None:
    told = Mask(secrets_in(url))(f"at {url}: bad login ({secret}) for x")
    assert secret.rstrip("=") not in told
    assert told.startswith("at ****: bad login (****")
    assert told.endswith(" for x")


def test_what_is_no_secret_stays_readable() -> None:
    told = "550 mail.example.org: no mailbox b@x.org for from, mode, desk and insecure"
    assert Mask(secrets_in(f"{URL}&mode=insecure&format=text"))(told) == told
    assert Mask(secrets_in("terminal://"))(told) == told
    assert Mask(secrets_in(""))(told) == told
    assert login_forms("desk", "") == set()


def test_a_command_masks_what_stands_in_its_channels_urls(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_starter(tmp_path / "w", contact="")
    config = tmp_path / "w" / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("terminal://", URL), encoding="utf-8")
    session = Session(config=str(config), verbose=False)
    session.log(session.load())
    logging.getLogger("bot.test").error("refused: bad password hunter2")
    written = capsys.readouterr().err
    assert "bad password ****" in written
    assert "hunter2" not in written

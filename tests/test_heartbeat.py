"""The sign of life: written whole, read with care, missed in time."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bot.heartbeat import HEARTBEAT, Beat, beat, forget, is_stuck, last_beat
from tests.fakes import START


def test_the_last_beat_is_read_back(tmp_path: Path) -> None:
    assert last_beat(tmp_path) is None
    beat(tmp_path, START, 5)
    beat(tmp_path, START + timedelta(seconds=5), 2.5)
    assert last_beat(tmp_path) == Beat(at=START + timedelta(seconds=5), every=2.5)
    assert [file.name for file in tmp_path.iterdir()] == [HEARTBEAT]


def test_a_service_that_ended_leaves_no_beat(tmp_path: Path) -> None:
    forget(tmp_path)
    beat(tmp_path, START, 5)
    forget(tmp_path)
    assert last_beat(tmp_path) is None


def test_a_failure_is_logged_and_the_earlier_beat_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    beat(tmp_path / "gone", START, 5)
    beat(tmp_path, START, 5)
    (tmp_path / "heartbeat.new").mkdir()
    with caplog.at_level(logging.WARNING):
        beat(tmp_path, START + timedelta(hours=1), 5)
    assert len([one for one in caplog.messages if one.startswith("cannot write")]) == 2
    assert last_beat(tmp_path) == Beat(at=START, every=5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "[" * 100_000,
        "{}",
        '{"at": 5, "every": 5}',
        '{"at": "2026-11-02T09:00:00", "every": 5}',
        '{"at": "yesterday", "every": 5}',
        '{"at": "2026-11-02T09:00:00+00:00", "every": "often"}',
        '{"at": "2026-11-02T09:00:00+00:00", "every": NaN}',
        '{"at": "2026-11-02T09:00:00+00:00", "every": 1e999}',
        '{"at": "2026-11-02T09:00:00+00:00", "every": null}',
        pytest.param('{"at": "2026-11-02T09:00:00+00:00", "every": 1%s}' % ("0" * 400), id="a number without end"),
    ],
)
def test_what_is_no_beat_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / HEARTBEAT).write_text(text)
    assert last_beat(tmp_path) is None


def test_bytes_that_are_no_text_are_no_beat(tmp_path: Path) -> None:
    (tmp_path / HEARTBEAT).write_bytes(b"\xff\xfe")
    assert last_beat(tmp_path) is None


@pytest.mark.parametrize(
    ("every", "seconds", "stuck"),
    [
        (60, 0, False),
        (60, 180, False),
        (60, 181, True),
        (5, 30, False),  # a busy machine is not stuck
        (5, 31, True),
        (0, 31, True),
        (60, -180, False),  # the clock was set back a little meanwhile
        (60, -181, True),
        (5, -86_400, True),
    ],
)
def test_a_service_is_stuck_after_three_intervals(every: float, seconds: float, stuck: bool) -> None:
    assert is_stuck(Beat(at=START, every=every), START + timedelta(seconds=seconds)) is stuck


def test_a_service_that_goes_on_is_seen_to_be_well_after_the_clock_was_set_back(tmp_path: Path) -> None:
    beat(tmp_path, START, 5)
    beat(tmp_path, START - timedelta(days=1), 5)
    found = last_beat(tmp_path)
    assert found is not None
    assert not is_stuck(found, START - timedelta(days=1))
    assert set(json.loads((tmp_path / HEARTBEAT).read_text())) == {"at", "every"}

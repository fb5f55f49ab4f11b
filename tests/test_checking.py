"""What `tocsin health` and `tocsin sources` say of a service and of its sources."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.clock import SystemClock
from bot.heartbeat import beat
from tests.test_muting import FIRST, OTHER, Quiet

KEYS = {
    *("healthy", "late", "tick", "stuck", "failing", "broken", "outbox", "ambiguous", "muted", "refused", "restart"),
}
CONDITION = "INSERT INTO conditions VALUES (?, ?, ?, '2026-11-01 08:00:00.000000', ?, '[]', NULL)"
POLL = (
    "INSERT INTO polls (source, at, result, took, found, new, revised, folded, matched, planned, baseline, error)"
    " VALUES (?, ?, 'ok', 0, 0, 0, 0, 0, 0, 0, 0, '')"
)


@pytest.fixture
def desk(tmp_path: Path) -> Quiet:
    """A desk with two sources that have just been polled."""
    opened = Quiet(tmp_path)
    opened.ok("once")
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("enabled = []", 'enabled = ["kr/motir-press", "us/federal-register"]'))
    now = SystemClock().now()
    for source in ("kr/motir-press", "us/federal-register"):
        opened.sql(POLL, source, f"{now:%Y-%m-%d %H:%M:%S.%f}")
    return opened


def answer(desk: Quiet) -> tuple[int, dict[str, Any]]:
    result = desk.cli("health", "--json")
    return result.exit_code, json.loads(result.stdout)


def test_nothing_is_wrong(desk: Quiet) -> None:
    code, found = answer(desk)
    assert (code, found["healthy"]) == (0, True)
    assert found.keys() == KEYS
    assert (found["tick"], found["stuck"], found["ambiguous"], found["broken"], found["muted"]) == (
        None,
        False,
        0,
        {},
        [],
    )
    assert desk.ok("health") == "healthy\n"


def test_a_service_that_looks_round_no_more_is_unhealthy(desk: Quiet) -> None:
    data, now = desk.folder / "data", SystemClock().now()
    beat(data, now, 5)
    code, found = answer(desk)
    assert (code, found["stuck"], datetime.fromisoformat(found["tick"])) == (0, False, now)
    beat(data, now - timedelta(minutes=10), 5)
    code, found = answer(desk)
    assert (code, found["healthy"], found["stuck"], found["late"]) == (1, False, True, [])
    shown = desk.cli("health")
    assert (shown.exit_code, shown.stdout.startswith("unhealthy: the service has not looked at its outbox since ")) == (
        1,
        True,
    )
    beat(data, now - timedelta(minutes=10), 3600)
    assert answer(desk)[0] == 0, "three of its intervals are not over"


def test_a_source_that_is_late_is_still_named(desk: Quiet) -> None:
    desk.sql("UPDATE polls SET at = '2026-01-01 00:00:00.000000' WHERE source = 'kr/motir-press'")
    code, found = answer(desk)
    assert (code, found["late"], found["stuck"]) == (1, ["kr/motir-press"], False)
    assert "unhealthy: not polled in time: kr/motir-press" in desk.cli("health").stdout


def test_sources_in_trouble_are_shown_and_do_not_make_it_unhealthy(desk: Quiet) -> None:
    desk.sql(CONDITION, "kr/motir-press", "broken", 5, '["layout"]')
    desk.sql(CONDITION, "us/federal-register", "ok", 0, '["stale"]')
    desk.sql(CONDITION, "kr/gone", "broken", 9, "[]")  # no longer polled
    code, found = answer(desk)
    assert (code, found["broken"]) == (0, {"kr/motir-press": "broken", "us/federal-register": "stale"})
    assert "in trouble: kr/motir-press (broken), us/federal-register (stale)" in desk.ok("health")


def test_sources_show_their_standing_where_it_is_not_well(desk: Quiet) -> None:
    desk.sql(CONDITION, "kr/motir-press", "failing", 1, "[]")
    desk.sql(CONDITION, "us/federal-register", "ok", 0, '["stale"]')
    desk.sql(CONDITION, "us/ustr-press", "broken", 4, '["unreachable"]')  # switched off since
    found = {one["source"]: one for one in desk.lines("sources")}
    assert found["kr/motir-press"]["standing"] == "failing"
    assert (found["us/federal-register"]["standing"], found["us/federal-register"]["troubles"]) == ("stale", ["stale"])
    assert found["us/federal-register"]["since"].startswith("2026-11-01T08:00:00")
    well = {one["standing"] for name, one in found.items() if name not in {"kr/motir-press", "us/federal-register"}}
    assert "ok" in well
    shown = {line.split()[0]: line for line in desk.ok("sources").splitlines() if "/" in line}
    assert "failing" in shown["kr/motir-press"]
    assert "stale" in shown["us/federal-register"]
    others = [line for name, line in shown.items() if name not in {"kr/motir-press", "us/federal-register"}]
    assert others
    assert not any(word in line for line in others for word in ("failing", "broken", "stale", " ok"))


def test_what_is_stuck_in_the_outbox_is_shown(desk: Quiet) -> None:
    desk.store(FIRST, OTHER)
    desk.sql("UPDATE outbox SET state = 'ambiguous' WHERE rule = 'ad'")
    desk.sql("UPDATE outbox SET state = 'dead' WHERE rule = 'copper'")
    code, found = answer(desk)
    assert (code, found["ambiguous"], found["outbox"]) == (0, 1, {"ambiguous": 1, "dead": 1})
    shown = desk.ok("health")
    assert "dead letters: 1; see `tocsin outbox --dead`" in shown
    assert "alerts that may not have arrived: 1; see `tocsin outbox --state ambiguous`" in shown


def test_what_is_muted_is_shown(desk: Quiet) -> None:
    desk.ok("mute", "copper", "--until", "2h")
    code, found = answer(desk)
    [muted] = found["muted"]
    assert (code, muted["kind"], muted["name"]) == (0, "rule", "copper")
    assert datetime.fromisoformat(muted["until"]) > SystemClock().now() + timedelta(hours=1)
    assert "muted: copper until " in desk.ok("health")
    desk.ok("unmute", "copper")
    assert "muted" not in desk.ok("health")

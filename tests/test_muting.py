"""Muting as people do it: alerts wait and none is lost, and what is muted can be seen and undone."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from bot.adapters.database import Database
from bot.cli.until import moment_ahead
from tests.test_ruling import Desk

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
COPPER = '[[rule]]\nid = "copper"\nname = "구리 수입"\nany = ["copper", "구리"]\nto = ["me"]\n'
STEEL = {"source": "kr/press", "published": "2026-05-20", "body": "The duty will be 27.91 percent from June on."}
FIRST = {**STEEL, "id": "1", "title": "KTC recommends anti-dumping duties on steel plate"}
SECOND = {
    **STEEL,
    "id": "2",
    "title": "중국산 석유수지 반덤핑 조사 개시",
    "body": "무역위원회는 월요일 조사를 시작했다.",
}
OTHER = {**STEEL, "id": "3", "title": "구리 수입 급증", "body": "지난해보다 31퍼센트 늘었다.", "source": "us/press"}


class Quiet(Desk):
    """A desk that polls nothing, and sends to the screen."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        config = folder / "config.toml"
        config.write_text(config.read_text() + "[sources]\nenabled = []\n")
        self.write(copper=COPPER)

    def ok(self, *words: str) -> str:
        result = self.cli(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def lines(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ok(*words, "--json").splitlines()]

    def refused(self, *words: str) -> str:
        result: Result = self.cli(*words)
        assert result.exit_code == 2, result.output
        return " ".join(result.output.split())

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "data" / "tocsin.db") as connection:
            found = connection.execute(query, values).fetchall()
        connection.close()
        return found

    def standing(self) -> dict[str, tuple[str, str]]:
        """How the alerts stand, by the release's number, with why they wait."""
        titles = {one["title"]: one["id"] for one in (FIRST, SECOND, OTHER)}
        found = self.lines("outbox")
        return {titles[one["title"]]: (one["state"], one["held"]) for one in found if one["title"] in titles}


@pytest.fixture
def desk(tmp_path: Path) -> Quiet:
    opened = Quiet(tmp_path)
    opened.ok("once")  # makes the database
    return opened


# --- what waits -----------------------------------------------------------------------------------------------------


def test_alerts_of_a_muted_rule_wait_and_come_in_one_message(desk: Quiet) -> None:
    said = desk.ok("mute", "ad", "--until", "2h")
    assert "UTC: rule ad (Anti-dumping)\n" in said
    assert "`tocsin unmute ad` ends it at once" in said
    desk.store(FIRST, SECOND, OTHER)
    assert "1 alerts sent, 0 tries failed." in desk.ok("once")
    assert desk.standing() == {"1": ("held", "mute"), "2": ("held", "mute"), "3": ("sent", "")}
    assert "muted until " in desk.ok("outbox", "--state", "held")
    [mute] = desk.lines("mutes")
    assert (mute["kind"], mute["name"], mute["state"], mute["waiting"]) == ("rule", "ad", "on", 2)
    assert "0 alerts sent" in desk.ok("once")
    assert "no longer muted: rule ad" in desk.ok("unmute", "ad")
    shown = desk.ok("once")
    assert FIRST["title"] in shown
    assert SECOND["title"] in shown
    assert "1 alerts sent, 0 tries failed." in shown
    assert desk.standing() == {"1": ("sent", "mute"), "2": ("sent", "mute"), "3": ("sent", "")}
    [digest] = [one for one in desk.lines("outbox") if one["reason"] == "digest"]
    carried = [one for one in desk.lines("outbox") if one["digest"] == digest["id"]]
    assert digest["members"] == [one["id"] for one in reversed(carried)]
    assert len(carried) == 2


def test_a_mute_that_ends_lets_go_what_waited(desk: Quiet) -> None:
    desk.ok("mute", "ad", "--until", "2h")
    desk.store(FIRST)
    desk.ok("once")
    assert desk.standing() == {"1": ("held", "mute")}
    desk.sql("UPDATE mutes SET until = since")
    desk.sql("UPDATE outbox SET next_at = created")
    assert "1 alerts sent" in desk.ok("once")
    assert [one["state"] for one in desk.lines("mutes", "--all")] == ["ended"]
    assert desk.lines("mutes") == []


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("kr/press", "source", "kr/press"),
        ("kr/*", "source", "kr/*"),
        ("source:kr/*", "source", "kr/*"),
        ("rule:ad", "rule", "ad"),
    ],
)
def test_what_is_muted_is_held_and_the_rest_is_not(desk: Quiet, name: str, kind: str, kept: str) -> None:
    desk.store({**OTHER, "id": "8", "source": "kr/press", "title": "Visit"})  # so that the source is known
    desk.ok("mute", name, "--until", "3d")
    desk.store(FIRST, OTHER)
    desk.ok("once")
    assert desk.standing() == {"1": ("held", "mute"), "3": ("sent", "")}
    assert [(one["kind"], one["name"], one["waiting"]) for one in desk.lines("mutes")] == [(kind, kept, 1)]


def test_a_story_is_muted_by_the_beginning_of_its_id(desk: Quiet) -> None:
    [first, _] = desk.store(FIRST, SECOND)
    said = desk.ok("mute", first[:9], "--until", "1w")
    assert f"story {first} ({FIRST['title']})" in said
    assert f"`tocsin unmute {first}`" in said
    desk.ok("once")
    assert desk.standing() == {"1": ("held", "mute"), "2": ("sent", "")}
    desk.ok("unmute", first[:9])
    assert "1 alerts sent" in desk.ok("once")


def test_the_end_of_a_mute_can_be_drawn_nearer(desk: Quiet) -> None:
    desk.ok("mute", "ad", "--until", "1w")
    desk.store(FIRST)
    desk.ok("once")
    desk.ok("mute", "ad", "--until", "2h")
    desk.ok("once")
    [[until, waits]] = desk.sql("SELECT until, next_at FROM mutes, outbox WHERE undone IS NULL")
    assert until == waits
    assert sorted(one["state"] for one in desk.lines("mutes", "--all")) == ["on", "undone"]


def test_muting_works_beside_the_process_that_has_the_database(desk: Quiet) -> None:
    database = Database.open(desk.folder / "data" / "tocsin.db")
    try:
        assert desk.cli("once").exit_code == 1  # the negative control: this one needs the database for itself
        desk.ok("mute", "ad", "--until", "2h")
        desk.ok("unmute", "ad")
    finally:
        database.close()


def test_what_is_muted_is_listed_for_people(desk: Quiet) -> None:
    assert desk.ok("mutes").strip() == "nothing is muted"
    desk.store(FIRST)
    desk.ok("mute", "kr/*", "--until", "2h")
    shown = desk.ok("mutes")
    assert "kr/*" in shown
    assert "waiting" in shown
    assert "`tocsin unmute 'kr/*'`" in desk.ok("mute", "kr/*", "--until", "3h")


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("coper", 'did you mean "copper"?'),
        ("구리 수입", 'did you mean "copper"?'),  # a rule's name as people read it
        ("kr/pres", 'did you mean "kr/press"?'),
        ("", "list them"),
        ("%", "list them"),
        ("xx/*", "list them"),
        ("story:ad", 'did you mean "rule:ad"?'),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(desk: Quiet, name: str, hint: str) -> None:
    desk.store(FIRST)
    said = desk.refused("mute", name, "--until", "2h")
    assert "there is no " in said
    assert f" called '{name.removeprefix('story:')}'; " in said
    assert hint in said
    assert desk.lines("mutes", "--all") == []


def test_a_release_that_was_folded_leads_to_its_story(desk: Quiet) -> None:
    first, twin = desk.store(FIRST, {**FIRST, "id": "5", "source": "kr/other"})
    assert f'did you mean "{first}"?' in desk.refused("mute", twin, "--until", "2h")


def test_a_name_that_means_two_things_is_refused_until_it_says_which(desk: Quiet) -> None:
    desk.store({**FIRST, "source": "ad"})
    said = desk.refused("mute", "ad", "--until", "2h")
    assert "may mean more than one thing" in said
    assert "rule:ad Anti-dumping" in said
    assert "source:ad" in said
    assert "UTC: source ad (ad)" in desk.ok("mute", "source:ad", "--until", "2h")
    assert [one["kind"] for one in desk.lines("mutes")] == ["source"]


def test_only_what_is_muted_can_be_unmuted(desk: Quiet) -> None:
    assert "nothing called 'ad' is muted; `tocsin mutes` lists what is" in desk.refused("unmute", "ad")
    desk.ok("mute", "copper", "--until", "2h")
    assert 'did you mean "copper"?' in desk.refused("unmute", "coper")
    desk.ok("unmute", "rule:copper")
    assert "nothing called 'copper' is muted" in desk.refused("unmute", "copper")


# --- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOW + timedelta(hours=2)),
        (" 3D ", NOW + timedelta(days=3)),
        ("1w", NOW + timedelta(weeks=1)),
        ("366d", NOW + timedelta(days=366)),
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01T08:00", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01 08:00", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T08:00+09:00", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2026-11-02T09:31", NOW + timedelta(minutes=1)),
    ],
)
def test_a_time_ahead_is_read(text: str, expected: datetime) -> None:
    assert moment_ahead(text, now=NOW) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0h", "is over; it is 2026-11-02 09:30 UTC"),
        ("2026-11-02", "is over"),
        ("2026-11-02T09:30", "is over"),
        ("2026-11-02T18:00+09:00", "is over"),
        ("367d", "more than a year ahead"),
        ("99999w", "more than a year ahead"),
        ("2030-01-01", "more than a year ahead"),
        ("9999-12-31T23:59-23:59", "write 2h, 3d, 1w"),
        ("soon", "write 2h, 3d, 1w"),
        ("내일", "write 2h, 3d, 1w"),
        ("5", "write 2h, 3d, 1w"),
        ("3m", "write 2h, 3d, 1w"),
        ("-2h", "write 2h, 3d, 1w"),
        ("", "write 2h, 3d, 1w"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        moment_ahead(text, now=NOW)


def test_a_wrong_time_is_a_usage_error(desk: Quiet) -> None:
    assert "'soon' is no time" in desk.refused("mute", "ad", "--until", "soon")
    assert "--until" in desk.refused("mute", "ad")

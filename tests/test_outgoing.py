"""The outbox as people see it, and what can be tried again."""

from pathlib import Path
from typing import Any

import pytest

from tests.test_muting import FIRST, OTHER, SECOND, Quiet

COLUMNS = {
    *("id", "channel", "recipient", "rule", "rule_version", "release", "source", "change", "story", "about"),
    *("revision", "reason", "message", "urgent", "together", "answers", "state", "held", "digest", "attempts"),
    *("unsure", "created", "next_at", "ended", "why", "title", "members"),
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Quiet:
    monkeypatch.setenv("COLUMNS", "250")
    opened = Quiet(tmp_path)
    opened.ok("once")
    return opened


def alerts(desk: Quiet) -> dict[str, dict[str, Any]]:
    """The alerts of the outbox by their titles, with the digest as "digest"."""
    return {one["title"] or one["reason"]: one for one in desk.lines("outbox")}


def digested(desk: Quiet) -> dict[str, dict[str, Any]]:
    """Two alerts that came with a digest, and the digest."""
    desk.ok("mute", "ad", "--until", "2h")
    desk.store(FIRST, SECOND)
    desk.ok("once")
    desk.ok("unmute", "ad")
    desk.ok("once")
    return alerts(desk)


def put(desk: Quiet, alert: dict[str, Any], state: str, *, why: str = "") -> None:
    """Let an alert, with what it holds, stand in a state."""
    query = "UPDATE outbox SET state = ?, why = ?, next_at = NULL WHERE id = ? OR digest = ?"
    desk.sql(query, state, why, alert["id"], alert["id"])


def test_every_column_is_told_to_programs(desk: Quiet) -> None:
    found = digested(desk)
    digest, first = found["digest"], found[FIRST["title"]]
    assert digest.keys() == first.keys() == COLUMNS
    assert (digest["release"], digest["story"], digest["rule"]) == (None, None, "")
    assert [one["title"] for one in digest["message"]["entries"]] == [FIRST["title"], SECOND["title"]]
    assert digest["members"] == [first["id"], found[SECOND["title"]]["id"]]
    assert (first["digest"], first["members"]) == (digest["id"], [])


def test_a_digest_and_what_it_holds_are_shown_together(desk: Quiet) -> None:
    digest = digested(desk)["digest"]
    shown = desk.ok("outbox")
    assert f"digest: 2 alerts: {FIRST['title']}; {SECOND['title']}" in shown
    assert shown.count(f"with digest {digest['id']}") == 2
    desk.sql("UPDATE outbox SET state = 'held' WHERE digest IS NOT NULL")
    assert f"it comes with digest {digest['id']}" in desk.ok("outbox", "--state", "held")


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        ("quiet", "quiet hours until 2026-12-01 07:00Z"),
        ("cadence", "waits for the channel's cadence until 2026-12-01 07:00Z"),
        ("mute", "muted until 2026-12-01 07:00Z"),
        ("storm", "enough messages for one hour, waits until 2026-12-01 07:00Z"),
        ("", "it waits for the next round of `tocsin run`"),
    ],
)
def test_what_is_held_says_why_and_until_when(desk: Quiet, held: str, shown: str) -> None:
    desk.store(FIRST)
    desk.sql("UPDATE outbox SET held = ?, next_at = '2026-12-01 07:00:00.000000'", held)
    assert shown in desk.ok("outbox", "--state", "held")


@pytest.mark.parametrize("state", ["dead", "ambiguous", "pending"])
def test_what_did_not_arrive_is_tried_again(desk: Quiet, state: str) -> None:
    desk.store(FIRST)
    desk.ok("once")
    alert = alerts(desk)[FIRST["title"]]
    put(desk, alert, state, why="the server said 421")
    assert "the server said 421" in desk.ok("outbox", "--state", state)
    assert "1 message will be tried again" in desk.ok("outbox", "retry", alert["id"])
    assert "1 alerts sent" in desk.ok("once")


def test_one_of_a_digest_is_tried_again_with_the_digest(desk: Quiet) -> None:
    found = digested(desk)
    put(desk, found["digest"], "ambiguous")
    desk.ok("outbox", "retry", found[SECOND["title"]]["id"])
    shown = desk.ok("once")
    assert "1 alerts sent" in shown
    assert FIRST["title"] in shown
    assert {one["state"] for one in desk.lines("outbox")} == {"sent"}


def test_what_waits_for_its_time_or_was_sent_is_left(desk: Quiet) -> None:
    desk.store(OTHER)
    desk.ok("once")
    desk.ok("mute", "ad", "--until", "2h")
    desk.store(FIRST)
    desk.ok("once")
    found = alerts(desk)
    held = desk.cli("outbox", "retry", found[FIRST["title"]]["id"])
    assert (held.exit_code, "0 messages" in held.stdout) == (1, True)
    assert "it waits for its time, and is left to: muted until " in held.stderr
    sent = desk.cli("outbox", "retry", found[OTHER["title"]]["id"])
    assert (sent.exit_code, "it was sent" in sent.stderr) == (1, True)
    put(desk, found[OTHER["title"]], "sending")
    assert "it is being sent" in desk.cli("outbox", "retry", found[OTHER["title"]]["id"]).stderr
    assert "there is no such delivery" in desk.cli("outbox", "retry", "zzz").stderr
    assert alerts(desk)[FIRST["title"]] == found[FIRST["title"]]


def test_one_that_is_left_does_not_keep_others_from_being_tried(desk: Quiet) -> None:
    desk.store(FIRST, OTHER)
    desk.ok("once")
    found = alerts(desk)
    put(desk, found[OTHER["title"]], "dead")
    result = desk.cli("outbox", "retry", found[OTHER["title"]]["id"], found[FIRST["title"]]["id"])
    assert (result.exit_code, "1 message will be tried again" in result.stdout) == (1, True)
    assert "1 alerts sent" in desk.ok("once")


def test_all_dead_letters_are_listed_and_tried_again(desk: Quiet) -> None:
    desk.store(FIRST, OTHER)
    desk.ok("once")
    put(desk, alerts(desk)[OTHER["title"]], "dead")
    assert [one["title"] for one in desk.lines("outbox", "--dead")] == [OTHER["title"]]
    assert len(desk.lines("outbox", "--dead", "--state", "sent")) == 2
    assert "1 message will be tried again" in desk.ok("outbox", "retry", "--dead")
    assert desk.lines("outbox", "--dead") == []

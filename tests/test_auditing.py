"""The ledger as it is handed out: whole, in order, as it comes, and harmless in a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.adapters.database.tables import ledger
from bot.cli.auditing import COLUMNS
from tests.test_muting import FIRST, OTHER, SECOND, Quiet

_SLOTS = ", ".join("?" * (len(COLUMNS) - 1))
ROW = f"INSERT INTO ledger ({', '.join(COLUMNS[1:])}) VALUES ({_SLOTS})"  # noqa: S608 (our own names)


@pytest.fixture
def desk(tmp_path: Path) -> Quiet:
    opened = Quiet(tmp_path)
    opened.ok("once")
    return opened


@pytest.fixture
def archive(desk: Quiet) -> Iterator[Archive]:
    database = Database.peek(desk.folder / "data" / "tocsin.db")
    yield Archive(database)
    database.close()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def note(desk: Quiet, why: str, *, at: str = "2026-01-31 12:00:00.000000", delivery: str = "d") -> None:
    """Put a line into the ledger."""
    desk.sql(ROW, at, "retry", delivery, "me", "", "ad", "", "", 1, "new", 1, "", "", why)


def test_what_was_decided_and_tried_is_told_in_order(desk: Quiet) -> None:
    assert desk.ok("audit") == ",".join(COLUMNS) + "\n"
    [first] = desk.store(FIRST)
    desk.ok("once")
    found = table(desk.ok("audit"))
    assert [one["event"] for one in found] == ["promised", "sent"]
    [alert] = desk.lines("outbox")
    assert {one["delivery"] for one in found} == {alert["id"]}
    assert {one["release"] for one in found} == {first}
    assert [(one["rule"], one["channel"], one["attempt"]) for one in found] == [("ad", "me", "0"), ("ad", "me", "1")]
    assert [bool(one["fingerprint"]) for one in found] == [False, True]
    assert [int(one["number"]) for one in found] == sorted(int(one["number"]) for one in found)


def test_both_forms_say_the_same_in_any_script(desk: Quiet) -> None:
    note(desk, "받는 쪽 서버가 답하지 않음, 다시 시도\n둘째 줄")
    written = table(desk.ok("audit"))
    told = [json.loads(line) for line in desk.ok("audit", "--format", "jsonl").splitlines()]
    assert [{name: str(value) for name, value in one.items()} for one in told] == written
    assert written[0]["why"] == "받는 쪽 서버가 답하지 않음, 다시 시도\n둘째 줄"
    assert desk.lines("audit") == told
    assert tuple(told[0]) == COLUMNS == tuple(column.name for column in ledger.c)


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1+1", '=HYPERLINK("https://x")'],
)
def test_a_spreadsheet_finds_no_formula(desk: Quiet, formula: str) -> None:
    note(desk, formula)
    note(desk, f"refused: {formula}")  # the negative control: this begins with a letter
    bad, fine = table(desk.ok("audit"))
    assert bad["why"].lstrip().startswith(("'", "\ufffd"))
    assert fine["why"].startswith("refused: ")
    assert [one["why"] for one in desk.lines("audit")] == [formula, f"refused: {formula}"]


def test_what_a_terminal_would_obey_is_not_printed(desk: Quiet) -> None:
    note(desk, "550 \x1b[2Jgone")
    assert "\x1b" not in desk.ok("audit")
    assert "\x1b" not in desk.ok("audit", "--json")


def test_the_ledger_is_cut_by_day_delivery_and_release(desk: Quiet) -> None:
    note(desk, "old", at="2026-01-30 23:59:59.000000", delivery="aaa1")
    note(desk, "new", at="2026-01-31 00:00:00.000000", delivery="aab2")

    def told(*words: str) -> list[str]:
        return [one["why"] for one in desk.lines("audit", *words)]

    assert told() == ["old", "new"]
    assert told("--since", "2026-01-31") == ["new"]
    assert told("--since", "2026-02-01") == []
    assert told("--delivery", "aab") == ["new"]
    assert told("--delivery", "aa") == ["old", "new"]
    assert told("--delivery", "%") == []
    [first, second] = desk.store(FIRST, SECOND)
    assert {one["release"] for one in desk.lines("audit", "--release", first[:10])} == {first}
    assert desk.lines("audit", "--release", second, "--delivery", "aaa1") == []
    assert desk.cli("audit", "--since", "soon").exit_code == 2


def test_a_digest_brings_the_lines_of_what_it_holds(desk: Quiet) -> None:
    desk.ok("mute", "ad", "--until", "2h")
    desk.store(FIRST, SECOND, OTHER)
    desk.ok("once")
    desk.ok("unmute", "ad")
    desk.ok("once")
    [digest] = [one for one in desk.lines("outbox") if one["reason"] == "digest"]
    found = desk.lines("audit", "--delivery", digest["id"])
    assert {one["delivery"] for one in found} == {digest["id"], *digest["members"]}
    assert [one["event"] for one in found] == ["put-together"] * 3 + ["sent"] * 3
    whole = desk.lines("audit", "--delivery", digest["members"][0])
    assert [one["event"] for one in whole] == ["promised", "held", "put-together", "sent"]


def test_a_long_ledger_is_never_in_memory_as_a_whole(desk: Quiet, archive: Archive) -> None:
    import tracemalloc

    for _ in range(300):
        note(desk, "x" * 10_000)

    def peak(page: int) -> int:
        tracemalloc.start()
        many = sum(1 for _ in archive.ledger(page=page))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert many == 300
        return used

    peak(10)
    assert peak(10) < 1_000_000
    assert peak(1000) > 3_000_000, "the negative control"

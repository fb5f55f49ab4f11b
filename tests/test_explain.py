"""Why a release was told, or why not, as `tocsin explain` says it."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from bot.cli.explaining import explain
from bot.demo.site import Site, serve
from tests.test_cli import PRESS, Home
from tests.test_ruling import RULE, Desk

STEEL = {
    "id": "1",
    "source": "kr/press",
    "title": "KTC recommends anti-dumping duties on steel plate",
    "body": "It met on Monday. The anti-dumping duty will be 27.91 percent on plate from Brazil. More follows in May.",
    "published": "2026-05-20",
    "category": "Trade",
}
TWIN = {**STEEL, "id": "2", "source": "kr/other"}
OTHER = {"id": "3", "source": "kr/press", "title": "Exports rise", "body": "By 5 percent.", "published": "2026-05-21"}
WIDE = '[[rule]]\nid = "far"\nname = "Far"\nto = ["me"]\nwhen = "steel source:us/* NOT category:Energy"\n'


class Explaining(Desk):
    """A desk with releases that are asked about."""

    def asked(self, *words: str) -> Result:
        return self.invoke(explain, *words)

    def shown(self, *words: str) -> str:
        result = self.asked(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def told(self, *words: str) -> dict[str, Any]:
        [line] = self.shown(*words, "--json").splitlines()
        return json.loads(line)  # type: ignore[no-any-return]

    def sql(self, query: str, *values: str) -> None:
        with sqlite3.connect(self.folder / "data" / "tocsin.db") as connection:
            connection.execute(query, values)
        connection.close()


@pytest.fixture
def desk(tmp_path: Path) -> Explaining:
    return Explaining(tmp_path)


def test_a_match_is_shown_with_its_words_and_what_became_of_it(desk: Explaining) -> None:
    desk.write(s=WIDE)
    [steel] = desk.store(STEEL)
    shown = desk.shown(steel[:6])
    assert shown.startswith(f"{STEEL['title']}\n{steel} · 2026-05-20 · kr/press · Trade\n\n✓ ad  Anti-dumping")
    assert "→ held for me: it waits for the next round of `tocsin run` or `tocsin once`" in shown
    assert "✓ anti-dumping  title  KTC recommends [anti-dumping] duties on steel plate  (and 1 more)" in shown
    assert shown.endswith("✗ far  it wants source: us/*, and it is kr/press\n")
    desk.sql("UPDATE outbox SET state = 'sent', attempts = 1, next_at = NULL, ended = created")
    assert "→ sent to me on " in desk.shown(steel, "ad")
    told = desk.told(steel, "ad")
    assert told.keys() == {
        *("release", "rule", "version", "enabled", "urgent", "holds", "alert", "recorded", "clauses"),
    }
    assert told["alert"]["state"] == "sent"
    assert [one["state"] for one in told["alert"]["deliveries"]] == ["sent"]
    assert told["recorded"][0]["evidence"][0]["text"] == "anti-dumping"


def test_a_rule_that_is_not_met_is_shown_whole_when_it_is_asked_for(desk: Explaining) -> None:
    desk.write(s=WIDE)
    [steel] = desk.store(STEEL)
    for words in ((steel, "far"), (steel, "--all")):
        shown = desk.shown(*words)
        assert "✗ all of 3" in shown
        assert "anti-dumping duties on [steel] plate" in shown
        assert "✗ source: us/*  it is kr/press" in shown
        assert "✓ NOT category: Energy  it is Trade" in shown
    assert desk.told(steel, "far")["alert"] == {"state": "none", "why": [], "deliveries": []}


def test_a_release_that_was_folded_says_into_what_and_why(desk: Explaining) -> None:
    first, twin = desk.store(STEEL, TWIN)
    shown = desk.shown(twin)
    assert f"duplicate of {first}: the same text" in shown
    assert f"→ folded into story {first}: duplicate of {first} (the same text)" in shown
    assert f"→ told with release {first}: held for me" in shown
    assert desk.told(twin, "ad")["alert"]["state"] == "folded"


def test_a_dead_letter_says_why(desk: Explaining) -> None:
    [steel] = desk.store(STEEL)
    desk.sql("UPDATE outbox SET state = 'dead', attempts = 7, why = 'the server said 550'")
    assert "→ not sent to me: given up, 7 tries: the server said 550" in desk.shown(steel)
    assert desk.told(steel, "ad")["alert"]["state"] == "dead"


UNTIL = "2026-12-01 07:00:00.000000"
DIGEST = """
INSERT INTO outbox (id, channel, recipient, rule, change, about, revision, reason, message, state, attempts, created,
                    next_at, ended, why)
SELECT 'd1', channel, recipient, '', '', '', 1, 'digest', '{"reason": "digest", "title": "", "rule": ""}', ?, 2, created,
       next_at, created, ? FROM outbox
"""


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("quiet", "held for me: quiet hours until 2026-12-01 07:00Z"),
        ("cadence", "held for me: waits for the channel's cadence until 2026-12-01 07:00Z"),
        ("mute", "held for me: muted until 2026-12-01 07:00Z"),
        ("storm", "held for me: enough messages for one hour, waits until 2026-12-01 07:00Z"),
    ],
)
def test_what_is_held_says_why_and_until_when(desk: Explaining, held: str, told: str) -> None:
    [steel] = desk.store(STEEL)
    desk.sql("UPDATE outbox SET held = ?, next_at = ?", held, UNTIL)
    assert f"→ {told}\n" in desk.shown(steel)
    assert desk.told(steel, "ad")["alert"]["state"] == "held"


@pytest.mark.parametrize(
    ("state", "why", "told"),
    [
        ("sent", "", "sent to me with digest d1 on "),
        ("pending", "no route", "pending for me with digest d1, next try "),
        ("sending", "", "sending for me with digest d1, next try "),
        ("ambiguous", "no answer", "perhaps sent to me with digest d1, 2 tries: no answer; `tocsin outbox retry "),
        ("dead", "550", "not sent to me with digest d1: given up, 2 tries: 550"),
    ],
)
def test_an_alert_goes_as_its_digest_goes(desk: Explaining, state: str, why: str, told: str) -> None:
    [steel] = desk.store(STEEL)
    desk.sql(DIGEST, state, why)
    desk.sql("UPDATE outbox SET digest = 'd1' WHERE id <> 'd1'")  # held still, as its members are until it has ended
    assert f"→ {told}" in desk.shown(steel)
    assert desk.told(steel, "ad")["alert"]["state"] == state


def test_an_alert_that_may_have_arrived_says_how_to_send_it_again(desk: Explaining) -> None:
    [steel] = desk.store(STEEL)
    desk.sql("UPDATE outbox SET state = 'ambiguous', why = 'the connection broke'")
    assert "→ perhaps sent to me: the connection broke; `tocsin outbox retry " in desk.shown(steel)


def test_a_rule_that_is_urgent_says_so(desk: Explaining) -> None:
    [steel] = desk.store(STEEL)
    assert "urgent" not in desk.shown(steel)
    assert desk.told(steel, "ad")["urgent"] is False
    desk.write(r=RULE.replace('"ad"', '"ad"\nurgent = true'))
    assert "✓ ad  Anti-dumping  urgent  " in desk.shown(steel)
    assert desk.told(steel, "ad")["urgent"] is True


def test_what_was_stored_silently_says_by_what(desk: Explaining) -> None:
    done = desk.cli("ingest", "-", "--baseline", input=json.dumps(STEEL))
    assert done.exit_code == 0
    [steel] = desk.store(STEEL)
    assert "→ nobody was told: it was stored silently by `ingest --baseline` on " in desk.shown(steel)
    assert desk.told(steel, "ad")["alert"]["state"] == "silent"
    desk.sql("UPDATE polls SET baseline = 0, notice = '9 of 10 listed releases have another id at once'")
    assert "9 of 10 listed releases have another id at once" in desk.shown(steel)
    desk.sql("DELETE FROM polls")
    assert "it stood in the first list of its source, or it came by a poll whose record is gone" in desk.shown(steel)


@pytest.fixture
def site() -> Iterator[str]:
    server = serve(Site(published=PRESS))
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_first_poll_tells_nobody_and_that_is_said(tmp_path: Path, site: str) -> None:
    home = Home(tmp_path, site)
    home.ok("once")
    [release] = home.lines("releases", "--rule", "ad")
    desk = Explaining.__new__(Explaining)
    desk.folder = tmp_path
    assert "it was stored silently by the first poll of demo/press (or a backfill) on " in desk.shown(
        str(release["id"])
    )


def test_a_rule_that_was_edited_shows_both_answers(desk: Explaining) -> None:
    [steel] = desk.store(STEEL)
    [old] = [json.loads(line) for line in desk.run("list", "--json").stdout.splitlines()]
    desk.write(r=RULE.replace('"반덤핑"', '"plate"'))
    shown = desk.shown(steel)
    assert f"→ the rule, or a list that it names, was edited since: version {old['version']} was met on " in shown
    assert "by 'anti-dumping'" in shown
    assert " is met, too\n" in shown
    assert "✓ plate" in shown
    desk.write(r=RULE.replace('any = ["anti-dumping", ', 'any = ["copper", '))
    assert " is not met\n" in desk.shown(steel)
    assert desk.told(steel, "ad")["holds"] is False
    assert desk.told(steel, "ad")["recorded"][0]["version"] == old["version"]


def test_a_rule_that_is_off_or_newer_than_the_release_says_so(desk: Explaining) -> None:
    desk.write(s=RULE.replace('"ad"', '"off"\nenabled = false'))
    [steel, _] = desk.store(STEEL, OTHER)
    assert "→ nobody was told: the rule is switched off" in desk.shown(steel, "off")
    assert "off" not in desk.shown(steel)
    desk.write(n=RULE.replace('"ad"', '"new"'))
    assert "→ nobody was told: the rule in this form is newer than the release" in desk.shown(steel, "new")
    desk.write(r=RULE.replace('"ad"', '"ad"\nenabled = false'))
    assert "→ the rule is switched off now" in desk.shown(steel)


def test_a_text_that_has_changed_says_that_it_matched_before(desk: Explaining) -> None:
    desk.store(STEEL)
    [steel] = desk.store({**STEEL, "title": "KTC meets", "body": "It met on Monday; nothing was decided at all."})
    assert "→ the release's text has changed since: text 1 met the rule on " in desk.shown(steel)


def test_an_alert_carries_the_words_and_the_sentence_whatever_else_the_rule_asks_for(desk: Explaining) -> None:
    desk.write(
        r='[[rule]]\nid = "ad"\nname = "A"\nto = ["me"]\nwhen = "percent:>25 language:en words:>5 published:>2025"\n'
    )
    desk.store(STEEL)
    with sqlite3.connect(desk.folder / "data" / "tocsin.db") as connection:
        [[text]] = connection.execute("SELECT message FROM outbox").fetchall()
    connection.close()
    message = json.loads(text)
    assert message["words"] == ["27.91 percent"]
    assert message["excerpt"].strip() == "The anti-dumping duty will be 27.91 percent on plate from Brazil."


def test_unknown_names_are_usage_errors_with_suggestions(desk: Explaining) -> None:
    found = desk.store(*({**OTHER, "id": str(number), "title": f"Exports {number}"} for number in range(40)))
    twice = next(one[0] for one in found if sum(other[0] == one[0] for other in found) > 1)
    result = desk.asked(twice)
    assert result.exit_code == 2
    assert "did you mean one of these?" in result.output
    assert "Exports" in result.output
    for name in ("zzz", "", "%"):
        result = desk.asked(name)
        assert result.exit_code == 2
        assert "`tocsin releases` lists them" in result.output
    result = desk.asked(found[0], "da")
    assert result.exit_code == 2
    assert "there is no rule called 'da'" in result.output


def test_what_is_scraped_cannot_write_on_the_terminal(desk: Explaining) -> None:
    [steel] = desk.store({**STEEL, "title": "Anti-dumping [bold]duty[/] \x1b[31m [link=x]y[/link]"})
    shown = desk.shown(steel)
    assert "\x1b" not in shown
    assert "[bold]duty[/]" in shown


def test_the_command_has_a_short_line_and_an_example() -> None:
    assert not explain.get_short_help_str(limit=45).endswith("...")
    assert "Example" in (explain.help or "")

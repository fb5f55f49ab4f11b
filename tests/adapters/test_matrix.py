"""The sender for Matrix against a homeserver of a few lines; scripts/chat-test runs it against a real one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.channels.matrix import MAX_EVENT, Account, content, open_matrix
from bot.model import Letter, Rendered, Sending
from tests.adapters.homeserver import Homeserver, refusal, said
from tests.adapters.letters import HOSTILE, NOW, TOLD, channels, letter, send
from tests.adapters.sinks import HttpSink, Received, Reply, make_tls

LETTER = Letter(id="d1", message=TOLD, rendered=Rendered(subject="", text="Text"))


@pytest.fixture
def home() -> Iterator[tuple[Homeserver, str]]:
    server = Homeserver()
    with HttpSink(server) as sink:
        yield server, f"matrix://bot:canary-word@127.0.0.1:{sink.port}/%23alerts:test.local"


def test_an_id_without_a_server_may_be_whole(home: tuple[Homeserver, str]) -> None:
    server, url = home
    server.rooms = {"!bare": "!room:test.local"}
    assert send(url.rpartition("/")[0] + "/!bare").result is Sending.RETRY
    assert send(url.rpartition("/")[0] + "/!bare?hsreq=no").result is Sending.SENT


@pytest.mark.parametrize("room", ["#alerts:test.local", "#alerts", "alerts", "!room:test.local", "!room"])
def test_a_letter_comes_into_the_room_whatever_way_it_is_named(home: tuple[Homeserver, str], room: str) -> None:
    server, url = home
    outcome = send(url.rpartition("/")[0] + "/" + room.replace("#", "%23"))
    assert (outcome.result, outcome.why) == (Sending.SENT, "")
    [event] = server.events.values()
    assert event["msgtype"] == "m.text"
    assert TOLD.title.split(" <")[0] in event["body"]
    assert TOLD.url in event["body"]
    assert event["format"] == "org.matrix.custom.html"
    assert "&lt;steel&gt;" in event["formatted_body"]


def test_nobody_is_mentioned_by_scraped_text(home: tuple[Homeserver, str]) -> None:
    server, url = home
    assert send(url, message=HOSTILE).result is Sending.SENT
    [event] = server.events.values()
    assert event["m.mentions"] == {}
    assert "<script" not in event["formatted_body"]
    assert "@room" not in event["body"] + event["formatted_body"]


def test_the_device_and_the_transaction_are_the_same_after_every_start(home: tuple[Homeserver, str]) -> None:
    server, url = home
    for _ in range(2):  # two lives of the process
        assert send(url).result is Sending.SENT
    first, second = (login["device_id"] for login in server.logins)
    assert first == second
    assert list(server.events) == [(first, "d1")]


@pytest.mark.parametrize(("key", "events"), [("d1", 1), ("d2", 2)], ids=["same key", "a key made anew"])
def test_a_lost_answer_and_a_retry_leave_one_event(home: tuple[Homeserver, str], key: str, events: int) -> None:
    server, url = home
    opened = channels(url)
    server.fails["send"] = Reply(then="reset")
    assert opened.send("c", "", letter(opened)).result is Sending.AMBIGUOUS
    server.fails.clear()
    assert opened.send("c", "", letter(opened, key=key)).result is Sending.SENT
    assert len(server.events) == events
    assert opened.knows_repeats("c")


def test_two_channels_of_one_user_do_not_end_each_others_sessions(home: tuple[Homeserver, str]) -> None:
    server, url = home
    opened = channels(url.replace("alerts", "{recipient}"), "alerts", "more")
    server.rooms["#more:test.local"] = "!room:test.local"
    for recipient in ("alerts", "more", "alerts"):
        assert opened.send("c", recipient, letter(opened)).result is Sending.SENT
    assert len(server.logins) == 2


def test_an_access_token_needs_no_login(home: tuple[Homeserver, str]) -> None:
    server, url = home
    assert send(url.replace("bot:canary-word", "canary-token")).result is Sending.SENT
    assert not server.logins


def test_a_worn_token_is_renewed_once(home: tuple[Homeserver, str]) -> None:
    server, url = home
    opened = channels(url)
    assert opened.send("c", "", letter(opened)).result is Sending.SENT
    server.tokens.clear()
    assert opened.send("c", "", letter(opened, key="d2")).result is Sending.SENT
    assert len(server.logins) == 2
    server.fails["send"] = refusal(401, "M_UNKNOWN_TOKEN")
    outcome = opened.send("c", "", letter(opened, key="d3"))
    assert outcome.result is Sending.RETRY
    assert len(server.logins) == 3, "it must not log in for ever"


def test_a_session_that_ends_between_two_rooms_does_not_hold_letters_for_ever(home: tuple[Homeserver, str]) -> None:
    server, url = home
    opened = channels(url)
    assert opened.send("c", "", letter(opened)).result is Sending.SENT
    server.fails["send"] = refusal(403, "M_FORBIDDEN")  # put out of the room …
    assert opened.send("c", "", letter(opened, key="d2")).result is Sending.RETRY
    server.fails.clear()
    server.tokens.clear()  # … and logged out
    assert opened.send("c", "", letter(opened, key="d2")).result is Sending.RETRY
    assert opened.send("c", "", letter(opened, key="d2")).result is Sending.SENT


REFUSED = [
    ({"send": refusal(429, "M_LIMIT_EXCEEDED", retry_after_ms=2500)}, Sending.RETRY, timedelta(seconds=2.5)),
    ({"send": refusal(429, "M_LIMIT_EXCEEDED", retry_after_ms=10**30)}, Sending.RETRY, timedelta(days=1)),
    ({"send": refusal(429, "M_LIMIT_EXCEEDED", retry_after_ms=-1)}, Sending.RETRY, None),
    ({"send": refusal(429, "M_LIMIT_EXCEEDED", retry_after_ms="soon")}, Sending.RETRY, None),
    ({"send": Reply(status=429, headers={"Retry-After": "3"}, body=b"[")}, Sending.RETRY, timedelta(seconds=3)),
    ({"send": refusal(403, "M_FORBIDDEN")}, Sending.RETRY, None),
    ({"send": refusal(413, "M_TOO_LARGE")}, Sending.REFUSED, None),
    ({"send": refusal(400, "M_BAD_JSON")}, Sending.REFUSED, None),
    ({"send": refusal(500, "M_UNKNOWN")}, Sending.RETRY, None),
    ({"send": Reply(status=502, body=b"<html>")}, Sending.RETRY, None),
    ({"send": Reply(then="silence")}, Sending.AMBIGUOUS, None),
    ({"login": refusal(429, "M_LIMIT_EXCEEDED", retry_after_ms=1000)}, Sending.RETRY, timedelta(seconds=1)),
    ({"login": refusal(400, "M_BAD_JSON")}, Sending.RETRY, None),
    ({"login": Reply(then="reset")}, Sending.RETRY, None),
    ({"login": Reply(then="silence")}, Sending.RETRY, None),
    ({"login": said({})}, Sending.RETRY, None),
]


@pytest.mark.parametrize(("fails", "result", "rest"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_the_server_says_decides(
    home: tuple[Homeserver, str], fails: dict[str, Reply], result: Sending, rest: timedelta | None
) -> None:
    server, url = home
    server.fails = fails
    outcome = send(url, timeout=0.4)
    assert (outcome.result, outcome.retry_after) == (result, rest)
    assert outcome.why
    assert "canary" not in outcome.why


def test_a_wrong_password_waits_for_the_operator(home: tuple[Homeserver, str]) -> None:
    outcome = send(home[1].replace("canary-word", "canary-wrong"))
    assert outcome.result is Sending.RETRY
    assert "403 M_FORBIDDEN" in outcome.why
    assert "canary" not in outcome.why


def test_a_room_that_is_not_there_waits_and_is_found_later(home: tuple[Homeserver, str]) -> None:
    server, url = home
    opened = channels(url)
    rooms, server.rooms = server.rooms, {}
    outcome = opened.send("c", "", letter(opened))
    assert outcome.result is Sending.RETRY
    assert "M_NOT_FOUND" in outcome.why
    server.rooms = rooms
    assert opened.send("c", "", letter(opened)).result is Sending.SENT


def test_an_encrypted_room_gets_no_plain_text(home: tuple[Homeserver, str]) -> None:
    server, url = home
    server.encrypted = True
    outcome = send(url)
    assert outcome.result is Sending.RETRY
    assert "encrypted" in outcome.why
    assert not server.events


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("/%23alerts:test.local", ""), "names no room"),
        (("%23alerts", "@person"), "not to a person"),
        (("bot:canary-word@", ""), "neither a user"),
        (("%23alerts:test.local", "a/b"), "several recipients"),
        (("%23alerts:test.local", "alerts?e2ee=yes"), "end-to-end encryption needs"),
    ],
)
def test_a_url_that_cannot_be_used_says_why(home: tuple[Homeserver, str], change: tuple[str, str], why: str) -> None:
    [problem] = channels(home[1].replace(*change)).problems()
    assert why in problem.what
    assert "canary" not in str(problem)


@pytest.mark.parametrize(
    ("known", "result", "posted"),
    [
        (Reply(status=404), Sending.SENT, 1),
        ("https://127.0.0.1:{port}/", Sending.SENT, 1),
        ("http://127.0.0.1:{port}", Sending.RETRY, 0),
        ("https://user@127.0.0.1:{port}", Sending.RETRY, 0),
        ("https://127.0.0.1:port", Sending.RETRY, 0),
        ("https://[", Sending.RETRY, 0),
        ("https://한국.example", Sending.RETRY, 0),
        (Reply(body=b"<html>"), Sending.RETRY, 0),
        (Reply(status=301, headers={"Location": "/"}), Sending.RETRY, 0),
    ],
    ids=[
        "no word of it",
        "elsewhere",
        "in plain text",
        "as somebody",
        "port",
        "brackets",
        "letters",
        "nonsense",
        "a redirect",
    ],
)
def test_a_server_may_say_where_it_is_but_not_lure_the_password_away(
    known: Reply | str, result: Sending, posted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = make_tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", trusted)
    server = Homeserver()

    def answer(request: Received) -> Reply:
        if not request.path.startswith("/.well-known/"):
            return server(request)
        place = known.format(port=sink.port) if isinstance(known, str) else ""
        return said({"m.homeserver": {"base_url": place}}) if isinstance(known, str) else known

    with HttpSink(answer, tls=tls) as sink:
        account = Account(
            server=f"https://127.0.0.1:{sink.port}",
            user="bot",
            password="canary-word",
            room="#alerts",
            device="D",
            discover=True,
        )
        outcome = open_matrix(account, timeout=5, now=lambda: NOW)(LETTER)
    assert outcome.result is result
    assert len(server.logins) == posted


def test_webhooks_of_matrix_are_left_to_apprise() -> None:
    assert not channels("matrix://bot:canary-word@127.0.0.1:9/?mode=slack").knows_repeats("c")


def test_a_message_is_never_too_large_for_an_event() -> None:
    long = Letter(id="d1", message=TOLD, rendered=Rendered(subject="", text="철" * 6000, html="<b>강</b>" * 6000))
    small = replace(long, rendered=Rendered(subject="", text="철", html="<b>강</b>"))
    assert len(content(long, "m.text")) <= MAX_EVENT
    assert "formatted_body" not in json.loads(content(long, "m.text"))
    assert json.loads(content(small, "m.notice")) == {
        "msgtype": "m.notice",
        "body": "철",
        "m.mentions": {},
        "format": "org.matrix.custom.html",
        "formatted_body": "<b>강</b>",
    }

"""Web servers on loopback that answer a webhook in every way they should not."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.channels.wire import retry_after
from bot.model import Outcome, Sending
from tests.adapters.letters import NOW, channels, letter, send
from tests.adapters.sinks import HttpSink, Reply, make_tls

DAY = timedelta(days=1)


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with HttpSink() as opened:
        yield opened


# --- answers ----------------------------------------------------------------------------------------------------

ANSWERS = [
    (Reply(status=200), Sending.SENT, None),
    (Reply(status=202), Sending.SENT, None),
    (Reply(status=204), Sending.SENT, None),
    (Reply(status=301, headers={"Location": "http://127.0.0.1:9/elsewhere"}), Sending.RETRY, None),
    (Reply(status=307, headers={"Location": "/elsewhere"}), Sending.RETRY, None),
    (Reply(status=400), Sending.REFUSED, None),
    (Reply(status=401), Sending.RETRY, None),
    (Reply(status=403), Sending.RETRY, None),
    (Reply(status=404), Sending.RETRY, None),
    (Reply(status=408), Sending.RETRY, None),
    (Reply(status=409), Sending.RETRY, None),
    (Reply(status=410), Sending.REFUSED, None),
    (Reply(status=413), Sending.REFUSED, None),
    (Reply(status=413, headers={"Retry-After": "5"}), Sending.RETRY, timedelta(seconds=5)),
    (Reply(status=421), Sending.RETRY, None),
    (Reply(status=422), Sending.REFUSED, None),
    (Reply(status=423), Sending.RETRY, None),
    (Reply(status=425), Sending.RETRY, None),
    (Reply(status=429), Sending.RETRY, None),
    (Reply(status=429, headers={"Retry-After": "120"}), Sending.RETRY, timedelta(seconds=120)),
    (Reply(status=429, headers={"Retry-After": "Mon, 02 Nov 2026 09:10:00 GMT"}), Sending.RETRY, timedelta(minutes=10)),
    (Reply(status=429, headers={"Retry-After": "soon, perhaps"}), Sending.RETRY, None),
    (Reply(status=500), Sending.RETRY, None),
    (Reply(status=503, headers={"Retry-After": "999999999999999999999"}), Sending.RETRY, DAY),
]


@pytest.mark.parametrize(("reply", "result", "rest"), ANSWERS, ids=lambda value: str(getattr(value, "status", value)))
def test_what_a_server_answers_decides(reply: Reply, result: Sending, rest: timedelta | None) -> None:
    with HttpSink(reply) as sink:
        outcome = send(sink.url())
    assert (outcome.result, outcome.retry_after) == (result, rest)
    assert len(sink.requests) == 1, "a redirect was followed"
    if result is not Sending.SENT:
        assert str(reply.status) in outcome.why
        assert "c2Vj" not in outcome.why


@pytest.mark.parametrize(
    ("given", "rest"),
    [
        ("", None),
        ("0", None),
        ("-5", None),
        ("7", timedelta(seconds=7)),
        ("1.5", None),
        ("9" * 5000, DAY),
        ("٣", timedelta(seconds=3)),
        ("²", None),
        ("Mon, 02 Nov 2026 09:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 02 Nov 2026 09:00:30 -0000", timedelta(seconds=30)),
        ("Mon, 02 Nov 2026 08:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("Mon, 99 Nov 2026 09:00:30 GMT", None),
        ("Mon, 02 Nov 99999999 09:00:30 GMT", None),
        ("Monday", None),
        ("\0", None),
    ],
)
def test_every_form_of_retry_after(given: str, rest: timedelta | None) -> None:
    assert retry_after(given, NOW) == rest


@pytest.mark.parametrize(
    ("then", "result", "why", "stored"),
    [
        ("reset", Sending.AMBIGUOUS, "may have arrived", 1),
        ("silence", Sending.AMBIGUOUS, "no answer in time", 1),
        ("drip", Sending.AMBIGUOUS, "no answer in time", 1),
        ("drip-body", Sending.SENT, "", 1),  # the status stands, whatever becomes of the body
    ],
)
def test_what_ends_without_an_answer_may_have_arrived(then: str, result: Sending, why: str, stored: int) -> None:
    with HttpSink(Reply(then=then)) as sink:
        begun = time.monotonic()
        outcome = send(sink.url(), timeout=0.4)
        assert time.monotonic() - begun < 2
    assert outcome.result is result
    assert why in outcome.why
    assert sink.stored["d1"] == stored


def test_a_letter_that_is_taken_does_not_wait_for_the_rest_of_an_answer() -> None:
    """A crash in that wait would send it once more."""
    with HttpSink(Reply(then="drip-body")) as sink:
        opened = channels(sink.url(), timeout=20)
        begun = time.monotonic()
        assert opened.send("c", "", letter(opened)).result is Sending.SENT
        assert time.monotonic() - begun < 5
        sink.reply = Reply()
        assert opened.send("c", "", letter(opened, key="d2")).result is Sending.SENT
        assert sink.connections == 2, "the cut connection was kept"


def test_the_deadline_ends_a_slow_server_and_not_a_quick_one() -> None:
    """The negative control: without the deadline's cut, a drip holds the sender until the server stops."""
    with HttpSink(Reply(then="drip")) as slow, HttpSink() as quick:
        assert send(slow.url(), timeout=0.3).result is Sending.AMBIGUOUS
        assert send(quick.url(), timeout=0.3).result is Sending.SENT


def test_a_server_that_cannot_be_reached_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = send(f"webhook://127.0.0.1:{port}/canary?secret=x")
    assert outcome.result is Sending.RETRY
    assert "refused" in outcome.why
    assert "canary" not in outcome.why


def test_what_is_no_http_shows_nothing_of_what_was_sent() -> None:
    def echo(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(connection.recv(65536))

    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=echo, args=(listener,))
        thread.start()
        outcome = send(f"webhook://127.0.0.1:{listener.getsockname()[1]}/canary?secret=x")
        thread.join(5)
    assert outcome.result is Sending.AMBIGUOUS
    assert "canary" not in outcome.why


# --- the connection ---------------------------------------------------------------------------------------------


def test_one_connection_serves_many_letters_and_a_new_one_takes_its_place(sink: HttpSink) -> None:
    opened = channels(sink.url())
    for _ in range(3):
        assert opened.send("c", "", letter(opened)).result is Sending.SENT
    assert sink.connections == 1
    sink.reply = Reply(then="reset")
    assert opened.send("c", "", letter(opened)).result is Sending.AMBIGUOUS
    sink.reply = Reply()
    assert opened.send("c", "", letter(opened)).result is Sending.SENT
    assert sink.connections == 2


def test_a_kept_connection_is_cut_at_its_deadline_too(sink: HttpSink) -> None:
    opened = channels(sink.url(), timeout=0.4)
    assert opened.send("c", "", letter(opened)).result is Sending.SENT
    sink.reply = Reply(then="drip")
    begun = time.monotonic()
    assert opened.send("c", "", letter(opened)).result is Sending.AMBIGUOUS
    assert time.monotonic() - begun < 2
    assert sink.connections == 1


def test_a_long_body_is_not_read_to_its_end() -> None:
    with HttpSink(Reply(body=b"x" * 3_000_000)) as sink:
        assert send(sink.url()).result is Sending.SENT


def test_https_must_show_a_certificate_for_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, trusted = make_tls(tmp_path)
    with HttpSink(tls=tls) as sink:
        outcome = send(sink.url())
        assert outcome.result is Sending.RETRY
        assert "certificate" in outcome.why.lower()
        assert not sink.requests
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        assert send(sink.url()).result is Sending.SENT


def test_a_server_that_never_shakes_hands_costs_no_more_than_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        outcome = send(f"webhooks://127.0.0.1:{deaf.getsockname()[1]}/", timeout=0.3)
    assert outcome == Outcome(result=Sending.RETRY, why="the server cannot be reached: no answer in time")

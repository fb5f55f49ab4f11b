"""Mail servers on loopback that fail at every step."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.model import Outcome, Sending
from tests.adapters.letters import send
from tests.adapters.sinks import SmtpSink, make_tls

OPS = "ops@example.org"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as opened:
        yield opened


# --- failures ---------------------------------------------------------------------------------------------------

OUTCOMES = [
    ({}, Sending.SENT, ""),
    ({"connect": "421 too busy"}, Sending.RETRY, "421 too busy"),
    ({"connect": "554 go away"}, Sending.RETRY, "554 go away"),
    ({"connect": "drop"}, Sending.RETRY, "cannot be reached or went silent"),
    ({"connect": "stall"}, Sending.RETRY, "no answer in time"),
    ({"connect": "drip"}, Sending.RETRY, "no answer in time"),
    ({"from": "451 later"}, Sending.RETRY, "451 later"),
    ({"from": "550 5.7.1 not you"}, Sending.RETRY, "not you"),
    ({"from": "530 5.7.0 log in first"}, Sending.RETRY, "log in first"),
    ({"to": "451 4.2.1 try later"}, Sending.RETRY, "try later"),
    ({"to": "421 closing"}, Sending.RETRY, "421 closing"),
    ({"to": "550 5.1.1 no such user"}, Sending.REFUSED, "no such user"),
    ({"to": "550 no such user"}, Sending.REFUSED, "no such user"),
    ({"to": "554 5.7.1 Relay access denied"}, Sending.RETRY, "Relay access denied"),
    ({"to": "535 5.7.8 who are you"}, Sending.RETRY, "who are you"),
    ({"data": "451 4.3.0 try later"}, Sending.RETRY, "try later"),
    ({"data": "554 no"}, Sending.REFUSED, "554 no"),
    ({"data": "drop"}, Sending.RETRY, "cannot be reached or went silent"),
    ({"data": "stall"}, Sending.RETRY, "no answer in time"),
    ({"end": "451 greylisted"}, Sending.RETRY, "greylisted"),
    ({"end": "421 going down"}, Sending.AMBIGUOUS, "going down"),
    ({"end": "552 too big"}, Sending.REFUSED, "too big"),
    ({"end": "554 5.7.1 looks like spam"}, Sending.REFUSED, "looks like spam"),
    ({"end": "drop"}, Sending.AMBIGUOUS, "may have arrived"),
    ({"end": "stall"}, Sending.AMBIGUOUS, "no answer in time"),
    ({"end": "drip"}, Sending.AMBIGUOUS, "no answer in time"),
    ({"end": "what?"}, Sending.AMBIGUOUS, "said -1"),
    ({"end": "250 " + "x" * 20_000}, Sending.AMBIGUOUS, "too long"),
    ({"to": "250 " + "x" * 20_000}, Sending.RETRY, "too long"),
    ({"to": "550 5.1.1 no \x1b[2Jsuch \u202euser"}, Sending.REFUSED, "no [2Jsuch"),
]


@pytest.mark.parametrize(("says", "result", "why"), OUTCOMES, ids=lambda value: str(value)[:40])
def test_what_a_mail_server_says_at_each_step_decides(says: dict[str, str], result: Sending, why: str) -> None:
    with SmtpSink(says) as sink:
        begun = time.monotonic()
        outcome = send(sink.url(), OPS, timeout=0.4)
    assert outcome.result is result
    assert why in outcome.why
    assert time.monotonic() - begun < 3
    assert bool(sink.mails) is (says.get("end", "4")[0] not in "45" or not says)


def test_a_slow_server_is_given_the_time_that_is_set() -> None:
    """The negative control of the deadline: the same server, a little more patience, and the mail arrives."""
    with SmtpSink({"end": "drip"}) as slow:
        assert send(slow.url(), OPS, timeout=0.3).result is Sending.AMBIGUOUS
    with SmtpSink() as quick:
        assert send(quick.url(), OPS, timeout=0.3).result is Sending.SENT


def test_an_unreachable_mail_server_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = send(f"mailto://127.0.0.1:{port}?from=a@x.org&to=b@x.org&mode=insecure")
    assert outcome.result is Sending.RETRY
    assert "refused" in outcome.why


def test_a_refused_login_waits_for_the_operator_and_shows_no_password() -> None:
    with SmtpSink({"auth": "535 5.7.8 what is AGJvdABjYW5hcnktcGFzc3dvcmQ= ?"}) as sink:
        outcome = send(f"mailto://bot:canary-password@127.0.0.1:{sink.port}?from=a@x.org&to=b@x.org&mode=insecure")
    assert outcome.result is Sending.RETRY
    assert "535 5.7.8 what is" in outcome.why
    assert "AGJvd" not in outcome.why


def test_a_login_that_is_taken_and_one_that_smtp_cannot_carry() -> None:
    with SmtpSink() as sink:
        place = f"127.0.0.1:{sink.port}?from=a@x.org&to=b@x.org&mode=insecure"
        assert send(f"mailto://bot:canary-password@{place}").result is Sending.SENT
        outcome: Outcome = send(f"mailto://bot:canary-p%C3%A4ssword@{place}")
    assert outcome.result is Sending.RETRY
    assert "letters" in outcome.why
    assert "canary" not in outcome.why


def test_we_say_hello_by_our_address_and_look_nothing_up(sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("a name was looked up"))
    send(sink.url(), OPS)
    assert sink.hellos == ["[127.0.0.1]"]


def test_starttls_is_never_given_up_for_plain_text(sink: SmtpSink) -> None:
    outcome = send(sink.url().replace("mode=insecure", "mode=starttls"), OPS)
    assert outcome.result is Sending.RETRY
    assert "STARTTLS" in outcome.why
    assert not sink.mails


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_a_secured_server_must_show_a_certificate(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, trusted = make_tls(tmp_path)
    with SmtpSink(tls=tls, implicit=mode == "ssl") as sink:
        url = sink.url().replace("mode=insecure", f"mode={mode}")
        outcome = send(url, OPS)
        assert outcome.result is Sending.RETRY
        assert "certificate" in outcome.why
        assert send(f"{url}&verify=no", OPS).result is Sending.SENT
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        assert send(url, OPS).result is Sending.SENT


@pytest.mark.parametrize("mode", ["ssl", "insecure"])
def test_a_server_that_never_says_a_word_costs_no_more_than_its_time(mode: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        outcome = send(f"mailto://127.0.0.1:{port}?from=a@x.org&to=b@x.org&mode={mode}", timeout=0.3)
    assert outcome == Outcome(
        result=Sending.RETRY, why="the mail server cannot be reached or went silent: no answer in time"
    )


@pytest.mark.parametrize("says", ["stall", "drip", "drop"])
def test_a_mail_that_is_taken_does_not_wait_for_the_servers_goodbye(says: str) -> None:
    """A crash in that wait would send it once more."""
    with SmtpSink({"quit": says}) as sink:
        begun = time.monotonic()
        assert send(sink.url(), OPS, timeout=20).result is Sending.SENT
        assert time.monotonic() - begun < 5
        assert sink.stored.total() == 1


@pytest.mark.parametrize("step", ["auth", "from", "to", "data", "end"])
@pytest.mark.parametrize(
    "repeated", ["hunter2", "the-user", "AHRoZS11c2VyAGh1bnRlcjI=", "aHVudGVyMg==", "aHVudGVyMg", "dGhlLXVzZXI="]
)
def test_what_a_server_repeats_of_the_login_is_masked_at_every_step(step: str, repeated: str) -> None:
    with SmtpSink({step: f"550 5.7.8 bad password {repeated}"}) as sink:
        url = f"mailto://the-user:hunter2@127.0.0.1:{sink.port}?from=a@x.org&to=b@x.org&mode=insecure"
        outcome = send(url)
    assert "bad password" in outcome.why
    assert repeated.rstrip("=") not in outcome.why


def test_a_name_that_is_a_part_of_other_words_leaves_them_readable() -> None:
    with SmtpSink({"to": "550 a robot said to bot: no"}) as sink:
        url = f"mailto://bot:hunter2@127.0.0.1:{sink.port}?from=a@x.org&to=b@x.org&mode=insecure"
        assert send(url).why == "the mail server said 550 a robot said to ****: no"

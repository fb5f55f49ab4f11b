"""Webhooks against a real web server on loopback that answers in every way it should not."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import __version__
from bot.adapters.channels.sender import Unusable
from bot.adapters.channels.webhook import document, read_hook
from bot.model import Letter, Reason, Rendered, Sending
from tests.adapters.letters import HOSTILE, NOW, TOLD, channels, letter, send
from tests.adapters.sinks import HttpSink, Received, Reply

DAY = timedelta(days=1)


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with HttpSink() as opened:
        yield opened


def test_a_webhook_gets_the_alert_as_json(sink: HttpSink) -> None:
    told = replace(TOLD, reason=Reason.UPDATE, changes=(("It is 11.24%.", "It is 12.14%."),), also=("KTC: Vote",))
    assert send(sink.url("/hook?a=1&secret=x&b=%202"), message=told).result is Sending.SENT
    [request] = sink.requests
    assert (request.method, request.path) == ("POST", "/hook?a=1&b=%202")
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["user-agent"] == f"Tocsin/{__version__}"
    assert request.headers["idempotency-key"] == "d1"
    body = json.loads(request.body)
    text = body.pop("text")
    assert TOLD.title in text
    assert TOLD.url in text
    assert body == {
        "id": "d1",
        "kind": "update",
        "rule": "Anti-dumping",
        "title": TOLD.title,
        "url": TOLD.url,
        "source": "Demo press",
        "published": "2026-11-02",
        "categories": [],
        "words": ["anti-dumping"],
        "excerpt": TOLD.excerpt,
        "lead": TOLD.lead,
        "changes": [{"before": "It is 11.24%.", "after": "It is 12.14%."}],
        "also": ["KTC: Vote"],
        "story": TOLD.story,
        "release": TOLD.release,
        "entries": [],
    }


def test_a_digest_brings_its_alerts(sink: HttpSink) -> None:
    digest = replace(TOLD, reason=Reason.DIGEST, entries=(TOLD, replace(TOLD, title="Second")))
    assert send(sink.url(), message=digest).result is Sending.SENT
    entries = json.loads(sink.requests[0].body)["entries"]
    assert [entry["title"] for entry in entries] == [TOLD.title, "Second"]


def test_hostile_text_stays_text(sink: HttpSink) -> None:
    assert send(sink.url(), message=HOSTILE).result is Sending.SENT
    told = json.loads(sink.requests[0].body)
    assert told["title"] == "@everyone <@123> <!channel> A\nBcc: evil@example.org\nb"
    assert "bcc" not in sink.requests[0].headers


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("javascript:alert(1)", ""),
        ("https://bank.example@evil.example/", ""),
        ("https://x.example/\u202egnp", ""),
        ("", ""),
        ("https://x.example/a?b=1#c", "https://x.example/a?b=1#c"),
    ],
)
def test_a_program_gets_web_addresses_only_and_no_unseen_signs(sink: HttpSink, url: str, told: str) -> None:
    bad = replace(TOLD, url=url, lead="a\u202eb\u200bc", changes=(("\u2066x", "y\u202e"),), also=("\u200fz",))
    assert send(sink.url(), message=replace(TOLD, reason=Reason.DIGEST, entries=(bad,))).result is Sending.SENT
    [entry] = json.loads(sink.requests[0].body)["entries"]
    assert entry["url"] == told
    assert (entry["lead"], entry["changes"], entry["also"]) == ("abc", [{"before": "x", "after": "y"}], ["z"])


# --- who we are -------------------------------------------------------------------------------------------------


def signed(request: Received, secret: bytes) -> str:
    """What a receiver computes by the standard."""
    told = ".".join((request.headers["webhook-id"], request.headers["webhook-timestamp"], request.body.decode()))
    return "v1," + b64encode(hmac.new(secret, told.encode(), hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    ("query", "secret"),
    [
        (
            "secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            bytes.fromhex("31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0"),
        ),
        ("secret=plain+text%20key", b"plain+text key"),
    ],
)
def test_a_receiver_can_check_the_signature(sink: HttpSink, query: str, secret: bytes) -> None:
    assert send(sink.url(f"/?{query}")).result is Sending.SENT
    [request] = sink.requests
    assert request.headers["webhook-id"] == "d1"
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.headers["webhook-signature"] == signed(request, secret)
    assert request.headers["webhook-signature"] != signed(request, secret + b"!")


def test_the_standards_own_example_is_signed_alike() -> None:
    """https://github.com/standard-webhooks/standard-webhooks: the test vector of its libraries."""
    from bot.adapters.channels.webhook import Hook, signature

    hook = Hook(
        address="", secret=read_hook("webhook://h/?secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").secret, login=""
    )
    at = NOW.fromtimestamp(1614265330, NOW.tzinfo)
    headers = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', hook, at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_without_a_secret_nothing_is_signed_and_a_login_is_sent(sink: HttpSink) -> None:
    assert send(sink.url("/").replace("://", "://us%40er:p%3Aw@")).result is Sending.SENT
    headers = sink.requests[0].headers
    assert "webhook-signature" not in headers
    assert headers["authorization"] == "Basic " + b64encode(b"us@er:p:w").decode()
    assert headers["host"] == f"127.0.0.1:{sink.port}"


def test_the_same_letter_is_the_same_to_the_byte_on_every_try(sink: HttpSink) -> None:
    opened = channels(sink.url())
    for key in ("d1", "d1", "d2"):
        opened.send("c", "", letter(opened, key=key))
    assert sink.requests[0].body == sink.requests[1].body
    assert sink.stored == {"d1": 2, "d2": 1}
    assert opened.knows_repeats("c")


def test_each_recipient_has_an_address_of_its_own(sink: HttpSink) -> None:
    opened = channels(sink.url("/to/{recipient}?secret=x"), "a b", "c/d")
    for recipient in ("a b", "c/d", "gone"):
        outcome = opened.send("c", recipient, letter(opened))
    assert [request.path for request in sink.requests] == ["/to/a%20b", "/to/c%2Fd"]
    assert outcome.result is Sending.REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "webhook://",
        "webhook:///path?secret=canary",
        "webhooks://h:port/?secret=canary",
        "webhooks://h/a b?secret=canary",
        "webhooks://h/?secret=",
        "webhooks://h/?secret=whsec_canary!",
        "webhooks://h/?secret=canary&secret=canary",
        f"webhooks://{'x' * 70}.example/?secret=canary",
    ],
)
def test_a_url_that_cannot_be_used_says_why_without_its_secret(url: str) -> None:
    with pytest.raises(Unusable) as error:
        read_hook(url)
    assert "canary" not in str(error.value)


def test_no_secret_is_in_any_text() -> None:
    hook = read_hook("webhooks://canary-user:canary-word@h.example/canary-path?secret=canary-key")
    assert "canary" not in repr(hook)
    assert "canary" not in repr(channels("webhooks://h.example/canary-path?secret=canary-key").form("c"))


# --- repeats ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keys", "held"), [(("d1", "d1"), 1), (("d1", "d2"), 2)], ids=["same key", "a key made anew"])
def test_a_lost_answer_and_a_retry_leave_one_where_repeats_are_dropped(keys: tuple[str, str], held: int) -> None:
    with HttpSink(Reply(then="reset")) as sink:
        opened = channels(sink.url())
        assert opened.send("c", "", letter(opened, key=keys[0])).result is Sending.AMBIGUOUS
        sink.reply = Reply()
        assert opened.send("c", "", letter(opened, key=keys[1])).result is Sending.SENT
    assert sink.stored.total() == 2
    assert len(sink.stored) == held


def test_halves_of_characters_do_not_stop_a_letter() -> None:
    told = Letter(id="d1", message=replace(TOLD, title="a\ud800b"), rendered=Rendered(subject="", text="\udfff"))
    assert json.loads(document(told))["title"] == "ab"

"""What apprise is handed, and what leaves this machine through it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.irc.base import NotifyIRC
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from bot.adapters.channels import Channels
from bot.core.render import Form
from bot.model import Letter, Reason, Rendered, Sending
from tests.adapters.letters import HOSTILE, TOLD, channels, letter, send
from tests.adapters.sinks import HttpSink, Received, Reply

DISCORD = "discord://1234567890/abcdefghijklmnop"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/"


def welcoming(request: Received) -> Reply:
    return Reply(body=b"ok" if "slack" in request.path else b'{"ok": true, "result": {}}')


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSink]:
    """A receiver in the place of the services whose address apprise does not let one change."""
    with HttpSink(welcoming) as opened:
        here = f"http://127.0.0.1:{opened.port}"
        monkeypatch.setattr(NotifyDiscord, "notify_url", f"{here}/discord")
        monkeypatch.setattr(NotifySlack, "webhook_url", f"{here}/slack")
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{here}/bot")
        yield opened


def text_of(request: Received) -> str:
    """All that a person reads of a request."""
    told: dict[str, Any] = json.loads(request.body)
    parts = [told, *told.get("attachments", ()), *told.get("embeds", ())]
    keys = ("content", "text", "title", "description", "message")
    return "\n".join(part[key] for part in parts for key in keys if isinstance(part.get(key), str))


MARKDOWN = f"{TELEGRAM}?format=markdown&mdv=2"
ALIKE = [DISCORD, f"{DISCORD}?format=markdown", SLACK, f"{SLACK}?format=text", TELEGRAM, MARKDOWN]


@pytest.mark.parametrize("url", ALIKE)
def test_an_alert_arrives_whole(sink: HttpSink, url: str) -> None:
    assert send(url).result is Sending.SENT
    [request] = sink.requests
    told = text_of(request).replace("&amp;", "&").replace("\\", "")  # Telegram's Markdown escapes every sign
    assert "무역위원회 recommends duties on" in told
    assert "anti-dumping" in told
    assert "https://press.example/1/view?a=1&b=2" in told


@pytest.mark.parametrize("url", ALIKE)
@pytest.mark.parametrize("reason", [Reason.NEW, Reason.DIGEST])
def test_hostile_text_calls_nobody_and_is_no_markup(sink: HttpSink, url: str, reason: Reason) -> None:
    message = replace(HOSTILE, reason=reason, entries=(HOSTILE, HOSTILE) if reason is Reason.DIGEST else ())
    assert send(url, message=message).result is Sending.SENT
    [request] = sink.requests
    told = json.loads(request.body)
    read = text_of(request)
    for call in "@everyone @here @room @someuser <@ <! <# <script <b>bold /start".split():
        assert call not in read, call
    assert "](http" not in read or told["parse_mode"] == "HTML"
    assert "javascript:alert" not in read
    assert "allow_mentions" not in told  # apprise's own reading of a body for people to call
    assert not told.get("link_names")
    assert told.get("parse_mode", "HTML") in {"HTML", "MARKDOWN", "Markdown", "MarkdownV2"}


def test_what_apprise_does_with_a_call_if_nothing_were_done_about_it(sink: HttpSink) -> None:
    """The negative control: such a text, handed over as it is, does call people."""
    opened = channels(DISCORD)
    raw = Letter(id="d1", message=TOLD, rendered=Rendered(subject="", text="@everyone <@123>"))
    assert opened.send("c", "", raw).result is Sending.SENT
    assert "@everyone" in text_of(sink.requests[0])


def test_a_text_for_a_program_stays_as_it_is(sink: HttpSink) -> None:
    assert send(f"json://127.0.0.1:{sink.port}/hook", message=replace(TOLD, title="@x *y*")).result is Sending.SENT
    assert json.loads(sink.requests[0].body)["title"] == "@x *y*"


# --- forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (DISCORD, Form(kind="chat", limit=1748, title_limit=250)),
        (SLACK, Form(kind="chat", limit=35_000, title_limit=250, markup="markdown")),
        (f"{SLACK}?format=text", Form(kind="chat", limit=35_000, title_limit=250)),
        (TELEGRAM, Form(kind="html-chat", limit=4096, units="utf16", markup="html")),
        ("irc://bot@127.0.0.1:6667/%23alerts", Form(kind="sms", limit=380, units="bytes")),
        ("d7sms://0123456789@15551231234", Form(kind="sms", limit=160)),
        ("kodi://127.0.0.1", Form(kind="sms", limit=32_768, title_limit=250)),
        ("ntfy://127.0.0.1/topic", Form(kind="chat", limit=7598, title_limit=200)),
        ("mqtt://127.0.0.1/topic", Form(kind="webhook", limit=268_435_455)),
        ("sendgrid://abcd:a@x.org/b@x.org", Form(kind="mail", limit=32_768, title_limit=250, markup="html")),
        ("mailto://h.example?from=a@x.org&to=b@x.org", Form(kind="mail", title_limit=200, markup="html")),
        ("matrix://bot:word@127.0.0.1:1/%23a:b", Form(kind="html-chat", limit=6000, markup="html")),
        ("webhook://127.0.0.1/", Form(kind="webhook")),
        ("terminal://", Form(kind="screen")),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_the_form_is_read_off_the_service(url: str, form: Form) -> None:
    opened = channels(url)
    assert opened.problems() == []
    assert opened.form("c") == form
    assert opened.room("c") >= 1
    korean = channels(url, language="ko").form("c")
    assert korean == replace(form, language="ko")


@pytest.mark.parametrize("url", ["json://127.0.0.1:{port}/x", DISCORD, SLACK, TELEGRAM])
def test_a_body_is_never_longer_than_the_service_takes(sink: HttpSink, url: str) -> None:
    opened = channels(url.format(port=sink.port))
    limit = opened.form("c").limit
    long = replace(TOLD, lead="Steel & <more> words. " * 5000, excerpt="")
    assert opened.send("c", "", letter(opened, long)).result is Sending.SENT
    strange = Letter(id="d2", message=TOLD, rendered=Rendered(subject="S" * 500, text="x" * limit + "x\nshort line"))
    assert opened.send("c", "", strange).result is Sending.SENT
    first, second = (text_of(request) for request in sink.requests)
    assert "https://press.example/1/view" in first
    assert len(second) < 400
    assert "short line" in second
    assert max(len(first), len(second)) <= limit + 300


@pytest.mark.parametrize(
    ("written", "units"), [("철" * 5000, 4096), ("😀" * 5000, 4096), ("a" + "😀" * 5000, 4095), ("x" * 5000, 4096)]
)
def test_telegram_counts_as_utf_16_does(sink: HttpSink, written: str, units: int) -> None:
    opened = channels(TELEGRAM)
    for rendered in (Rendered(subject="", text=written), Rendered(subject="", text=written[:9], html=written)):
        assert opened.send("c", "", Letter(id="d1", message=TOLD, rendered=rendered)).result is Sending.SENT
    cut, plain = (text_of(request) for request in sink.requests)
    assert len(cut.encode("utf-16-le")) // 2 == units
    assert plain == written[:9], "the page was too long"


@pytest.mark.parametrize("written", ["철" * 500, "x" * 500, "😀" * 500])
def test_a_line_of_irc_is_counted_in_bytes(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    """RFC 1459, 2.3: a line has 512 bytes, with the names of who writes and where."""
    bodies: list[str] = []
    monkeypatch.setattr(NotifyIRC, "send", lambda _, body, **__: bodies.append(body) or True)
    opened = channels("irc://bot@127.0.0.1:6667/%23alerts")
    told = Letter(id="d1", message=TOLD, rendered=Rendered(subject="", text=written))
    assert opened.send("c", "", told).result is Sending.SENT
    assert 376 < len(bodies[0].encode()) <= 380


# --- answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "result", "why"),
    [
        (Reply(status=500), Sending.RETRY, "500"),
        (Reply(status=404), Sending.RETRY, "404"),
        (Reply(then="reset"), Sending.AMBIGUOUS, "may have arrived"),
        (Reply(then="silence"), Sending.AMBIGUOUS, "may have arrived"),
    ],
    ids=["500", "404", "reset", "silence"],
)
def test_what_apprise_says_decides_and_its_url_stays_secret(
    sink: HttpSink, reply: Reply, result: Sending, why: str
) -> None:
    sink.reply = reply
    outcome = send(f"json://127.0.0.1:{sink.port}/canary-path?+X-Token=canary-secret&rto=0.3")
    assert outcome.result is result
    assert why in outcome.why
    assert "canary" not in outcome.why


def test_a_short_password_is_masked_and_nothing_of_the_log_acts_on_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    def repeating(plugin: NotifyIRC, **_: object) -> bool:
        plugin.logger.warning("bad password hunter2 (aHVudGVyMg==) \x1b[2J\u202eat passhunter2word\nnext")
        return False

    monkeypatch.setattr(NotifyIRC, "send", repeating)
    outcome = send("ircs://bot:hunter2@127.0.0.1:6667/%23alerts")
    assert outcome.why.startswith("bad password **** (****==)")
    assert outcome.why.isprintable()


def test_a_service_that_is_slower_than_the_time_that_is_set_is_ambiguous(sink: HttpSink) -> None:
    sink.reply = Reply(then="silence")
    outcome = send(f"json://127.0.0.1:{sink.port}/hook", timeout=0.3)
    assert outcome.result is Sending.AMBIGUOUS
    assert not channels(f"json://127.0.0.1:{sink.port}/hook").knows_repeats("c")


def test_a_service_that_cannot_be_reached_is_tried_again() -> None:
    assert send("json://127.0.0.1:9/hook").result is Sending.RETRY


def test_the_pause_between_two_messages_is_no_lost_answer(sink: HttpSink) -> None:
    """Without room for it, the second would be told as lost, and come a moment later all the same."""
    opened = channels(f"gotify://127.0.0.1:{sink.port}/abcdefghijklmnop", timeout=0.5)
    for key in ("d1", "d2"):
        assert opened.send("c", "", letter(opened, key=key)).result is Sending.SENT


# --- what cannot be used ----------------------------------------------------------------------------------------


def problem(opened: Channels) -> str:
    [found] = opened.problems()
    assert found.place == "channels.c"
    return str(found)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense://secret-token", "does not understand"),
        ("not even a url secret-token", "does not understand"),
        ("json://secret-token.example/?optional=yes", "take optional and retry out"),
        ("json://secret-token.example/?retry=3", "take optional and retry out"),
        ("mailto://user:secret-token@h.example?to=a@x.org,b@x.org", "several recipients"),
        ("mailto://user:secret-token@h.example?to=a@x.org&cc=b@x.org", "several recipients"),
        ("mailto://user:secret-token@h.example?to=a@x.org&pgp=encrypt", "neither signed nor encrypted"),
        ("mailto://user:secret-token@h.example?to=a@x.org&+Bad Name=1", "header's name"),
        ("tgram://123456789:secret-token/12315544/?format=markdown", "take it out of the url"),
        ("tgram://123456789:secret-token/12315544/?format=markdown&mdv=1", "take it out of the url"),
        ("macosx://secret-token", "starts a program"),
        ("syslog://secret-token", "this machine's log"),
        ("vapid://secret-token@x.org", "needs what is not installed here: cryptography"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_service_that_cannot_be_used_says_why_without_its_secret(url: str, why: str) -> None:
    found = problem(channels(url))
    assert why in found
    assert "secret-token" not in found

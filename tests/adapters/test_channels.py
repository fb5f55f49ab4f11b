"""Channels against real sinks on loopback: an SMTP server, a webhook, a terminal."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SmtpServer
from rich.console import Console

from bot.adapters.channels import Channels
from bot.adapters.channels.terminal import open_terminal
from bot.model import Message, Outcome, Reason, Sending
from bot.settings import Channel, Delivering

TOLD = Message(
    reason=Reason.NEW,
    title="무역위원회 recommends duties on <steel>",
    rule="Anti-dumping",
    words=("anti-dumping",),
    excerpt="An anti-dumping duty of 21.6% & more.",
    marks=((3, 15),),
    lead="An anti-dumping duty of 21.6% & more. Then the rest.",
    source="Demo press",
    published="2026-11-02",
    url="https://press.example/1/view?a=1&b=2",
    story="0123456789abcdef",
    release="0123456789abcdef",
)


def channels(url: str, *recipients: str, timeout: float = 5) -> Channels:
    channel = Channel(url="ignored://", recipients=recipients)
    return Channels({"c": channel}, {"c": url}, Delivering(timeout_seconds=timeout), file="config.toml")


def send(url: str, *recipients: str, message: Message = TOLD, timeout: float = 5) -> Outcome:
    opened = channels(url, *recipients, timeout=timeout)
    return opened.send("c", recipients[0] if recipients else "", message, delivery="d1")


class Mailbox:
    """What an SMTP server was handed; `answer` may refuse."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.recipients: list[list[str]] = []
        self.at_rcpt = self.at_data = ""

    async def handle_RCPT(self, server: SmtpServer, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_rcpt:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SmtpServer, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        if self.at_data == "drop":
            server.transport.abort()
        return self.at_data or "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"mailto://127.0.0.1:{port}?from=bot@example.org&to={{recipient}}&mode=insecure"
    controller.stop()


def test_a_mail_has_both_parts_its_subject_and_headers_to_filter_by(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    assert send(url, "ops@example.org").result is Sending.SENT
    [mail] = box.mails
    assert box.recipients == [["ops@example.org"]]
    assert mail["Subject"] == "무역위원회 recommends duties on <steel>"
    assert (mail["To"], mail["From"]) == ("ops@example.org", "Tocsin <bot@example.org>")
    assert mail["List-Id"] == "Tocsin <tocsin.alerts>"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, page = (part.get_content() for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert "Why: Anti-dumping: “anti-dumping”" in plain
    assert plain.rstrip().endswith(TOLD.url)
    assert "An <b>anti-dumping</b> duty of 21.6% &amp; more." in page
    assert "&lt;steel&gt;" in page


def test_the_message_id_is_the_same_on_every_try(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    opened = channels(url, "ops@example.org")
    for delivery in ("d1", "d1", "d2"):
        opened.send("c", "ops@example.org", TOLD, delivery=delivery)
    assert [mail["Message-ID"] for mail in box.mails] == ["<d1@example.org>", "<d1@example.org>", "<d2@example.org>"]


@pytest.mark.parametrize(
    ("at_rcpt", "at_data", "result", "why"),
    [
        ("550 no such user", "", Sending.REFUSED, "550 no such user"),
        ("451 try later", "", Sending.RETRY, "451 try later"),
        ("", "552 too big", Sending.REFUSED, "552 too big"),
        ("", "421 going down", Sending.RETRY, "421 going down"),
        ("", "drop", Sending.AMBIGUOUS, "went silent"),
    ],
)
def test_what_a_mail_server_says_decides(
    mailbox: tuple[Mailbox, str], at_rcpt: str, at_data: str, result: Sending, why: str
) -> None:
    box, url = mailbox
    box.at_rcpt, box.at_data = at_rcpt, at_data
    outcome = send(url, "ops@example.org")
    assert outcome.result is result
    assert why in outcome.why


def test_an_unreachable_mail_server_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert send(f"mailto://127.0.0.1:{port}?from=a@x.org&to=b@x.org&mode=insecure").result is Sending.RETRY


def test_scraped_text_cannot_add_a_header(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    evil = Message(
        reason=Reason.NEW, title="A\r\nBcc: evil@example.org\r\n\r\nbody", rule="R\nX-Evil: 1", url="javascript:1"
    )
    assert send(url, "ops@example.org", message=evil).result is Sending.SENT
    [mail] = box.mails
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert box.recipients == [["ops@example.org"]]


class Hook:
    """A webhook that remembers; `status` is its answer."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status, self.pause = 200, 0.0


@pytest.fixture
def hook() -> Iterator[tuple[Hook, str]]:
    remembered = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            remembered.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            threading.Event().wait(remembered.pause)
            self.send_response(remembered.status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield remembered, f"json://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_title_and_text(hook: tuple[Hook, str]) -> None:
    remembered, url = hook
    assert send(url).result is Sending.SENT
    [body] = remembered.bodies
    assert body["title"] == TOLD.title
    assert TOLD.url in body["message"]
    assert "“anti-dumping”" in body["message"]


def test_a_webhook_that_fails_is_tried_again_and_its_url_stays_secret(hook: tuple[Hook, str]) -> None:
    remembered, url = hook
    remembered.status = 500
    outcome = send(f"{url}?+X-Token=canary-secret")
    assert outcome.result is Sending.RETRY
    assert "500" in outcome.why
    assert "canary" not in outcome.why


def test_a_webhook_that_does_not_answer_in_time_is_ambiguous(hook: tuple[Hook, str]) -> None:
    remembered, url = hook
    remembered.pause = 1.5
    assert send(url, timeout=0.3).result is Sending.AMBIGUOUS


def test_a_long_text_keeps_its_link(hook: tuple[Hook, str]) -> None:
    remembered, url = hook
    long = Message(reason=Reason.NEW, title="T", rule="R", lead="word " * 20_000, url=TOLD.url)
    assert send(url, message=long).result is Sending.SENT
    assert remembered.bodies[0]["message"].endswith(TOLD.url)
    assert len(remembered.bodies[0]["message"]) <= 32_768


@pytest.mark.parametrize(
    ("url", "recipients", "why"),
    [
        ("nonsense://secret-token", (), "does not understand"),
        ("not even a url secret-token", (), "does not understand"),
        ("mailto://user:secret-token@h.example?to=a@x.org,b@x.org", (), "several recipients"),
        ("mailto://user:secret-token@h.example?to=a@x.org&cc=b@x.org", (), "several recipients"),
        ("json://secret-token.example/", ("a@x.org",), "no {recipient}"),
        ("mailto://user:secret-token@h.example?to={recipient}", (), "no recipients are listed"),
        (
            "mailto://user:secret-token@h.example?from=a@x.org&to={recipient}",
            ("nobody",),
            "'nobody' is not a mail address",
        ),
    ],
)
def test_a_channel_that_cannot_be_used_says_why_without_its_secret(
    url: str, recipients: tuple[str, ...], why: str
) -> None:
    [problem] = channels(url, *recipients).problems()
    assert why in problem.what
    assert problem.place == "channels.c"
    assert "secret-token" not in str(problem)


def test_a_channel_that_is_gone_waits_for_its_return() -> None:
    outcome = channels("terminal://").send("other", "", TOLD, delivery="d")
    assert outcome.result is Sending.RETRY
    assert "no channel 'other'" in outcome.why


def test_the_terminal_shows_the_alert_and_obeys_nothing_in_it() -> None:
    screen = io.StringIO()
    show = open_terminal(Console(file=screen, width=100))
    evil = Message(
        reason=Reason.NEW, title="A\x1b[2Jtitle [red]not a tag[/]", rule="R", excerpt="x", url="https://x.example"
    )
    assert show("", evil, "d").result is Sending.SENT
    assert "\x1b[2J" not in screen.getvalue()
    assert "[red]not a tag[/]" in screen.getvalue()


def test_the_terminal_shows_what_changed_and_the_other_releases_of_the_story() -> None:
    screen = io.StringIO()
    changed = replace(
        TOLD, reason=Reason.UPDATE, changes=(("It is 11.24%.", "It is \x1b[2J12.14%."),), also=("KTC: Vote",)
    )
    open_terminal(Console(file=screen, width=100))("", changed, "d")
    assert "- It is 11.24%." in screen.getvalue()
    assert "+ It is  [2J12.14%." in screen.getvalue()
    assert "Also: 1 more release: KTC: Vote" in screen.getvalue()
    assert "Also" not in told_without(changed)


def told_without(message: Message) -> str:
    screen = io.StringIO()
    open_terminal(Console(file=screen, width=100))("", replace(message, also=(), changes=()), "d")
    return screen.getvalue()

"""Letters for the tests of the channels, and a channel to send them by."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.adapters.channels import Channels
from bot.model import Letter, Message, Outcome, Reason
from bot.settings import Channel, Delivering

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
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
HOSTILE = replace(
    TOLD,
    title="@everyone <@123> <!channel> A\r\nBcc: evil@example.org\r\n\r\n\x00b",
    rule="R\nX-Evil: 1 <@&456>",
    words=("@here",),
    excerpt="<script>alert(1)</script> [click](https://evil.example) *x* `y` @someuser /start",
    marks=((0, 8),),
    lead="<@U0123> <b>bold</b> &lt;!here&gt; @room ||s|| \u202e \ud800",
    url="javascript:alert(1)",
)


def channels(url: str, *recipients: str, timeout: float = 5, **more: Any) -> Channels:
    """The channel `c`."""
    channel = Channel(url="ignored://", recipients=recipients, **more)
    settings = Delivering(timeout_seconds=timeout)
    return Channels({"c": channel}, {"c": url}, settings, file="config.toml", now=lambda: NOW)


def letter(opened: Channels, message: Message = TOLD, *, key: str = "d1", answers: str = "") -> Letter:
    return Letter(id=key, message=message, rendered=opened.write("c", message), answers=answers)


def send(url: str, *recipients: str, message: Message = TOLD, timeout: float = 5, **more: Any) -> Outcome:
    """How one try ended, to the first recipient."""
    opened = channels(url, *recipients, timeout=timeout, **more)
    return opened.send("c", recipients[0] if recipients else "", letter(opened, message))

"""Messages of every kind, rich and poor, by which a template is tried before it is used."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.render.form import Form
from bot.model import Message, Reason

_RICH = Message(
    reason=Reason.NEW,
    title="Commission proposes anti-dumping duties on steel plate",
    rule="Anti-dumping on steel",
    words=("anti-dumping duties", "steel plate"),
    excerpt="It proposes anti-dumping duties on steel plate.",
    marks=((12, 31), (35, 46)),
    lead="The commission met today. It proposes anti-dumping duties on steel plate.",
    source="Trade ministry",
    published="2026-11-02",
    categories=("Trade",),
    url="https://press.example/1/view",
    story="0123456789abcdef",
    release="0123456789abcdef",
    also=("Duties on steel plate (News agency)",),
)
_POOR = Message(reason=Reason.NEW, title="A title")
_CHANGED = (("The duty is 11.24%.", "The duty is 12.14%."), ("", "It takes effect in December."))


def samples() -> Iterator[tuple[Message, bool]]:
    """Messages, each with whether it may be a repeat."""
    for reason in Reason:
        for one in (_RICH, _POOR):
            told = replace(one, reason=reason, changes=_CHANGED if reason is Reason.UPDATE and one.rule else ())
            if reason is Reason.DIGEST:
                entries = (_RICH, replace(_RICH, story="2"), one)
                told = Message(reason=reason, title="", entries=entries, held="quiet")
            yield told, one is _POOR


def forms() -> Iterator[Form]:
    """Of each kind of channel one form."""
    yield Form(kind="mail", title_limit=180, markup="html")
    yield Form(kind="chat", markup="markdown", language="ko")
    yield Form(kind="html-chat", markup="html")
    yield Form(kind="sms")

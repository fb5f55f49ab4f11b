"""How a text is written where it goes: what makes scraped text harmless, and how our own marks look."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from bot.core.render.cutting import Spans
from bot.core.render.form import Form
from bot.core.render.links import Link
from bot.core.render.neutral import unmarked, unmentioning


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The writing of one kind of channel. All but links are made of text in which nothing acts."""

    plain: Callable[[str], str]
    """Text, made harmless."""
    strong: Callable[[str], str]
    """The same, set off."""
    gone: Callable[[str], str]
    """The same, as what holds no more."""
    marked: Callable[[str, Spans], str]
    """The same, with some words set off."""
    link: Callable[[Link, str], str]
    """A link, by its label where the address itself need not be read; the host always is."""
    line: str
    """Ends a line."""
    apart: str
    """Stands between parts."""


def _as_it_is(text: str) -> str:
    return text


TEXT = Dialect(
    plain=_as_it_is,
    strong=_as_it_is,
    gone=_as_it_is,
    marked=lambda text, _: text,
    link=lambda link, _: link.url,
    line="\n",
    apart="\n\n",
)
"""Where text is only read: mail, a screen, a short message, a field of JSON."""
CHAT = Dialect(
    plain=unmarked,
    strong=unmarked,
    gone=unmarked,
    marked=lambda text, _: unmarked(text),
    link=lambda link, _: link.in_chat,
    line="\n",
    apart="\n\n",
)
"""A chat that may read Markdown, though we write none."""
MARKDOWN = Dialect(
    plain=unmarked,
    strong=lambda text: f"**{unmarked(text).strip()}**",
    gone=unmarked,
    marked=lambda text, _: unmarked(text),  # bold inside a word is read differently everywhere
    link=lambda link, _: f"<{link.in_chat}>",
    line="\n",
    apart="\n\n",
)
"""CommonMark: bold, and addresses in angle brackets, which every dialect takes as they stand."""


def in_html(text: str) -> str:
    """Text inside an HTML element of a chat."""
    return escape(unmentioning(text)).replace("\n", "<br>")


def marked_in_html(text: str, spans: Spans, write: Callable[[str], str] = in_html) -> str:
    """The same with some words in bold."""
    parts, at = [], 0
    for start, end in spans:
        parts += [write(text[at:start]), f"<b>{write(text[start:end])}</b>"]
        at = end
    return "".join([*parts, write(text[at:])])


HTML = Dialect(
    plain=in_html,
    strong=lambda text: f"<b>{in_html(text)}</b>",
    gone=lambda text: f"<s>{in_html(text)}</s>",
    marked=marked_in_html,
    link=lambda link, label: f'<a href="{escape(link.in_chat)}">{in_html(label)}</a> ({escape(link.host)})',
    line="<br>",
    apart="<br><b></b><br>",
)
"""The few elements that chats know; between two breaks stands something, or apprise makes one of them for Telegram."""


def text_dialect(form: Form) -> Dialect:
    """In what the text of a message is written."""
    if form.kind in {"chat", "html-chat"}:
        return MARKDOWN if form.markup == "markdown" else CHAT
    return TEXT

"""A template that has been read, and the writing of messages by it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape

import jinja2

from bot.core.render.cutting import cut
from bot.core.render.fitting import block
from bot.core.render.form import Form
from bot.core.render.parts import SUBJECT
from bot.core.render.phrases import phrase
from bot.core.render.rendering import render
from bot.errors import BotError
from bot.model import Message, Reason, Rendered
from bot.templating.sandbox import BUDGET, LONGEST, Budget
from bot.templating.values import values_of

PARTS = ("subject", "text", "html")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_BODY = re.compile(r"<body[^<>]*>", re.IGNORECASE)


class TemplateError(BotError):
    """A template failed for a message, which is to be told in the usual form then."""


class PartError(Exception):
    """A part of a template failed; `__cause__` is how."""

    def __init__(self, part: str, error: Exception) -> None:
        super().__init__(f"block {part}: {error or type(error).__name__}")
        self.part = part


@dataclass(frozen=True, slots=True)
class Template:
    """An operator's template; safe to use from many threads."""

    file: str
    parts: Mapping[str, jinja2.Template]
    """By name, those that the file has."""

    def render(self, message: Message, form: Form, may_repeat: bool = False) -> Rendered:  # noqa: FBT001, FBT002 (short)
        """The message within the form's room, its link kept; raises TemplateError."""
        usual = render(message, form, may_repeat=may_repeat)
        try:
            return self._rendered(usual, message, form, may_repeat=may_repeat)
        except PartError as error:
            raise TemplateError(f"{self.file}: {error}") from error

    def _rendered(self, usual: Rendered, message: Message, form: Form, *, may_repeat: bool) -> Rendered:
        repeat = phrase("repeat", form.language) if may_repeat else ""
        subject = " ".join(self.write("subject", message, form, may_repeat=may_repeat).split())
        text = self.write("text", message, form, may_repeat=may_repeat)
        html = self.write("html", message, form, may_repeat=may_repeat) if form.has_html else ""
        if text and not html and form.kind == "html-chat":
            html = escape(text).replace("\n", "<br>")
        if repeat and text and repeat not in text:
            text = f"{repeat}\n{text}"
        if repeat and html and repeat not in html:
            html = _with_note(html, repeat)
        return replace(
            usual,
            subject=cut(subject, min(form.title_limit or SUBJECT, SUBJECT)) or usual.subject,
            text=_within(text, message, form) or usual.text,
            html=_short_enough(html, form) or usual.html,
        )

    def write(self, part: str, message: Message, form: Form, *, may_repeat: bool = False) -> str:
        """One part as the template has it, empty if it has none; raises PartError."""
        template = self.parts.get(part)
        if template is None:
            return ""
        values = values_of(message, form, part, may_repeat=may_repeat)
        written, length = [], 0
        try:
            for piece in template.generate({**values, BUDGET: Budget()}):
                length += len(piece)
                if length > LONGEST:
                    raise ValueError(f"it writes more than {LONGEST} characters")
                written.append(piece)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise PartError(part, error) from error
        except RecursionError as error:
            raise PartError(part, error) from None
        return _EMPTY_LINES.sub("\n\n", _printable("".join(written))).strip()


def _printable(text: str) -> str:
    """What the operator wrote, without control signs; values have none any more."""
    return "".join(c for c in text if c >= " " or c == "\n")


def _with_note(html: str, note: str) -> str:
    """The HTML with a first line."""
    body = _BODY.search(html)
    at = body.end() if body else 0
    return f"{html[:at]}{escape(note)}<br>{html[at:]}"


def _within(text: str, message: Message, form: Form) -> str:
    """The text in the channel's room: cut at a sentence, its link kept; a digest is not cut, since it has many."""
    if form.fits(text):
        return text
    if message.reason is Reason.DIGEST:
        raise PartError("text", ValueError("the digest is longer than the channel takes"))
    link = _link_in(text, values_of(message, form, "text")["link"])
    if not form.fits(link):
        raise PartError("text", ValueError("the link is longer than the channel takes"))
    head, _, tail = text.rpartition(link) if link else (text, "", "")
    room = form.limit - (form.size(link) + 1 if link else 0)
    told = f"{head.rstrip()} {tail.strip()}".strip()
    return "\n".join(filter(None, (block(told, 0, str).fit(room, form.size), link)))


def _link_in(text: str, link: str) -> str:
    """The link as it stands last in the text, with what is written round it without a space."""
    at = text.rfind(link) if link else -1
    if at < 0:
        return ""
    before, after = text[:at], text[at + len(link) :]
    head = "" if not before or before[-1].isspace() else before.split()[-1]
    tail = "" if not after or after[0].isspace() else after.split(maxsplit=1)[0]
    return head + link + tail


def _short_enough(html: str, form: Form) -> str:
    if not form.fits(html):
        raise PartError("html", ValueError("it is longer than the channel takes"))
    return html

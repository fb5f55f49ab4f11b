"""One alert or notice as lines of text, within the room of its channel."""

from collections.abc import Callable, Iterator
from functools import partial

from bot.core.render.cutting import cut, differing, window
from bot.core.render.dialects import Dialect
from bot.core.render.fitting import Block, block, fit
from bot.core.render.form import Form
from bot.core.render.links import web_link
from bot.core.render.parts import (
    also_told,
    changes_left,
    facts,
    headline,
    shown_changes,
    shown_lead,
    shows_excerpt,
    subject,
    why,
)
from bot.core.render.phrases import phrase
from bot.model import Message

_TITLE_BESIDE_LONG_LINK = 60
LINK, REPEAT, TITLE, WHY, NOW, BEFORE, EXCERPT, FACTS, LEAD, ALSO = range(10)
"""What is kept first where there is little room."""


def alert_text(message: Message, form: Form, dialect: Dialect, *, may_repeat: bool) -> str:
    """The whole message; longer than the channel's room only if its link alone is."""
    link = web_link(message.url)
    written = dialect.link(link, phrase("read", form.language)) if link else ""
    if written and not form.fits(written):
        title = dialect.plain(cut(headline(message, form.language), _TITLE_BESIDE_LONG_LINK))
        return dialect.line.join((written, title, dialect.plain(phrase("link.long", form.language))))
    blocks = _short if form.kind == "sms" else _full
    repeat = [repeated(form, dialect, form.limit - form.size(written))] if may_repeat else []
    last = [block(written, LINK, str, whole=True)] if written else []
    apart = dialect.line if form.kind == "sms" else dialect.apart
    told = [*_title(message, form, dialect), *repeat, *blocks(message, form, dialect), *last]
    if not told:  # the subject says it all; a message without a text looks broken
        told = [block(headline(message, form.language), TITLE, dialect.plain)]
    return fit(told, form.limit, apart=apart, near=dialect.line, size=form.size)


def _title(message: Message, form: Form, dialect: Dialect) -> Iterator[Block]:
    """The title, if the channel shows no subject or has cut it."""
    told = headline(message, form.language)
    if form.title_limit <= 0 or subject(message, form.language, limit=form.title_limit) != told:
        yield block(told, TITLE, dialect.strong, share=0.4 if message.changes and form.kind == "sms" else 0.6)


def repeated(form: Form, dialect: Dialect, room: int, *, near: bool = False) -> Block:
    """The note that it may be a repeat; a short one where a sentence would take half of the room."""
    said = dialect.plain(phrase("repeat", form.language))
    if form.kind == "sms" or (form.limit > 0 and 2 * form.size(said) > room):
        said = dialect.plain(phrase("repeat.short", form.language))
    return block(said, REPEAT, str, whole=True, near=near)


def _short(message: Message, form: Form, dialect: Dialect) -> Iterator[Block]:
    """What goes into an SMS: of an update the first change, what is new before what was; and why."""
    for before, after in message.changes[:1]:
        if before and after:
            yield _side((before, after), 0, WHY, partial(_labelled, "before", dialect.plain, form, dialect))
        key, side = ("now", 1) if after else ("deleted", 0)
        share = 0.6 if before and after else 1
        yield _side((before, after), side, TITLE, partial(_labelled, key, dialect.plain, form, dialect), share=share)
    reason = why(message, form.language)
    if message.rule and reason:
        yield block(reason, WHY, dialect.plain)
    elif message.lead:
        yield block(message.lead.replace("\n", " "), LEAD, dialect.plain)


def _full(message: Message, form: Form, dialect: Dialect) -> Iterator[Block]:
    language, plain = form.language, dialect.plain
    if message.rule:
        yield block(phrase("why", language, why=why(message, language)), WHY, plain, share=0.5)
    yield from changes(message, form, dialect)
    if shows_excerpt(message):
        yield excerpt(message, dialect)
    texts = ((shown_lead(message), LEAD), (facts(message), FACTS), (also_told(message, language), ALSO))
    yield from (block(text, rank, plain) for text, rank in texts if text)
    yield from unsafe(message, form, dialect)


def unsafe(message: Message, form: Form, dialect: Dialect) -> Iterator[Block]:
    """Why there is no link, if the release has an address that is none to show."""
    if message.url and not web_link(message.url):
        yield block(phrase("link.unsafe", form.language), FACTS, dialect.plain)


def excerpt(message: Message, dialect: Dialect) -> Block:
    """The sentence with the matched words; cut, it is what stands round the first of them."""
    return Block(
        rank=EXCERPT,
        length=len(message.excerpt),
        write=lambda n: dialect.marked(*window(message.excerpt, message.marks, n)),
    )


def changes(message: Message, form: Form, dialect: Dialect) -> Iterator[Block]:
    """Each change in two lines: what was said, and what is said now."""
    for before, after in shown_changes(message):
        if before:
            write = partial(_labelled, "before" if after else "deleted", dialect.gone, form, dialect)
            yield _side((before, after), 0, BEFORE, write)
        if after:
            write = partial(_labelled, "now", dialect.strong, form, dialect)
            yield _side((before, after), 1, NOW, write, near=bool(before), share=0.5 if before else 1)
    left = changes_left(message, form.language)
    if left:
        yield block(left, LEAD, dialect.plain)


def _side(
    change: tuple[str, str], which: int, rank: int, write: Callable[[str], str], *, near: bool = False, share: float = 1
) -> Block:
    """One side of a change; cut, it is what stands round the difference."""
    return Block(
        rank=rank,
        length=len(change[which]),
        write=lambda n: write(differing(*change, n)[which]),
        near=near,
        share=share,
    )


def _labelled(key: str, mark: Callable[[str], str], form: Form, dialect: Dialect, text: str) -> str:
    """A phrase round a text that is set off."""
    head, _, tail = phrase(key, form.language, text="\0").partition("\0")
    return dialect.plain(head) + mark(text) + dialect.plain(tail)

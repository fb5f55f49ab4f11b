"""A digest as lines of text, within the room of its channel: no link is lost as long as there is room for links."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.render.alert import ALSO, EXCERPT, FACTS, LINK, TITLE, WHY, changes, excerpt, repeated, unsafe
from bot.core.render.cutting import cut
from bot.core.render.dialects import Dialect
from bot.core.render.fitting import Block, block, fit
from bot.core.render.form import Form
from bot.core.render.grouping import Group, Item, grouped, items_of
from bot.core.render.links import web_link
from bot.core.render.parts import facts, headline, held_told, shows_excerpt, subject
from bot.core.render.phrases import counted, phrase
from bot.model import Message

_TITLE = 28
"""Of a title, with its number: for so much room is kept beside each link, and at the beginning."""
_FIRST_TITLES = 40
"""Characters of each title in an SMS."""
_ONE_SMS = 160
"""Characters: what takes no more has no room for the links of a digest."""


def digest_text(message: Message, form: Form, dialect: Dialect, *, may_repeat: bool) -> str:
    """The whole digest; what has no room at all is counted."""
    if form.kind == "sms":
        return _short(message, form, dialect, may_repeat=may_repeat)
    groups = grouped(message)
    parts = [_item(item, group, form, dialect) for group in groups for item in group.items]
    title = list(_title(message, form, dialect))
    held = block(held_told(message, form.language), FACTS, dialect.plain, near=True)
    if form.limit <= 0:
        repeat = [repeated(form, dialect, 0, near=True)] if may_repeat else []
        told = (_written([*title, *repeat, held], 0, form, dialect), _contents(groups, form, dialect))
        return dialect.apart.join(filter(None, (*told, *(_written(part, 0, form, dialect) for part in parts))))
    return _Packing(title, held, parts, form, dialect, may_repeat=may_repeat).text()


def _title(message: Message, form: Form, dialect: Dialect) -> Iterator[Block]:
    """The title, if the channel shows no subject or has cut it."""
    told = headline(message, form.language)
    if form.title_limit <= 0 or subject(message, form.language, limit=form.title_limit) != told:
        yield block(told, TITLE, dialect.strong)


def _written(blocks: Sequence[Block], room: int, form: Form, dialect: Dialect) -> str:
    return fit(blocks, room, apart=dialect.apart, near=dialect.line, size=form.size)


def _contents(groups: Sequence[Group], form: Form, dialect: Dialect) -> str:
    """The titles by number; empty if there is only one."""
    items = items_of(groups)
    titles = [dialect.plain(f"{item.number}. {headline(item.message, form.language)}") for item in items]
    heading = dialect.plain(phrase("contents", form.language))
    return dialect.line.join([heading, *titles]) if len(items) > 1 else ""


def _item(item: Item, group: Group, form: Form, dialect: Dialect) -> list[Block]:
    """One release in a few lines, below the headings that begin with it."""
    message, language = item.message, form.language
    number, link = dialect.plain(f"{item.number}. "), web_link(message.url)
    told = list(_headings(item, group, form, dialect))
    told.append(block(headline(message, language), TITLE, lambda text: number + dialect.strong(text), share=0.6))
    below = list(_below(item, form, dialect))
    if link:
        below.append(block(dialect.link(link, phrase("read", language)), LINK, str, whole=True))
    return [*told, *(replace(one, near=True) for one in below)]


def _headings(item: Item, group: Group, form: Form, dialect: Dialect) -> Iterator[Block]:
    """The rule's and the story's, above the first item of each."""
    language, told = form.language, []
    if item is group.items[0]:
        told += [phrase("rule", language, rule=group.rule)] if group.rule else []
        told += [phrase("story", language, count=len(group.items))] if len(group.items) > 1 else []
    return (block(f"— {text} —", ALSO, dialect.plain) for text in told)


def _below(item: Item, form: Form, dialect: Dialect) -> Iterator[Block]:
    """What stands below the title and above the link."""
    message, language = item.message, form.language
    if item.why(language):
        yield block(phrase("why", language, why=item.why(language)), WHY, dialect.plain)
    yield from changes(message, form, dialect)
    if shows_excerpt(message):
        yield excerpt(message, dialect)
    if not message.rule and message.lead:  # a notice, which is all in its lead
        yield block(message.lead, EXCERPT, dialect.plain)
    if facts(message):
        yield block(facts(message), FACTS, dialect.plain)
    yield from unsafe(message, form, dialect)


class _Packing:
    """The items in a room that is shared out: the note of a repeat and the links first, then titles, then all else.

    What has no room is counted in a last line, for which room is kept if not everything is sure to have some.
    """

    def __init__(
        self,
        title: list[Block],
        held: Block,
        parts: Sequence[list[Block]],
        form: Form,
        dialect: Dialect,
        *,
        may_repeat: bool,
    ) -> None:
        self.title, self.held, self.parts, self.form, self.dialect = title, held, parts, form, dialect
        self.notes = [repeated(form, dialect, room, near=bool(title)) for room in (form.limit, 0)] if may_repeat else []
        self.gap, self.line = form.size(dialect.apart), form.size(dialect.line)
        self.needs = [self.gap + self._least(part) for part in parts]

    def _least(self, part: Sequence[Block]) -> int:
        """The room without which an item says nothing: its link, or the beginning of its title."""
        links = [one.write(one.length) for one in part if one.rank == LINK]
        return self.line + self.form.size(links[0]) if links else _TITLE

    def text(self) -> str:
        """The digest; if something was left out, once more with room for saying so."""
        told, left = self._tried(0)
        if not left:
            return told
        some = [self.dialect.plain(counted("left", self.form.language, count)) for count in (1, len(self.parts))]
        told, left = self._tried(self.gap + max(map(self.form.size, some)))
        last = self.dialect.plain(counted("left", self.form.language, left)) if left else ""
        return self.dialect.apart.join(filter(None, (told, last)))

    def _tried(self, kept: int) -> tuple[str, int]:
        """What fits beside `kept`, and how many items do not."""
        room = self.form.limit - kept
        note, least = self._beginning(room)
        shown = self._fitting(room - least)
        head_room = max(least, room - sum(need + _TITLE for need in self.needs[:shown]))
        told = [_written([*self.title, *note, self.held], head_room, self.form, self.dialect) if head_room > 0 else ""]
        room -= self.form.size(told[0])
        for at in range(shown):
            others = sum(self.needs[at + 1 : shown])
            space = min(room - others, max(room // (shown - at), self.needs[at] + _TITLE)) - self.gap
            told.append(_written(self.parts[at], space, self.form, self.dialect) if space > 0 else "")
            room -= self.form.size(told[-1]) + self.gap if told[-1] else 0
        written = list(filter(None, told[1:]))
        return self.dialect.apart.join(filter(None, (told[0], *written))), len(self.parts) - len(written)

    def _beginning(self, room: int) -> tuple[list[Block], int]:
        """The note of a repeat and the room of the beginning: the longest note that costs no item.

        The title goes only where a single item would have no room beside it, the note where nothing would.
        """
        title = self.line + _TITLE if self.title else 0
        notes = [([note], self.form.size(note.write(note.length)) + self.line) for note in self.notes] or [([], 0)]
        tries = [*((note, size + title) for note, size in notes), notes[-1], ([], 0)]
        shown = [self._fitting(room - size) for _, size in tries]
        most = next(filter(None, shown[len(notes) - 1 :]), 0)
        return next(one for one, count in zip(tries, shown, strict=True) if count == most and one[1] <= max(room, 0))

    def _fitting(self, room: int) -> int:
        """How many items have room for what they need."""
        shown = 0
        for need in self.needs:
            room -= need
            shown += room >= 0
        return shown


def _short(message: Message, form: Form, dialect: Dialect, *, may_repeat: bool) -> str:
    """How many alerts there are, the first titles, and where to see all: no digest needs fifty short messages."""
    count = block(headline(message, form.language), TITLE, dialect.plain)
    hint = block(phrase("outbox", form.language), LINK, dialect.plain, whole=True)
    repeat = [repeated(form, dialect, 0)] if may_repeat else []
    first = [_first(item, form, dialect) for item in items_of(grouped(message))]
    return fit([count, *repeat, *first, hint], form.limit, apart=dialect.line, near=dialect.line, size=form.size)


def _first(item: Item, form: Form, dialect: Dialect) -> Block:
    """A title by its number, with the link where there may be room for it."""
    title = f"{item.number}) {cut(headline(item.message, form.language), _FIRST_TITLES)}"
    link = web_link(item.message.url) if form.limit > _ONE_SMS else None
    if link is None:
        return block(title, WHY, dialect.plain)
    whole = f"{dialect.plain(title)} {dialect.link(link, phrase('read', form.language))}"
    return Block(
        rank=WHY, length=len(whole), write=lambda room: whole if room >= len(whole) else dialect.plain(cut(title, room))
    )

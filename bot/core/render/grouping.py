"""The alerts of a digest in the order in which they are read: by rule, stories in one piece."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.core.render.parts import why
from bot.core.render.phrases import Language
from bot.model import Message


@dataclass(slots=True)
class Item:
    """One release as a digest tells it, with all the rules that it has met."""

    number: int
    alerts: list[Message]

    @property
    def message(self) -> Message:
        """The first of the alerts; the others differ in their rule."""
        return self.alerts[0]

    def why(self, language: Language) -> str:
        """Why it is told, by each rule."""
        return "; ".join(filter(None, (why(one, language) for one in self.alerts if one.rule)))


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one story."""

    items: list[Item] = field(default_factory=list)
    rule: str = ""
    """The rule under whose name the story stands, if it is the first one there and there are other rules."""


def grouped(message: Message) -> list[Group]:
    """The stories by the rule of their first alert, rules and stories as they come up; items count through from 1."""
    stories: dict[str, list[Message]] = {}
    for at, entry in enumerate(message.entries):
        stories.setdefault(entry.story or f"\0{at}", []).append(entry)
    rules = _by_rule(stories.values())
    groups = [
        Group(_merged(sorted(entries, key=_place(entries))), rule if number == 0 and len(rules) > 1 else "")
        for rule, told in rules.items()
        for number, entries in enumerate(told)
    ]
    for number, item in enumerate(items_of(groups), start=1):
        item.number = number
    return groups


def items_of(groups: Sequence[Group]) -> list[Item]:
    """All items in their order."""
    return [item for group in groups for item in group.items]


def _by_rule(stories: Iterable[list[Message]]) -> dict[str, list[list[Message]]]:
    """The stories by the rule of their first alert; notices, which have none, come first."""
    rules: dict[str, list[list[Message]]] = {}
    for entries in sorted(stories, key=lambda entries: entries[0].rule != ""):
        rules.setdefault(entries[0].rule, []).append(entries)
    return rules


def _place(entries: Sequence[Message]) -> Callable[[Message], int]:
    """Where the alerts of one rule stand among those of a story: as their rule comes up."""
    rules = list(dict.fromkeys(one.rule for one in entries))
    return lambda one: rules.index(one.rule)


def _merged(entries: Sequence[Message]) -> list[Item]:
    """Alerts of one release by several rules are one item."""
    items: dict[tuple[object, ...], Item] = {}
    for entry in entries:
        same = (entry.reason, entry.release, entry.url, entry.title, entry.changes)
        items.setdefault(same, Item(0, [])).alerts.append(entry)
    return list(items.values())

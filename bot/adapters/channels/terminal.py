"""Alerts on this screen."""

from collections.abc import Callable, Iterator

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from bot.core.render import also_told, facts, shows_excerpt, subject, why
from bot.model import Message, Outcome, Sending


def open_terminal(console: Console | None = None) -> Callable[[str, Message, str], Outcome]:
    """A sender that prints; the recipient and the delivery do not matter."""
    screen = console or Console()

    def send(_recipient: str, message: Message, _delivery: str) -> Outcome:
        screen.print(card(message))
        return Outcome(result=Sending.SENT)

    return send


def card(message: Message) -> Panel:
    """The alert as a coloured card: why, what changed, the sentence with its words marked, where and when, the link."""
    excerpt = Text(_visible(message.excerpt))
    for start, end in message.marks:
        excerpt.stylize("bold black on yellow", start, end)
    rows = [
        Text(_visible(subject(message)), style="bold"),
        Text("why  ", style="dim").append(_visible(why(message)), style="yellow"),
        *_changes(message),
        *([excerpt] if shows_excerpt(message) else []),
        Text(_visible(facts(message)), style="dim"),
        *([Text(_visible(also_told(message)), style="dim")] if message.also else []),
        *([Text(_visible(message.url), style="cyan underline")] if message.url else []),
    ]
    return Panel(Group(*rows), title=_visible(message.rule), title_align="left", border_style="yellow", padding=(0, 1))


def _changes(message: Message) -> Iterator[Text]:
    """What was said, and what is said now; with signs, as a screen may have no colours."""
    for before, after in message.changes:
        if before:
            yield Text(f"- {_visible(before)}", style="red")
        if after:
            yield Text(f"+ {_visible(after)}", style="green")


def _visible(text: str) -> str:
    """`text` without what a terminal would obey; each character stays one, so that marks still fit."""
    return "".join(c if c.isprintable() else " " for c in text)

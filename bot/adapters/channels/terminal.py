"""Alerts on this screen."""

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.core.render import facts, harmless, web_link
from bot.model import Letter, Message, Outcome, Reason, Sending

_BORDERS = {Reason.TROUBLE: "red", Reason.HEALED: "green"}


def open_terminal(console: Console | None = None) -> Callable[[str, Letter], Outcome]:
    """A sender that prints; the recipient does not matter."""
    screen = console or Console()

    def send(_recipient: str, letter: Letter) -> Outcome:
        screen.print(card(letter))
        return Outcome(result=Sending.SENT)

    return send


def card(letter: Letter) -> Panel:
    """The letter's text as a card, with colours: title, matched words, what changed, facts, links."""
    text, message = Text(_visible(letter.rendered.text)), harmless(letter.message)
    for one in message.entries or (message,):
        _colour(text, one)
    return Panel(
        text,
        title=Text(_visible(message.rule)) if message.rule else None,  # a plain string would be read as markup
        title_align="left",
        border_style=_BORDERS.get(message.reason, "yellow"),
        padding=(0, 1),
    )


def _colour(text: Text, message: Message) -> None:
    """Set off what the text says of an alert, wherever it stands and whatever stands round it."""
    for piece, style in _styles(message):
        for at in _places(text, piece):
            text.stylize(style, at, at + len(piece))
    for at in _places(text, message.excerpt):
        for start, end in message.marks:
            text.stylize("bold black on yellow", at + start, at + end)


def _styles(message: Message) -> Iterator[tuple[str, str]]:
    yield message.title, "bold"
    yield facts(message), "dim"
    for before, after in message.changes:
        yield before, "red"
        yield after, "green"
    yield from ((f"“{word}”", "yellow") for word in message.words)
    link = web_link(message.url)
    if link:
        yield link.url, "cyan underline"


def _places(text: Text, piece: str) -> Iterator[int]:
    """Where `piece` stands."""
    at = text.plain.find(piece) if piece else -1
    while at >= 0:
        yield at
        at = text.plain.find(piece, at + len(piece))


def _visible(text: str) -> str:
    """`text` without what a terminal would obey, whoever wrote it; its lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)

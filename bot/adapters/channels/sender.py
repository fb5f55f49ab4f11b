"""What every kind of channel is to the directory: a form for messages, and a way to send them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.render import Form
from bot.model import Letter, Outcome
from bot.settings import Channel, Delivering


class Unusable(Exception):  # noqa: N818 (told as a Problem of config.toml)
    """A channel's URL cannot be used; the text never holds the URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One recipient of a channel, as config.toml has it."""

    name: str
    """Of the channel."""
    url: str = field(repr=False)
    """With the recipient in it."""
    recipient: str = ""
    channel: Channel
    delivering: Delivering
    now: Callable[[], datetime]

    @property
    def scheme(self) -> str:
        """Of the URL: which kind of channel it is."""
        return self.url.split(":", 1)[0].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An open channel."""

    form: Form
    send: Callable[[str, Letter], Outcome]
    """Hands a letter to a recipient."""
    knows_repeats: bool = False
    """True if what is sent again under the same id is taken for the same."""

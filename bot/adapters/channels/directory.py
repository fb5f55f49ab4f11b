"""The channels of config.toml by name, each opened when it is first needed."""

from collections.abc import Callable, Mapping
from threading import Lock

from bot.errors import ConfigError, Problem
from bot.model import Message, Outcome, Sending
from bot.settings import Channel, Delivering

Send = Callable[[str, Message, str], Outcome]
"""Sends (recipient, message, delivery id)."""


class Channels:
    """Notifier over the channels of config.toml."""

    def __init__(
        self, channels: Mapping[str, Channel], secrets: Mapping[str, str], settings: Delivering, *, file: str
    ) -> None:
        self._channels, self._secrets, self._settings, self._file = channels, secrets, settings, file
        self._open: dict[str, Send] = {}
        self._guard = Lock()

    def send(self, channel: str, recipient: str, message: Message, *, delivery: str) -> Outcome:
        """Send one message to one recipient of a channel."""
        if channel not in self._channels:
            return Outcome(result=Sending.RETRY, why=f"config.toml has no channel {channel!r} any more")
        try:
            sender = self._sender(channel)
        except ConfigError as error:
            return Outcome(result=Sending.RETRY, why=str(error))
        return sender(recipient, message, delivery)

    def problems(self) -> list[Problem]:
        """Everything that keeps a channel from being used."""
        found: list[Problem] = []
        for name in self._channels:
            try:
                self._sender(name)
            except ConfigError as error:
                found += error.problems
        return found

    def _sender(self, name: str) -> Send:
        with self._guard:
            if name not in self._open:
                self._open[name] = self._opened(name)
            return self._open[name]

    def _opened(self, name: str) -> Send:
        channel, url = self._channels[name], self._secrets[name]
        scheme = url.split(":", 1)[0].lower()
        if scheme == "terminal":
            from bot.adapters.channels.terminal import open_terminal

            return open_terminal()
        from bot.adapters.channels.services import Unusable, open_service  # apprise is heavy

        try:
            return open_service(url, channel.recipients, self._settings)
        except Unusable as error:
            raise ConfigError([Problem(self._file, f"channels.{name}", str(error))]) from None

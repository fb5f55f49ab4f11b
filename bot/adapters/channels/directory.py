"""The channels of config.toml by name, each opened when it is first needed."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import localtime
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.adapters.channels.sender import Sender, Setup, Unusable
from bot.core.render import Form, render, room
from bot.errors import ConfigError, Problem
from bot.model import Letter, Message, Outcome, Rendered, Sending
from bot.settings import Channel, Delivering

if TYPE_CHECKING:
    from bot.templating import Template

log = logging.getLogger(__name__)


class Channels:
    """Notifier over the channels of config.toml.

    `templates` are the operator's own, by the name of their channel; `now` is the time for signatures and headers.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        secrets: Mapping[str, str],
        settings: Delivering,
        *,
        file: str,
        templates: "Mapping[str, Template] | None" = None,
        now: Callable[[], datetime] = localtime,
    ) -> None:
        self._channels, self._secrets, self._settings, self._file = channels, secrets, settings, file
        self._templates, self._now = templates or {}, now
        self._open: dict[str, Sender] = {}
        self._guard = Lock()

    def room(self, channel: str, /) -> int:
        """How many alerts fit into one digest on this channel; at least 1."""
        return room(self.form(channel))

    def knows_repeats(self, channel: str, /) -> bool:
        """True for mail, webhooks and Matrix rooms: what is sent again has the same id."""
        try:
            return self._sender(channel).knows_repeats
        except ConfigError:
            return False  # it cannot be sent anyway

    def form(self, channel: str, /) -> Form:
        """What a message may look like on a channel; of one that cannot be used, a form that fits anywhere."""
        try:
            return self._sender(channel).form
        except ConfigError:
            return Form(kind="chat", limit=1000)

    def write(self, channel: str, message: Message, /, *, may_repeat: bool = False) -> Rendered:
        """The message in the form of the channel, or by its own template; if that fails, without it."""
        form, template = self.form(channel), self._templates.get(channel)
        if template is not None:
            from bot.templating import TemplateError

            try:
                return template.render(message, form, may_repeat)
            except TemplateError as error:
                log.error("template failed channel=%s the usual form is used error=%s", channel, error)
        return render(message, form, may_repeat=may_repeat)

    def send(self, channel: str, recipient: str, letter: Letter, /) -> Outcome:
        """Hand one letter to one recipient of a channel."""
        try:
            sender = self._sender(channel)
        except ConfigError as error:
            return Outcome(result=Sending.RETRY, why=str(error))
        return sender.send(recipient, letter)

    def problems(self) -> list[Problem]:
        """Everything that keeps a channel from being used."""
        found: list[Problem] = []
        for name in self._channels:
            try:
                self._sender(name)
            except ConfigError as error:
                found += error.problems
        return found

    def _sender(self, name: str) -> Sender:
        """The channel, open; raises ConfigError."""
        with self._guard:
            if name not in self._open:
                if name not in self._channels:
                    raise ConfigError([Problem(self._file, f"channels.{name}", "there is no such channel any more")])
                try:
                    self._open[name] = self._opened(name)
                except Unusable as error:
                    raise ConfigError([Problem(self._file, f"channels.{name}", str(error))]) from None
            return self._open[name]

    def _opened(self, name: str) -> Sender:
        """One sender for all recipients of a channel."""
        channel, url = self._channels[name], self._secrets[name]
        if channel.recipients and "{recipient}" not in url:
            raise Unusable("recipients are listed, but the url has no {recipient} where an address belongs")
        if "{recipient}" in url and not channel.recipients:
            raise Unusable("the url has {recipient}, but no recipients are listed")
        senders = {address: _open_one(self._setup(name, address)) for address in channel.recipients or ("",)}

        def send(recipient: str, letter: Letter) -> Outcome:
            if recipient not in senders:
                return Outcome(result=Sending.REFUSED, why="this recipient is no longer in config.toml")
            return senders[recipient].send(recipient, letter)

        first = next(iter(senders.values()))
        return Sender(form=first.form, send=send, knows_repeats=first.knows_repeats)

    def _setup(self, name: str, recipient: str) -> Setup:
        return Setup(
            name=name,
            url=self._secrets[name].replace("{recipient}", quote(recipient, safe="@+")),
            recipient=recipient,
            channel=self._channels[name],
            delivering=self._settings,
            now=self._now,
        )


def _open_one(setup: Setup) -> Sender:
    """The sender for one recipient; what the others need is not imported."""
    match setup.scheme:
        case "terminal":
            from bot.adapters.channels.terminal import open_terminal

            form = Form(kind="screen", language=setup.channel.language)
            return Sender(form=form, send=open_terminal())
        case "webhook" | "webhooks":
            from bot.adapters.channels.webhook import open_webhook

            return open_webhook(setup)
        case _:
            from bot.adapters.channels.services import open_service  # apprise is heavy

            return open_service(setup)

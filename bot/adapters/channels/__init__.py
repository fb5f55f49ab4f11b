"""The ways to people: apprise for all but mail and the terminal, which have a module each."""

from bot.adapters.channels.directory import Channels

__all__ = ["Channels"]

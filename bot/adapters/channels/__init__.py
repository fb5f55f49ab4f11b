"""The ways to people: mail, webhooks, Matrix rooms and the terminal have senders of their own, apprise has the rest."""

from bot.adapters.channels.directory import Channels

__all__ = ["Channels"]

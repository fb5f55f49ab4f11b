"""Pages from the web, over httpx: bounded, polite, and only from a source's own hosts."""

from bot.adapters.web.fetcher import Web, open_web
from bot.adapters.web.polite import Polite
from bot.adapters.web.robots import Robots

__all__ = ["Polite", "Robots", "Web", "open_web"]

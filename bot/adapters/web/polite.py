"""A fetcher that leaves a host in peace between two requests."""

from threading import Lock
from urllib.parse import urlsplit

from bot.ports import Clock, Fetcher
from scrapers.model import Page, Source


class Polite:
    """Fetcher around a fetcher: one request at a time to a host, and a pause after each."""

    def __init__(self, inner: Fetcher, clock: Clock, *, pause: float) -> None:
        self._inner, self._clock, self._pause = inner, clock, pause
        self._guard = Lock()
        self._hosts: dict[str, Lock] = {}
        self._free_at: dict[str, float] = {}

    def fetch(self, url: str, source: Source, *, etag: str = "", modified: str = "") -> Page | None:
        """Wait for the host's turn, then fetch."""
        host = urlsplit(url).netloc.lower()
        with self._guard:
            turn = self._hosts.setdefault(host, Lock())
        with turn:
            wait = self._free_at.get(host, 0) - self._clock.monotonic()
            self._clock.sleep(max(0.0, wait))  # also without a wait: nothing is begun once the service is stopped
            try:
                return self._inner.fetch(url, source, etag=etag, modified=modified)
            finally:
                self._free_at[host] = self._clock.monotonic() + self._pause

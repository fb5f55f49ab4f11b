"""A fetcher that obeys robots.txt (RFC 9309)."""

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from bot.errors import FetchError
from bot.ports import Clock, Fetcher
from scrapers.model import Page, Source

AGENT = "Tocsin"
KEEP_SECONDS = 24 * 3600.0
"""RFC 9309, 2.4: a copy should not be used for more than a day."""
KEEP_TROUBLE_SECONDS = 60.0
"""A host that did not answer is not asked again at once by each of its sources."""


@dataclass(frozen=True, slots=True)
class _Copy:
    rules: Protego | FetchError
    until: float


class Robots:
    """Fetcher around a fetcher: asks a host's robots.txt once a day, and refuses what it forbids."""

    def __init__(self, inner: Fetcher, clock: Clock) -> None:
        self._inner, self._clock = inner, clock
        self._copies: dict[str, _Copy] = {}
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def fetch(self, url: str, source: Source, *, etag: str = "", modified: str = "") -> Page | None:
        """Fetch, unless the host asks robots not to; raises FetchError."""
        if not self._rules(url, source).can_fetch(url, AGENT):
            raise FetchError(f"{url}: the host's robots.txt asks not to read this")
        return self._inner.fetch(url, source, etag=etag, modified=modified)

    def _rules(self, url: str, source: Source) -> Protego:
        parts = urlsplit(url)
        site = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
        with self._locks[site]:
            copy = self._copies.get(site)
            if copy is None or copy.until <= self._clock.monotonic():
                copy = self._copies[site] = self._copy(site, source)
        if isinstance(copy.rules, FetchError):
            raise FetchError(str(copy.rules), status=copy.rules.status)
        return copy.rules

    def _copy(self, site: str, source: Source) -> _Copy:
        try:
            return _Copy(self._ask(site, source), self._clock.monotonic() + KEEP_SECONDS)
        except FetchError as error:
            return _Copy(error, self._clock.monotonic() + KEEP_TROUBLE_SECONDS)

    def _ask(self, site: str, source: Source) -> Protego:
        """RFC 9309, 2.3.1: no such file allows all; an unreachable one forbids all, so the poll fails this time."""
        try:
            page = self._inner.fetch(site, source)
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return Protego.parse("")
            raise
        return Protego.parse(page.body.decode("utf-8", errors="replace") if page else "")

"""One GET, bounded in time, bytes and hosts, tried as often as its source says."""

import zlib
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from bot import __version__
from bot.adapters.web.wire import Deadline, Transport
from bot.errors import FetchError
from bot.ports import Clock
from bot.settings import Fetching
from scrapers.model import Page, Source

MAX_REDIRECTS = 5
MAX_WAIT = 60.0
"""Seconds we wait inside a poll for a host that says Retry-After; after a longer one the next poll tries."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


def open_web(settings: Fetching, clock: Clock) -> "Web":
    """A fetcher over real connections; close() it at the end."""
    deadline = Deadline()
    client = httpx.Client(
        transport=Transport(deadline),
        headers={"User-Agent": user_agent(settings.contact), "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(min(10.0, settings.total_seconds)),
        follow_redirects=False,
        trust_env=False,
    )
    return Web(client, settings, clock, deadline=deadline)


def user_agent(contact: str) -> str:
    """Who asks, and how to reach the people behind it."""
    return f"Tocsin/{__version__}" + (f" (+{contact})" if contact else "")


class _Again(FetchError):  # noqa: N818 (a FetchError by its base)
    """A failure that another try may mend."""

    def __init__(self, text: str, *, status: int | None = None, wait: float = 0) -> None:
        super().__init__(text, status=status)
        self.wait = wait


class Web:
    """Fetcher over an httpx client."""

    def __init__(
        self, client: httpx.Client, settings: Fetching, clock: Clock, *, deadline: Deadline | None = None
    ) -> None:
        self._client, self._settings, self._clock = client, settings, clock
        self._deadline = deadline or Deadline()

    def fetch(self, url: str, source: Source, *, etag: str = "", modified: str = "") -> Page | None:
        """The page, None if it has not changed since the validators; raises FetchError."""
        headers = {**source.headers, **_conditions(etag, modified)}
        wait = source.retry.wait_seconds
        for tries_left in reversed(range(source.retry.tries)):
            try:
                return self._follow(url, source, headers)
            except _Again as error:
                if not tries_left or error.wait > MAX_WAIT:
                    raise FetchError(str(error), status=error.status) from error
                self._clock.sleep(max(wait, error.wait))
                wait *= 2
        raise AssertionError  # a source tries at least once

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _follow(self, url: str, source: Source, headers: Mapping[str, str]) -> Page | None:
        """One try: the request, and the redirects it leads to, all within the deadline."""
        self._deadline.set(self._settings.total_seconds)
        for _ in range(MAX_REDIRECTS + 1):
            _refuse_strange(url, source)
            try:
                with self._client.stream("GET", url, headers=headers) as answer:
                    if not answer.has_redirect_location:
                        return self._read(answer, url)
                    url = str(answer.url.join(answer.headers["location"]))
            except httpx.HTTPError as error:
                raise _Again(f"{url}: {_said(error)}") from error
            except (httpx.InvalidURL, ValueError) as error:
                raise FetchError(f"{url}: {error}") from error
        raise FetchError(f"{url}: more than {MAX_REDIRECTS} redirects")

    def _read(self, answer: httpx.Response, url: str) -> Page | None:
        if answer.status_code == 304:
            return None
        if answer.status_code in _AGAIN:
            text = f"{url}: answered {answer.status_code}"
            raise _Again(text, status=answer.status_code, wait=self._retry_after(answer))
        if answer.status_code != 200:
            raise FetchError(f"{url}: answered {answer.status_code}", status=answer.status_code)
        return Page(
            url=url,
            body=_bounded(answer, self._settings.max_bytes, url),
            content_type=answer.headers.get("content-type", ""),
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
        )

    def _retry_after(self, answer: httpx.Response) -> float:
        """Seconds the host asks us to wait (RFC 9110, 10.2.3: seconds or a date); 0 if it does not."""
        given = answer.headers.get("retry-after", "").strip()
        if given.isdecimal():
            return float(given)
        try:
            return max(0.0, (parsedate_to_datetime(given) - self._clock.now()).total_seconds())
        except (TypeError, ValueError):
            return 0.0


def _conditions(etag: str, modified: str) -> dict[str, str]:
    headers = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in headers.items() if value}


def _refuse_strange(url: str, source: Source) -> None:
    """Raise FetchError unless `url` is on one of the source's own hosts."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.username is not None or "\\" in url:
        raise FetchError(f"{url}: not an ordinary web address")
    if (parts.hostname or "").lower() not in {host.split(":")[0].lower() for host in source.hosts}:
        raise FetchError(f"{url}: not one of the source's hosts ({', '.join(source.hosts)})")


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _bounded(answer: httpx.Response, limit: int, url: str) -> bytes:
    """The unpacked body; FetchError if it is longer than `limit`, packed strangely, or cut short."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in {"", "identity"}:
        return _join(answer.iter_raw(), limit, url)
    if coding not in {"gzip", "x-gzip"}:
        raise FetchError(f"{url}: packed as {coding!r}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = _join((unpacker.decompress(part, limit + 1) for part in answer.iter_raw()), limit, url)
    except zlib.error as error:
        raise _Again(f"{url}: broken gzip: {error}") from error
    if not unpacker.eof:
        raise _Again(f"{url}: the packed answer ends too early")
    return body


def _join(parts: Iterable[bytes], limit: int, url: str) -> bytes:
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > limit:
            raise FetchError(f"{url}: longer than {limit} bytes")
    return bytes(body)

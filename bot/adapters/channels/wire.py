"""HTTP for senders: one connection kept between letters, exchanges with an end, and what an answer means."""

import weakref
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from bot import __version__
from bot.adapters.channels.deadline import Deadline
from bot.model import Outcome, Sending

MAX_BODY = 65_536
GLANCE = 1.0
"""Seconds for a body that nobody needs: then the connection is closed instead of kept."""
LONGEST_REST = timedelta(days=1)
"""The most that a Retry-After can ask for."""
_MENDABLE = frozenset({401, 403, 404, 407, 408, 409, 421, 423, 425, 429})
"""Refusals that pass (the first try may still be in work: 409), or that the operator can mend: a key, an address …"""
_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """By name, in small letters."""
    body: bytes = b""
    """At most MAX_BODY of it."""


class Unanswered(Exception):  # noqa: N818 (an end that a sender tells as an Outcome)
    """No answer came; `taken` is True if the whole request had left, so that the server may have acted on it."""

    def __init__(self, why: str, *, taken: bool) -> None:
        super().__init__(why)
        self.taken = taken


class Wire:
    """One connection to a server, made when it is needed and kept for the next letter.

    `needs_bodies` is False if the status of an answer says all: a letter does not wait for the rest of it.
    """

    def __init__(self, *, secure: bool, verify: bool = True, needs_bodies: bool = True) -> None:
        self._needs_bodies = needs_bodies
        self._backend = _Backend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify) if secure else None,
            network_backend=self._backend,
            max_connections=1,
            keepalive_expiry=30,
        )
        self._kept: httpcore.NetworkStream | None = None
        self._guard = Lock()
        weakref.finalize(self, self._pool.close)  # when the channel is gone, after a reload or at the end

    def ask(self, deadline: Deadline, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request: no redirects, no cookies, no proxy; raises Unanswered."""
        events: set[str] = set()
        told = {"Host": urlsplit(url).netloc, "User-Agent": f"Tocsin/{__version__}", **headers}
        with self._guard:
            try:
                self._watch(deadline)
                extensions = {
                    "timeout": dict.fromkeys(("connect", "read", "write", "pool"), deadline.left()),
                    "trace": lambda event, _: events.add(event),
                }
                stream = self._pool.stream(method, url, headers=[*told.items()], content=body, extensions=extensions)
                with stream as answer:
                    self._kept = answer.extensions["network_stream"]
                    return self._read(answer, deadline)
            except _FAILURES as error:
                raise Unanswered(_said(error, deadline), taken="http11.send_request_body.complete" in events) from None

    def _read(self, answer: httpcore.Response, deadline: Deadline) -> Answer:
        """The answer with the beginning of its body; if that is cut, the status stands."""
        body = bytearray()
        with suppress(*_FAILURES), ExitStack() as hurry:
            if not self._needs_bodies:
                end = hurry.enter_context(Deadline(min(GLANCE, deadline.left())))
                end.watch(answer.extensions["network_stream"].get_extra_info("socket"))
            for part in answer.iter_stream():
                body += part
                if len(body) >= MAX_BODY:
                    break
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        return Answer(status=answer.status, headers=headers, body=bytes(body[:MAX_BODY]))

    def _watch(self, deadline: Deadline) -> None:
        """Let the deadline cut the kept connection, and the one that may take its place."""
        self._backend.deadline = deadline
        connection = self._kept.get_extra_info("socket") if self._kept else None
        if connection and connection.fileno() >= 0:
            deadline.watch(connection)


class _Backend(httpcore.SyncBackend):
    """Opens connections that the deadline cuts."""

    deadline: Deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the deadline says it)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        def opened(address: str, seconds: float) -> httpcore.NetworkStream:
            try:
                return super(_Backend, self).connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                raise OSError(str(error)) from error

        stream = self.deadline.connect(host, port, opened)
        self.deadline.watch(stream.get_extra_info("socket"))
        return stream


def _said(error: Exception, deadline: Deadline) -> str:
    """What went wrong; of what is no HTTP nothing is quoted, as it may hold what we sent."""
    if deadline.over or isinstance(error, httpcore.TimeoutException | TimeoutError):
        return "no answer in time"
    if isinstance(error, httpcore.ProtocolError):
        return "the connection was cut, or the answer is no HTTP"
    return str(error)[:200] or type(error).__name__


def judge(answer: Answer, now: datetime) -> Outcome:
    """What the status of an answer to a letter means for it."""
    status, why = answer.status, f"the server answered {answer.status}"
    if 200 <= status < 300:
        return Outcome(result=Sending.SENT)
    if 300 <= status < 400:
        why += ", a redirect, which is never followed: write the new address into the url"
    rest = retry_after(answer.headers.get("retry-after", ""), now)
    refused = 400 <= status < 500 and status not in _MENDABLE and rest is None
    return Outcome(result=Sending.REFUSED if refused else Sending.RETRY, why=why, retry_after=rest)


def unanswered(error: Unanswered) -> Outcome:
    """What it means for a letter that no answer came to it."""
    if error.taken:
        return Outcome(result=Sending.AMBIGUOUS, why=f"it may have arrived: {error}")
    return Outcome(result=Sending.RETRY, why=f"the server cannot be reached: {error}")


def retry_after(given: str, now: datetime) -> timedelta | None:
    """How long a server asks to be left alone (RFC 9110, 10.2.3: seconds or a date), at most a day; None for nothing.

    A time that is over asks for nothing: the sender's own back-off is longer.
    """
    try:
        asked = timedelta(seconds=int(given[:9])) if given.isdecimal() else _date(given) - now  # [:9]: 31 years will do
    except (TypeError, ValueError, OverflowError):
        return None
    return min(asked, LONGEST_REST) if asked > timedelta(0) else None


def _date(given: str) -> datetime:
    date = parsedate_to_datetime(given)
    return date if date.tzinfo else date.replace(tzinfo=UTC)

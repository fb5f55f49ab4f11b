"""The dead-man ping: an address of somebody else's that is asked for while all is well, and raises the alarm if not."""

import asyncio
import errno
import os
import socket
import ssl
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from bot import __version__

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS = 3
GRACE = 0.5
"""Seconds after the end of the time in which the asking thread may still say so itself."""


@dataclass(frozen=True, slots=True)
class Pinger:
    """Asks for one address. Whoever knows it may say that we are well, so it is told to nobody."""

    url: str = field(repr=False)
    timeout: float = 10.0
    """Seconds for everything: names, connections, redirects, answer."""

    def ping(self) -> str:
        """Empty if it was answered well, else why not, without the address or any part of it; never raises."""
        said: SimpleQueue[str] = SimpleQueue()
        # A name server is waited for in C code that knows no deadline: only a thread can be left behind.
        Thread(target=lambda: said.put(self._asked()), name="ping", daemon=True).start()
        try:
            return said.get(timeout=self.timeout + GRACE)
        except Empty:
            return self._too_late()

    def _asked(self) -> str:
        try:
            return asyncio.run(self._in_time())
        except TimeoutError:
            return self._too_late()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the answer; its text may hold the address)
            return _why(error)

    async def _in_time(self) -> str:
        """httpx's own timeouts bound single reads; a server that drips a byte now and then would hold us for ever."""
        async with asyncio.timeout(self.timeout):
            return await _ask(self.url, connect=self.timeout / 2)

    def _too_late(self) -> str:
        return f"no answer within {self.timeout:g} s"


async def _ask(address: str, *, connect: float) -> str:
    """Why the address did not answer well; empty if it did. The answer's text is not read.

    `connect` seconds bound the connection, and again the handshake: cancelled there, httpcore leaves a socket open.
    """
    import httpx

    url = httpx.URL(address)
    # Not the client: it writes each address to the log.
    async with httpx.AsyncHTTPTransport() as transport:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await transport.handle_async_request(_request(url, connect))
            await answer.aclose()
            if not answer.has_redirect_location:
                return "" if answer.is_success else f"answered {answer.status_code}"
            target = url.join(answer.headers["location"])
            if target.host != url.host or (url.scheme, target.scheme) == ("https", "http"):
                return "it redirects to another host, or away from https"  # which would learn what only one may know
            url = target
    return f"more than {MAX_REDIRECTS} redirects"


def _request(url: "httpx.URL", connect: float) -> "httpx.Request":
    import httpx

    headers = {"User-Agent": f"Tocsin/{__version__}", "Accept": "*/*", "Connection": "close"}
    request = httpx.Request("GET", url, headers=headers, extensions={"timeout": {"connect": connect}})
    if url.userinfo:
        next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
    return request


def _why(error: Exception) -> str:
    """What went wrong, by its kind or that of its causes: their texts may hold the address."""
    cause: BaseException | None = error
    while cause is not None:
        if said := _said(cause):
            return said
        cause = cause.__cause__ or cause.__context__
    return f"no good answer ({type(error).__name__})"


def _said(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no connection in time"
    if isinstance(error, ssl.SSLError):
        return "its certificate or encryption is not accepted"
    if isinstance(error, socket.gaierror):
        return "its host name is not known"
    if isinstance(error, OSError) and error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno).lower()
    return ""

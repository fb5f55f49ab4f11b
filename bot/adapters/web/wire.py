"""A transport for httpx with a deadline for the whole exchange.

httpx's own timeouts bound single reads, so a server that drips a byte now and then holds a request for ever, in the
headers too. Here every read and write of a connection gets only what is left until the deadline.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from threading import local
from typing import Any

import httpcore
import httpx


class Deadline(local):
    """Until when the exchange of this thread must be over."""

    ends = float("inf")

    def set(self, seconds: float) -> None:
        """Begin an exchange that may take `seconds`."""
        self.ends = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """What one operation may take; raises httpcore.ReadTimeout if nothing is left."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole answer took too long")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose operations end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose operations end at the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(host, port, self._deadline.left(timeout), local_address, socket_options)
        return _Stream(stream, self._deadline)


_TRANSLATED: tuple[tuple[type[Exception], Callable[[str], Exception]], ...] = (
    (httpcore.TimeoutException, httpx.ReadTimeout),
    (httpcore.NetworkError, httpx.NetworkError),
    (httpcore.ProtocolError, httpx.RemoteProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


@contextmanager
def _in_httpx_terms() -> Any:
    try:
        yield
    except tuple(known for known, _ in _TRANSLATED) as error:
        for known, ours in _TRANSLATED:
            if isinstance(error, known):
                raise ours(str(error)) from error
        raise


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Any:
        with _in_httpx_terms():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class Transport(httpx.BaseTransport):
    """httpx's transport over httpcore's pool, with our connections in it."""

    def __init__(self, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            network_backend=_Backend(deadline),
            max_connections=20,
            keepalive_expiry=15,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; no redirects, no cookies, no proxy."""
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _in_httpx_terms():
            answer = self._pool.handle_request(inner)
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

"""Receivers on loopback that count what they stored, and fail as they are told: a mail server and a web server."""

import asyncio
import socket
import ssl
import struct
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

LONG = 0.05
"""Seconds between two bytes of a slow server."""


# --- mail -------------------------------------------------------------------------------------------------------


class SmtpSink:
    """A mail server. `says` are its replies other than "250 OK", by step: connect, hello, auth, from, to, data, end,
    quit.

    A step may also `drop` the connection, `stall` or `drip`; at the end, the mail has been stored before that.
    """

    def __init__(
        self, says: Mapping[str, str] | None = None, *, tls: ssl.SSLContext | None = None, implicit: bool = False
    ) -> None:
        self.says = dict(says or {})
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.hellos: list[str] = []
        self._tls = {"ssl_context" if implicit else "tls_context": tls} if tls else {}
        self.port = 0

    @property
    def stored(self) -> Counter[str]:
        """How often each Message-ID was stored: a receiver that drops repeats holds as many mails as there are keys."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    def url(self, *more: str) -> str:
        """A channel's URL, with {recipient}."""
        query = "&".join(("from=bot@example.org", "to={recipient}", "mode=insecure", *more))
        return f"mailto://127.0.0.1:{self.port}?{query}"

    def __enter__(self) -> Self:
        self.port = _free_port()
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port, **self._tls)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._controller.close(), self._controller.loop).result(5)
        self._controller.stop()

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, name: str, replies: list[str]) -> list[str]:
        session.host_name = name
        self.hellos.append(name)
        return [self.says["hello"]] if "hello" in self.says else replies

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.says.get("from", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.says.get("to", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        reply = self.says.get("end", "250 OK")
        if reply[0] not in "45":
            self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
            self.recipients.append(envelope.rcpt_tos)
        return reply

    def auth(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success="auth" not in self.says, handled=False, message=self.says.get("auth"))


class _Controller(Controller):
    def __init__(self, sink: SmtpSink, **settings: Any) -> None:
        super().__init__(
            sink, authenticator=sink.auth, auth_require_tls=False, server_hostname="sink.example", **settings
        )
        self.closing = asyncio.Event()
        self._opened: list[_Server] = []

    def factory(self) -> SMTP:
        self._opened.append(_Server(self.handler, self.closing, **self.SMTP_kwargs))
        return self._opened[-1]

    async def close(self) -> None:
        """End what still waits, and every connection."""
        self.closing.set()
        for server in self._opened:
            if server.transport is not None:
                server.transport.abort()
        others = asyncio.all_tasks(self.loop) - {asyncio.current_task()}
        await asyncio.wait(others, timeout=0.2) if others else None


class _Server(SMTP):
    def __init__(self, sink: SmtpSink, closing: asyncio.Event, **settings: Any) -> None:
        super().__init__(sink, **settings)
        self._sink, self._closing = sink, closing
        self._greeted = False

    async def push(self, status: Any) -> None:
        """Say something, if the sink does not want something else said or done."""
        said = status if isinstance(status, str) else status.decode()
        if not self._greeted:
            self._greeted = True
            said = self._sink.says.get("connect", said)
        elif said.startswith("354"):
            said = self._sink.says.get("data", said)
        elif said.startswith("221"):
            said = self._sink.says.get("quit", said)
        match said:
            case "drop":
                self.transport.abort()
            case "stall":
                await self._closing.wait()
            case "drip":
                await self._drip()
            case _:
                await super().push(said)

    async def _drip(self) -> None:
        """A reply that never ends, one byte now and then."""
        while not self._closing.is_set() and not self.transport.is_closing():
            self.transport.write(b"2")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), LONG)


def make_tls(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A context for a server on 127.0.0.1 and localhost, and the file that makes clients trust it (SSL_CERT_FILE)."""
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    subprocess.run(
        ["openssl", *asked.split(), *names, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


# --- web --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By name, in small letters."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a web sink answers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    then: str = ""
    """`reset` cuts the connection instead; `silence` never answers; `drip` says its head one byte now and then, and
    `drip-body` its body."""


class HttpSink:
    """A web server that answers every request with `reply`, which may also be a function of the request."""

    def __init__(
        self, reply: Reply | Callable[[Received], Reply] | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.reply = reply or Reply()
        self.requests: list[Received] = []
        self.stored: Counter[str] = Counter()
        """How often each Idempotency-Key was stored: a receiver that drops repeats holds as many as there are keys."""
        self.connections = 0
        self.came = Event()
        """Set as soon as a request is here."""
        self.closing = Event()
        self._tls = tls
        self.port = 0

    def url(self, path: str = "/hook?secret=whsec_c2VjcmV0LWNhbmFyeQ==", *, host: str = "127.0.0.1") -> str:
        """A channel's URL."""
        return f"webhook{'s' if self._tls else ''}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._server = _WebServer(self)
        self.port = self._server.server_port
        if self._tls:
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def take(self, received: Received) -> Reply:
        """Keep a request, and say how it is answered."""
        self.requests.append(received)
        reply = self.reply(received) if callable(self.reply) else self.reply
        if 200 <= reply.status < 300:
            self.stored[received.headers.get("idempotency-key", "")] += 1
        self.came.set()
        return reply


class _WebServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, sink: HttpSink) -> None:
        self.sink = sink
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 10
    server: _WebServer

    def setup(self) -> None:
        self.server.sink.connections += 1
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.sink.take(Received(method=self.command, path=self.path, headers=headers, body=body))
        self.close_connection = self.close_connection or bool(reply.then)
        match reply.then:
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            case "silence":
                self.server.sink.closing.wait()
            case "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                self._drip()
            case _:
                self._say(reply)

    do_PUT = do_GET = do_POST  # noqa: N815 (the library's names)

    def _say(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(10**6 if reply.then else len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.then:
            self._drip()

    def _drip(self) -> None:
        while not self.server.sink.closing.wait(LONG):
            self.wfile.write(b"x")
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing."""

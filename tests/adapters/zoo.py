"""A server on loopback that answers what it is told, byte for byte: good, broken and hostile."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Zoo:
    """Answers by path; `requests` are the heads that came."""

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            while head := _head(connection):
                self.requests.append(head)
                answer = self.answers.get(head.split(" ")[1], ok("nothing here", status="404 Not Found"))
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                if callable(answer):
                    answer(connection)
                    return
                connection.sendall(answer)


def _head(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(4096)
        if not part:
            return ""
        received += part
    return received.decode()


def ok(body: str | bytes, *headers: str, status: str = "200 OK") -> bytes:
    raw = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def redirect(to: str) -> bytes:
    return ok("", f"Location: {to}", status="302 Found")


@contextmanager
def open_zoo() -> Iterator[Zoo]:
    zoo = Zoo()
    listener = socket.create_server(("127.0.0.1", 0))
    zoo.port = listener.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                Thread(target=zoo.serve, args=(connection,), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    try:
        yield zoo
    finally:
        listener.close()

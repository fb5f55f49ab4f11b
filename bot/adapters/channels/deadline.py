"""The end of an exchange with a server, however slowly the server speaks."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import Self, TypeVar

Opened = TypeVar("Opened")


class Deadline:
    """Cuts the connections of an exchange when its time is over, whatever they wait for.

    The timeout of a socket bounds one wait: a server that says a byte now and then would hold a sender for ever. The
    one thing that is not bounded is the system's look-up of a name, which has limits of its own.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._guard = Lock()
        self._watched: list[socket.socket] = []
        self._over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._guard:
            while self._watched:
                self._watched.pop().close()

    @property
    def over(self) -> bool:
        """True if the time was over before the exchange was."""
        return self._over or time.monotonic() >= self._ends

    def left(self) -> float:
        """Seconds until the end; raises TimeoutError if there are none."""
        if self.over:
            raise TimeoutError("no answer in time")
        return max(0.001, self._ends - time.monotonic())  # a socket takes 0 for "never wait"

    def connect(self, host: str, port: int, opened: Callable[[str, float], Opened]) -> Opened:
        """What `opened` makes of the first address of the host that answers (and the seconds left); raises OSError."""
        failed = OSError("the host has no address")
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                return opened(str(address[0]), self.left())
            except OSError as error:
                failed = error
        raise failed

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection too, when the time comes.

        It is held by a file number of its own: the connection may be closed meanwhile, or change hands for TLS.
        """
        with self._guard:
            self._watched.append(socket.socket(fileno=os.dup(connection.fileno())))
        if self._over:
            self._cut()

    def _cut(self) -> None:
        with self._guard:
            self._over = True
            for connection in self._watched:
                with suppress(OSError):  # it is closed already
                    connection.shutdown(socket.SHUT_RDWR)

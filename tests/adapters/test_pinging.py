"""The dead-man ping against a server on loopback: good, bad and hostile; its address is told to nobody."""

import gc
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Event

import pytest

from bot.adapters import pinging
from bot.adapters.pinging import MAX_REDIRECTS, Pinger
from tests.adapters.zoo import Answer, Zoo, ok, open_zoo, redirect

SECRET = "/hidden-0123456789/ping"
SOON = 0.3
"""Seconds for everything, where the end of the time is what is tested."""
BOUND = SOON + pinging.GRACE + 1.5


@pytest.fixture
def zoo() -> Iterator[Zoo]:
    with open_zoo() as opened:
        yield opened


def said(zoo: Zoo, answer: Answer | list[Answer], timeout: float = 5) -> str:
    zoo.answers[SECRET] = answer
    return Pinger(zoo.url(SECRET), timeout).ping()


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content"])
def test_a_good_answer_is_empty(zoo: Zoo, status: str) -> None:
    assert said(zoo, ok("", status=status)) == ""
    assert zoo.requests[0].startswith(f"GET {SECRET} HTTP/1.1\r\n")


@pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found", "304 Not Modified", "302 Found"])
def test_any_other_answer_is_told_by_its_number(zoo: Zoo, status: str) -> None:
    assert said(zoo, ok(SECRET, status=status)) == f"answered {status[:3]}"


def never(connection: socket.socket) -> None:
    connection.recv(1)  # until the other side goes away


def drip(connection: socket.socket) -> None:
    """A byte now and then: no single read takes long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not Event().wait(0.05):
        connection.sendall(b"x")


@pytest.mark.parametrize("answer", [never, drip])
def test_a_host_that_does_not_answer_is_left_in_time(zoo: Zoo, answer: Answer) -> None:
    began = time.monotonic()
    assert said(zoo, answer, SOON) == "no answer within 0.3 s"
    assert time.monotonic() - began < BOUND


def test_a_handshake_that_does_not_end_is_left_in_time(zoo: Zoo) -> None:
    assert Pinger(f"https{zoo.url(SECRET)[4:]}", SOON).ping() == "no connection in time"
    gc.collect()  # a socket that was left open would be told as a warning, and warnings are errors


def test_names_that_nobody_resolves_are_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = Event()

    def stuck(*_: object, **__: object) -> None:
        released.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    began = time.monotonic()
    assert Pinger("http://ping.example/x", SOON).ping() == "no answer within 0.3 s"
    assert time.monotonic() - began < BOUND
    released.set()


def test_a_body_without_end_is_not_read(zoo: Zoo) -> None:
    sent: list[int] = []

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        with suppress(OSError):
            while True:
                sent.append(connection.send(b"x" * 65536))

    assert said(zoo, endless) == ""
    assert sum(sent) < 50_000_000  # what the system buffers


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert Pinger(f"http://127.0.0.1:{port}{SECRET}", 5).ping() == "connection refused"


def test_some_redirects_are_followed_and_no_more(zoo: Zoo) -> None:
    zoo.answers |= {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
    zoo.answers[f"/{MAX_REDIRECTS}"] = ok("")
    assert Pinger(zoo.url("/0"), 5).ping() == ""
    zoo.answers[f"/{MAX_REDIRECTS}"] = redirect("/x")
    assert Pinger(zoo.url("/0"), 5).ping() == f"more than {MAX_REDIRECTS} redirects"
    assert len(zoo.requests) == 2 * (MAX_REDIRECTS + 1)


def test_a_redirect_may_not_lead_to_another_host(zoo: Zoo) -> None:
    assert "another host" in said(zoo, redirect(zoo.url(SECRET, host="localhost")))
    assert len(zoo.requests) == 1


def test_a_name_and_a_password_go_into_the_header(zoo: Zoo) -> None:
    zoo.answers["/x"] = ok("")
    assert Pinger(f"http://me:pass@127.0.0.1:{zoo.port}/x", 5).ping() == ""
    assert "authorization: basic bwu6cgfzcw==" in zoo.requests[0].lower()


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"\x00\xff\r\n\r\n")


def hangs_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def test_the_address_is_told_to_nobody(zoo: Zoo, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, at whatever level of the log."""
    caplog.set_level(logging.DEBUG)
    answers: list[Answer] = [ok(""), ok(SECRET, status="500 No"), garbage, hangs_up, ok("", "Location: http://[x")]
    told = [said(zoo, answer) for answer in answers]
    strange = ("", SECRET, f"ftp://127.0.0.1{SECRET}", f"http://[::1{SECRET}", f"http://127.0.0.1:99999{SECRET}")
    told += [Pinger(url, 5).ping() for url in (*strange, f"http://127.0.0.1{SECRET}\x00")]
    pinger = Pinger(zoo.url(SECRET))
    shown = " ".join([*told, repr(pinger), str(pinger), caplog.text])
    assert "hidden" not in shown
    assert all(told[1:4]), told
    assert all(told[5:]), told
    assert caplog.text  # the log was listened to


def test_the_client_would_tell_it(zoo: Zoo, caplog: pytest.LogCaptureFixture) -> None:
    """The control: the usual way of asking with httpx writes the address into the log."""
    import httpx

    caplog.set_level(logging.DEBUG)
    zoo.answers[SECRET] = ok("")
    with httpx.Client(trust_env=False) as client:
        client.get(zoo.url(SECRET))
    assert SECRET in caplog.text


def test_a_bug_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError(SECRET)

    monkeypatch.setattr(pinging, "_request", broken)
    assert Pinger(f"http://127.0.0.1{SECRET}", 5).ping() == "no good answer (LookupError)"

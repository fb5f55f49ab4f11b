"""The fetcher against a server that behaves well, badly and wickedly, over real sockets."""

import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.web import Polite, Robots, Web, open_web
from bot.errors import FetchError
from bot.settings import Fetching
from scrapers.model import Retry, Source
from tests.adapters.zoo import Zoo, ok, open_zoo, redirect
from tests.fakes import SOURCE, FakeClock, FakeWeb

LIMITS = Fetching(contact="ops@example.org", total_seconds=1.5, max_bytes=100_000, host_seconds=0)
HERE = SOURCE.model_copy(update={"hosts": ("127.0.0.1",), "retry": Retry(tries=1)})


@pytest.fixture
def zoo() -> Iterator[Zoo]:
    with open_zoo() as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def web(clock: FakeClock) -> Iterator[Web]:
    opened = open_web(LIMITS, clock)
    yield opened
    opened.close()


def tries(many: int) -> Source:
    return HERE.model_copy(update={"retry": Retry(tries=many, wait_seconds=2)})


def test_a_page_with_its_validators(zoo: Zoo, web: Web) -> None:
    zoo.answers["/"] = ok("관세", "Content-Type: text/html; charset=utf-8", 'ETag: "1"', "Last-Modified: yesterday")
    page = web.fetch(zoo.url("/"), HERE)
    assert page is not None
    assert (page.body.decode(), page.etag, page.modified) == ("관세", '"1"', "yesterday")
    assert page.content_type == "text/html; charset=utf-8"


def test_who_asks_is_said_honestly(zoo: Zoo, web: Web) -> None:
    zoo.answers["/"] = ok("x")
    web.fetch(zoo.url("/"), HERE)
    assert "user-agent: tocsin/0.1.0 (+ops@example.org)" in zoo.requests[0].lower()
    assert "accept-encoding: gzip\r\n" in zoo.requests[0].lower()


def test_validators_are_sent_and_304_is_no_page(zoo: Zoo, web: Web) -> None:
    zoo.answers["/"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    assert web.fetch(zoo.url("/"), HERE, etag='"1"', modified="yesterday") is None
    head = zoo.requests[0].lower()
    assert 'if-none-match: "1"' in head
    assert "if-modified-since: yesterday" in head


def test_redirects_inside_the_sources_hosts_are_followed(zoo: Zoo, web: Web) -> None:
    zoo.answers.update({"/": redirect("/there"), "/there": ok("moved")})
    page = web.fetch(zoo.url("/"), HERE)
    assert page is not None
    assert page.body == b"moved"


def test_a_source_may_need_many_tries(zoo: Zoo, web: Web, clock: FakeClock) -> None:
    zoo.answers["/"] = [lambda connection: connection.close(), ok("", status="503 Busy"), ok("at last")]
    page = web.fetch(zoo.url("/"), tries(5))
    assert page is not None
    assert page.body == b"at last"
    assert clock.slept == [2, 4]


def test_retry_after_is_obeyed(zoo: Zoo, web: Web, clock: FakeClock) -> None:
    zoo.answers["/"] = [ok("", "Retry-After: 30", status="429 Too Many"), ok("x")]
    web.fetch(zoo.url("/"), tries(2))
    assert clock.slept == [30]


def test_a_long_retry_after_ends_this_poll(zoo: Zoo, web: Web, clock: FakeClock) -> None:
    zoo.answers["/"] = ok("", "Retry-After: 3600", status="503 Busy")
    with pytest.raises(FetchError, match="answered 503"):
        web.fetch(zoo.url("/"), tries(5))
    assert clock.slept == []


def test_a_refusal_is_not_tried_again(zoo: Zoo, web: Web) -> None:
    zoo.answers["/"] = ok("", status="403 Forbidden")
    with pytest.raises(FetchError, match="answered 403") as caught:
        web.fetch(zoo.url("/"), tries(5))
    assert caught.value.status == 403
    assert len(zoo.requests) == 1


def drip(head: bytes, byte: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(byte)
            Event().wait(0.1)

    return answer


HEAD = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(b"\0" * 20_000_000)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (drip(HEAD + b"Content-Length: 1000\r\n\r\n", b"x"), "timed out|too long"),
        (drip(HEAD + b"X-Slow: ", b"x"), "timed out|too long"),
        (drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "timed out|too long"),
        (lambda connection: Event().wait(3), "timed out|too long"),
        (ok("x" * 100_001), "longer than 100000 bytes"),
        (ok(BOMB, "Content-Encoding: gzip"), "longer than 100000 bytes"),
        (ok(gzip.compress(b"x" * 5000)[:-20], "Content-Encoding: gzip"), "ends too early"),
        (ok(b"no gzip", "Content-Encoding: gzip"), "broken gzip"),
        (ok(zlib.compress(b"x"), "Content-Encoding: br"), "packed as 'br'"),
        (HEAD + b"Content-Length: 10\r\n\r\nshort", "without sending complete|timed out|too long"),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "Content-Length"),
        (b"this is not HTTP\r\n\r\n", "illegal status line"),
        (HEAD + b"A: b\r\n" * 100_000, "too large|buffer"),
        (redirect("/"), "more than 5 redirects"),
        (redirect("http://10.0.0.1/"), "not one of the source's hosts"),
        (redirect("http://localhost/"), "not one of the source's hosts"),
        (redirect("file:///etc/passwd"), "not an ordinary web address"),
        (redirect("http://127.0.0.1@evil.example/"), "not an ordinary web address"),
        (ok("", status="302 Found"), "answered 302"),
    ],
)
def test_wicked_answers_end_in_time_and_say_why(
    zoo: Zoo, web: Web, answer: bytes | Callable[[socket.socket], None], why: str
) -> None:
    zoo.answers["/"] = answer
    began = time.monotonic()
    with pytest.raises(FetchError, match=why):
        web.fetch(zoo.url("/"), HERE)
    assert time.monotonic() - began < LIMITS.total_seconds + 1, "the promise is a bound, not a speed"


def test_a_slow_but_whole_answer_in_time_is_taken(zoo: Zoo, web: Web) -> None:
    """The negative control of the drips: the same way of answering, within the deadline."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 5\r\n\r\n")
        for _ in range(5):
            connection.sendall(b"x")
            Event().wait(0.05)

    zoo.answers["/"] = answer
    page = web.fetch(zoo.url("/"), HERE)
    assert page is not None
    assert page.body == b"xxxxx"


def test_an_unreachable_host_is_a_fetch_error(web: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(FetchError, match="refused"):
        web.fetch(f"http://127.0.0.1:{port}/", HERE)


def test_a_host_is_left_in_peace_between_requests(clock: FakeClock) -> None:
    inner = FakeWeb({"https://a.example/1": "x", "https://b.example/1": "x"})
    polite = Polite(inner, clock, pause=1.0)
    polite.fetch("https://a.example/1", SOURCE)
    polite.fetch("https://b.example/1", SOURCE)
    assert clock.slept == [0, 0]
    polite.fetch("https://a.example/1", SOURCE)
    assert clock.slept == [0, 0, 1.0]


ROBOTS = "https://press.example/robots.txt"
LIST = "https://press.example/list"


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /admin", True),
        ("User-agent: *\nDisallow: /list", False),
        ("User-agent: Tocsin\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: Googlebot\nDisallow: /", True),
        (FetchError("answered 404", status=404), True),
        (FetchError("answered 503", status=503), False),
        (FetchError("no route"), False),
    ],
)
def test_robots_txt_is_obeyed(clock: FakeClock, robots: str | FetchError, allowed: bool) -> None:
    web = Robots(FakeWeb({ROBOTS: robots, LIST: "x"}), clock)
    if allowed:
        assert web.fetch(LIST, SOURCE) is not None
    else:
        with pytest.raises(FetchError):
            web.fetch(LIST, SOURCE)


def test_robots_txt_is_asked_once_a_day_and_trouble_soon_again(clock: FakeClock) -> None:
    inner = FakeWeb({ROBOTS: FetchError("no route"), LIST: "x"})
    web = Robots(inner, clock)
    for _ in range(2):
        with pytest.raises(FetchError, match="no route"):
            web.fetch(LIST, SOURCE)
    assert inner.asked == [ROBOTS]
    inner.pages[ROBOTS] = ""
    clock.pass_(minutes=2)
    web.fetch(LIST, SOURCE)
    clock.pass_(hours=23)
    web.fetch(LIST, SOURCE)
    assert inner.asked.count(ROBOTS) == 2
    clock.pass_(hours=2)
    web.fetch(LIST, SOURCE)
    assert inner.asked.count(ROBOTS) == 3


def test_the_system_clock_is_aware_and_only_goes_forward() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() is not None
    assert clock.monotonic() <= clock.monotonic()

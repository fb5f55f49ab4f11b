"""A small web site in the markup of the ministry's English site, which publishes releases one after another.

Run by itself (`python -m bot.demo.site --port 8000`) it serves all releases until it is stopped.
"""

import hashlib
import tomllib
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

PRESS, ALL_TOPICS = "EATCLdfa319ada", "EATCL0512e0b48"
TOPICS = {
    "/eng/12/topics/1": ("industry", "Industry"),
    "/eng/13/topics/2": ("trade", "Trade/Investment"),
    "/eng/14/topics/3": ("energy", "Energy"),
    "/eng/15/topics/4": ("fta", "FTA/Economic Cooperation"),
}
LABELS = dict(TOPICS.values())
PAGE_SIZE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A release as the ministry would publish it."""

    board: str
    id: str
    topic: str
    title: str
    published: str
    body: str
    before: bool = False
    """True if it is on the site before anybody looks."""


def items() -> list[Item]:
    """The demo's releases, the oldest first."""
    file = Path(__file__).with_name("releases.toml")
    return [Item(**record) for record in tomllib.loads(file.read_text(encoding="utf-8"))["release"]]


@dataclass(slots=True)
class Site:
    """What is published so far."""

    published: list[Item] = field(default_factory=list)

    def answer(self, target: str) -> tuple[int, str]:
        """Status and page for a request."""
        parts = urlsplit(target)
        page = int(parse_qs(parts.query).get("pageIndex", ["1"])[0])
        if parts.path == "/robots.txt":
            return 200, "User-agent: *\nDisallow: /admin/\n"
        if parts.path == f"/eng/article/{PRESS}":
            return 200, _list("Press Releases", [one for one in self.published if one.board == "2"], page)
        if parts.path in TOPICS:
            topic, label = TOPICS[parts.path]
            return 200, _list(label, [one for one in self.published if one.topic == topic], page, label=label)
        return self._detail(parts.path)

    def _detail(self, path: str) -> tuple[int, str]:
        for one in self.published:
            home = PRESS if one.board == "2" else ALL_TOPICS
            if path == f"/eng/article/{home}/{one.id}/view":
                return 200, _detail(one)
        return 404, _page("Not found", "<p>There is no such page.</p>")


def _list(heading: str, found: list[Item], page: int, *, label: str = "") -> str:
    newest = list(reversed(found))[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = "".join(_row(one, label) for one in newest)
    return _page(heading, f'<div class="board-list"><ul>{rows}</ul></div>')


def _row(one: Item, label: str) -> str:
    category = f'<span class="category">{escape(label)}</span>' if label else ""
    body = " ".join(one.body.split())
    return (
        f"""<li><a href="javascript:article.view('{one.id}', '{one.board}');"><div class="item">{category}"""
        f'<strong class="title">{escape(one.title)}</strong>'
        f'<p class="info"><span class="cont">{escape(body)}</span></p>'
        f'<span class="date"><i>date</i>{one.published}</span></div></a></li>'
    )


def _detail(one: Item) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in one.body.split("\n") if line.strip())
    return _page(
        one.title,
        f'<div class="board-detail"><strong class="board-title">{escape(one.title)}</strong>'
        f'<div class="detail-info"><span><i>Registration date</i>{one.published}</span></div>'
        f'<div class="detail-cont">{paragraphs}</div></div>',
    )


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)} | Demo Ministry of Trade</title></head><body>"
        '<a href="#content" class="skip">Skip to Main Contents</a>'
        '<form class="search"><label>Integrated search<input name="q"></label></form>'
        f'<main id="content"><h2>{escape(title)}</h2>{content}</main></body></html>'
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        status, text = self.site.answer(self.path)
        body = text.encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing; the bot's own record is what the demo shows."""


def serve(site: Site, port: int = 0) -> ThreadingHTTPServer:
    """Serve `site` on loopback in the background; the server, whose `server_port` is where it listens."""
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True, name="site").start()
    return server


def main() -> None:
    """Serve all releases on loopback until stopped."""
    import argparse
    import signal

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=8000)
    server = serve(Site(published=items()), parser.parse_args().port)
    print(f"serving http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 (this is its output)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()

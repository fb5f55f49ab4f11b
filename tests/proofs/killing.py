"""Real processes that are killed: a site whose list grows, sinks that remember every letter, and who counts them."""

import asyncio
import json
import os
import random
import re
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from aiosmtpd.controller import Controller

from tests.proofs.work import title, words

OLD = 60
"""Releases that are listed before anybody looks; so many that a few new ones are no mass change."""
STALL = 0.015
"""Seconds for which a sink that has taken a letter says nothing: whoever is killed then does not know."""
EVERY = 0.03
"""Seconds between two publications."""
PATIENCE = 30.0
CHANNELS = ("mail", "hook", "chat")
NAMED = re.compile(r"Tariff on [a-z]{7} [a-z]{7} [a-z]{7}")
"""A title, wherever it stands."""
SOURCE = """
name = "A list that grows"
url = "{site}/list.json"
hosts = ["127.0.0.1"]
every_minutes = 0.002

[listing]
extract = "json"
items = "items"
id = "id"
title = "title"
url = "url"
body = ["text"]
published = "date"
"""
RULE = """
[[rule]]
id = "everything"
name = "Everything"
sources = ["here/*"]
to = ["mail", "hook", "chat"]
"""
CONFIG = """
[fetch]
host_seconds = 0
jitter = 0
[sources]
enabled = ["here/*"]
folders = ["sources"]
[delivery]
every_seconds = 0.2
timeout_seconds = 5
[channels.mail]
url = "mailto://127.0.0.1:{mail}?from=bot@example.org&to=ops@example.org&mode=insecure"
max_per_hour = 0
[channels.hook]
url = "webhook://127.0.0.1:{port}/hook"
max_per_hour = 0
[channels.chat]
url = "json://127.0.0.1:{port}/chat"
max_per_hour = 0
"""


@dataclass(frozen=True)
class Letter:
    """What a sink was handed."""

    channel: str
    key: str
    """By which a receiver knows repeats; empty on a channel that has none."""
    text: str


@dataclass
class World:
    """The site and the sinks, while they are served."""

    port: int = 0
    mail_port: int = 0
    letters: list[Letter] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    """Titles of the releases that came while somebody looked."""
    asked: Event = field(default_factory=Event)
    """Set when the list is asked for."""
    looks: int = 0
    """How often it was."""
    _items: list[dict[str, str]] = field(default_factory=list)
    _guard: Lock = field(default_factory=Lock)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self) -> None:
        """One more release is listed."""
        self.published.append(title(OLD + len(self.published)))
        self.list_up(self.published[-1])

    def list_up(self, name: str) -> None:
        with self._guard:
            number = len(self._items)
            one = {"id": str(number), "title": name, "text": words(-number, 30), "date": "2026-11-02"}
            self._items.insert(0, {**one, "url": f"{self.site}/{number}"})

    def listed(self) -> bytes:
        with self._guard:
            return json.dumps({"items": self._items}).encode()

    def take(self, letter: Letter) -> None:
        with self._guard:
            self.letters.append(letter)

    def waits_for(self) -> set[tuple[str, str]]:
        """Channel and title of what has not arrived."""
        with self._guard:
            found = list(self.letters)
        return count(self.published, found).missing


class _Pages(BaseHTTPRequestHandler):
    world: World

    def do_GET(self) -> None:
        if self.path != "/list.json":
            self._answer(404)
            return
        body = self.world.listed()
        mark = f'"{len(body)}"'
        self._answer(*((304, b"") if self.headers["If-None-Match"] == mark else (200, body)), etag=mark)
        self.world.looks += 1
        self.world.asked.set()

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Idempotency-Key", "")
        self.world.take(Letter(self.path.strip("/"), key, json.dumps(told, ensure_ascii=False)))
        Event().wait(STALL)
        self._answer(200)

    def _answer(self, status: int, body: bytes = b"", *, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):  # whoever asked has been killed
            super().handle()

    def log_message(self, *_: object) -> None:
        pass


class _Mailbox:
    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body(("plain",))
        self._world.take(Letter("mail", mail["Message-ID"], f"{mail['Subject']}\n{body.get_content() if body else ''}"))
        await asyncio.sleep(STALL)
        return "250 OK"


@contextmanager
def served() -> Iterator[World]:
    """The site and the sinks, on loopback."""
    world = World()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Pages", (_Pages,), {"world": world}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        world.port, world.mail_port = server.server_port, free.getsockname()[1]
    for number in range(OLD):
        world.list_up(title(number))
    mailbox = Controller(_Mailbox(world), hostname="127.0.0.1", port=world.mail_port)
    mailbox.start()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        mailbox.stop()


def write_config(world: World, folder: Path) -> Path:
    """What the operator would have written."""
    files = {
        "config.toml": CONFIG.format(port=world.port, mail=world.mail_port),
        "rules/all.toml": RULE,
        "sources/here/list.toml": SOURCE.format(site=world.site),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "config.toml"


@dataclass(frozen=True)
class Count:
    """What arrived of what was published."""

    missing: set[tuple[str, str]]
    """Channel and title."""
    repeats: Counter[str]
    """By channel."""
    kept: Counter[str]
    """Those that are left when a receiver drops what has a key that it has seen."""


def count(published: Collection[str], letters: Iterable[Letter], channels: Sequence[str] = CHANNELS) -> Count:
    """Hold the letters against what was published; a title may stand in a letter of its own or in a digest."""
    every, once = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    wanted, seen = set(published), set[tuple[str, str]]()
    for letter in letters:
        named = [(letter.channel, name) for name in set(NAMED.findall(letter.text)) & wanted]
        every.update(named)
        if not letter.key or (letter.channel, letter.key) not in seen:
            once.update(named)
        seen.add((letter.channel, letter.key))
    expected = {(channel, name) for channel in channels for name in wanted}
    return Count(expected - every.keys(), _repeats(every), _repeats(once))


def _repeats(found: Counter[tuple[str, str]]) -> Counter[str]:
    repeats: Counter[str] = Counter()
    for (channel, _), many in found.items():
        repeats[channel] += many - 1
    return repeats


@contextmanager
def process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, dead at the end; it finds no proxies, as everything is on this machine."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as child:
        try:
            yield child
        finally:
            child.kill()


def live_and_die(world: World, command: Sequence[str], log: Path, dice: random.Random) -> None:
    """A life of the process: it begins to work, releases come, and 80 to 400 ms later it is killed."""
    world.asked.clear()
    with process(command, log) as child:
        assert world.asked.wait(PATIENCE), log.read_text(encoding="utf-8")[-2000:]
        for _ in range(dice.randint(3, 13)):
            world.publish()
            Event().wait(EVERY)
        assert child.poll() is None, f"it ended by itself: {log.read_text(encoding='utf-8')[-2000:]}"
        child.kill()


def live_on(world: World, command: Sequence[str], log: Path, *, done: Callable[[], bool]) -> int:
    """The last life: until it is done, or nothing has come for long; then it is told to stop; its exit code."""
    with process(command, log) as child:
        letters, patience = len(world.letters), PATIENCE
        while not done() and child.poll() is None and patience > 0:
            Event().wait(0.1)
            patience = patience - 0.1 if len(world.letters) == letters else PATIENCE
            letters = len(world.letters)
        child.send_signal(signal.SIGTERM)
        return child.wait(timeout=PATIENCE)

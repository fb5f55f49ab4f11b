"""How fast promises are kept: a backlog drained to a local sink, and how soon news of 500 sources leaves."""

import json
import random
import sqlite3
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread

import httpx

from benchmarks.figures import show
from benchmarks.ingesting import COMMON
from benchmarks.polling import ROW, Nobody
from bot.adapters.channels import Channels
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.core.promising import Audience
from bot.core.rules.rule import RuleSet, compile_rule
from bot.courier import Courier
from bot.loading import load_sources
from bot.model import Delivery, Letter, Message, Outcome, Reason, Sending
from bot.pipeline import Effort, collect
from bot.ports import World
from bot.schedule import Plan, serve
from bot.settings import Channel, Delivering, RuleSpec
from scrapers.model import Page, Source

MANY, TARGETS, GOAL = 10_000, 20, 200
SOURCES, INTERVAL, SECONDS, LATEST = 500, 120.0, 125.0, 10.0
EFFORT = Effort(give_up=timedelta(days=3), timeout=5)


class Sink:
    """An HTTP server that notes what comes to which path; `/stuck` never answers."""

    def __init__(self) -> None:
        self.came: dict[str, list[str]] = defaultdict(list)
        self.last = 0.0
        self.go_on = Event()
        guard, sink = Lock(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/stuck":
                    sink.go_on.wait()
                    self.close_connection = True
                    return
                with guard:
                    sink.came[self.path].append(json.loads(body)["title"])
                    sink.last = time.perf_counter()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        """Let go of everything."""
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()


def main() -> None:
    """Drain with and without a target that is stuck, to many targets and to one; then the lateness."""
    peer = f"a loop over sqlite3 and httpx {_naive(1000):,.0f} a second"
    for targets, stuck in ((TARGETS, 0), (TARGETS, 2), (1, 0)):
        rate, in_order = _drained(MANY // 2 if targets == 1 else MANY, targets, stuck)
        name = f"{targets} targets" if targets > 1 else "one target"
        beside = f", {stuck} more are stuck" if stuck else ""
        what = f"deliveries drained by webhook to {name}{beside}, order kept: {in_order}"
        show(what, rate, "a second", goal=f"at least {GOAL}", met=rate >= GOAL and in_order, peer=peer)
    late = _lateness()
    met = late[-1] <= LATEST
    what = f"from the poll that found it to its sending, {SOURCES} sources, latest of {len(late)} alerts"
    show(what, late[-1], "s", goal=f"at most {LATEST:g}", met=met, peer=f"median {late[len(late) // 2]:.2f} s")


def _drained(many: int, targets: int, stuck: int) -> tuple[float, bool]:
    """Deliveries a second from the first round to the last arrival, and whether each target had its own in order."""
    sink = Sink()
    names = [f"c{n}" for n in range(targets)]
    urls = {name: f"webhook://{sink.address}/{name}?secret=s" for name in names}
    urls |= {f"stuck{n}": f"webhook://{sink.address}/stuck" for n in range(stuck)}
    with _world(urls) as world:
        world.store.promise(_promises(many, names) + _promises(stuck * 50, [n for n in urls if n not in names]))
        ready = Event()
        courier = Courier(lambda: world, EFFORT, wake=ready.set)
        began = time.perf_counter()
        while sum(map(len, sink.came.values())) < many:
            courier.round()
            ready.wait(0.2)
            ready.clear()
        took = sink.last - began
        sink.go_on.set()
        courier.close()
    sink.close()
    return many / took, all(came == sorted(came) for came in sink.came.values())


@contextmanager
def _world(urls: dict[str, str], store: Path | None = None) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open((store or Path(folder)) / "a.db")
        channels = {name: Channel(url=url, max_per_hour=0) for name, url in urls.items()}
        notifier = Channels(channels, urls, Delivering(timeout_seconds=5), file="the benchmark")
        audience = Audience(rules=RuleSet(()), channels=dict.fromkeys(urls, ("",)))
        yield World(
            clock=SystemClock(), fetcher=Pages(0), store=SqlStore(database), notifier=notifier, audience=audience
        )
        database.close()


def _promises(many: int, channels: Sequence[str]) -> list[Delivery]:
    now = SystemClock().now()
    return [
        Delivery(
            channel=channels[n % len(channels)],
            recipient="",
            reason=Reason.TROUBLE,
            about=f"{n}",
            change="benchmark",
            message=Message(reason=Reason.TROUBLE, title=f"Notice {n:06}", lead="A duty of 5.4 percent. " * 20),
            created=now,
        )
        for n in range(many)
    ]


def _naive(many: int) -> float:
    """What somebody would write: claim, send, mark, one after another, with commits as durable as ours."""
    sink = Sink()
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "n.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, title TEXT, state TEXT)")
        rows = [(f"Notice {n:06}", "pending") for n in range(many)]
        connection.executemany("INSERT INTO outbox (title, state) VALUES (?, ?)", rows)
        connection.commit()
        began = time.perf_counter()
        with httpx.Client() as client:
            for number, title in connection.execute("SELECT id, title FROM outbox").fetchall():
                connection.execute("UPDATE outbox SET state = 'sending' WHERE id = ?", (number,))
                connection.commit()
                client.post(f"http://{sink.address}/naive", json={"title": title, "text": "A duty. " * 60})
                connection.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", (number,))
                connection.commit()
        took = time.perf_counter() - began
    sink.close()
    return many / took


class Pages:
    """Fetcher of lists that grow: every poll of a source but the first finds a release that is met by the rule."""

    def __init__(self, start: int) -> None:
        self._polls: dict[str, int] = defaultdict(lambda: start)

    def fetch(self, url: str, source: Source, **_: str) -> Page:
        """The list of a source as it is by now."""
        self._polls[source.id] += 1
        newest = self._polls[source.id]
        rows = "".join(ROW.format(n=n, body=_text(f"{source.id} {n}")) for n in range(newest, newest - 8, -1))
        body = f'<html><body><div class="board-list"><ul>{rows}</ul></div></body></html>'
        return Page(url=url, body=body.encode(), content_type="text/html; charset=utf-8", etag="")


def _text(about: str) -> str:
    """Some sentences of its own for each release: no two lists tell of the same."""
    chance = random.Random(about)  # noqa: S311 (no secret)
    words = " ".join(COMMON).split()
    return f"A tariff on {about}. " + " ".join(" ".join(chance.choices(words, k=12)) + "." for _ in range(12))


class Stopwatch(Nobody):
    """Notifier that notes how long after its poll each alert leaves."""

    def __init__(self) -> None:
        self.left: list[tuple[datetime, Letter]] = []

    def send(self, channel: str, recipient: str, letter: Letter) -> Outcome:  # noqa: ARG002
        """Note the time."""
        self.left.append((SystemClock().now(), letter))
        return Outcome(result=Sending.SENT)


def _lateness() -> list[float]:
    """Seconds from the end of a poll to the sending of what it found, in the service, sorted."""
    base = load_sources([], [])["kr/motir-press"].model_copy(update={"detail": None, "every_minutes": INTERVAL / 60})
    sources = [base.model_copy(update={"id": f"kr/press-{n}", "publisher": f"p{n}"}) for n in range(SOURCES)]
    spec = RuleSpec.model_validate({"id": "all", "name": "All", "any": ["tariff"], "to": ["me"], "alert": "every"})
    rule, _ = compile_rule(spec)
    assert rule is not None
    notifier, stop = Stopwatch(), Event()
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "a.db")
        store = SqlStore(database)
        audience = Audience(rules=RuleSet([rule]), channels={"me": ("",)})
        world = World(clock=SystemClock(), fetcher=Pages(40), store=store, notifier=notifier, audience=audience)
        for source in sources:  # the silent first look
            collect(source, world)
        now = world.clock.now()
        spread = {one.id: now - timedelta(seconds=INTERVAL * n / SOURCES) for n, one in enumerate(sources)}
        plan = Plan(sources=sources, last_polls=spread, jitter=0.1, delivery=Delivering())
        threading.Timer(SECONDS, stop.set).start()
        serve(plan, world, stop)
        with database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT delivery, at FROM ledger WHERE event = 'promised'").all()
        database.close()
    created = {name: datetime.fromisoformat(at).replace(tzinfo=UTC) for name, at in rows}
    return sorted((at - created[letter.id]).total_seconds() for at, letter in notifier.left)


if __name__ == "__main__":
    main()

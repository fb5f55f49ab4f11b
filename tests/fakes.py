"""Stand-ins for the world: a clock that is moved by hand, a web of dictionaries, a notifier that remembers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.adapters.database import Database, SqlStore
from bot.core.promising import Audience
from bot.core.rules.rule import Rule, RuleSet, compile_rule
from bot.core.timing import Timing
from bot.courier import Courier
from bot.errors import FetchError
from bot.model import Delivery, Letter, Message, Outcome, Rendered, Sending
from bot.pipeline import Effort
from bot.ports import World
from bot.settings import RuleSpec
from scrapers.model import Page, Source

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_(seconds=seconds)

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class FakeWeb:
    """Pages by URL; a page may be text, or an exception to raise. Its ETag is its text's hash."""

    pages: dict[str, str | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    etags: bool = True

    def fetch(self, url: str, source: Source, *, etag: str = "", modified: str = "") -> Page | None:
        self.asked.append(url)
        found = self.pages.get(url, FetchError(f"{url}: answered 404", status=404))
        if isinstance(found, Exception):
            raise found
        validator = f'"{hash(found)}"' if self.etags else ""
        if validator and etag == validator:
            return None
        return Page(url=url, body=found.encode(), content_type="text/html; charset=utf-8", etag=validator)


@dataclass
class FakeNotifier:
    """Remembers what was sent; `answer` decides how a try ends."""

    sent: list[tuple[str, str, Message, str]] = field(default_factory=list)
    answer: Callable[[str, str, Message], Outcome] = lambda *_: Outcome(result=Sending.SENT)
    keyed: bool = False
    letters: list[Letter] = field(default_factory=list)
    fits: int = 200

    def room(self, channel: str) -> int:
        return self.fits

    def knows_repeats(self, channel: str) -> bool:
        return self.keyed

    def write(self, channel: str, message: Message, *, may_repeat: bool = False) -> Rendered:
        told = message.title or " | ".join(one.title for one in message.entries)
        return Rendered(subject=told, text=f"{told} (may be a repeat)" if may_repeat else told)

    def send(self, channel: str, recipient: str, letter: Letter) -> Outcome:
        outcome = self.answer(channel, recipient, letter.message)
        if outcome.result is Sending.SENT:
            self.sent.append((channel, recipient, letter.message, letter.id))
            self.letters.append(letter)
        return outcome

    @property
    def titles(self) -> list[str]:
        """What was told, one by one and in digests."""
        return [one.title for _, _, message, _ in self.sent for one in message.entries or (message,)]


def promised_in(world: World) -> list[Delivery]:
    """What is promised and has not been arranged yet, in the order of the promises."""
    waiting = world.store.waiting(world.clock.now(), limit=10_000)
    return [delivery for one in waiting for delivery in one.deliveries]


def sent_by(
    world: World, *, give_up: timedelta = timedelta(days=3), timeout: float = 5
) -> list[tuple[Delivery, Outcome]]:
    """Arrange and send all that is due now."""
    courier = Courier(lambda: world, Effort(give_up=give_up, timeout=timeout))
    try:
        return courier.drain()
    finally:
        courier.close()


def rule(rule_id: str = "tariffs", **keys: object) -> Rule:
    """A rule as a person would write it; `any = ["tariff"]` and `to = ["me"]` unless said otherwise."""
    wanted = {"any": ("tariff",)} if not keys.keys() & {"when", "any", "all", "categories", "sources"} else {}
    spec = RuleSpec.model_validate({"id": rule_id, "name": rule_id.title(), "to": ("me",), **wanted, **keys})
    compiled, problems = compile_rule(spec)
    assert compiled is not None, problems
    assert not problems, problems
    return compiled


def world(
    database: Database,
    *rules: Rule,
    clock: FakeClock | None = None,
    web: FakeWeb | None = None,
    notifier: FakeNotifier | None = None,
    channels: dict[str, tuple[str, ...]] | None = None,
    crash_point: Callable[[str], None] = lambda _: None,
    timings: dict[str, Timing] | None = None,
    holding: frozenset[str] = frozenset(),
    operator: str = "",
) -> World:
    return World(
        clock=clock or FakeClock(),
        fetcher=web or FakeWeb(),
        store=SqlStore(database, crash_point=crash_point),
        notifier=notifier or FakeNotifier(),
        audience=Audience(rules=RuleSet(rules or (rule(),)), channels=channels or {"me": ("",)}, operator=operator),
        timings=timings or {},
        holding=holding,
    )


SOURCE = Source.model_validate(
    {
        "id": "demo/press",
        "name": "Demo press",
        "publisher": "demo",
        "url": "https://press.example/list?page={page}",
        "board": "2",
        "hosts": ["press.example"],
        "aliases": ["old.example"],
        "timezone": "Asia/Seoul",
        "at_least": 1,
        "listing": {
            "extract": "html",
            "container": "ul",
            "item": "li",
            "id": {
                "css": "a",
                "attributes": ["href", "onclick"],
                "pattern": r"view\('(?P<id>\d+)'(?:, '(?P<board>\d+)')?",
            },
            "title": {"css": "strong"},
            "body": {"css": "p"},
            "published": {"css": "span", "remove": ["i"]},
            "url": "https://press.example/{id}/view",
        },
    }
)
DETAILED = SOURCE.model_copy(
    update={
        "listing": SOURCE.listing,
        "detail": type(SOURCE.listing).model_validate({"extract": "html", "item": "article", "body": {}}),
    }
)


@dataclass(frozen=True)
class Item:
    """One item of the demo list."""

    id: str
    title: str
    body: str = ""
    date: str = "2026-11-02"
    board: str = "2"

    @property
    def url(self) -> str:
        return f"https://press.example/{self.id}/view"


def page(*items: Item) -> str:
    """The demo list in its markup."""
    rows = "".join(
        f"<li><a href=\"javascript:view('{one.id}', '{one.board}')\"><strong>{one.title}</strong><p>{one.body}</p>"
        f"<span><i>date</i>{one.date}</span></a></li>"
        for one in items
    )
    return f"<html><body><ul>{rows}</ul></body></html>"


def list_url(number: int = 1) -> str:
    return SOURCE.page_url(number)

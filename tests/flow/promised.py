"""Worlds whose outbox holds alerts, and what became of them."""

from datetime import timedelta

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.model import Outcome, Sending
from bot.pipeline import Effort, collect
from bot.ports import World
from tests.fakes import SOURCE, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, rule, sent_by, world

GIVE_UP = timedelta(days=3)
EFFORT = Effort(give_up=GIVE_UP, timeout=5)
SENT = Outcome(result=Sending.SENT)


def promised(
    database: Database, notifier: FakeNotifier, *titles: str, to: tuple[str, ...] = ("me",), **more: object
) -> World:
    """A world whose outbox holds an alert for each title and channel."""
    old = [Item(str(900_000 + n), f"old {n}") for n in range(len(titles) + 1)]
    web = FakeWeb({list_url(): page(*old)})
    here = world(
        database,
        rule(to=to, any=["tariff"]),
        web=web,
        notifier=notifier,
        clock=FakeClock(),
        channels=dict.fromkeys(to, ("",)),
        **more,  # type: ignore[arg-type]
    )
    collect(SOURCE, here)
    items = [Item(str(n), title) for n, title in enumerate(titles, start=2)]
    web.pages[list_url()] = page(*reversed(items), *old)
    assert collect(SOURCE, here).planned == len(titles) * len(to)
    return here


def states(database: Database) -> dict[str, int]:
    return dict(Archive(database).waiting())


def sent(here: World) -> list[Outcome]:
    return [outcome for _, outcome in sent_by(here)]


def clock_of(here: World) -> FakeClock:
    assert isinstance(here.clock, FakeClock)
    return here.clock

"""The composition root: every concrete class meets here."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event

from bot import heartbeat
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.adapters.database.archive import Archive
from bot.channels import open_channels
from bot.core.promising import Audience
from bot.core.rules.rule import RuleSet
from bot.core.timing import timing_of
from bot.core.watching import late
from bot.errors import StoreError
from bot.loading import DATABASE, Loaded
from bot.model import Notice
from bot.ports import Fetcher, Notifier, World
from bot.reloading import forget_in_force, read_in_force

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The running parts, and what people have written."""

    loaded: Loaded
    world: World
    database: Database
    store: SqlStore
    archive: Archive

    def tell_operator(self, notice: Notice) -> None:
        """Put a notice to the operator into the outbox; what keeps that from happening is logged."""
        now = self.world.clock.now()
        try:
            self.store.promise(self.world.audience.notices([notice], now))
        except StoreError as error:
            log.error("cannot tell the operator notice=%s error=%s", notice.title, error)


class NoWeb:
    """Fetcher of commands that do not fetch."""

    def fetch(self, url: str, *_: object, **__: object) -> None:
        """Refuse: such a command has no business on the web."""
        raise AssertionError(url)


def database_path(loaded: Loaded) -> Path:
    """Where the database stands."""
    return loaded.database


@contextmanager
def open_app(
    loaded: Loaded, *, web: bool = True, notifier: Notifier | None = None, stop: Event | None = None
) -> Iterator[App]:
    """The app for the one process that writes; `notifier` replaces the channels, `stop` ends waits for the web."""
    clock = SystemClock(stop)
    with ExitStack() as stack:
        database = Database.open(database_path(loaded))
        stack.callback(database.close)
        database.ballast.keep()
        for forget in (forget_in_force, heartbeat.forget):
            forget(loaded.data)  # what a service left that was killed
            stack.callback(forget, loaded.data)
        window = timedelta(days=loaded.settings.stories.window_days)
        store = SqlStore(database, window=window)
        # Nobody else has the database: what was being sent, was being sent by a dead process.
        store.recover(clock.now(), patience=timedelta(hours=max(0, loaded.settings.delivery.give_up_hours - 1)))
        store.reconsider(clock.now())
        channels = loaded.settings.channels
        world = World(
            clock=clock,
            fetcher=_fetcher(loaded, clock, stack) if web else NoWeb(),
            store=store,
            notifier=notifier or open_channels(loaded),
            audience=audience(loaded),
            window=window,
            timings={name: timing_of(one) for name, one in channels.items()},
            holding=frozenset(name for name, one in channels.items() if one.on_ambiguous == "hold"),
        )
        yield App(loaded=loaded, world=world, database=database, store=store, archive=Archive(database))


@contextmanager
def open_archive(loaded: Loaded) -> Iterator[Archive]:
    """The archive for reading, beside a process that writes."""
    with open_archive_in(loaded.data) as archive:
        yield archive


@contextmanager
def open_archive_in(data: Path) -> Iterator[Archive]:
    """The archive of a data folder, for reading."""
    database = Database.peek(data / DATABASE)
    try:
        yield Archive(database)
    finally:
        database.close()


@contextmanager
def open_fetcher(loaded: Loaded) -> Iterator[Fetcher]:
    """A fetcher without a database: for trying a source."""
    with ExitStack() as stack:
        yield _fetcher(loaded, SystemClock(), stack)


def audience(loaded: Loaded) -> Audience:
    """The rules that are switched on, and the recipients of the channels."""
    rules = RuleSet(rule for rule in loaded.rules if rule.spec.enabled)
    channels = {name: one.recipients or ("",) for name, one in loaded.settings.channels.items()}
    return Audience(rules=rules, channels=channels, operator=loaded.settings.operator.channel or "")


def pinger(app: App) -> Callable[[], None]:
    """Asks for the operator's address while the service does what it should."""
    from bot.adapters.pinging import Pinger

    address = app.loaded.ping_url
    data = app.loaded.data

    def ping() -> None:
        now, seen, running = app.world.clock.now(), heartbeat.last_beat(data), read_in_force(data)
        last = {source: poll["at"] for source, poll in app.archive.last_polls().items()}
        if seen is None or heartbeat.is_stuck(seen, now) or late(running.sources if running else {}, last, now):
            log.warning("not pinged why=the service is stuck, or sources are late")
        elif why := Pinger(address).ping():
            log.warning("ping failed why=%s", why)

    return ping if address else lambda: None


def _fetcher(loaded: Loaded, clock: SystemClock, stack: ExitStack) -> Fetcher:
    """The way to the web: robots.txt first, then the host's turn, then the wire."""
    from bot.adapters.web import Polite, Robots, open_web  # httpx is heavy

    web = open_web(loaded.settings.fetch, clock)
    stack.callback(web.close)
    return Robots(Polite(web, clock, pause=loaded.settings.fetch.host_seconds), clock)


def revive(loaded: Loaded, ids: Collection[str], *, dead: bool) -> int:
    """Let deliveries be tried again, beside a running service; how many."""
    with open_store(loaded) as store:
        return store.revive(ids, SystemClock().now(), dead=dead)


@contextmanager
def open_store(loaded: Loaded) -> Iterator[SqlStore]:
    """The store for a single change, beside a process that has the database."""
    database = Database.peek(database_path(loaded))
    try:
        yield SqlStore(database)
    finally:
        database.close()

"""The composition root: every concrete class meets here."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event

from bot.adapters.channels import Channels
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.adapters.database.archive import Archive
from bot.core.plan import Audience
from bot.core.rules.rule import RuleSet
from bot.loading import Loaded
from bot.ports import Fetcher, Notifier, World
from bot.reloading import forget_in_force

DATABASE = "tocsin.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The running parts, and what people have written."""

    loaded: Loaded
    world: World
    database: Database
    store: SqlStore
    archive: Archive


class NoWeb:
    """Fetcher of commands that do not fetch."""

    def fetch(self, url: str, *_: object, **__: object) -> None:
        """Refuse: such a command has no business on the web."""
        raise AssertionError(url)


def database_path(loaded: Loaded) -> Path:
    """Where the database stands."""
    return loaded.data / DATABASE


@contextmanager
def open_app(
    loaded: Loaded, *, web: bool = True, notifier: Notifier | None = None, stop: Event | None = None
) -> Iterator[App]:
    """The app for the one process that writes; `notifier` replaces the channels, `stop` ends waits for the web."""
    clock = SystemClock(stop)
    with ExitStack() as stack:
        database = Database.open(database_path(loaded))
        stack.callback(database.close)
        forget_in_force(loaded.data)  # of a service that was killed
        stack.callback(forget_in_force, loaded.data)
        window = timedelta(days=loaded.settings.stories.window_days)
        store = SqlStore(database, window=window)
        world = World(
            clock=clock,
            fetcher=_fetcher(loaded, clock, stack) if web else NoWeb(),
            store=store,
            notifier=notifier or open_channels(loaded),
            audience=audience(loaded),
            window=window,
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


def open_channels(loaded: Loaded) -> Channels:
    """The channels of config.toml."""
    return Channels(loaded.settings.channels, loaded.secrets, loaded.settings.delivery, file=loaded.file)


def audience(loaded: Loaded) -> Audience:
    """The rules that are switched on, and the recipients of the channels."""
    rules = RuleSet(rule for rule in loaded.rules if rule.spec.enabled)
    channels = {name: one.recipients or ("",) for name, one in loaded.settings.channels.items()}
    return Audience(rules=rules, channels=channels)


def _fetcher(loaded: Loaded, clock: SystemClock, stack: ExitStack) -> Fetcher:
    """The way to the web: robots.txt first, then the host's turn, then the wire."""
    from bot.adapters.web import Polite, Robots, open_web  # httpx is heavy

    web = open_web(loaded.settings.fetch, clock)
    stack.callback(web.close)
    return Robots(Polite(web, clock, pause=loaded.settings.fetch.host_seconds), clock)


def revive(loaded: Loaded, ids: Collection[str], *, dead: bool) -> int:
    """Let deliveries be tried again, beside a running service; how many."""
    database = Database.peek(database_path(loaded))
    try:
        return SqlStore(database).revive(ids, SystemClock().now(), dead=dead)
    finally:
        database.close()

"""A crash at every step, one after another: nothing is lost, and little is repeated."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.core.timing import Timing
from bot.model import Letter, Message, Outcome, Sending
from bot.pipeline import LEASE_MARGIN, collect
from bot.ports import World
from tests.fakes import SOURCE, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, sent_by, world

TIMEOUT = 5.0
TITLES = ["Tariff one", "Tariff two", "Tariff three"]


class Crash(BaseException):
    """The process dies: nothing may catch it."""


class Steps:
    """Counts the steps, and dies at the one it was told."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.count = fatal, 0
        self.points: list[str] = []

    def __call__(self, point: str) -> None:
        self.points.append(point)
        self.count += 1
        if self.count == self.fatal:
            raise Crash


@dataclass
class Keyed(FakeNotifier):
    """A channel that knows letters that it has seen: like a mailbox that drops a Message-ID which it has."""

    keyed: bool = True
    seen: set[str] = field(default_factory=set)

    def send(self, channel: str, recipient: str, letter: Letter) -> Outcome:
        if letter.id in self.seen:
            return Outcome(result=Sending.SENT)
        self.seen.add(letter.id)
        return super().send(channel, recipient, letter)


@dataclass(frozen=True)
class Scene:
    """A way of delivering, and how long it takes until all has come."""

    timing: Timing = field(default_factory=Timing)
    hours: int = 0
    letters: int = 3
    """So many come."""


SCENES = {
    "each": Scene(),
    "digest": Scene(timing=Timing(cadence="daily 09:30"), hours=24, letters=1),
    "quiet": Scene(timing=Timing(quiet="08:00-10:00"), hours=2, letters=1),
    "storm": Scene(timing=Timing(max_per_hour=2), letters=2),
}


def lives(
    path: Path,
    web: FakeWeb,
    clock: FakeClock,
    notifier: FakeNotifier,
    step: Callable[[str], None],
    timing: Timing = Timing(),  # noqa: B008 (frozen)
) -> None:
    """One life of the process: poll, then deliver."""
    database = Database.open(path)
    try:
        here: World = world(database, web=web, clock=clock, notifier=notifier, crash_point=step, timings={"me": timing})
        here.store.recover(clock.now())  # type: ignore[attr-defined]
        assert collect(SOURCE, here).error == ""
        sent_by(here)
    finally:
        database.close()


def empty(folder: Path) -> Path:
    """An empty database, made once: making one takes longer than a crash."""
    path = folder / "empty.db"
    if not path.exists():
        Database.open(path).close()
    return path


def crashed_at(step: int, folder: Path, scene: Scene, notifier: FakeNotifier) -> tuple[list[str], Steps, bool]:
    """Crash at one step of a poll with news, live on without crashes: what is stored, the steps, if it crashed."""
    path, clock, steps = folder / f"{step}.db", FakeClock(), Steps(step)
    shutil.copyfile(empty(folder), path)
    old = [Item(str(900 + n), f"old {n}") for n in range(4)]
    web = FakeWeb({list_url(): page(*old)})
    lives(path, web, clock, notifier, lambda _: None, scene.timing)
    web.pages[list_url()] = page(*(Item(str(n), title) for n, title in enumerate(TITLES, start=2)), *old)
    crashed = False
    for hours in (0, scene.hours):
        clock.pass_(hours=hours)
        try:
            if not crashed:
                lives(path, web, clock, notifier, steps, scene.timing)
        except Crash:
            crashed = True
    for _ in range(2):
        clock.pass_(seconds=TIMEOUT + LEASE_MARGIN + 1, hours=scene.hours)
        lives(path, web, clock, notifier, lambda _: None, scene.timing)
    database = Database.peek(path)
    stored = [record["title"] for record in Archive(database).releases(limit=99)]
    assert set(Archive(database).waiting()) == {"sent"}
    database.close()
    return [one for one in stored if one in TITLES], steps, crashed


@pytest.mark.parametrize(
    ("scene", "kind"),
    [*((scene, FakeNotifier) for scene in SCENES.values()), (SCENES["each"], Keyed), (SCENES["digest"], Keyed)],
    ids=[*SCENES, "each-keyed", "digest-keyed"],
)
def test_a_crash_at_any_step_loses_nothing_and_repeats_at_most_one(
    tmp_path: Path, scene: Scene, kind: type[FakeNotifier]
) -> None:
    step = 1
    while True:
        notifier = kind()
        stored, steps, crashed = crashed_at(step, tmp_path, scene, notifier)
        assert sorted(stored) == sorted(TITLES), f"step {step}"
        assert set(notifier.titles) == set(TITLES), f"step {step}"
        ids = [letter.id for letter in notifier.letters]
        assert len(ids) <= len(set(ids)) + (crashed and not notifier.keyed), f"step {step}: one repeat a crash"
        each_once = len(set(ids)) if crashed else scene.letters
        assert len(set(ids)) == each_once
        if notifier.keyed:
            assert sorted(notifier.titles) == sorted(TITLES), f"step {step}: none is in two letters"
        if not crashed:
            break
        step += 1
    points = set(steps.points)
    assert {
        "related read",
        "before commit",
        "after commit",
        "arranged",
        "claimed",
        "sent, not settled",
        "settled",
    } <= points
    assert step > len(points), "every step of collecting and delivering was reached"


def test_a_key_made_anew_on_every_try_would_repeat(tmp_path: Path) -> None:
    """The negative control of the keyed channel."""

    class Forgetful(Keyed):
        def send(self, channel: str, recipient: str, letter: Letter) -> Outcome:
            self.seen.clear()
            return super().send(channel, recipient, letter)

    many = 0
    for step in range(1, 60):
        notifier = Forgetful()
        _, _, crashed = crashed_at(step, tmp_path, SCENES["each"], notifier)
        many = max(many, len(notifier.titles))
        if not crashed or many > len(TITLES):
            break
    assert many == len(TITLES) + 1


def test_saving_validators_before_the_releases_would_lose_them(tmp_path: Path) -> None:
    """The negative control: the planted bug (state committed apart, and first) must turn the crash test red."""
    path, clock, notifier = tmp_path / "a.db", FakeClock(), FakeNotifier()
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    lives(path, web, clock, notifier, lambda _: None)
    web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
    database = Database.open(path)
    here = world(database, web=web, clock=clock, notifier=notifier, crash_point=Steps(3))
    etag = f'"{hash(web.pages[list_url()])}"'
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE source_states SET etag = ?", (etag,))
    with pytest.raises(AssertionError):
        lives_on(here, database, path, web, clock, notifier)


def lives_on(
    here: World, database: Database, path: Path, web: FakeWeb, clock: FakeClock, notifier: FakeNotifier
) -> None:
    with pytest.raises(Crash):
        collect(SOURCE, _unconditional(here))
    database.close()
    for _ in range(2):
        clock.pass_(minutes=10)
        lives(path, web, clock, notifier, lambda _: None)
    assert notifier.titles == ["Tariff"]


def _unconditional(here: World) -> World:
    """The world whose fetcher forgets validators, as in the poll that had just saved them."""
    from dataclasses import replace

    class Fresh:
        def fetch(self, url: str, source: object, **_: object) -> object:
            return here.fetcher.fetch(url, source)  # type: ignore[arg-type]

    return replace(here, fetcher=Fresh())  # type: ignore[arg-type]


def test_a_notifier_with_a_bug_is_tried_like_any_failure_and_ends_as_a_dead_letter(tmp_path: Path) -> None:
    def broken(_channel: str, _recipient: str, _message: Message) -> Outcome:
        raise ZeroDivisionError("secret-canary")

    path, clock = tmp_path / "a.db", FakeClock()
    web = FakeWeb({list_url(): page(Item("1", "old"))})
    lives(path, web, clock, FakeNotifier(), lambda _: None)
    web.pages[list_url()] = page(Item("2", "Tariff"), Item("1", "old"))
    for _ in range(30):
        lives(path, web, clock, FakeNotifier(answer=broken), lambda _: None)
        clock.pass_(hours=3)
    database = Database.peek(path)
    [record] = Archive(database).outbox(limit=9)
    database.close()
    assert (record["state"], record["why"]) == ("dead", "a bug, see the log: ZeroDivisionError")
    assert 5 < record["attempts"] < 30

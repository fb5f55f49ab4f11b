"""Somebody moves the clock while the service runs: it goes on at once, and loses and doubles nothing."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from bot import schedule
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database
from bot.settings import Delivering
from tests.fakes import FakeWeb, Item, list_url, page, world
from tests.proofs.killing import World, count, process, served, write_config

STEPS = ("+1h", "-1h", "+1d", "-1d")
"""Offsets from the real time, one after another: so the clock is moved by up to two days."""
SOON, LATE = 20.0, 6.0
"""Seconds within which news must come; and without which it is clear that they do not."""
CARELESS = """
import sys
from bot import schedule
schedule._Service._moved = lambda *_: None
sys.argv[0] = "tocsin"
from bot.cli import main
main()
"""


class Movable(SystemClock):
    """The clock of this machine, as if it had been set."""

    moved = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.moved


@pytest.mark.parametrize(("often", "is_seen"), [(0.05, True), (3600, False)])
def test_the_clock_is_looked_at_though_the_outbox_is_looked_at_hourly(
    database: Database, monkeypatch: pytest.MonkeyPatch, often: float, is_seen: bool
) -> None:
    clock, stop, noticed = Movable(), Event(), Event()
    here = world(database, clock=clock, web=FakeWeb({list_url(): page(Item("1", "old"))}))  # type: ignore[arg-type]
    monkeypatch.setattr(schedule, "CLOCK_SECONDS", often)
    monkeypatch.setattr(here.store, "reconsider", lambda *_, step: noticed.set())
    plan = schedule.Plan(sources=(), last_polls={}, jitter=0, delivery=Delivering(every_seconds=3600))
    service = Thread(target=schedule.serve, args=(plan, here, stop))
    service.start()
    assert not noticed.wait(0.3)
    clock.moved = timedelta(days=-1)
    assert noticed.wait(SOON if is_seen else 1.0) == is_seen
    stop.set()
    service.join(SOON)
    assert not service.is_alive()


@pytest.fixture
def faketime() -> Path:
    """The library that moves the clock; without it the test is skipped, and says so."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.skip("NOT PROVED: clock steps of a real process; install Debian's package faketime")
    return found[0]


def command(library: Path, offset: Path, config: Path, *python: str) -> list[str]:
    """The service, with a clock that stands where the file says; durations are true."""
    settings = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": offset,
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    return [
        "env",
        *(f"{name}={value}" for name, value in settings.items()),
        sys.executable,
        *python,
        "--config",
        str(config),
        "run",
    ]


def arrives(world: World, within: float) -> bool:
    """True if all that was published comes within so many seconds."""
    for _ in range(int(within / 0.1)):
        if not world.waits_for():
            return True
        Event().wait(0.1)
    return not world.waits_for()


def lived_through(
    world: World, folder: Path, library: Path, steps: Sequence[str], *python: str, within: float
) -> list[str]:
    """The steps after which news did not come in time."""
    offset, log = folder / "offset", folder / "log"
    offset.write_text("+0")
    late = []
    with process(command(library, offset, write_config(world, folder), *python), log) as child:
        assert world.asked.wait(SOON), log.read_text()[-2000:]
        for step in ("+0", *steps):
            offset.write_text(step)
            Event().wait(1.0)  # so that what was waiting before the step has begun to wait
            world.publish()
            if not arrives(world, within):
                late.append(step)
        child.terminate()
        assert child.wait(timeout=SOON) == 0, log.read_text()[-2000:]
    return late


def test_a_clock_that_is_moved_while_the_service_runs(tmp_path: Path, faketime: Path) -> None:
    with served() as world:
        late = lived_through(world, tmp_path, faketime, STEPS, "-m", "bot", within=SOON)
        found = count(world.published, world.letters)
    assert late == []
    assert len(found.missing) == 0
    assert sum(found.repeats.values()) == 0
    assert (tmp_path / "log").read_text().count("the clock was moved") >= len(STEPS)


def test_a_service_that_does_not_look_at_the_clock_would_stop(tmp_path: Path, faketime: Path) -> None:
    """The negative control: the clock is set back by a day, and no poll is due for a day."""
    script = tmp_path / "careless.py"
    script.write_text(CARELESS)
    with served() as world:
        late = lived_through(world, tmp_path, faketime, ["-1d"], str(script), within=LATE)
    assert late == ["-1d"]

"""Many days in a few seconds: polls and rounds by the thousand, with memory and file handles that stay flat."""

import functools
import gc
import os
import random
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.core.rules.rule import RuleSet
from bot.core.timing import Timing
from bot.courier import Courier
from bot.model import Message, Outcome, Sending
from bot.pipeline import collect
from bot.ports import World
from tests.fakes import SOURCE, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, rule, world
from tests.flow.promised import EFFORT, SENT
from tests.proofs.work import words

CYCLES = 10_000 if os.environ.get("TOCSIN_PROOF") == "full" else 300
LISTED = 12
NEWS = 10
"""Every so many polls find something new."""
KILOBYTES = 300
"""What half of all cycles may add to the memory, however many they are: 2 KB a cycle if few, 60 bytes at full length."""


class Forgetful(FakeNotifier):
    """A receiver that keeps titles only, and fails now and then."""

    def __init__(self) -> None:
        super().__init__(answer=self._sometimes)
        self.tries, self.came = 0, list[str]()

    def _sometimes(self, _channel: str, _recipient: str, message: Message) -> Outcome:
        self.tries += 1
        if self.tries % 7 == 0:
            return Outcome(result=Sending.RETRY, why="busy")
        self.came += [one.title for one in message.entries or (message,)]
        self.sent.clear()
        self.letters.clear()
        return SENT


WORDS = [words(number, 1) for number in range(2000)]
"""All that are ever read: what is remembered of each word is bounded too, but by far more than a soak reads. They are
so many that no two releases are taken for one story by chance."""
ALL_WORDS = Item("1000000", "Glossary", " ".join(WORDS), date="2020-01-01")
"""Stands in the first list, so that each word has been read before anything is measured."""


def some_words(number: int, many: int) -> str:
    return " ".join(random.Random(number).sample(WORDS, many))  # noqa: S311 (no secret)


def title(number: int) -> str:
    return f"Tariff on {some_words(number, 8)}"


def older(newest: int) -> list[Item]:
    return [Item(str(n), title(n), some_words(n + 1_000_000, 40)) for n in range(newest, newest - LISTED, -1)]


def listed(newest: int) -> str:
    return page(*older(newest))


def soak(
    path: Path, cycles: int, leak: Callable[[int], None] = lambda _: None
) -> tuple[Forgetful, list[int], list[int]]:
    """Live through so many cycles: the receiver, and memory (bytes) and handles at the half and at the end."""
    notifier, clock, web = Forgetful(), FakeClock(), FakeWeb({list_url(): listed(LISTED)})
    web.asked = Nothing()
    clock.slept = Nothing()
    database = Database.open(path)
    timings = {"me": Timing(cadence="hourly", quiet="22:00-07:00", max_per_hour=5)}
    here = world(database, web=web, notifier=notifier, clock=clock, timings=timings)
    courier, memory, handles = Courier(lambda: here, EFFORT), list[int](), list[int]()
    web.pages[list_url()] = page(ALL_WORDS, *older(LISTED))
    collect(SOURCE, here)
    tracemalloc.start()
    for cycle in range(cycles):
        web.pages[list_url()] = listed(LISTED + cycle // NEWS)
        collect(SOURCE, here)
        courier.drain()
        leak(cycle)
        clock.pass_(minutes=10)
        if cycle % 500 == 0:
            here.store.forget_polls(clock.now())
        if cycle + 1 in {cycles // 2, cycles}:
            here = reloaded(here)
            memory.append(in_use())
            handles.append(len(list(Path("/proc/self/fd").iterdir())) + threading.active_count())
    tracemalloc.stop()
    for _ in range(30):
        clock.pass_(hours=1)
        courier.drain()
    courier.close()
    database.close()
    return notifier, memory, handles


class Nothing(list[object]):
    """A list that keeps nothing: the fakes' own memory is not what is measured."""

    def append(self, _: object) -> None:
        """Forget it."""


def reloaded(here: World) -> World:
    """With the same rules, as after a change of their files: what the matcher remembers of texts, up to a bound, is gone."""
    return replace(here, audience=replace(here.audience, rules=RuleSet([rule()])))


def in_use() -> int:
    """Bytes, without what caches of bounded size keep."""
    gc.collect()
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper):
            one.cache_clear()
    return tracemalloc.get_traced_memory()[0]


def grown(memory: list[int]) -> float:
    return (memory[1] - memory[0]) / 1024


def test_memory_and_handles_stay_flat_and_everything_comes_once(tmp_path: Path) -> None:
    notifier, memory, handles = soak(tmp_path / "a.db", CYCLES)
    expected = [title(n) for n in range(LISTED + 1, LISTED + 1 + (CYCLES - 1) // NEWS)]
    assert sorted(notifier.came) == sorted(expected)
    assert grown(memory) < KILOBYTES
    assert handles[1] <= handles[0]


@pytest.mark.parametrize("leak", ["memory", "handles"])
def test_a_leak_would_be_seen(tmp_path: Path, leak: str) -> None:
    """The negative control."""
    kept: list[object] = []

    def leaking(cycle: int) -> None:
        kept.append("x" * 4000 + str(cycle) if leak == "memory" else (tmp_path / "a.db").open("rb"))

    _, memory, handles = soak(tmp_path / "a.db", 200, leaking)
    if leak == "memory":
        assert grown(memory) > KILOBYTES
    else:
        assert handles[1] > handles[0]
        for file in kept:
            file.close()  # type: ignore[attr-defined]

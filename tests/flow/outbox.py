"""The outbox of a bot that dies, sleeps and wakes: what may happen to it, drawn by hypothesis."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.adapters.database import Database, SqlStore
from bot.core.timing import Timing
from bot.model import Delivery, Message, Mute, Reason, Target
from bot.pipeline import collect
from tests.fakes import SOURCE, FakeWeb, Item, list_url, page, world
from tests.flow.expected import HOUR, Expected
from tests.flow.postbox import CHANNELS, TARGETS, Answer, Bot, Crash
from tests.proofs.work import words

OLD = [Item(str(900_000 + number), f"An old notice {number}") for number in range(16)]
"""Listed from the beginning, so that what is new is never most of the list."""
TIMINGS = st.sampled_from(
    [
        *[Timing()] * 3,
        Timing(cadence="hourly"),
        Timing(cadence="daily 08:30", zone=ZoneInfo("Asia/Seoul")),
        Timing(quiet="08:00-12:00"),
        Timing(quiet="09:01-07:00", max_per_hour=2),
        Timing(cadence="hourly", quiet="09:30-15:00", max_per_hour=1),
        Timing(max_per_hour=1),
        Timing(max_per_hour=2),
    ]
)
NEW = st.lists(st.tuples(st.sampled_from(TARGETS), st.sampled_from(["", "", "urgent", "page 1"])), max_size=4)
"""Whom something is promised, and whether it is urgent or comes with others of one mark."""
SPANS = st.sampled_from([timedelta(seconds=1), timedelta(minutes=11), HOUR, 13 * HOUR, timedelta(days=4)])
ANSWERS = st.lists(st.sampled_from([*Answer]), max_size=6)
DEATHS = st.one_of(st.just(0), st.integers(1, 12))
"""The step at which the process dies; 0 for none."""
MUTES = [("rule", "tariffs"), ("rule", "alarm"), ("source", "demo/*"), ("source", "mail/press")]


@cache
def first() -> Path:
    """A database after the first poll, in a folder of its own: making one takes longer than all that happens to it."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "first.db"
    database = Database.open(path)
    assert collect(SOURCE, world(database, web=FakeWeb({list_url(): page(*OLD)}))).baseline
    database.close()
    return path


class Outbox(RuleBasedStateMachine):
    """The outbox of a bot that dies, sleeps and wakes."""

    store_type = SqlStore
    bot: Bot | None = None
    number = 0
    is_well = False

    @initialize(room=st.sampled_from([1, 2, 3, 50]), chat=TIMINGS, hold=TIMINGS, mail=TIMINGS)
    def begin(self, room: int, **timings: Timing) -> None:
        self.bot = Bot(first(), self.store_type, room, timings)
        self.expected = Expected(self.bot)
        self.made: list[Delivery] = []

    @contextmanager
    def mortal(self, fatal: int) -> Iterator[None]:
        """A life that may end at a step; then another one begins."""
        self.bot.fatal = fatal
        try:
            yield
        except Crash:
            self.restart()
        self.bot.fatal = 0

    # --- what happens -----------------------------------------------------------------------------------------------

    @rule(names=st.lists(st.sampled_from(["Tariff", "Alarm"]), min_size=1, max_size=3), fatal=st.integers(0, 6))
    def publish(self, names: list[str], fatal: int) -> None:
        """News are listed and polled; the process may die of it, and then the next poll finds them."""
        for name in names:
            self.number += 1
            self.expected.published.append(Item(str(self.number), f"{name} on {words(self.number, 3)}"))
        self.poll(fatal)

    def poll(self, fatal: int = 0) -> None:
        published, stored = self.expected.published, self.bot.stored()
        listed = [one for one in published[:-6] if one.title not in stored] + published[-6:]
        self.bot.web.pages[list_url()] = page(*reversed(listed), *OLD)
        with self.mortal(fatal):
            assert collect(SOURCE, self.bot.world).error == ""

    @rule(to=NEW)
    def promise(self, to: list[tuple[Target, str]]) -> None:
        """Promises come that belong to no poll."""
        made = [self.alert(target, urgent=kind == "urgent", together=kind) for target, kind in to]
        assert self.bot.store.promise(made) == len(made)
        self.made += made
        self.expected.promised |= {(one.target, one.message.title) for one in made}

    def alert(self, target: Target, **keys: Any) -> Delivery:
        self.number += 1
        return Delivery(
            channel=target.channel,
            recipient=target.recipient,
            rule="tariffs",
            source=f"{target.channel}/press",
            about=f"{self.number}",
            reason=Reason.NEW,
            message=Message(reason=Reason.NEW, title=f"{self.number}"),
            created=self.bot.clock.now(),
            **keys,
        )

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def promise_again(self, data: st.DataObject) -> None:
        """Somebody who died after promising comes back."""
        again = data.draw(st.sampled_from(self.made))
        assert self.bot.store.promise([replace(again, created=self.bot.clock.now())]) == 0

    @rule(to=NEW, span=SPANS, answers=ANSWERS)
    def go_on(self, to: list[tuple[Target, str]], span: timedelta, answers: list[Answer]) -> None:
        """Something is promised, and after some time the courier goes its rounds."""
        self.stumble(to, span, answers, 0, 0, 0)

    @rule(to=NEW, span=SPANS, answers=ANSWERS, fatal=DEATHS, good=st.integers(0, 6), bad=st.sampled_from([0, 1, 3]))
    def stumble(
        self, to: list[tuple[Target, str]], span: timedelta, answers: list[Answer], fatal: int, good: int, bad: int
    ) -> None:
        """The same; but the process may die, and the disk may be full for a while."""
        self.promise(to)
        self.bot.clock.at += span
        began = self.bot.clock.monotonic()
        with self.mortal(fatal), self.bot.troubled(answers, good, bad):
            self.bot.drain()
            if not bad:
                self.expected.nothing_is_left_lying()
        self.expected.the_courier_ran(since=began)

    @rule(span=SPANS)
    def wait(self, span: timedelta) -> None:
        self.bot.clock.at += span

    @rule(by=st.sampled_from([-24 * HOUR, -HOUR, HOUR, 24 * HOUR]), away=st.booleans())
    def set_clock(self, by: timedelta, away: bool) -> None:
        """The clock is set, while the service runs or while it does not."""
        self.bot.clock.step(by)
        if away:
            self.restart()
        else:
            self.bot.store.reconsider(self.bot.clock.now(), step=by)
            self.expected.times_are_reconsidered()
        self.expected.the_clock_was_set(away=away)

    @rule()
    def restart(self) -> None:
        self.expected.the_process_ends()
        self.bot.end()
        self.bot.start()
        self.expected.times_are_reconsidered()

    @rule(channel=st.sampled_from(["chat", "hold", "mail"]), timing=TIMINGS)
    def change_times(self, channel: str, timing: Timing) -> None:
        """The settings of a channel are changed, which takes a restart."""
        self.bot.timings[channel] = timing
        self.restart()
        for recipient in CHANNELS[channel]:
            self.expected.count_anew(Target(channel, recipient))

    @rule(what=st.sampled_from(MUTES), hours=st.integers(1, 60))
    def mute(self, what: tuple[str, str], hours: int) -> None:
        now = self.bot.clock.now()
        one = Mute(kind=what[0], name=what[1], since=now, until=now + hours * HOUR)
        self.bot.store.mute(one)
        self.expected.is_muted(one)

    @precondition(lambda self: any(row.story for row in self.expected.was.values()))
    @rule(data=st.data(), hours=st.integers(1, 60))
    def mute_story(self, data: st.DataObject, hours: int) -> None:
        stories = sorted({row.story for row in self.expected.was.values()} - {""})
        self.mute(("story", data.draw(st.sampled_from(stories))), hours)

    @precondition(lambda self: self.expected.mutes)
    @rule(data=st.data())
    def unmute(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.expected.mutes)).mute
        self.bot.store.unmute(one.kind, one.name, self.bot.clock.now())
        self.expected.is_unmuted(one)

    @precondition(lambda self: any(row.state in {"dead", "ambiguous", "pending"} for row in self.expected.was.values()))
    @rule(data=st.data())
    def revive(self, data: st.DataObject) -> None:
        """The operator tries some again that were given up, or wait for their next try; or all dead letters."""
        rows = self.bot.rows()
        names = [name for name, row in rows.items() if row.state in {"dead", "ambiguous", "pending"}]
        chosen = data.draw(st.lists(st.sampled_from(names), max_size=3))
        meant = chosen or [name for name in names if rows[name].state == "dead"]
        self.bot.store.revive(chosen, self.bot.clock.now(), dead=not chosen)
        self.expected.are_revived({rows[name].digest or name for name in meant})

    # --- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def all_is_well(self) -> None:
        self.is_well = False
        if self.bot is not None:
            self.expected.holds()
            self.is_well = True

    def teardown(self) -> None:
        if self.bot is not None:
            try:
                if self.is_well:
                    self.all_comes_in_the_end()
            finally:
                self.bot.end()

    def all_comes_in_the_end(self) -> None:
        """Days pass in which all receivers work; a clock that was set back five times makes a mute five days longer."""
        self.restart()
        if not {one.title for one in self.expected.published} <= self.bot.stored():
            self.poll()
        given_up = {row.id for row in self.bot.rows().values() if row.state == "dead"}
        end = self.bot.clock.monotonic() + timedelta(days=14).total_seconds()
        while times := [row.next_at for row in self.bot.rows().values() if row.next_at is not None]:
            assert self.bot.clock.monotonic() < end, "held for ever"
            self.bot.clock.at = max(self.bot.clock.at + timedelta(minutes=1), min(times))
            self.bot.drain()
        self.expected.holds()
        self.expected.all_has_come()
        assert given_up == {row.id for row in self.bot.rows().values() if row.state == "dead"}

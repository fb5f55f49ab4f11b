"""Whatever happens to the outbox, in whatever order: nothing is lost, and nothing repeated without an excuse."""

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test
from sqlalchemy import Connection, select, update

from bot import courier
from bot.adapters.database import SqlStore, opening, promises
from bot.adapters.database.tables import outbox
from bot.core.timing import Timing, arranging, holding
from bot.model import Arrangement, Decision, Delivery, Poll, Related, State, Target
from tests.flow.expected import HOUR
from tests.flow.outbox import Outbox
from tests.flow.postbox import Answer
from tests.proofs.fakedisk import pragmas

FULL = os.environ.get("TOCSIN_PROOF") == "full"
EXAMPLES, STEPS = (800, 30) if FULL else (30, 20)
CALM = {
    "deadline": None,
    "report_multiple_bugs": False,
    "suppress_health_check": list(HealthCheck),
}


@pytest.fixture(autouse=True)
def _quickly() -> Iterator[None]:
    """What dies here is the process, not the power: nothing need be forced onto the disk."""
    logging.disable(logging.CRITICAL)
    with pragmas(synchronous="OFF"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "_engine", cache(opening._engine))  # statements are compiled once, not once a life
        yield
    logging.disable(logging.NOTSET)


def test_nothing_is_lost_and_nothing_repeated_without_an_excuse() -> None:
    run_state_machine_as_test(Outbox, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, **CALM))


# --- what has been found stays found ---------------------------------------------------------------------------------

CHAT, HOLD = Target("chat", ""), Target("hold", "")


@pytest.fixture
def life() -> Iterator[Outbox]:
    """A life without chance; in the end it is held against all that must hold."""
    machine = Outbox()
    machine.begin(room=3, hold=Timing(quiet="10:00-12:00"))
    yield machine
    machine.all_is_well()
    machine.teardown()


def test_what_has_waited_for_long_is_not_given_up_at_its_first_failure(life: Outbox) -> None:
    life.go_on([(CHAT, "")], timedelta(days=4), [Answer.BUSY])
    assert [row.state for row in life.bot.rows().values()] == ["pending"]


def test_a_try_that_was_cut_off_is_remembered_though_the_next_one_fails(life: Outbox) -> None:
    for answer in (Answer.DIES_AFTER, Answer.BUSY, Answer.SENT):
        life.go_on([(CHAT, "")] if not life.made else [], HOUR, [answer])
    assert [one.is_marked for one in life.bot.receivers.tries] == [False, True, True]


def test_a_try_that_was_cut_off_is_not_repeated_after_quiet_hours_where_nothing_is(life: Outbox) -> None:
    for hours in (0, 1, 13):
        life.go_on([(HOLD, "")] if not life.made else [], hours * HOUR, [Answer.DIES_AFTER] if not hours else [])
    assert [row.state for row in life.bot.rows().values() if row.target == HOLD] == ["ambiguous"]


# --- what would be wrong is found -----------------------------------------------------------------------------------


class SendsUnclaimed(SqlStore):
    """Sends before the claim is committed: a crash leaves no trace of the try."""

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        self._crash_point("claimed")
        return True


class StoresInTwoSteps(SqlStore):
    """Commits the releases, then the promises."""

    def commit(self, releases: Any, decide: Callable[[Related], Decision], **how: Any) -> Poll:
        later: list[Delivery] = []

        def without_promises(related: Related) -> Decision:
            decision = decide(related)
            later.extend(decision.deliveries)
            return replace(decision, deliveries=())

        poll = super().commit(releases, without_promises, **how)
        self.promise(later)
        return poll


class ForgetsInterruptions(SqlStore):
    """After a crash, tries again as if nothing had happened."""

    def recover(self, now: datetime, **_: object) -> int:
        with self._database.writing() as connection:
            again = update(outbox).where(outbox.c.state == State.SENDING).values(state=State.PENDING, next_at=now)
            return connection.execute(again).rowcount


class ForgetsThemLater(SqlStore):
    """Forgets that a try was interrupted as soon as the next one fails."""

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        done = super().claim(delivery, now, lease=lease)
        with self._database.writing() as connection:
            connection.execute(update(outbox).where(outbox.c.id == delivery.id).values(unsure=delivery.unsure))
        return done


class CountsFromThePromise(SqlStore):
    """Gives up what has waited long as soon as it fails once."""

    def arrange(self, arrangements: Iterable[Arrangement], now: datetime) -> None:
        with self._database.reading() as connection:
            created = connection.execute(select(outbox.c.id, outbox.c.created)).all()
        super().arrange(arrangements, now)
        with self._database.writing() as connection:
            for row in created:
                connection.execute(update(outbox).where(outbox.c.id == row.id).values(created=row.created))


def ends_members_early(connection: Connection, digest: Delivery, now: datetime) -> None:
    """Puts a digest together, and takes what it holds for sent."""
    insert_digest(connection, digest, now)
    ended = {"state": State.SENT, "ended": now}
    connection.execute(update(outbox).where(outbox.c.id.in_(digest.members)).values(ended))


class IdsOfTheMoment(SqlStore):
    """Takes the same promise, made later, for another."""

    def promise(self, deliveries: Collection[Delivery]) -> int:
        return super().promise([replace(one, about=f"{one.about} {one.created}") for one in deliveries])


class Few(Outbox):
    """Only promises, time and crashes: here faults that need several things in a row are found soon."""

    publish = promise_again = set_clock = change_times = mute = mute_story = unmute = revive = None  # type: ignore[assignment]


def all_with(timing: Timing) -> type[Outbox]:
    """The same, and all channels with one timing."""

    class Alike(Few):
        @initialize(room=st.sampled_from([1, 3]))
        def begin(self, room: int) -> None:
            super().begin(room, **dict.fromkeys(("chat", "hold", "mail"), timing))

    return Alike


insert_digest = promises._insert_digest
NO_QUIET = (courier, "quiet_until", lambda *_: None)
FAULTS: dict[str, tuple[type[Outbox], type[SqlStore], tuple[tuple[object, str, object], ...]]] = {
    "sends unclaimed": (Outbox, SendsUnclaimed, ()),
    "promises in a second transaction": (Outbox, StoresInTwoSteps, ()),
    "forgets interruptions": (Outbox, ForgetsInterruptions, ()),
    "counts from the promise": (Few, CountsFromThePromise, ()),
    "ends members early": (Outbox, SqlStore, ((promises, "_insert_digest", ends_members_early),)),
    "ids of the moment": (Outbox, IdsOfTheMoment, ()),
    "no quiet hours": (Outbox, SqlStore, (NO_QUIET, (holding, "quiet_until", lambda *_: None))),
    "no quiet hours for what is late": (all_with(Timing(quiet="09:30-15:00")), SqlStore, (NO_QUIET,)),
    "no limit": (all_with(Timing(max_per_hour=1)), SqlStore, ((arranging, "_lately", lambda *_: []),)),
    "no mutes": (Outbox, SqlStore, ((holding, "_mutes", lambda *_: False),)),
}


if FULL:
    FAULTS["forgets them one failure later"] = (Few, ForgetsThemLater, ())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    machine, store, patches = FAULTS[fault]
    for where, name, wrong in patches:
        monkeypatch.setattr(where, name, wrong)

    class Faulty(machine):  # type: ignore[valid-type, misc]
        store_type = store

    often = settings(
        max_examples=800 if FULL else 400,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        **CALM,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Faulty, settings=often)

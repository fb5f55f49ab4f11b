"""The courier: sends what is due, each target in a thread of its own, and for a while leaves alone what fails."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import groupby
from threading import Lock

from bot.core.timing import Timing, arrange, quiet_until
from bot.core.watching import given_up
from bot.errors import StoreError
from bot.model import Arrangement, Delivery, Ending, Held, Mute, Outcome, Postponed, Reason, Sending, Target, Waiting
from bot.pipeline import Effort, Unsettled, deliver, is_not_repeated
from bot.ports import World

log = logging.getLogger(__name__)

Ended = tuple[Delivery, Outcome]
THREADS, OF_A_CHANNEL = 32, 4
"""Targets that are worked for at once: of all channels, and of one, so that a server that hangs leaves room."""
BATCH = 50
"""Deliveries of a target that are taken at once; the others wait for the next round, which follows at once."""
ARRANGED = 500
"""Deliveries of a target that are arranged at once."""
PATIENCE = 3
"""Tries in a row that may fail before a target is left alone."""
PAUSES = (60.0, 300.0, 1800.0)
"""Seconds for which a target is left alone: after each further failure longer. One that has worked a moment ago is not
left alone: it is these messages that cannot be sent, and they must not stop the others."""


@dataclass(slots=True)
class _Breaker:
    """Whether a target works."""

    failures: int = 0
    is_open: bool = False
    worked: float = float("-inf")
    until: float = 0.0
    """Until then, by the monotonic clock, it is left alone."""

    def note(self, outcome: Outcome, now: float) -> None:
        """Count a try."""
        if outcome.result in {Sending.SENT, Sending.REFUSED}:  # it answers
            self.failures, self.is_open, self.worked, self.until = 0, False, now, 0.0
            return
        self.failures += 1
        self.is_open = self.failures >= PATIENCE and now - self.worked >= PAUSES[0]
        pause = PAUSES[min(self.failures - PATIENCE, len(PAUSES) - 1)] if self.is_open else 0.0
        asked = outcome.retry_after.total_seconds() if outcome.retry_after else 0.0
        self.until = now + max(pause, asked)


class Courier:
    """Keeps promises in rounds. A target that is slow, or does not answer, holds up no other."""

    def __init__(
        self,
        world: Callable[[], World],
        effort: Effort,
        *,
        stopping: Callable[[], bool] = bool,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._world, self._effort, self._stopping, self._wake = world, effort, stopping, wake
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="deliver")
        self._busy: set[Target] = set()
        self._breakers: dict[Target, _Breaker] = {}
        self._unsettled: dict[str, tuple[Delivery, Ending]] = {}
        self._failed = False  # something could not be recorded since the last round
        self._guard = Lock()
        self.is_well = True
        """False if by the last round something could not be recorded: then nothing can be sent either."""

    def close(self) -> None:
        """Finish what is in hand, begin nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._settle_again(self._world())

    def drain(self) -> list[Ended]:
        """Send until nothing more is due; each try with how it ended. Raises StoreError if it cannot be recorded."""
        ended: list[Ended] = []
        while tasks := self.round():
            wait(tasks)
            ended += [one for task in tasks for one in task.result()]
        return ended

    def round(self) -> list["Future[list[Ended]]"]:
        """Arrange what waits, and hand out what is due to targets that are free; the work that was begun."""
        world = self._world()
        failed, self._failed = self._failed, False
        is_recorded = self._settle_again(world)
        self.is_well = is_recorded and not failed
        if not is_recorded:
            return []
        arrange_all(world)
        with self._guard:
            busy = frozenset(self._busy)
        due = [] if self._stopping() else world.store.due(world.clock.now(), limit=BATCH, without=busy)
        tasks = []
        for target, queue in groupby(sorted(due, key=lambda one: one.target), key=lambda one: one.target):
            if self._take(target, world.clock.monotonic()):
                task = self._pool.submit(self._work, target, list(queue), world)
                task.add_done_callback(self._report)
                tasks.append(task)
        return tasks

    def _take(self, target: Target, now: float) -> bool:
        """True if nobody works for the target, and it is not left alone; then somebody does."""
        with self._guard:
            beside = sum(one.channel == target.channel for one in self._busy)
            if target in self._busy or beside >= OF_A_CHANNEL or self._breaker(target).until > now:
                return False
            self._busy.add(target)
            return True

    def _breaker(self, target: Target) -> _Breaker:
        return self._breakers.setdefault(target, _Breaker())

    def _work(self, target: Target, queue: Sequence[Delivery], world: World) -> list[Ended]:
        """Send a target's deliveries, in their order, until it is left alone or the service stops."""
        ended: list[Ended] = []
        try:
            if self._breaker(target).is_open:  # one try shows whether it works again: of what has failed least
                queue = sorted(queue, key=lambda one: one.attempts)
            for delivery in queue:
                if self._stopping() or self._unsettled:
                    break
                if _waits(delivery, world):
                    continue
                ending = self._deliver(delivery, world)
                if ending is not None:
                    ended.append((delivery, ending.outcome))
                    if not self._goes_on(target, ending, world):
                        break
        finally:
            with self._guard:
                self._busy.discard(target)
        if ended:  # meanwhile more may have come for the target, or for one that found no free thread
            self._wake()
        return ended

    def _deliver(self, delivery: Delivery, world: World) -> Ending | None:
        """Keep one promise; what was sent but could not be recorded is kept in mind."""
        try:
            return deliver(delivery, world, self._effort)
        except Unsettled as error:
            self._unsettled[delivery.id] = (delivery, error.ending)
            raise

    def _report(self, task: "Future[list[Ended]]") -> None:
        """What went wrong is logged, a bug with its traceback; it stops only its own target, until the next round."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreError):  # nothing is sent that cannot be recorded
            self._failed = True
            log.error("cannot deliver error=%s", error)
        elif error is not None:
            log.error("bug in delivery error=%r", error, exc_info=error)

    def _goes_on(self, target: Target, ending: Ending, world: World) -> bool:
        """True if the target's queue goes on; what has waited too long for a target that does not work is given up."""
        breaker, now = self._breaker(target), world.clock.now()
        was_open = breaker.is_open
        breaker.note(ending.outcome, world.clock.monotonic())
        if was_open and not breaker.is_open:  # now everything comes, in its order
            world.store.hurry(target, now)
            self._wake()
            return False
        if breaker.is_open:
            why = f"given up while the channel did not work: {ending.outcome.why}"
            notices = world.audience.notices([given_up(target.channel, why, now)], now)
            notices = () if target.channel == world.audience.operator else notices  # lest it go round
            world.store.expire(target, now - self._effort.give_up, now, why=why, notices=notices)
        return breaker.until <= world.clock.monotonic()

    def _settle_again(self, world: World) -> bool:
        """Record what could not be recorded; False if it still cannot be, and then nothing more is sent."""
        for delivery, ending in list(self._unsettled.values()):
            try:
                world.store.settle(delivery, ending, world.clock.now())
            except StoreError as error:
                log.error("cannot record delivery=%s error=%s", delivery.id, error)
                return False
            del self._unsettled[delivery.id]
        return True


def _waits(delivery: Delivery, world: World) -> bool:
    """True if it comes to the channel's quiet hours at last, since it was late: then it waits for their end."""
    timing = world.timings.get(delivery.channel, Timing())
    until = None if delivery.urgent else quiet_until(timing.quiet, world.clock.now(), timing.zone)
    if until is None or (delivery.interrupted and is_not_repeated(delivery, world)):  # then nothing is sent
        return False
    postponed = Postponed(ids=(delivery.id,), until=until, held=Held.QUIET)
    if delivery.attempts or delivery.unsure or delivery.reason is Reason.DIGEST:
        world.store.postpone(postponed, world.clock.now())
    else:  # nobody can have seen it: it may come with others
        world.store.arrange([Arrangement(postponed=(postponed,))], world.clock.now())
    return True


def arrange_all(world: World) -> None:
    """Decide when everything that waits is to leave."""
    while waiting := world.store.waiting(world.clock.now(), limit=ARRANGED):
        now = world.clock.now()
        mutes = world.store.mutes(now)
        world.store.arrange([_arranged(one, world, mutes) for one in waiting], now)
        if all(len(one.deliveries) < ARRANGED for one in waiting):
            return


def _arranged(waiting: Waiting, world: World, mutes: Sequence[Mute]) -> Arrangement:
    channel = waiting.target.channel
    timing = world.timings.get(channel, Timing())
    return arrange(waiting, timing=timing, mutes=mutes, now=world.clock.now(), room=world.notifier.room(channel))

"""When things run: every source on its own interval, the outbox every few seconds, in one process (APScheduler)."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Thread

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.promising import Audience
from bot.courier import Courier
from bot.errors import Stopping, StoreError
from bot.model import Poll, Polled
from bot.pipeline import Effort, collect, record_bug
from bot.ports import World
from bot.settings import Delivering
from scrapers.model import Source

log = logging.getLogger(__name__)

WORKERS = 8
STEP = timedelta(seconds=30)
"""By so much the clock must have moved on its own, or been moved, before times are thought over again."""
CLOCK_SECONDS = 5.0
"""However seldom the outbox is looked at, the clock is looked at so often: else polls might wait for it."""
KEEP_POLLS = timedelta(days=90)
# A late run is run, late or not; many missed runs are one; a source is never polled twice at once. (APScheduler's
# own default drops a run that is more than a second late.)
_JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What people want to be polled and told: taken whole."""

    sources: Sequence[Source]
    audience: Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the service does."""

    sources: Sequence[Source]
    last_polls: Mapping[str, datetime]
    """When each source was polled last, before this start."""
    jitter: float
    delivery: Delivering
    look: Callable[[], Orders | None] = lambda: None
    """Asked every `look_seconds`: new orders, or None while the old ones stay in force."""
    look_seconds: float = 2.0
    tick: Callable[[datetime], None] = lambda _: None
    """Told each time that the outbox has been looked at: the service lives."""
    ping: Callable[[], None] = lambda: None
    """Called every `ping_minutes`: tells somebody outside that all is well."""
    ping_minutes: float = 60.0


def serve(plan: Plan, world: World, stop: Event) -> None:
    """Run until `stop` is set; what is in hand is finished."""
    _Service(plan, world, stop).run()


@dataclass(frozen=True, slots=True)
class _Set:
    """The sources by id, and the world with the rules, that belong together."""

    sources: Mapping[str, Source]
    world: World


class _Service:
    """The jobs. What they work with is one set, asked once a poll and replaced in one step."""

    def __init__(self, plan: Plan, world: World, stop: Event) -> None:
        self._plan, self._clock, self._stop = plan, world.clock, stop
        self._set = _Set({one.id: one for one in plan.sources}, world)
        self._last_polls = dict(plan.last_polls)
        self._wake = Event()
        self._ticked = (self._clock.now(), self._clock.monotonic())
        # Looking at the files has a thread of its own: it must not wait for eight slow polls.
        executors = {"default": ThreadPoolExecutor(WORKERS), "looking": ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=_JOB_DEFAULTS, executors=executors)
        self._scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)

    def run(self) -> None:
        """Run until told to stop."""
        self._schedule(self._plan.sources)
        self._schedule_own()
        delivery = Thread(target=self._deliver_until_stopped, name="delivery")
        delivery.start()
        self._scheduler.start()
        while not self._stop.wait(1.0):  # a signal that another thread receives wakes nobody here
            pass
        self._scheduler.shutdown(wait=True)
        self._wake.set()
        delivery.join()

    def _schedule_own(self) -> None:
        """The jobs that are not polls."""
        now = self._clock.now()
        tidying = IntervalTrigger(days=1, timezone="UTC")
        looking = IntervalTrigger(seconds=self._plan.look_seconds, timezone="UTC")
        pinging = IntervalTrigger(minutes=self._plan.ping_minutes, timezone="UTC")
        jobs = {
            "tidy": (self._tidy, tidying, now, "default"),
            "ping": (self._plan.ping, pinging, now + timedelta(minutes=1), "default"),
            "look": (self._look, looking, now, "looking"),
        }
        for name, (job, trigger, first, executor) in jobs.items():
            self._scheduler.add_job(
                job, trigger, id=name, executor=executor, next_run_time=first, replace_existing=True
            )

    def _deliver_until_stopped(self) -> None:
        """Look at the outbox every few seconds, and at once when a poll has promised something.

        A thread of its own: a job that asked the scheduler to run it sooner would wait for ever for a scheduler that
        is being shut down and waits for the job.
        """
        courier, due = self._courier(), self._clock.monotonic()
        while not self._stop.is_set():
            try:
                if self._look_at_clock() or self._wake.is_set() or self._clock.monotonic() >= due:
                    self._wake.clear()
                    due = self._clock.monotonic() + self._plan.delivery.every_seconds
                    courier.round()
                    if courier.is_well:  # a round that fails is no sign of life
                        self._plan.tick(self._clock.now())
            except StoreError as error:
                log.error("cannot deliver error=%s", error)
            except Exception:
                log.exception("bug in delivery")
            self._wake.wait(max(0.0, min(due - self._clock.monotonic(), CLOCK_SECONDS)))
        courier.close()

    def _courier(self) -> Courier:
        stop = self._stop.is_set
        return Courier(lambda: self._set.world, effort(self._plan.delivery), stopping=stop, wake=self._wake.set)

    def _look_at_clock(self) -> bool:
        """True if somebody has moved the clock: then all goes by the new time."""
        now, passed = self._clock.now(), self._clock.monotonic()
        before, self._ticked = self._ticked, (now, passed)
        step = now - before[0] - timedelta(seconds=passed - before[1])
        if abs(step) < STEP:
            return False
        self._moved(step)
        return True

    def _moved(self, step: timedelta) -> None:
        """Go by the new time at once: what waits until a time by the old one would come too late, or never."""
        log.warning("the clock was moved seconds=%d", step.total_seconds())
        try:
            self._set.world.store.reconsider(self._clock.now(), step=step)
        except StoreError as error:
            log.error("cannot reconsider error=%s", error)
        self._last_polls = {source: at + step for source, at in dict(self._last_polls).items()}
        self._schedule(self._set.sources.values())
        self._schedule_own()

    def _tidy(self) -> None:
        self._set.world.store.forget_polls(self._clock.now() - KEEP_POLLS)

    def _schedule(self, sources: Iterable[Source]) -> None:
        """Poll each on its interval from now on; a source that was scheduled before is put on its new one."""
        now = self._clock.now()
        for place, source in enumerate(sources):
            seconds = source.every_minutes * 60
            trigger = IntervalTrigger(seconds=seconds, jitter=self._plan.jitter * seconds or None, timezone="UTC")
            first = _first_run(source, place, self._last_polls.get(source.id), now)
            self._scheduler.add_job(
                self._poll, trigger, [source.id], id=_job(source.id), next_run_time=first, replace_existing=True
            )

    def _poll(self, source_id: str) -> None:
        orders = self._set  # all that this poll goes by, whatever is taken meanwhile
        if self._stop.is_set() or source_id not in orders.sources:
            return
        poll = collect_safely(orders.sources[source_id], orders.world)
        self._last_polls[source_id] = poll.at
        _log(poll)
        if poll.planned:
            self._wake.set()

    def _look(self) -> None:
        """Take new orders, if there are any: in one step, and then the times follow."""
        orders = None if self._stop.is_set() else self._plan.look()
        if orders is None:
            return
        before = self._set.sources
        now = {one.id: one for one in orders.sources}
        self._set = _Set(now, replace(self._set.world, audience=orders.audience))
        gone, new = before.keys() - now.keys(), now.keys() - before.keys()
        changed = {name for name in now.keys() & before.keys() if now[name] != before[name]}
        for name in gone:
            self._scheduler.remove_job(_job(name))
        for name in changed:
            if _reads_otherwise(before[name], now[name]):
                self._last_polls.pop(name, None)  # so it is due at once
        self._schedule(now[name] for name in sorted(new | changed))
        log.info(
            "reloaded rules=%d sources=%d added=%d removed=%d changed=%d",
            *(len(orders.audience.rules.rules), len(now), len(new), len(gone), len(changed)),
        )


def effort(settings: Delivering) -> Effort:
    """How hard a message is tried, by the settings."""
    return Effort(give_up=timedelta(hours=settings.give_up_hours), timeout=settings.timeout_seconds)


def _job(source_id: str) -> str:
    return f"source {source_id}"


def _reads_otherwise(one: Source, other: Source) -> bool:
    """True if more has changed than how often it is polled."""
    return one.model_copy(update={"every_minutes": other.every_minutes}) != other


def _log(poll: Poll) -> None:
    log.log(
        logging.WARNING if poll.error else logging.INFO,
        "polled source=%s result=%s found=%d new=%d folded=%d matched=%d planned=%d took=%.2f error=%s",
        *(poll.source, poll.result, poll.found, poll.new, poll.folded, poll.matched, poll.planned, poll.took),
        poll.error,
    )


def collect_safely(source: Source, world: World) -> Poll:
    """Poll; a bug is logged with its traceback and recorded as a failed poll, and the others go on."""
    try:
        return collect(source, world)
    except Stopping as error:  # nothing is recorded: nothing is wrong with the source
        return Poll(source=source.id, at=world.clock.now(), result=Polled.UNCHANGED, error=str(error))
    except StoreError as error:  # there is nowhere to record it
        return Poll(source=source.id, at=world.clock.now(), result=Polled.FAILED, error=str(error))
    except Exception as error:
        log.exception("bug source=%s", source.id)
        return record_bug(source, world, error)


def _first_run(source: Source, place: int, last: datetime | None, now: datetime) -> datetime:
    """At once (a little apart) if the source is due, so that what was missed while down is caught up."""
    due = last + timedelta(minutes=source.every_minutes) if last else now
    soonest, latest = now + timedelta(seconds=0.2 * place), now + timedelta(minutes=source.every_minutes)
    return max(soonest, min(due, latest))  # a clock that was set back must not put a poll off for ever


def _report(event: JobExecutionEvent) -> None:
    """A bug in a job is logged with its traceback, and the job runs again at its next time."""
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.debug("still running job=%s", event.job_id)
    else:
        log.error("job failed job=%s error=%r", event.job_id, event.exception, exc_info=event.exception)

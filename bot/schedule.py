"""When things run: every source on its own interval, the outbox every few seconds, in one process (APScheduler)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import Stopping, StoreError
from bot.model import Decision, Poll, Polled
from bot.pipeline import collect, deliver
from bot.ports import World
from bot.settings import Delivering
from scrapers.model import Source

log = logging.getLogger(__name__)

WORKERS = 8
KEEP_POLLS = timedelta(days=90)
# A late run is run, late or not; many missed runs are one; a source is never polled twice at once. (APScheduler's
# own default drops a run that is more than a second late.)
_JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the service does."""

    sources: Sequence[Source]
    last_polls: Mapping[str, datetime]
    """When each source was polled last, before this start."""
    jitter: float
    delivery: Delivering


def serve(plan: Plan, world: World, stop: Event) -> None:
    """Run until `stop` is set; what is in hand is finished."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults=_JOB_DEFAULTS, executors={"default": ThreadPoolExecutor(WORKERS)}
    )
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    wake = Event()
    for place, source in enumerate(plan.sources):
        first = _first_run(source, place, plan, world.clock.now())
        _schedule_source(scheduler, source, plan, world, first=first, wake=wake, stop=stop)
    scheduler.add_job(_tidy, IntervalTrigger(days=1, timezone="UTC"), [world], next_run_time=world.clock.now())
    delivery = Thread(target=_deliver_until, args=(plan, world, wake, stop), name="delivery")
    delivery.start()
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)
    wake.set()
    delivery.join()


def _deliver_until(plan: Plan, world: World, wake: Event, stop: Event) -> None:
    """Look at the outbox every few seconds, and at once when a poll has promised something.

    A thread of its own: a job that asked the scheduler to run it sooner would wait for ever for a scheduler that is
    being shut down and waits for the job.
    """
    settings = plan.delivery
    while not stop.is_set():
        try:
            deliver(
                world,
                give_up=timedelta(hours=settings.give_up_hours),
                timeout=settings.timeout_seconds,
                stopping=stop.is_set,
            )
        except Exception:
            log.exception("bug in delivery")
        wake.wait(settings.every_seconds)
        wake.clear()


def _tidy(world: World) -> None:
    world.store.forget_polls(world.clock.now() - KEEP_POLLS)


def _schedule_source(
    scheduler: Any, source: Source, plan: Plan, world: World, *, first: datetime, wake: Event, stop: Event
) -> None:
    def run() -> None:
        if stop.is_set():
            return
        poll = collect_safely(source, world)
        _log(poll)
        if poll.planned:
            wake.set()

    seconds = source.every_minutes * 60
    trigger = IntervalTrigger(seconds=seconds, jitter=plan.jitter * seconds or None, timezone="UTC")
    scheduler.add_job(run, trigger, id=f"source {source.id}", next_run_time=first)


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
        poll = Poll(
            source=source.id, at=world.clock.now(), result=Polled.FAILED, error=f"a bug, see the log: {error!r}"
        )
        return world.store.commit((), lambda _: Decision(poll=poll))


def _first_run(source: Source, place: int, plan: Plan, now: datetime) -> datetime:
    """At once (a little apart) if the source is due, so that what was missed while down is caught up."""
    last = plan.last_polls.get(source.id)
    due = last + timedelta(minutes=source.every_minutes) if last else now
    soonest, latest = now + timedelta(seconds=0.2 * place), now + timedelta(minutes=source.every_minutes)
    return max(soonest, min(due, latest))  # a clock that was set back must not put a poll off for ever


def _report(event: JobExecutionEvent) -> None:
    """A bug in a job is logged with its traceback, and the job runs again at its next time."""
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.debug("still running job=%s", event.job_id)
    else:
        log.error("job failed job=%s error=%r", event.job_id, event.exception, exc_info=event.exception)

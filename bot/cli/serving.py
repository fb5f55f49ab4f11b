"""Commands that poll and deliver: run, once, health."""

import logging
from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, find_source, pass_session
from bot.cli.since import SINCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from queue import SimpleQueue

    from bot.app import App
    from bot.loading import Loaded
    from bot.model import Delivery, Outcome, Poll
    from bot.reloading import InForce
    from bot.schedule import Plan
    from scrapers.model import Source


@click.command()
@pass_session
def run(session: Session) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    Polls every enabled source on its interval and delivers; what was missed while it was down is caught up. What is in
    hand is finished before it ends with 0. Rules and sources that are changed meanwhile are taken if they are right,
    else the last good ones stay in force; SIGHUP has them read anew. config.toml is read at the start only.

    \b
    Example:
      tocsin --config my-alerts/config.toml run
    """
    import gc
    import signal
    from queue import SimpleQueue
    from threading import Event

    from bot.app import open_app, open_channels
    from bot.errors import ConfigError
    from bot.schedule import serve

    stop = Event()
    hangups: SimpleQueue[None] = SimpleQueue()
    for name in (signal.SIGTERM, signal.SIGINT):  # at once: as the first process of a container it has no other way out
        signal.signal(name, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: hangups.put(None))
    loaded = session.load()
    session.log(loaded, service=True)
    channels = open_channels(loaded)
    if problems := channels.problems():
        raise ConfigError(problems)
    with open_app(loaded, notifier=channels, stop=stop) as app:
        app.database.check()
        plan = _plan(app, hangups)
        gc.freeze()  # rules and modules stay for good: the collector need not look at them again and again
        log = logging.getLogger("bot")
        log.info("started sources=%d rules=%d", len(plan.sources), len(app.world.audience.rules.rules))
        serve(plan, app.world, stop)
        log.info("stopped")


def _plan(app: "App", hangups: "SimpleQueue[None]") -> "Plan":
    """What the service does, and how it hears of other orders."""
    from bot.app import audience
    from bot.reloading import Reloader
    from bot.schedule import Orders, Plan

    reloader = Reloader(app.loaded, app.world.clock, hangups)

    def look() -> Orders | None:
        loaded = reloader.look()
        return None if loaded is None else Orders(sources=loaded.enabled, audience=audience(loaded))

    return Plan(
        sources=app.loaded.enabled,
        last_polls={source: poll["at"] for source, poll in app.archive.last_polls().items()},
        jitter=app.loaded.settings.fetch.jitter,
        delivery=app.loaded.settings.delivery,
        look=look,
    )


@click.command()
@click.argument("source", nargs=-1)
@click.option("--no-send", is_flag=True, help="Store and plan, but leave the alerts in the outbox.")
@click.option("--replay", metavar="RULE", multiple=True, help="Hold this rule against stored releases, too.")
@click.option("--since", type=SINCE, default="30d", show_default=True, metavar="SPAN", help="How far back to replay.")
@as_json
@pass_session
def once(
    session: Session,
    source: tuple[str, ...],
    no_send: bool,  # noqa: FBT001
    replay: tuple[str, ...],
    since: "date",
    as_json: bool,  # noqa: FBT001
) -> None:
    """Poll once, deliver, show what happened.

    Polls all enabled sources, or those named. With --replay, which may be given several times, only those named:
    what is stored and met by the rule is told as if it came now, one alert a story, but not what the rule has told
    before. Exit 1 if a source failed or an alert could not be sent.

    \b
    Examples:
      tocsin once
      tocsin once kr/motir-press --no-send
      tocsin once --replay tariffs --since 6w
    """
    from bot.app import open_app

    loaded = session.load()
    session.log(loaded)
    _refuse_silent(loaded, replay)
    chosen = [find_source(loaded, name) for name in source] or ([] if replay else list(loaded.enabled))
    with open_app(loaded) as app:
        polled = [_collect(one, app) for one in _watched(chosen, hidden=as_json)]
        polled += _replay(app, replay, since) if replay else []
        ended = [] if no_send else _deliver_all(app)
    _show_polls(polled, ended, as_json=as_json)
    if any(poll.result == "failed" for poll in polled) or any(outcome.result != "sent" for _, outcome in ended):
        raise SystemExit(1)


def _refuse_silent(loaded: "Loaded", names: "Sequence[str]") -> None:
    """A usage error for rules that are not in force."""
    on = {rule.id for rule in loaded.rules if rule.spec.enabled}
    known = {rule.id for rule in loaded.rules}
    for name in names:
        if name not in on:
            why = "is switched off" if name in known else f"is none of the rules: {', '.join(sorted(on)) or 'none'}"
            raise click.UsageError(f"{name!r} {why}")


def _replay(app: "App", rules: "Sequence[str]", since: "date") -> "list[Poll]":
    """The rules held against what is stored since a day, as one record."""
    from dataclasses import replace

    from bot.model import Poll, Polled
    from bot.pipeline import REPLAY, replay

    whole = Poll(source=REPLAY, at=app.world.clock.now(), result=Polled.OK)
    for poll in replay(app.archive.each(since=since), app.world, rules):
        counts = {name: getattr(whole, name) + getattr(poll, name) for name in ("found", "matched", "planned")}
        whole = replace(whole, **counts)
    return [whole]


def _collect(source: "Source", app: "App") -> "Poll":
    """One poll; a bug in one source is shown as its failure, and the others are polled all the same."""
    from bot.schedule import collect_safely

    return collect_safely(source, app.world)


def _watched(sources: "Sequence[Source]", *, hidden: bool) -> "Iterable[Source]":
    """The sources, with a progress bar on a screen that shows one."""
    import sys

    from rich.console import Console
    from rich.progress import track

    if hidden or not sys.stderr.isatty():
        return sources
    return track(sources, description="polling", console=Console(stderr=True), transient=True)


def _deliver_all(app: "App") -> "list[tuple[Delivery, Outcome]]":
    """Deliver until nothing more is due."""
    from datetime import timedelta

    from bot.pipeline import deliver

    settings = app.loaded.settings.delivery
    ended: list[tuple[Delivery, Outcome]] = []
    while True:
        some = deliver(app.world, give_up=timedelta(hours=settings.give_up_hours), timeout=settings.timeout_seconds)
        ended += some
        if not any(outcome.result == "sent" for _, outcome in some):
            return ended


def _show_polls(polled: "list[Poll]", ended: "list[tuple[Delivery, Outcome]]", *, as_json: bool) -> None:
    from dataclasses import asdict

    from bot.cli.output import print_json, print_notes, print_table

    if as_json:
        print_json(asdict(poll) for poll in polled)
        return
    rows = [(one.source, one.result, one.found, one.new, one.folded, one.planned) for one in polled]
    print_table(["source", "result", "found", "new", "folded", "alerts"], rows, empty="no source is enabled")
    print_notes(
        (one.source, one.error or "first poll: stored, nobody told") for one in polled if one.error or one.baseline
    )
    sent = sum(outcome.result == "sent" for _, outcome in ended)
    click.echo(f"{sent} alerts sent, {len(ended) - sent} tries failed.")
    for delivery, outcome in ended:
        if outcome.result != "sent":
            click.echo(f"  {delivery.channel} {delivery.recipient}: {outcome.result}: {outcome.why}")


@click.command()
@as_json
@pass_session
def health(session: Session, as_json: bool) -> None:  # noqa: FBT001
    """Exit 0 if the service ticks.

    Every source that is polled must have been polled within three of its intervals. This is the container's check;
    trouble of a single source or channel does not make the service unhealthy, but it is shown; nor do files that were
    refused while it runs, since it goes on with the last good ones.

    \b
    Example:
      tocsin health --json
    """
    from datetime import timedelta
    from pathlib import Path

    from bot.adapters.clock import SystemClock
    from bot.app import open_archive_in
    from bot.loading import data_folder, environment
    from bot.reloading import read_in_force

    data = data_folder(Path(session.config), environment())
    running = read_in_force(data)
    every = running.sources if running else {one.id: one.every_minutes for one in session.load(reading=True).enabled}
    with open_archive_in(data) as archive:
        last, waiting = archive.last_polls(), archive.waiting()
    now = SystemClock().now()
    bounds = {name: now - 3 * timedelta(minutes=minutes) - timedelta(seconds=30) for name, minutes in every.items()}
    late = [name for name, bound in bounds.items() if name not in last or last[name]["at"] < bound]
    failing = [name for name in every if last.get(name, {}).get("failures")]
    _show_health(late, failing, waiting, running, as_json=as_json)
    if late:
        raise SystemExit(1)


def _show_health(
    late: "Sequence[str]",
    failing: "Sequence[str]",
    waiting: "Mapping[str, int]",
    running: "InForce | None",
    *,
    as_json: bool,
) -> None:
    from bot.cli.output import cell, print_json

    refused = running.refused if running else ()
    restart = running is not None and running.restart
    if as_json:
        answer = {"healthy": not late, "late": late, "failing": failing, "outbox": dict(waiting)}
        print_json([{**answer, "refused": refused, "restart": restart}])
        return
    click.echo("unhealthy: not polled in time: " + ", ".join(late) if late else "healthy")
    if failing:
        click.echo("failing sources: " + ", ".join(failing))
    if waiting.get("dead"):
        click.echo(f"dead letters: {waiting['dead']}; see `tocsin outbox --state dead`")
    if running and refused:
        since = f"those of {running.since} stay in force"
        click.echo(f"rules and sources refused at {running.refused_at}; {since}; see `tocsin check`:")
        for problem in refused:
            click.echo(f"  {cell(problem)}")
    if restart:
        click.echo("config.toml has changed since the start; restart the service to read it")

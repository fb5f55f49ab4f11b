"""Commands that poll and deliver: run, once."""

import logging
from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, find_source, pass_session
from bot.cli.since import SINCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from queue import SimpleQueue

    from bot.app import App
    from bot.loading import Loaded
    from bot.model import Delivery, Outcome, Poll
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

    from bot.app import open_app
    from bot.channels import open_channels
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
    from bot.app import audience, pinger
    from bot.heartbeat import beat
    from bot.reloading import Reloader
    from bot.schedule import Orders, Plan

    loaded, settings = app.loaded, app.loaded.settings
    reloader = Reloader(loaded, app.world.clock, hangups, app.tell_operator)

    def look() -> Orders | None:
        now = reloader.look()
        return None if now is None else Orders(sources=now.enabled, audience=audience(now))

    return Plan(
        sources=loaded.enabled,
        last_polls={source: poll["at"] for source, poll in app.archive.last_polls().items()},
        jitter=settings.fetch.jitter,
        delivery=settings.delivery,
        look=look,
        tick=lambda now: beat(loaded.data, now, settings.delivery.every_seconds),
        ping=pinger(app),
        ping_minutes=settings.operator.ping_minutes,
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
    from bot.courier import Courier
    from bot.schedule import effort

    courier = Courier(lambda: app.world, effort(app.loaded.settings.delivery))
    try:
        return courier.drain()
    finally:
        courier.close()


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

"""Commands that poll and deliver: run, once, health."""

from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, find_source, pass_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.app import App
    from bot.model import Delivery, Outcome, Poll
    from scrapers.model import Source


@click.command()
@pass_session
def run(session: Session) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    Polls every enabled source on its interval and delivers; what was missed while it was down is caught up. What is in
    hand is finished before it ends with 0.

    \b
    Example:
      tocsin --config my-alerts/config.toml run
    """
    import logging
    import signal
    from threading import Event

    from bot.app import open_app, open_channels
    from bot.errors import ConfigError
    from bot.schedule import Plan, serve

    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):  # at once: as the first process of a container it has no other way out
        signal.signal(name, lambda *_: stop.set())
    loaded = session.load()
    session.log(loaded, service=True)
    channels = open_channels(loaded)
    if problems := channels.problems():
        raise ConfigError(problems)
    with open_app(loaded, notifier=channels, stop=stop) as app:
        app.database.check()
        plan = Plan(
            sources=loaded.enabled,
            last_polls={source: poll["at"] for source, poll in app.archive.last_polls().items()},
            jitter=loaded.settings.fetch.jitter,
            delivery=loaded.settings.delivery,
        )
        log = logging.getLogger("bot")
        log.info("started sources=%d rules=%d", len(plan.sources), len(app.world.audience.rules.rules))
        serve(plan, app.world, stop)
        log.info("stopped")


@click.command()
@click.argument("source", nargs=-1)
@click.option("--no-send", is_flag=True, help="Store and plan, but leave the alerts in the outbox.")
@as_json
@pass_session
def once(session: Session, source: tuple[str, ...], no_send: bool, as_json: bool) -> None:  # noqa: FBT001
    """Poll once, deliver, show what happened.

    Polls all enabled sources, or those named. Exit 1 if a source failed or an alert could not be sent.

    \b
    Examples:
      tocsin once
      tocsin once kr/motir-press --no-send
    """
    from bot.app import open_app

    loaded = session.load()
    session.log(loaded)
    chosen = [find_source(loaded, name) for name in source] or list(loaded.enabled)
    with open_app(loaded) as app:
        polled = [_collect(one, app) for one in _watched(chosen, hidden=as_json)]
        ended = [] if no_send else _deliver_all(app)
    _show_polls(polled, ended, as_json=as_json)
    if any(poll.result == "failed" for poll in polled) or any(outcome.result != "sent" for _, outcome in ended):
        raise SystemExit(1)


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

    Every enabled source must have been polled within three of its intervals. This is the container's check; trouble of
    a single source or channel does not make the service unhealthy, but it is shown.

    \b
    Example:
      tocsin health --json
    """
    from datetime import timedelta

    from bot.adapters.clock import SystemClock
    from bot.app import open_archive
    from bot.cli.output import print_json

    loaded = session.load(reading=True)
    with open_archive(loaded) as archive:
        last, waiting = archive.last_polls(), archive.waiting()
    now, late = SystemClock().now(), []
    for source in loaded.enabled:
        bound = now - 3 * timedelta(minutes=source.every_minutes) - timedelta(seconds=30)
        if source.id not in last or last[source.id]["at"] < bound:
            late.append(source.id)
    failing = [source.id for source in loaded.enabled if last.get(source.id, {}).get("failures")]
    if as_json:
        print_json([{"healthy": not late, "late": late, "failing": failing, "outbox": dict(waiting)}])
    else:
        click.echo("unhealthy: not polled in time: " + ", ".join(late) if late else "healthy")
        if failing:
            click.echo("failing sources: " + ", ".join(failing))
        if waiting.get("dead"):
            click.echo(f"dead letters: {waiting['dead']}; see `tocsin outbox --state dead`")
    if late:
        raise SystemExit(1)

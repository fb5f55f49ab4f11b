"""The command that says whether the service lives: health."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, pass_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.adapters.database.deliveries import Record
    from bot.heartbeat import Beat
    from bot.reloading import InForce


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the service does, and what it has in hand."""

    late: "Sequence[str]"
    """Sources that were not polled in time."""
    beat: "Beat | None"
    """The service's last sign of life; None if none is running."""
    stuck: bool
    """True if signs of life are missing."""
    failing: "Sequence[str]"
    broken: "Mapping[str, str]"
    """Sources that are broken or stale, and which of the two."""
    outbox: "Mapping[str, int]"
    muted: "Sequence[Record]"
    running: "InForce | None"

    @property
    def healthy(self) -> bool:
        """True if the service ticks."""
        return not self.late and not self.stuck


@click.command()
@as_json
@pass_session
def health(session: Session, as_json: bool) -> None:  # noqa: FBT001
    """Exit 0 if the service ticks.

    Every source that is polled must have been polled within three of its intervals, and a service that runs must have
    looked at its outbox within three of its own (30 seconds at least). This is the container's check; trouble of a
    single source or channel does not make the service unhealthy, but it is shown: sources that fail, are broken or
    stale, dead letters, alerts that may not have arrived, and what is muted. Nor do files that were refused while it
    runs, since it goes on with the last good ones.

    \b
    Example:
      tocsin health --json
    """
    state = _state(session)
    if as_json:
        _print(state)
    else:
        _show(state)
    if not state.healthy:
        raise SystemExit(1)


def _state(session: Session) -> State:
    from pathlib import Path

    from bot.adapters.clock import SystemClock
    from bot.app import open_archive_in
    from bot.cli.reading import standing
    from bot.core.watching import late
    from bot.heartbeat import is_stuck, last_beat
    from bot.loading import data_folder, environment
    from bot.reloading import read_in_force

    data = data_folder(Path(session.config), environment())
    running = read_in_force(data)
    every = running.sources if running else {one.id: one.every_minutes for one in session.load(reading=True).enabled}
    now, beat = SystemClock().now(), last_beat(data)
    with open_archive_in(data) as archive:
        last, conditions = archive.last_polls(), archive.conditions()
        waiting, muted = archive.waiting(), archive.muted(now, limit=1000)
    standings = {name: standing(conditions[name]) for name in every if name in conditions}
    return State(
        late=late(every, {name: poll["at"] for name, poll in last.items()}, now),
        beat=beat,
        stuck=beat is not None and is_stuck(beat, now),
        failing=[name for name in every if last.get(name, {}).get("failures")],
        broken={name: one for name, one in standings.items() if one in {"broken", "stale"}},
        outbox=waiting,
        muted=muted,
        running=running,
    )


def _print(state: State) -> None:
    from bot.cli.output import print_json

    refused = state.running.refused if state.running else ()
    answer = {
        "healthy": state.healthy,
        "late": state.late,
        "tick": state.beat.at if state.beat else None,
        "stuck": state.stuck,
        "failing": state.failing,
        "broken": state.broken,
        "outbox": dict(state.outbox),
        "ambiguous": state.outbox.get("ambiguous", 0),
        "muted": [{name: one[name] for name in ("kind", "name", "until")} for one in state.muted],
        "refused": refused,
        "restart": state.running is not None and state.running.restart,
    }
    print_json([answer])


def _show(state: State) -> None:
    click.echo(_verdict(state.late, state.beat if state.stuck else None))
    if state.failing:
        click.echo("failing sources: " + ", ".join(state.failing))
    if state.broken:
        click.echo("in trouble: " + ", ".join(f"{name} ({how})" for name, how in state.broken.items()))
    if state.outbox.get("dead"):
        click.echo(f"dead letters: {state.outbox['dead']}; see `tocsin outbox --dead`")
    if state.outbox.get("ambiguous"):
        unsure = f"{state.outbox['ambiguous']}; see `tocsin outbox --state ambiguous`"
        click.echo(f"alerts that may not have arrived: {unsure}")
    if state.muted:
        click.echo("muted: " + ", ".join(f"{one['name']} until {_minute(one['until'])}" for one in state.muted))
    if state.running:
        _show_files(state.running)


def _verdict(late: "Sequence[str]", missed: "Beat | None") -> str:
    """Whether the service is well, and why not; `missed` is the last sign of life if more should have come."""
    said = []
    if missed is not None:
        said.append(f"unhealthy: the service has not looked at its outbox since {_minute(missed.at)}")
    if late:
        said.append("unhealthy: not polled in time: " + ", ".join(late))
    return "\n".join(said) or "healthy"


def _minute(time: "datetime") -> str:
    from bot.cli.output import cell

    return cell(time)


def _show_files(running: "InForce") -> None:
    """What is wrong with the files as they are now, and whether a restart is wanted."""
    from bot.cli.output import cell

    if running.refused:
        since = f"those of {running.since} stay in force"
        click.echo(f"rules and sources refused at {running.refused_at}; {since}; see `tocsin check`:")
        for problem in running.refused:
            click.echo(f"  {cell(problem)}")
    if running.restart:
        click.echo("config.toml has changed since the start; restart the service to read it")

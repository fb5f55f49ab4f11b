"""The command about the outbox, and the one inside it: outbox, outbox retry."""

from typing import TYPE_CHECKING, Any

import click

from bot.cli.options import Session, as_json, limited, pass_session

if TYPE_CHECKING:
    from bot.adapters.database.deliveries import Record

STATES = ("held", "pending", "sending", "sent", "ambiguous", "dead")
"""Those of bot.model.State, which is not imported here: --help is quick."""
_LONGEST = 120
"""Characters that are shown of what a digest holds."""


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice(STATES), multiple=True, help="May be given several times.")
@click.option("--dead", is_flag=True, help="Dead letters: the same as --state dead.")
@click.option("--channel", help="Only this channel.")
@limited(30)
@as_json
@pass_session
@click.pass_context
def outbox(
    ctx: click.Context,
    session: Session,
    state: tuple[str, ...],
    dead: bool,  # noqa: FBT001
    channel: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """List alerts and how they stand.

    The latest promise comes first. An alert is "held" while it waits for its time, or goes with a digest, of which the
    id is shown; "pending" from then on, also between tries; "sending"; "sent". It is "ambiguous" if it may have
    arrived and the channel wants nothing repeated, and "dead" if it was given up: `outbox retry` lets these be tried
    again.

    \b
    Examples:
      tocsin outbox --dead
      tocsin outbox --state held --state pending --channel me
      tocsin outbox retry --dead
    """
    if ctx.invoked_subcommand is not None:
        return
    from bot.app import open_archive
    from bot.cli.output import print_json, print_table

    states = (*state, *(("dead",) if dead else ()))
    with open_archive(session.load(reading=True)) as archive:
        found = archive.outbox(limit=limit, states=states, channel=channel)
    if as_json:
        print_json(found)
        return
    columns = ["id", "state", "channel", "rule", "title"]
    print_table(columns, [_row(record) for record in found], empty="no such alert" if states else "the outbox is empty")


def _row(record: "Record") -> tuple[Any, ...]:
    where = f"{record['channel']} {record['recipient']}".strip()
    lines = filter(None, (_title(record), record["message"].get("url", ""), _note(record)))
    return record["id"], record["state"], where, record["rule"], "\n".join(lines)


def _title(record: "Record") -> str:
    """What it is about; a digest has no title of its own."""
    entries = record["message"].get("entries", ())
    title = record["title"]
    if entries:
        title = f"{len(entries)} alerts: {'; '.join(one['title'] for one in entries)}"
        title = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
    return title if record["reason"] == "new" else f"{record['reason']}: {title}"


def _note(record: "Record") -> str:
    """Why it stands so."""
    from bot.core.fate import why_held

    if record["state"] == "held":
        return why_held(record)
    within = f"with digest {record['digest']}" if record["digest"] else ""
    tries = f"({record['attempts']} tries)" if record["attempts"] > 1 else ""
    return " ".join(filter(None, (within, record["why"], tries)))


@outbox.command()
@click.argument("delivery", nargs=-1)
@click.option("--dead", is_flag=True, help="All dead letters.")
@pass_session
def retry(session: Session, delivery: tuple[str, ...], dead: bool) -> None:  # noqa: FBT001
    """Let alerts be tried again.

    Those that are dead, ambiguous, or wait for their next try; one that went with a digest is tried again with the
    whole digest. What waits for its time is left to wait, and what was sent is not sent again: exit 1 then. Works
    while the service runs, which then sends them.

    \b
    Examples:
      tocsin outbox retry --dead
      tocsin outbox retry 81b637d8fcd2c6da6359
    """
    if dead == bool(delivery):
        raise click.UsageError("name deliveries, or give --dead")
    from bot.app import open_archive, revive

    loaded = session.load(reading=True)
    with open_archive(loaded) as archive:
        found = archive.deliveries(delivery)
        carriers = archive.deliveries({one["digest"] for one in found.values() if one["digest"]})
    letters = {name: carriers.get(found[name]["digest"], found[name]) if name in found else None for name in delivery}
    refused = {name: why for name, letter in letters.items() if (why := _why_not(letter))}
    ids = {letter["id"] for name, letter in letters.items() if letter and name not in refused}
    many = revive(loaded, sorted(ids), dead=dead) if ids or dead else 0
    click.echo(f"{many} message{'' if many == 1 else 's'} will be tried again")
    for name, why in refused.items():
        click.echo(f"{name}: {why}", err=True)
    if refused or (delivery and many < len(ids)):
        raise SystemExit(1)


def _why_not(letter: "Record | None") -> str:
    """Why there is nothing to try again; empty if there is."""
    from bot.core.fate import why_held

    if letter is None:
        return "there is no such delivery"
    match letter["state"]:
        case "held":
            return f"it waits for its time, and is left to: {why_held(letter)}"
        case "sent":
            return "it was sent"
        case "sending":
            return "it is being sent"
        case _:
            return ""

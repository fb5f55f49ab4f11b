"""Commands that let alerts wait: mute, mutes, unmute."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from bot.cli.options import Session, as_json, limited, pass_session
from bot.cli.until import UNTIL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.adapters.database.archive import Archive
    from bot.adapters.database.deliveries import Record
    from bot.loading import Loaded
    from bot.model import Mute

KINDS = ("rule", "story", "source")


class Named(NamedTuple):
    """Something that can be muted, and what people call it."""

    kind: str
    name: str
    known_as: str

    def __str__(self) -> str:
        """In one line."""
        return f"{self.kind} {self.name} ({self.known_as})"


@click.command()
@click.argument("name")
@click.option(
    "--until", type=UNTIL, required=True, metavar="WHEN", help="2h, 3d, 1w, or a day or time in UTC; a year at most."
)
@pass_session
def mute(session: Session, name: str, until: datetime) -> None:
    """Let alerts wait, none is lost.

    NAME is the id of a rule, of a story (or its beginning), or of a source; or a pattern of sources such as 'kr/*'.
    Where two of them have one name, write rule:NAME, story:NAME or source:NAME. Until the end, alerts wait, urgent
    ones too; then they come in one message, or in a few if they are many. What is being sent already is not held back.
    A source's notices to the operator wait with it.

    WHEN is how long (2h, 3d, 1w), a day (2026-12-01: its beginning) or a time (2026-12-01T08:00), all in UTC. Muting
    the same again sets another end. Works while the service runs.

    \b
    Examples:
      tocsin mute trade-statistics --until 3d
      tocsin mute ae0dcfb0ef1b8816 --until 2026-12-01T08:00
      tocsin mute 'kr/*' --until 2h
    """
    from bot.adapters.clock import SystemClock
    from bot.app import open_archive, open_store
    from bot.cli.output import cell
    from bot.cli.ruling import load_rules
    from bot.model import Mute

    loaded = load_rules(session)
    with open_archive(loaded) as archive:
        meant = _meant(name, loaded, archive)
    now = SystemClock().now()
    with open_store(loaded) as store:
        store.mute(Mute(kind=meant.kind, name=meant.name, until=until, since=now))
    click.echo(f"muted until {until:%Y-%m-%d %H:%M} UTC: {cell(str(meant))}")
    click.echo(f"its alerts wait, and come in one message then; `tocsin unmute {_quoted(meant.name)}` ends it at once")


def _meant(name: str, loaded: "Loaded", archive: "Archive") -> Named:
    """What is called so; a usage error if that is nothing, or not one thing."""
    kind, _, rest = name.partition(":")
    kinds, plain = ((kind,), rest) if kind in KINDS else (KINDS, name)
    found = list(_called(plain, loaded, archive))
    fitting = [one for one in found if one.kind in kinds]
    exact = [one for one in fitting if one.name == plain] or fitting
    if len(exact) > 1:
        _refuse_many(plain, exact)
    if not exact:
        hint = f'did you mean "{found[0].kind}:{found[0].name}"?' if found else _guess(plain, loaded, archive)
        raise click.UsageError(f"there is no {' or '.join(kinds)} called {plain!r}; {hint}")
    return exact[0]


def _called(name: str, loaded: "Loaded", archive: "Archive") -> "Iterator[Named]":
    """Everything that is called so, or of stories begins so."""
    from fnmatch import fnmatchcase

    if not name:
        return
    yield from (Named("rule", rule.id, rule.spec.name) for rule in loaded.rules if rule.id == name)
    sources = _sources(loaded, archive)
    fitting = [one for one in sources if fnmatchcase(one, name)]
    if fitting:
        many = f"{len(fitting)} source{'s' if len(fitting) > 1 else ''}"
        yield Named("source", name, sources[name] if fitting == [name] else many)
    for release in archive.beginning(name):
        if release["story"] == release["id"]:
            yield Named("story", release["id"], release["title"])


def _sources(loaded: "Loaded", archive: "Archive") -> dict[str, str]:
    """The sources that there are, and those of which something is stored, with their names."""
    return {**{one: one for one in archive.sources()}, **{one.id: one.name for one in loaded.sources.values()}}


def _refuse_many(name: str, found: "Sequence[Named]") -> "NoReturn":
    from bot.cli.output import cell

    listed = "".join(f"\n  {one.kind}:{one.name}  {cell(one.known_as)[:70]}" for one in found)
    raise click.UsageError(f"{name!r} may mean more than one thing; did you mean one of these?{listed}")


def _guess(name: str, loaded: "Loaded", archive: "Archive") -> str:
    """What may have been meant: by an id that is like it, by a rule's name, or by a release's story."""
    from difflib import get_close_matches

    ids = {rule.id: rule.id for rule in loaded.rules}
    names = {rule.spec.name: rule.id for rule in loaded.rules}
    stories = {release["id"]: release["story"] for release in archive.beginning(name)} if name else {}
    known = {**names, **{one: one for one in _sources(loaded, archive)}, **ids, **stories}
    meant = [*stories, *get_close_matches(name, known, n=1)]
    if meant:
        return f'did you mean "{known[meant[0]]}"?'
    return "`tocsin rules list`, `tocsin stories` and `tocsin sources` list them"


@click.command()
@click.option("--all", "ended", is_flag=True, help="Also those that have ended or were undone.")
@limited(50)
@as_json
@pass_session
def mutes(session: Session, ended: bool, limit: int, as_json: bool) -> None:  # noqa: FBT001
    """List what is muted, and until when.

    With how many alerts wait for its end. The state is "on", "ended", or "undone" (also by another mute of the same).
    Times are in UTC.

    \b
    Examples:
      tocsin mutes
      tocsin mutes --all --json
    """
    from bot.adapters.clock import SystemClock
    from bot.app import open_archive
    from bot.cli.output import print_json, print_table

    now = SystemClock().now()
    with open_archive(session.load(reading=True)) as archive:
        held = archive.held_by_mutes()
        found = [_record(one, held, now) for one in archive.muted(now, limit=limit, ended=ended)]
    if as_json:
        print_json(found)
        return
    columns = ["kind", "name", "since", "until", "state", "waiting"]
    print_table(columns, [tuple(one[name] for name in columns) for one in found], empty="nothing is muted")


def _record(mute: "Record", held: "list[Record]", now: datetime) -> "Record":
    """A mute, with its state and how many alerts wait by it."""
    state = "undone" if mute["undone"] else "on" if mute["until"] > now else "ended"
    waiting = sum(one["many"] for one in held if _holds(mute, one)) if state == "on" else 0
    return {**mute, "state": state, "waiting": waiting}


def _holds(mute: "Record", held: "Record") -> bool:
    from fnmatch import fnmatchcase

    about = str(held[mute["kind"]] or "")
    return fnmatchcase(about, mute["name"]) if mute["kind"] == "source" else about == mute["name"]


@click.command()
@click.argument("name")
@pass_session
def unmute(session: Session, name: str) -> None:
    """End a mute at once.

    NAME as `tocsin mutes` lists it, or KIND:NAME where two mutes share a name. What has waited comes in one message
    with the next round of the service, or with the next `tocsin once`; unless something else holds it back, such as
    quiet hours. Works while the service runs.

    \b
    Example:
      tocsin unmute trade-statistics
    """
    from bot.adapters.clock import SystemClock
    from bot.app import open_store

    now = SystemClock().now()
    with open_store(session.load(reading=True)) as store:
        meant = _muted(name, store.mutes(now))
        for one in meant:
            store.unmute(one.kind, one.name, now)
    click.echo("no longer muted: " + ", ".join(f"{one.kind} {one.name}" for one in meant))
    click.echo("what has waited comes in one message with the next round of the service, or with `tocsin once`")


def _muted(name: str, muted: "Sequence[Mute]") -> "list[Mute]":
    """The mutes in force of this name, of the one kind if it is written before it; a usage error if there are none."""
    from difflib import get_close_matches

    kind, _, rest = name.partition(":")
    plain, kinds = (rest, {kind}) if kind in KINDS else (name, set(KINDS))
    fitting = [one for one in muted if one.kind in kinds]
    begun = [one for one in fitting if one.kind == "story" and plain and one.name.startswith(plain)]
    if exact := [one for one in fitting if one.name == plain] or (begun if len(begun) == 1 else []):
        return exact
    meant = [*(one.name for one in begun), *get_close_matches(plain, [one.name for one in muted], n=1)]
    hint = f'did you mean "{meant[0]}"?' if meant else "`tocsin mutes` lists what is"
    raise click.UsageError(f"nothing called {name!r} is muted; {hint}")


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)

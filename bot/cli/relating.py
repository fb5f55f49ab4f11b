"""Commands that tell the same from another: relate, and the view of one story."""

from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.cli.options import Session, as_json, find_release, pass_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.adapters.database.deliveries import Record
    from bot.core.stories.pair import Verdict
    from bot.model import Release

_STYLES = {"duplicate": "cyan", "same-story": "cyan", "update": "yellow", "different": "green"}


@click.command()
@click.argument("release", nargs=-1, metavar="[A B]")
@click.option("--pairs", type=click.File("rb"), help="JSON lines of pairs instead (- for standard input).")
@as_json
@pass_session
def relate(session: Session, release: tuple[str, ...], pairs: BinaryIO | None, as_json: bool) -> None:  # noqa: FBT001
    """Tell how two releases relate, and why.

    A and B are ids of stored releases, or their beginnings; B is taken for the later arrival. With --pairs, each
    line {"a": {"title", "date", "text"}, "b": {…}} (source and url are optional) is answered with one line of
    relation, score and why; a line that is no pair is named and left out, and exit is 1 then.

    \b
    Examples:
      tocsin relate ae0dcfb0 77c1d9e2
      tocsin relate --pairs pairs.jsonl
    """
    if (pairs is None) == (not release) or (pairs is None and len(release) != 2):
        raise click.UsageError("name two releases, or give --pairs")
    if pairs is not None:
        _relate_pairs(pairs)
    else:
        _relate_stored(session, *release, as_json=as_json)


def _relate_pairs(lines: "Iterable[bytes]") -> None:
    from bot.adapters.clock import SystemClock
    from bot.cli.output import print_json
    from bot.core.intake import BadLine, read_pair
    from bot.core.stories.judging import relate as judged

    now, failed = SystemClock().now(), False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            verdict = judged(*read_pair(line, now=now))
        except BadLine as error:
            failed = True
            click.secho("error: ", fg="red", nl=False, err=True)
            click.echo(f"line {number}: {error}", err=True)
            continue
        print_json([{"relation": verdict.relation, "score": verdict.score, "why": verdict.why}])
    if failed:
        raise SystemExit(1)


def _relate_stored(session: Session, first: str, second: str, *, as_json: bool) -> None:
    from bot.app import open_archive
    from bot.cli.output import print_json
    from bot.core.stories.diffing import differences
    from bot.core.stories.judging import relate as judged

    loaded = session.load(reading=True)
    with open_archive(loaded) as archive:
        a, b = (find_release(archive, name) for name in (first, second))
    verdict = judged(a, b, window=timedelta(days=loaded.settings.stories.window_days))
    changes = differences(a, b, verdict)
    if as_json:
        print_json([_record(a, b, verdict, changes)])
    else:
        _show(a, b, verdict, changes)


def _record(a: "Release", b: "Release", verdict: "Verdict", changes: "Iterable[tuple[str, str]]") -> "Record":
    return {
        "a": a.id,
        "b": b.id,
        "relation": verdict.relation,
        "score": verdict.score,
        "why": verdict.why,
        "figures": [{"before": before, "after": after} for before, after in verdict.changes],
        "sentences": [{"before": before, "after": after} for before, after in changes],
    }


def _show(a: "Release", b: "Release", verdict: "Verdict", changes: "Iterable[tuple[str, str]]") -> None:
    from bot.cli.output import cell

    for name, one in (("A", a), ("B", b)):
        click.echo(f"{name}  {one.id}  {cell(one.published)}  {one.key.source}  {cell(one.title)}")
    click.secho(verdict.relation, fg=_STYLES[verdict.relation], bold=True, nl=False)
    click.echo(f"  score {verdict.score:g}  {cell(verdict.why)}")
    for before, after in changes:
        if before:
            click.secho(f"  - {cell(before)}", fg="red")
        if after:
            click.secho(f"  + {cell(after)}", fg="green")


def show_story(story: "Record", revisions: "dict[str, list[Record]]") -> None:
    """Print a story: each release with its relation and evidence, and the word diff of its revisions."""
    from bot.cli.output import cell

    click.secho(f"{story['story']}  {cell(story['title'])}", bold=True)
    for one in story["releases"]:
        click.echo(f"\n  {one['id']}  {cell(one['published'])}  {one['source']}  {cell(one['title'])}")
        if one["related_to"]:
            click.echo("    ", nl=False)
            click.secho(_told(one["relation"]), fg=_STYLES[one["relation"]], nl=False)
            click.echo(f" of {one['related_to']}: {cell(one['why'])}")
        if one["url"]:
            click.echo(f"    {cell(one['url'])}")
        for revision in revisions.get(one["id"], []):
            _show_revision(revision)


def _told(relation: str) -> str:
    return "also published: duplicate" if relation == "duplicate" else relation


def _show_revision(revision: "Record") -> None:
    from bot.cli.output import cell

    told = "told as an update" if revision["told"] else "silent"
    click.echo(f"    text {revision['number']} was replaced on {cell(revision['replaced'])} ({told}):")
    click.echo("      ", nl=False)
    for kind, words in revision["diff"]:
        if kind == "=":
            click.echo(f"{_middle(cell(words))} ", nl=False)
        else:
            mark = ("[-", "-]") if kind == "-" else ("{+", "+}")
            click.secho(f"{mark[0]}{cell(words)}{mark[1]} ", fg="red" if kind == "-" else "green", nl=False)
    click.echo()


def _middle(words: str) -> str:
    """Unchanged words, shortened: what stands next to a change is enough."""
    found = words.split()
    return words if len(found) <= 16 else " ".join([*found[:8], "…", *found[-8:]])

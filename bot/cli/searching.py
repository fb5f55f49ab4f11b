"""Commands over the archive in the rule language: search, and label for what a rule should match."""

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, find_release, limited, pass_session
from bot.cli.since import SINCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from bot.adapters.database.deliveries import Record
    from bot.adapters.database.searching import Found, Hit
    from bot.core.rules.language.tree import Query
    from bot.model import Evidence

EXCERPT = 300
"""At most so many characters are shown of a sentence."""


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--source", help="Id or pattern, such as kr/*.")
@click.option("--since", type=SINCE, help="Published on this day or later: 30d, 1y, or a day such as 2026-01-31.")
@limited(20)
@as_json
@pass_session
def search(
    session: Session,
    query: tuple[str, ...],
    source: str | None,
    since: date | None,
    limit: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Search the archive in the rule language.

    What is found is what a rule with this query would match; the latest published comes first. Put a query in single
    quotes, and -- before one that begins with a minus.

    \b
    Examples:
      tocsin search 'tariff steel NOT category:Energy'
      tocsin search '@anti-dumping (China OR Viet*)' --since 1y --json
    """
    from bot.app import open_archive
    from bot.cli.output import print_json

    loaded = session.load(reading=True)
    asked = _parsed(" ".join(query), loaded.rules_folder)
    with open_archive(loaded) as archive:
        found = archive.search(asked, limit=limit, source=source, since=since)
    if as_json:
        print_json(map(_record, found.hits))
    else:
        _show(found)
    if not found.whole:
        _tell_the_bound(found)


def _parsed(text: str, rules_folder: "Path") -> "Query":
    """The query; a ConfigError shows the place where it is wrong, as that of a rule's `when`."""
    from bot.core.rules.language.parsing import BadQuery, parse
    from bot.errors import ConfigError, Problem
    from bot.rule_files import load_lists

    problems: list[Problem] = []
    lists = load_lists(rules_folder, problems) if "@" in text else {}
    if problems:
        raise ConfigError(problems)
    try:
        return parse(text, lists)
    except BadQuery as error:
        before = text[: error.at].rpartition("\n")[2]
        line = text[: error.at].count("\n")
        shown = text.split("\n")[line]
        raise ConfigError(
            [Problem("query", "", error.what, error.hint, line=line + 1, column=len(before) + 1, source=shown)]
        ) from None


def _record(hit: "Hit") -> "Record":
    from dataclasses import asdict

    release = hit.release
    return {
        "id": release.id,
        "title": release.title,
        "published": release.published,
        "source": release.key.source,
        "url": release.url,
        "story": hit.story,
        "evidence": [asdict(one) for one in hit.evidence],
    }


def _show(found: "Found") -> None:
    """Each hit with its matched words: bold on a terminal, «so» elsewhere."""
    from rich.console import Console
    from rich.text import Text

    from bot.cli.output import cell

    console = Console(highlight=False)
    for hit in found.hits:
        release = hit.release
        click.secho(" · ".join((release.id, cell(release.published) or "no date", release.key.source)), dim=True)
        for indent, style, parts in _lines(hit):
            if console.is_terminal:
                shown = [(cell(text), f"{style} bold yellow" if marked else style) for text, marked in parts]
                console.print(Text.assemble(indent, *shown), soft_wrap=True)
            else:
                click.echo(indent + "".join(f"«{cell(text)}»" if marked else cell(text) for text, marked in parts))
        click.echo()
    if not found.hits:
        click.echo("no stored release matches this")


def _lines(hit: "Hit") -> "Iterator[tuple[str, str, list[tuple[str, bool]]]]":
    """What is shown of a hit: indent, style, and the pieces of text with whether each is marked."""
    title, body = hit.release.title, hit.release.body
    yield "  ", "bold", _marked(title, _spans(hit.evidence, "title"))
    spans = _spans(hit.evidence, "body")
    if spans:
        yield "  ", "", _excerpt(body, spans)
    if hit.release.url:
        yield "  ", "dim", [(hit.release.url, False)]


def _spans(evidence: "Iterable[Evidence]", field: str) -> list[tuple[int, int]]:
    """Where the matched words of a field stand, without those that overlap earlier ones."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted((one.start, one.end) for one in evidence if one.field == field):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _excerpt(text: str, spans: "Sequence[tuple[int, int]]") -> list[tuple[str, bool]]:
    """The sentence of the first matched words, or what stands around them if it is long."""
    from bot.core.text import sentence_at

    first, last = spans[0]
    begin, end = sentence_at(text, first)
    start, stop = max(begin, first - EXCERPT // 2), min(max(end, last), last + EXCERPT // 2)
    if start > begin:  # not in the middle of a word
        start = text.find(" ", start, first) + 1 or start
    if stop < end:
        stop = max(text.rfind(" ", last, stop), last)
    inside = [(one - start, two - start) for one, two in spans if start <= one and two <= stop]
    ends = ("…" if start > begin else "", "…" if stop < end else "")
    return [(ends[0], False), *_marked(text[start:stop].replace("\n", " "), inside), (ends[1], False)]


def _marked(text: str, spans: "Iterable[tuple[int, int]]") -> list[tuple[str, bool]]:
    """The pieces of a text, each with whether it is one of the `spans`."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [(piece, marked) for piece, marked in [*pieces, (text[at:], False)] if piece]


def _tell_the_bound(found: "Found") -> None:
    """Say how far the search went."""
    reached = (
        f", back to {found.back_to}; add published:<={found.back_to} to look further back" if found.back_to else ""
    )
    click.echo(f"not everything was looked at: the search ended after many releases{reached}", err=True)


@click.command()
@click.argument("release", required=False)
@click.argument("rule", required=False)
@click.argument("verdict", required=False, type=click.Choice(["yes", "no"]))
@click.option("--list", "listed", is_flag=True, help="Show the labels instead.")
@limited(30)
@as_json
@pass_session
def label(
    session: Session,
    release: str | None,
    rule: str | None,
    verdict: str | None,
    limit: int,
    listed: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Say whether a rule should match a release.

    RELEASE is an id or its beginning; the latest word on a release and a rule counts. Backtests measure precision and
    recall by it. Works while the service runs.

    \b
    Examples:
      tocsin label ae0dcfb0 tariffs yes
      tocsin label --list --json
    """
    if listed == (verdict is not None) or (listed and release):
        raise click.UsageError("give a release, a rule and yes or no; or --list")
    if listed:
        _list_labels(session, limit, as_json=as_json)
    else:
        _keep(session, str(release), str(rule), verdict=verdict == "yes")


def _list_labels(session: Session, limit: int, *, as_json: bool) -> None:
    from bot.app import open_archive
    from bot.cli.output import print_json, print_table

    with open_archive(session.load(reading=True)) as archive:
        found = [{**one, "verdict": "yes" if one["verdict"] else "no"} for one in archive.labelled(limit=limit)]
    if as_json:
        print_json(found)
        return
    columns = ["release", "rule", "verdict", "at"]
    rows = [tuple(one[name] for name in columns) for one in found]
    print_table(columns, rows, empty="no labels yet; `tocsin label RELEASE RULE yes|no` sets one")


def _keep(session: Session, release: str, rule: str, *, verdict: bool) -> None:
    """Store a label, beside a running service; usage errors for a release or rule that is unknown."""
    from bot.adapters.clock import SystemClock
    from bot.adapters.database import Database, SqlStore
    from bot.adapters.database.archive import Archive
    from bot.app import database_path
    from bot.cli.output import cell
    from bot.cli.ruling import find_rule, load_rules

    loaded = load_rules(session)
    find_rule(loaded, rule)
    with closing(Database.peek(database_path(loaded))) as database:
        found = find_release(Archive(database), release)
        SqlStore(database).label(found.id, rule, SystemClock().now(), verdict=verdict)
    click.echo(f"{found.id}  {rule}  {'yes' if verdict else 'no'}  {cell(found.title)}")

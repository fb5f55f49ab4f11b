"""Commands around sources: try, sample, backfill, ingest."""

from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bot.cli.options import Session, as_json, find_source, pass_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bot.loading import Loaded
    from bot.ports import World
    from scrapers.model import Draft, Page, Source


@click.command("try")
@click.argument("source")
@click.option("--page", type=click.Path(exists=True, dir_okay=False), help="Read this saved page instead of the web.")
@as_json
@pass_session
def try_source(session: Session, source: str, page: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Read a source, store nothing.

    Shows what a poll would read. SOURCE is an id, or a source file that you are writing.

    \b
    Examples:
      tocsin try kr/motir-press
      tocsin try my-sources/eu/news.toml --page saved.html
    """
    from dataclasses import asdict

    from bot.cli.output import print_json
    from bot.errors import BotError
    from scrapers.errors import LayoutError
    from scrapers.extractors import extract

    loaded = session.load()
    chosen = _source_or_file(loaded, source)
    try:
        drafts = list(extract(_page(loaded, chosen, page), chosen.listing))
    except LayoutError as error:
        raise BotError(f"{chosen.id}: the page does not look as its source file says: {error}") from None
    if as_json:
        print_json(asdict(draft) for draft in drafts)
    else:
        _show_drafts(chosen, drafts)
    if len(drafts) < chosen.at_least:
        raise BotError(f"{chosen.id}: {len(drafts)} items, and there must be at least {chosen.at_least}")


def _source_or_file(loaded: "Loaded", name: str) -> "Source":
    from pathlib import Path

    from bot.errors import ConfigError, Problem
    from bot.loading import load_source

    if not name.endswith(".toml"):
        return find_source(loaded, name)
    problems: list[Problem] = []
    source = load_source(Path(name), Path(name).stem.lower(), problems)
    if source is None:
        raise ConfigError(problems)
    return source


def _page(loaded: "Loaded", source: "Source", file: str | None) -> "Page":
    """The first page of the list: from a file, or from the web."""
    from pathlib import Path

    from bot.app import open_fetcher
    from scrapers.model import Page

    if file is not None:
        return Page(url=source.page_url(), body=Path(file).read_bytes())
    with open_fetcher(loaded) as fetcher:
        page = fetcher.fetch(source.page_url(), source)
    if page is None:  # no validators were sent
        raise click.ClickException("the host answered 304 to an unconditional request")
    return page


def _show_drafts(source: "Source", drafts: "list[Draft]") -> None:
    from datetime import UTC, datetime

    from bot.cli.output import print_table
    from bot.core.normalise import BadDraft, normalise

    rows = []
    for draft in drafts:
        try:
            release = normalise(draft, source, now=datetime(1970, 1, 1, tzinfo=UTC))
            facts = (release.published, "; ".join(release.categories), release.title, len(release.body))
        except BadDraft as error:
            facts = (None, "", f"cannot be used: {error}", 0)
        rows.append((draft.id, draft.board or source.board, *facts))
    print_table(["id", "board", "published", "category", "title", "letters"], rows, empty="no items on the page")


@click.command()
@click.argument("source")
@click.option("--out", type=click.Path(file_okay=False), default="tests/sources", show_default=True)
@pass_session
def sample(session: Session, source: str, out: str) -> None:
    """Save pages as golden data.

    Fetches the list of SOURCE and its first detail page, and writes what is read of them beside each.

    \b
    Example:
      tocsin sample kr/motir-press
    """
    from pathlib import Path

    from bot.app import open_fetcher
    from scrapers.extractors import extract
    from scrapers.identity import own_link

    loaded = session.load()
    chosen = find_source(loaded, source)
    folder = Path(out) / chosen.id
    listing = _page(loaded, chosen, None)
    drafts = list(extract(listing, chosen.listing))
    _save(folder, "listing", listing, drafts)
    if chosen.detail is not None and drafts:
        with open_fetcher(loaded) as fetcher:
            detail = fetcher.fetch(own_link(drafts[0].url, chosen), chosen)
        if detail is not None:
            _save(folder, "detail", detail, list(extract(detail, chosen.detail)))
    click.echo(f"saved under {folder}: look at the JSON before you trust it")


def _save(folder: "Path", name: str, page: "Page", drafts: "list[Draft]") -> None:
    import json
    from dataclasses import asdict

    kind = "json" if page.body.lstrip()[:1] in {b"{", b"["} else "xml" if page.body[:5] == b"<?xml" else "html"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.{kind}").write_bytes(page.body)
    text = json.dumps([asdict(draft) for draft in drafts], ensure_ascii=False, indent=2)
    (folder / f"{name}.expected.json").write_text(text + "\n", encoding="utf-8")


@click.command()
@click.argument("source")
@click.option("--pages", type=click.IntRange(1, 1000), required=True, help="How far back.")
@click.option("--alert", is_flag=True, help="Tell of what is new, a message a page; without it, nobody is told.")
@pass_session
def backfill(session: Session, source: str, pages: int, alert: bool) -> None:  # noqa: FBT001
    """Fetch earlier pages, telling nobody.

    With --alert, what was not stored before and meets a rule is told as if it came now: all of a page in one message.
    The alerts go out with `tocsin run` or `once`. Without it, nobody is told.

    \b
    Examples:
      tocsin backfill kr/motir-press --pages 10
      tocsin backfill kr/motir-press --pages 2 --alert
    """
    from rich.console import Console
    from rich.progress import track

    from bot.app import open_app
    from bot.pipeline import backfill as fill

    loaded = session.load()
    session.log(loaded)
    chosen = find_source(loaded, source)
    with open_app(loaded) as app:
        found = fill(chosen, app.world, pages, alert=alert)
        done = list(track(found, "reading pages", total=pages, console=Console(stderr=True)))
    told = f", {sum(p.planned for p in done)} alerts planned" if alert else ""
    click.echo(
        f"{len(done)} pages, {sum(p.found for p in done)} items, {sum(p.new for p in done)} new releases stored{told}"
    )
    for poll in done:
        if poll.error:
            click.echo(poll.error, err=True)
    if any(poll.error for poll in done):
        raise SystemExit(1)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--source", default="ingest", show_default=True, help="Source of lines that name none.")
@click.option("--baseline", is_flag=True, help="Store, and tell nobody.")
@as_json
@pass_session
def ingest(session: Session, file: BinaryIO, source: str, baseline: bool, as_json: bool) -> None:  # noqa: FBT001
    """Take releases in from JSON lines.

    FILE (- for standard input) goes through the same pipeline as what is polled. Keys of a line: url, title,
    body, published, category, source; id and board if there are any. A line that is no
    release is named and left out, the others are stored; exit 1 then. Alerts go out with `tocsin run` or `once`.

    \b
    Example:
      tocsin ingest archive.jsonl --baseline
    """
    from bot.app import open_app
    from bot.cli.output import print_json

    loaded = session.load()
    with open_app(loaded, web=False) as app:
        counts = _ingest(file, app.world, loaded, source=source, baseline=baseline)
    if as_json:
        print_json([counts])
    else:
        click.echo(
            "{stored} stored, {folded} of them folded into earlier stories, {revised} revised, {matched} matched,"
            " {planned} alerts planned; {known} known already, {failed} lines left out.".format(**counts)
        )
    if counts["failed"]:
        raise SystemExit(1)


def _ingest(file: BinaryIO, world: "World", loaded: "Loaded", *, source: str, baseline: bool) -> dict[str, int]:
    from bot.pipeline import ingest as take

    wrong: list[str] = []
    counts = dict.fromkeys(("stored", "folded", "revised", "matched", "planned", "known", "failed"), 0)
    drafts = _drafts(_progress(file), loaded, source, wrong)
    for poll, bad in take(drafts, world, baseline=baseline):
        for name, value in (("stored", poll.new), ("folded", poll.folded), ("revised", poll.revised)):
            counts[name] += value
        counts["matched"] += poll.matched
        counts["planned"] += poll.planned
        counts["known"] += poll.found - poll.new - poll.revised
        wrong += bad
    for text in wrong:
        click.secho("error: ", fg="red", nl=False, err=True)
        click.echo(text, err=True)
    return {**counts, "failed": len(wrong)}


def _drafts(
    lines: "Iterable[bytes]", loaded: "Loaded", default: str, wrong: list[str]
) -> "Iterator[tuple[str, Draft, Source]]":
    from bot.core.intake import BadLine, read_line

    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield f"line {number}", *read_line(line, loaded.sources, default=default)
            except BadLine as error:
                wrong.append(f"line {number}: {error}")


def _progress(file: BinaryIO) -> Any:
    """The lines, with a progress bar on a screen that shows one."""
    import sys

    from rich.console import Console
    from rich.progress import wrap_file

    if not (sys.stderr.isatty() and file.seekable()):
        return file
    size = file.seek(0, 2)
    file.seek(0)
    return wrap_file(file, size, description="ingesting", console=Console(stderr=True), transient=True).__enter__()

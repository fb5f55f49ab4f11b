"""The command that tries rules on releases of the past."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bot.cli.options import Session, as_json, limited, pass_session
from bot.cli.since import SINCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from bot.core.rules.backtesting import Backtest, Tried
    from bot.core.rules.rule import Rule
    from bot.loading import Loaded
    from scrapers.model import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command."""

    rule: tuple[str, ...]
    since: "date | None"
    input: BinaryIO | None
    against: str | None
    limit: int
    no_loss: bool
    min_precision: float | None
    min_recall: float | None
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the rules are, what sources they may speak of, and with a config, where the archive is."""

    rules: "Path"
    sources: "Mapping[str, Source]"
    loaded: "Loaded | None" = None


SHARE = click.FloatRange(0, 1)


@click.command()
@click.argument("rule", nargs=-1)
@click.option("--since", type=SINCE, metavar="SPAN", help="30d, 6w, 3m, 1y or a day; by publication, else first seen.")
@click.option("--input", type=click.File("rb"), metavar="FILE", help="JSON lines instead of the archive (-: stdin).")
@click.option(
    "--against", type=click.Path(exists=True, file_okay=False), metavar="DIR", help="Another version of the rules."
)
@limited(5)
@click.option("--no-loss", is_flag=True, help="Exit 1 if a rule loses a release that it finds in DIR.")
@click.option("--min-precision", type=SHARE, metavar="SHARE", help="Exit 1 if a labelled rule is below, such as 0.9.")
@click.option("--min-recall", type=SHARE, metavar="SHARE", help="The same for recall.")
@as_json
@pass_session
def backtest(session: Session, /, **options: Any) -> None:
    """Try rules on past releases.

    Shows what each rule would have matched, by week; with --against, what is gained and lost; where releases are
    labelled, precision and recall, what is matched wrongly and what is missed. It counts matching texts, not alerts:
    repeats are not folded into stories. Nothing is stored or sent.

    Without RULE all rules that are switched on are tried; one that is named is tried even if it is off. Lines of
    --input have the keys of an ingest, and optionally id and labels, a list of all rule ids that ought to match.
    Exit 1 if a line is no release, or if a bound is missed; 2 if rules are wrong.

    \b
    Examples:
      tocsin rules backtest --since 1y
      tocsin rules backtest tariffs --input labelled.jsonl --min-precision 0.9 --min-recall 0.9
      tocsin rules backtest --against ../rules-in-force --no-loss
    """
    from bot.cli.complaining import complain

    asked = Asked(**options)
    if asked.no_loss and asked.against is None:
        raise click.UsageError("--no-loss needs --against")
    home = _home(session, asked)
    run, known = _prepare(home, asked)
    wrong: list[str] = []
    for tried in _watched(_tried(home, asked, wrong)):
        found = run.take(tried)
        if asked.as_json:
            _print_found(found)
    complain(wrong)
    _report(run, asked, known, skipped=len(wrong))
    missed = list(_missed(run, asked))
    complain(missed)
    if wrong or missed:
        raise SystemExit(1)


def _home(session: Session, asked: Asked) -> Home:
    """As config.toml says; for --input rules/ beside it is enough."""
    from pathlib import Path

    from bot.errors import ConfigError, Problem
    from bot.loading import environment, load_sources

    config = Path(session.config)
    if asked.input is None or config.exists():
        loaded = session.load(reading=True)
        return Home(rules=loaded.rules_folder, sources=loaded.sources, loaded=loaded)
    problems: list[Problem] = []
    sources = load_sources([], problems)
    if problems:
        raise ConfigError(problems)
    return Home(rules=config.parent / environment().get("TOCSIN_RULES", "rules"), sources=sources)


def _prepare(home: Home, asked: Asked) -> "tuple[Backtest, set[str]]":
    """The backtest, and the ids of all rules of both versions, also of those that are left out; raises ConfigError."""
    from pathlib import Path

    from bot.core.rules.backtesting import Backtest
    from bot.errors import ConfigError, Problem
    from bot.rule_files import load_rules

    problems: list[Problem] = []
    folders = [home.rules, *([Path(asked.against)] if asked.against else [])]
    versions = [[rule for rule, _ in load_rules(folder, problems)] for folder in folders]
    if problems:
        raise ConfigError(problems)
    if asked.against and not versions[1]:
        raise click.UsageError(f"--against: there are no rules in {asked.against}")
    known = {rule.id for rules in versions for rule in rules}
    _refuse_unknown(asked.rule, known)
    chosen = [[rule for rule in rules if _is_asked(rule, asked)] for rules in versions]
    return Backtest(*chosen, shown=asked.limit), known


def _is_asked(rule: "Rule", asked: Asked) -> bool:
    return rule.id in asked.rule if asked.rule else rule.spec.enabled


def _refuse_unknown(names: "Iterable[str]", known: "Iterable[str]") -> None:
    from difflib import get_close_matches

    known = sorted(known)
    for name in names:
        if name not in known:
            meant = get_close_matches(name, known, n=1)
            hint = f"did you mean {meant[0]!r}?" if meant else f"there are: {', '.join(known) or 'none'}"
            raise click.UsageError(f"there is no rule {name!r}; {hint}")


def _tried(home: Home, asked: Asked, wrong: list[str]) -> "Iterator[Tried]":
    """The releases: lines of the input, or what is stored."""
    if asked.input is not None:
        yield from _from_lines(asked.input, home, asked, wrong)
        return
    from bot.app import open_archive
    from bot.core.rules.backtesting import stored

    assert home.loaded is not None  # noqa: S101 (there is a config if there is no input)
    with open_archive(home.loaded) as archive:
        labels = archive.labels()
        for release in archive.each(since=asked.since):
            yield stored(release, labels.get(release.id, {}))


def _from_lines(lines: "Iterable[bytes]", home: Home, asked: Asked, wrong: list[str]) -> "Iterator[Tried]":
    from bot.adapters.clock import SystemClock
    from bot.core.intake import BadLine, read_tried

    now = SystemClock().now()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                tried = read_tried(line, home.sources, now=now)
            except BadLine as error:
                wrong.append(f"line {number}: {error}")
                continue
            if asked.since is None or tried.day is None or tried.day >= asked.since:
                yield tried


def _watched(tried: "Iterator[Tried]") -> "Iterable[Tried]":
    """The releases, with a sign of life on a screen that shows one."""
    import sys

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    if not sys.stderr.isatty():
        yield from tried
        return
    told = TextColumn("{task.completed:,.0f} releases")
    with Progress(SpinnerColumn(), told, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(tried, total=None)


def _print_found(found: "Iterable[Any]") -> None:
    from dataclasses import asdict

    from bot.cli.output import print_json

    print_json(
        {"rule": one.rule.id, "release": one.tried.id, "evidence": [asdict(place) for place in one.evidence]}
        for one in found
    )


def _report(run: "Backtest", asked: Asked, known: set[str], *, skipped: int) -> None:
    idle = 0 if asked.rule else len(known - run.tallies.keys())
    from bot.cli.output import print_json
    from bot.cli.tallying import show

    if asked.as_json:
        print_json([{"summary": {**run.summary(), "skipped_lines": skipped, "rules_off": idle}}])
    else:
        show(run, idle=idle, skipped=skipped, other=asked.against or "")
    for name in sorted(run.strange - known):
        click.echo(f"warning: labels name a rule there is none of: {name}", err=True)


def _missed(run: "Backtest", asked: Asked) -> "Iterator[str]":
    """The bounds that are not held."""
    bounds = {"precision": asked.min_precision, "recall": asked.min_recall}
    scores = {name: run.score(tally) for name, tally in run.tallies.items()}
    if any(bounds.values()) and not any(score.labelled for score in scores.values()):
        yield "nothing is labelled, so neither precision nor recall can be told"
    for name, score in scores.items():
        for what, bound in bounds.items():
            share = getattr(score, what)
            if bound is not None and share is not None and share < bound:
                yield f"{name}: {what} {share:.3f} is below {bound:g}"
    for name, tally in run.tallies.items() if asked.no_loss else ():
        if tally.lost:
            yield f"{name}: {len(tally.lost)} lost"

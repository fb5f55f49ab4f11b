"""How a backtest looks on the screen."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.output import cell
from bot.core.rules.backtesting import Backtest
from bot.core.rules.tallies import NONE, Score, Tally

if TYPE_CHECKING:
    from bot.core.rules.tallies import Axis, Listed, Shown

WORDS = 26
"""Columns for the matched words."""
_MARKS = {
    "found": ("", ""),
    "gained": ("+", "green"),
    "lost": ("−", "red"),
    "wrong": ("✗", "red"),
    "missed": ("?", "yellow"),
}


def show(run: Backtest, *, idle: int, skipped: int, other: str) -> None:
    """Print what was found: a part for each rule that has something to tell, then all together."""
    console, axis = Console(highlight=False), run.axis()
    console.print(_head(run, idle, axis), soft_wrap=True)
    console.print(_legend(run, other), soft_wrap=True, style="dim")
    told = [one for one in run.tallies.values() if one.found or one.lost or one.missed]
    for tally in told:
        console.print()
        console.print(_title(tally, run))
        if axis and tally.weeks:
            console.print(_chart(tally, axis))
        console.print(_lists(tally))
    if quiet := [one.rule for one in run.tallies.values() if one not in told]:
        console.print(f"\nNo match: {', '.join(quiet)}", soft_wrap=True)
    console.print()
    console.print(_total(run, skipped), soft_wrap=True)


def _head(run: Backtest, idle: int, axis: "Axis | None") -> Text:
    days = f" of {run.first} to {run.last}" if run.first else ""
    off = f" ({idle} more {'is' if idle == 1 else 'are'} switched off: name one to try it)" if idle else ""
    told = f"{many(run.releases, 'release')}{days}, {many(len(run.tallies), 'rule')}{off}."
    line = Text().append(told, style="bold")
    if axis:
        weeks = "a week" if axis.weeks == 1 else f"{axis.weeks} weeks"
        line.append(f" A column of a chart is {weeks}, {NONE} none.")
    return line


def _legend(run: Backtest, other: str) -> str:
    marks = f" + gained and − lost against {cell(other)}." if run.compared else ""
    labels = " ✗ matched wrongly, ? missed." if run.total.labelled else ""
    return f"Matching texts, not alerts: repeats are not folded into stories.{marks}{labels}"


def _title(tally: Tally, run: Backtest) -> Text:
    line = Text().append(tally.rule, style="bold cyan").append(f"  {cell(tally.name)}  ")
    line.append(many(tally.matches, "match"))
    standing = {"only new": "a new rule", "only old": "no longer a rule"}.get(tally.standing, "")
    gained = f"{len(tally.gained)} gained" if tally.gained and not standing else ""
    lost = f"{len(tally.lost)} lost" if tally.lost else ""
    for text, style in ((standing, "yellow"), (gained, "green"), (lost, "red"), (_score(run.score(tally)), "default")):
        if text:
            line.append(f" · {text}", style=style)
    return line


def _score(score: Score) -> str:
    """Precision and recall as far as they can be told."""
    right = score.right
    told = [
        f"{name} {share:.2f} ({right} of {right + rest})"
        for name, share, rest in (("precision", score.precision, score.wrong), ("recall", score.recall, score.missed))
        if share is not None
    ]
    return ", ".join(told)


def _chart(tally: Tally, axis: "Axis") -> Text:
    bars, peak = axis.bars(tally.weeks)
    return Text("  ").append(bars, style="cyan").append(f"  at most {peak}", style="dim")


def _lists(tally: Tally) -> Table:
    """The releases of each kind, the newest of each."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for style in ("", "dim", "dim"):
        table.add_column(no_wrap=True, style=style)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=WORDS, style="yellow")
    for kind, (mark, style) in _MARKS.items():
        listed: Listed = getattr(tally, kind)
        if kind == "gained" and len(listed) == tally.matches:
            continue  # they stand above
        for one in listed.newest:
            table.add_row(Text(f" {mark}", style=style), *_row(one))
        if more := len(listed) - len(listed.newest):
            table.add_row(Text(f" {mark}", style=style), Text(f"… {more:,} more"))
    return table


def _row(one: "Shown") -> Iterator[Text]:
    for value in (one.day or "", one.release, one.title.partition("\n")[0], ", ".join(one.words)):
        yield Text(cell(value))


def _total(run: Backtest, skipped: int) -> Text:
    tallies = run.tallies.values()
    matches = sum(one.matches for one in tallies)
    line = Text().append(f"In all: {many(matches, 'match')} in {many(run.matched, 'release')}", style="bold")
    if run.compared:
        line.append(f"; {sum(len(one.gained) for one in tallies):,} gained", style="green")
        line.append(f", {sum(len(one.lost) for one in tallies):,} lost", style="red")
    if score := _score(run.total):
        line.append(f"; {score}")
    if skipped:
        line.append(f"; {many(skipped, 'line')} left out", style="red")
    return line.append(".")


def many(number: int, what: str) -> str:
    """A number with its noun."""
    plural = f"{what}es" if what.endswith("ch") else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"

"""What goes to standard error: problems as compilers show them, with the line and a caret under the place."""

import shutil
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.errors import Problem

GAP = "…"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def complain(lines: Iterable[str], *, kind: str = "error", colour: str = "red") -> None:
    """One error a line."""
    for line in lines:
        click.secho(f"{kind}: ", fg=colour, bold=True, nl=False, err=True)
        click.echo("\n".join(map(visible, line.split("\n"))), err=True)


def complain_of(problems: Iterable["Problem"], *, kind: str = "error", colour: str = "red") -> None:
    """Every problem, with its line if it may be shown."""
    from bot.loading import located

    width = shutil.get_terminal_size((100, 24)).columns
    for problem in map(located, problems):
        complain([str(problem)], kind=kind, colour=colour)
        for line in excerpt(problem, width=width):
            click.echo(line, err=True)


def warn_of(problems: Iterable["Problem"]) -> None:
    """The same for what is allowed, but hardly meant."""
    complain_of(problems, kind="warning", colour="yellow")


def excerpt(problem: "Problem", *, width: int) -> list[str]:
    """The line, cut to `width` columns around its place, and below it a caret; nothing if there is no line to show."""
    from rich.cells import cell_len

    if not problem.source:
        return []
    gutter = f"{problem.line:>5} | "
    room = max(width - len(gutter), 20)
    before, after = visible(problem.source[: problem.column - 1]), visible(problem.source[problem.column - 1 :])
    before = _end_of(before, room - min(cell_len(after) + 1, room // 3))
    after = _start_of(after, room - cell_len(before))
    return [gutter + before + after, f"{'|':>{len(gutter) - 1}} {' ' * cell_len(before)}^"]


def visible(text: str) -> str:
    """The text as it may stand on a terminal: no control characters, no tabs, nothing that turns its direction."""
    return "".join(
        "\ufffd" if unicodedata.category(letter) in _UNSEEN else letter for letter in text.replace("\t", "    ")
    )


def _start_of(text: str, room: int) -> str:
    """As much of the beginning as fits."""
    from rich.cells import cell_len

    if cell_len(text) <= room:
        return text
    text = text[:room]
    while text and cell_len(text) > room - len(GAP):
        text = text[:-1]
    return text + GAP


def _end_of(text: str, room: int) -> str:
    """As much of the end as fits."""
    from rich.cells import cell_len

    if cell_len(text) <= room:
        return text
    text = text[-room:]
    while text and cell_len(text) > room - len(GAP):
        text = text[1:]
    return GAP + text

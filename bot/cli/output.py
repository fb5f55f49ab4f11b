"""What commands print: tables for people, JSON lines for programs."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import click

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_json(records: Iterable[Mapping[str, Any]]) -> None:
    """One object a line; dates in ISO 8601."""
    for record in records:
        click.echo(json.dumps(record, ensure_ascii=False, default=_iso))


def print_csv(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> None:
    """A head and one record a line, as they come; no cell is one that a spreadsheet would run."""
    import csv
    import sys

    from bot.core.render.neutral import cell as text_cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow(text_cell(_plain(record[name])) for name in columns)


def _plain(value: Any) -> str:
    """Dates in ISO 8601, nothing for None, no control characters."""
    return cell(_iso(value) if value is not None else None)


def _iso(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table as wide as the screen; `empty` in its place if there are no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in _NUMBERS else "left"
        table.add_column(column, overflow="fold", justify=justify, no_wrap=column not in _PROSE)
    for row in rows:
        table.add_row(*(Text(cell(value), style=_style(value)) for value in row))
    if table.row_count:
        Console().print(table)
    else:
        click.echo(empty)


def print_notes(notes: Iterable[tuple[str, str]]) -> None:
    """What is to be said of single rows, below their table; the same only once."""
    for name, text in dict.fromkeys(notes):
        click.echo(cell(f"{name}: {text}"))


_PROSE = frozenset({"title"})
_NUMBERS = frozenset({"found", "new", "folded", "alerts", "releases", "every", "letters", "waiting"})
_STYLES = {
    **dict.fromkeys(("failed", "dead", "broken"), "red"),
    **dict.fromkeys(("sent", "ok"), "green"),
    **dict.fromkeys(("held", "pending", "sending", "ambiguous", "failing", "stale"), "yellow"),
}


def _style(value: Any) -> str:
    return _STYLES.get(value, "") if isinstance(value, str) else ""


def cell(value: Any) -> str:
    """A value as people read it: UTC to the minute, nothing for None, no control characters."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%MZ")
    return _CONTROL.sub("\ufffd", str(value))

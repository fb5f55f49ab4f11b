"""A rule's clauses as a tree: each true or false, with the words in the sentence in which they stand."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    from bot.core.rules.judging.explaining import Clause
    from bot.core.rules.judging.subject import Subject
    from bot.model import Evidence

SHOWN = 5
"""Clauses of a list that are shown though they do not hold; those that hold are all shown."""
ROOM = 44
"""Characters before and after a word that are shown with it."""
_KEY = re.compile(r"^(?:any|all|none): ")
_ATTRIBUTES = ("category", "source", "language", "url")
_NEGATED = {"all of": "not all of", "any of": "none of"}


def screen() -> "Console":
    """The screen; what goes into a file or a pipe is not broken into lines."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=1_000)


def print_tree(console: "Console", clause: "Clause", subject: "Subject", *, complete: bool = True) -> None:
    """The tree; `complete` is False if only title and text of the subject are known."""
    console.print(_Drawing(console, subject, complete=complete).tree(clause))


def record(clause: "Clause") -> dict[str, Any]:
    """The tree for programs."""
    from dataclasses import asdict

    told: dict[str, Any] = {"clause": clause.text, "holds": clause.holds}
    if clause.evidence:
        told["evidence"] = [asdict(one) for one in clause.evidence]
    if clause.parts:
        told["parts"] = [record(part) for part in clause.parts]
    return told


def mark(holds: bool, console: "Console") -> "Text":  # noqa: FBT001 (the one thing it tells)
    """✓ or ✗; a word where the screen has no such signs."""
    from rich.text import Text

    signs = ("✓", "✗") if console.encoding.startswith("utf") else ("yes", "no")
    return Text().append(f"{signs[not holds]} ", style="bold green" if holds else "bold red")


class _Drawing:
    """Draws clauses for one screen and one release."""

    def __init__(self, console: "Console", subject: "Subject", *, complete: bool) -> None:
        self._console, self._subject, self._complete = console, subject, complete

    def tree(self, clause: "Clause", listed: str = "") -> "Tree":
        """The clause with all that is under it; `listed` is the list of words that was named above."""
        from rich.tree import Tree

        name, parts = clause.text, clause.parts
        if clause.joins == "not":
            inner = parts[0]
            if not inner.parts:
                return Tree(self._leaf(inner, listed, holds=clause.holds, before="NOT "))
            name, parts = _NEGATED.get(inner.joins, f"not {inner.text}"), inner.parts
        if not parts:
            return Tree(self._leaf(clause, listed, holds=clause.holds))
        common = listed or common_list(clause)
        head = self._mark(clause).append(_heading(name, parts, "" if listed else common))
        drawn = Tree(head, guide_style="dim")
        for one in _shown(name, parts):
            drawn.add(one if isinstance(one, str) else self.tree(one, common))
        return drawn

    def _leaf(self, clause: "Clause", listed: str, *, holds: bool, before: str = "") -> "Text":
        from bot.cli.output import cell

        name = cell(_KEY.sub("", clause.text).removeprefix(f"{listed}: "))
        if self._is_unknown(clause):
            told = self._mark(clause).append(f"{before}{name}", style="bold")
            return told.append("  a text alone does not tell; taken as met", style="dim")
        told = mark(holds, self._console).append(before + name, style="bold" if clause.holds else "")
        if clause.evidence and not _says_it_all(clause):
            more = len(clause.evidence) - 1
            told.append("  ").append(_where(clause.evidence[0], self._subject, self._console))
            return told.append(f"  (and {more} more)", style="dim") if more else told
        return told if clause.holds else told.append(instead(clause, self._subject), style="dim")

    def _mark(self, clause: "Clause") -> "Text":
        from rich.text import Text

        holds = self._holds(clause)
        return Text().append("? ", style="bold yellow") if holds is None else mark(holds, self._console)

    def _holds(self, clause: "Clause") -> bool | None:
        """Whether it holds; None if that hangs on what is not known of the subject."""
        if not clause.parts:
            return None if self._is_unknown(clause) else clause.holds
        told = [self._holds(part) for part in clause.parts]
        if clause.joins == "not":
            return None if told[0] is None else not told[0]
        enough = len(told) if clause.joins == "all of" else int(re.sub(r"\D", "", clause.joins) or 1)
        if told.count(True) >= enough:
            return True
        return None if told.count(True) + told.count(None) >= enough else False

    def _is_unknown(self, clause: "Clause") -> bool:
        return not self._complete and _field(clause) in {*_ATTRIBUTES, "published"}


def common_list(clause: "Clause") -> str:
    """The list of words from which all clauses come that are under this one; empty if they come from several."""
    names = {_list_of(one) for one in _ends(clause)}
    return names.pop() if len(names) == 1 else ""


def _list_of(clause: "Clause") -> str:
    """`@steel` of `@steel: plate`, and `title:@steel` of `title:@steel: plate`."""
    name, colon, _ = clause.text.partition(": ")
    return name if colon and "@" in name else ""


def _ends(clause: "Clause") -> "Iterator[Clause]":
    if not clause.parts:
        yield clause
    for part in clause.parts:
        yield from _ends(part)


def _heading(name: str, parts: "tuple[Clause, ...]", listed: str) -> str:
    found = sum(part.holds for part in parts)
    told = "" if "all of" in name else f": {found or 'none'} found"
    return f"{name} {len(parts)}{f' ({listed})' if listed else ''}{told}"


def _shown(name: str, parts: "tuple[Clause, ...]") -> "Iterator[Clause | str]":
    """All parts of a short list; of a long one those that hold, or else the first."""
    met = [part for part in parts if part.holds]
    if name == "none of" and not met:
        return
    if len(parts) <= SHOWN or name == "all of":
        yield from parts
    else:
        shown = met or parts[:SHOWN]
        yield from shown
        if len(parts) > len(shown):
            yield f"[dim]… and {len(parts) - len(shown)} others not found[/]"


def reason(clause: "Clause", subject: "Subject") -> str:
    """Why a clause does not hold, in one line: the first reason."""
    from bot.core.rules.judging.examples import why_not

    if clause.joins == "all of":
        return reason(next(part for part in clause.parts if not part.holds), subject)
    if clause.joins not in {"", "not"}:
        return _too_few(clause)
    other = instead(clause, subject)
    return f"it wants {clause.text}, and{other.replace('  ', ' ')}" if other else why_not(clause)


def _too_few(clause: "Clause") -> str:
    listed, many = common_list(clause), len(clause.parts)
    if clause.joins != "any of":
        return f"{sum(part.holds for part in clause.parts)} of its {many} clauses are met, and it wants {clause.text}"
    if listed:
        return f"none of the {many} clauses of {listed} is met"
    named = [_KEY.sub("", part.text) for part in clause.parts if not part.parts]
    told = len(named) == many <= SHOWN
    return f"it has none of {', '.join(named)}" if told else f"none of its {many} clauses is met"


def instead(clause: "Clause", subject: "Subject") -> str:
    """What the release has, where a clause asks for something else."""
    from bot.cli.output import cell

    name = _field(clause)
    if name in _ATTRIBUTES:
        values = ", ".join(subject.attributes.get(name, ()))  # type: ignore[call-overload]
        return f"  it is {cell(values)}" if values else f"  it has no {name}"
    if name == "published":
        return f"  it is of {subject.published}" if subject.published else "  it has no day"
    if name == "words":
        return f"  it has {subject.words:,} words"
    if name == "percent":
        values = ", ".join(f"{value:g}%" for *_, value in subject.percentages)
        return f"  it names {values}" if values else "  it names no percentage"
    return ""


def _field(clause: "Clause") -> str:
    """The field that a clause asks about; a word that is looked for in the text has none."""
    name, colon, _ = clause.text.partition(":")
    return name if colon and name in {*_ATTRIBUTES, "published", "words", "percent"} else ""


def _says_it_all(clause: "Clause") -> bool:
    """True if a clause such as `source: kr/press` names the very value that the release has."""
    return _field(clause) in _ATTRIBUTES and clause.evidence[0].text == clause.text.partition(":")[2].strip()


def _where(one: "Evidence", subject: "Subject", console: "Console") -> "Text":
    """The field, and the words in their sentence."""
    from rich.text import Text

    from bot.cli.output import cell

    text = {"title": subject.title, "body": subject.body}.get(one.field)
    if text is None:
        return Text(cell(one.text), style="cyan")
    told = Text().append(f"{one.field}  ", style="cyan")
    before, after = _around(text, one)
    told.append(cell(before), style="dim")
    plain = console.color_system is None
    told.append(f"[{cell(one.text)}]" if plain else cell(one.text), style="bold black on yellow")
    return told.append(cell(after), style="dim")


def _around(text: str, one: "Evidence") -> tuple[str, str]:
    """What stands before and after the words in their sentence, shortened to whole words, in one line."""
    from bot.core.text import sentence_at

    start, end = sentence_at(text, one.start)
    before, after = text[start : one.start], text[one.end : max(end, one.end)]
    if len(before) > ROOM:
        before = "…" + (before[-ROOM:].partition(" ")[2] or before[-ROOM:])
    if len(after) > ROOM:
        after = (after[:ROOM].rpartition(" ")[0] or after[:ROOM]) + "…"
    return before.replace("\n", " "), after.replace("\n", " ").rstrip()

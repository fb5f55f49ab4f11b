"""The lists of words that rules name with @: terms.toml → queries."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from bot.core.rules.language.misread import masked
from bot.core.rules.language.parsing import MAX_LEAVES, BadQuery, parse_entry
from bot.core.rules.language.tree import BROKEN, Leaf, Query, any_of, leaves, mapped
from bot.errors import Finding


def compile_lists(written: Mapping[str, Sequence[str]]) -> tuple[dict[str, Query], list[Finding]]:
    """What each list means, and everything that is wrong with them; a list that is wrong is left out."""
    making = _Making(written)
    for name in written:
        making.list(name, ())
    return {name: query for name, query in making.made.items() if query is not None}, making.findings


class AllBroken(dict[str, Query]):
    """The lists of a file that cannot be read: each that is named may stand there, and none can be used."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> Query:
        return BROKEN


class _Making:
    """Compiles lists in the order in which they need one another."""

    def __init__(self, written: Mapping[str, Sequence[str]]) -> None:
        self._written = written
        self.made: dict[str, Query | None] = {}
        self.findings: list[Finding] = []

    def list(self, name: str, above: tuple[str, ...]) -> None:
        """Make the list `name`, which those `above` need."""
        if name in self.made:
            return
        parts = [self._entry(name, number, text, (*above, name)) for number, text in enumerate(self._written[name])]
        good = [part for part in parts if part is not None]
        whole = any_of(good) if good else None
        if whole is not None and sum(1 for _ in leaves(whole)) > MAX_LEAVES:
            self._complain(name, None, f"with the lists it names it has more than {MAX_LEAVES:,} words")
            whole = None
        self.made[name] = whole if len(good) == len(parts) else None

    def _entry(self, name: str, number: int, text: str, above: tuple[str, ...]) -> Query | None:
        """What an entry means; None if it is wrong, or names a list that is."""
        for other in _named(text):
            if other in above:
                circle = " → ".join(f"@{one}" for one in (*above[above.index(other) :], other))
                self._complain(name, number, f"lists name one another in a circle: {circle}")
                return None
            if other in self._written:
                self.list(other, above)
                if self.made[other] is None:
                    return None  # told where it is wrong
        known = {one: query for one, query in self.made.items() if query is not None}
        try:
            return mapped(parse_entry(text, known), _plain)
        except BadQuery as error:
            meant = get_close_matches(text.removeprefix("@"), self._written, n=1) if text.startswith("@") else []
            self._complain(name, number, error.what, f"did you mean @{meant[0]}?" if meant else error.hint, error.at)
            return None

    def _complain(self, name: str, number: int | None, what: str, hint: str = "", at: int | None = None) -> None:
        path = ("terms", name) if number is None else ("terms", name, number)
        self.findings.append(Finding(path, what, hint, at))


def _named(entry: str) -> list[str]:
    """The lists that an entry names."""
    if not entry.strip().startswith(("@", "(")):
        return []
    return re.findall(r"@([^\s()\"“”,:]+)", masked(entry))


def _plain(leaf: Leaf) -> Query:
    """The leaf labelled with the word alone, whichever list it came from."""
    return replace(leaf, label=leaf.label.rpartition(": ")[2]) if leaf.label.startswith("@") else leaf

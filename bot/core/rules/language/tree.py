"""What a rule asks, as a tree: clauses that hold or do not hold for a release."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from bot.core.rules.language.regex import Regex
from bot.core.rules.language.term import Term
from bot.core.text import fold

Place: TypeAlias = Literal["", "title", "body"]
"""Where words are looked for; "" is title and body, each by itself."""
Attribute: TypeAlias = Literal["category", "source", "language", "url"]
Measure: TypeAlias = Literal["published", "words", "percent"]
Operator: TypeAlias = Literal["=", ">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    label: str = field(default="", compare=False)
    """The clause as its author knows it, for evidence: `any: tariff`, `@steel: plate`; no part of the meaning."""


@dataclass(frozen=True, slots=True)
class Word(_Leaf):
    """A word, phrase or prefix stands in the text."""

    term: Term
    place: Place = ""

    def __str__(self) -> str:
        """In the language, in its normal form."""
        return _placed(self.place, str(self.term))


@dataclass(frozen=True, slots=True)
class Near(_Leaf):
    """Terms stand in one field, in any order, with at most `within` other words between them."""

    terms: tuple[Term, ...]
    within: int
    place: Place = ""

    def __str__(self) -> str:
        """In the language, in its normal form."""
        words = " ".join(sorted(str(term).replace('"', "").replace(" ", "-") for term in self.terms))
        return _placed(self.place, f'"{words}"~{self.within}')


@dataclass(frozen=True, slots=True)
class Pattern(_Leaf):
    """A regular expression is found in the text."""

    regex: Regex
    place: Place = ""

    def __str__(self) -> str:
        """In the language, in its normal form."""
        return _placed(self.place, str(self.regex))


@dataclass(frozen=True, slots=True)
class Named(_Leaf):
    """An attribute of the release is called so; * in `name` stands for anything."""

    attribute: Attribute
    name: str
    """Folded, without spaces round a slash."""

    def __str__(self) -> str:
        """In the language, in its normal form."""
        name = self.name.replace('"', "″")  # which folds to the plain one
        return f'{self.attribute}:"{name}"'


@dataclass(frozen=True, slots=True)
class Compared(_Leaf):
    """A day or number of the release compares so: the day of publication, the words of the text, a percentage in it."""

    measure: Measure
    operator: Operator
    value: date | float
    until: date | None = None
    """Of a month or year: its last day, `value` being its first."""

    def __str__(self) -> str:
        """In the language, in its normal form."""
        value = str(self.value).removesuffix(".0")
        if self.until and isinstance(self.value, date):
            value = value[: len("2025" if self.until.month > self.value.month else "2025-04")]
        return f"{self.measure}:{'' if self.operator == '=' else self.operator}{value}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Query", ...]

    def __str__(self) -> str:
        """In the language, in its normal form."""
        return f"({' AND '.join(_sorted(self.parts))})"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple["Query", ...]

    def __str__(self) -> str:
        """In the language, in its normal form."""
        return f"({' OR '.join(_sorted(self.parts))})"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Query"

    def __str__(self) -> str:
        """In the language, in its normal form."""
        return f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `many` of the parts hold."""

    many: int
    parts: tuple["Query", ...]

    def __str__(self) -> str:
        """In the language, in its normal form."""
        return f"{self.many} of ({', '.join(_sorted(self.parts))})"


Leaf: TypeAlias = Word | Near | Pattern | Named | Compared
Query: TypeAlias = And | Or | Not | AtLeast | Leaf


BROKEN: Query = Or(())
"""Stands for a list of words that cannot be read."""


def all_of(parts: list[Query]) -> Query:
    """One query that asks for all `parts` (at least one); what is said twice is said once, groups are flat."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, And) else (part,))]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else And(kept)


def any_of(parts: list[Query]) -> Query:
    """One query that asks for any of `parts` (at least one); what is said twice is said once, groups are flat."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Or) else (part,))]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else Or(kept)


def negation(part: Query) -> Query:
    """The query that holds when `part` does not; two of them cancel out."""
    return part.part if isinstance(part, Not) else Not(part)


def leaves(query: Query) -> Iterator[Leaf]:
    """All leaves, from left to right, those under a NOT too."""
    match query:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield query


def mapped(query: Query, change: Callable[[Leaf], Query]) -> Query:
    """The query with each leaf changed."""
    match query:
        case And(parts):
            return And(tuple(mapped(part, change) for part in parts))
        case Or(parts):
            return Or(tuple(mapped(part, change) for part in parts))
        case AtLeast(many, parts):
            return AtLeast(many, tuple(mapped(part, change) for part in parts))
        case Not(part):
            return Not(mapped(part, change))
        case _:
            return change(query)


def _placed(place: Place, written: str) -> str:
    return f"{place}:{written}" if place else written


def _sorted(parts: tuple[Query, ...]) -> list[str]:
    return sorted(map(str, parts))


@lru_cache(maxsize=10_000)
def tight(name: str) -> str:
    """`name` folded, without spaces round a slash."""
    return re.sub(r"\s*/\s*", "/", fold(name))

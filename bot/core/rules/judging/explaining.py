"""Whether a query holds for a release, and why: the one judge, which the index only spares work."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from operator import eq, ge, gt, le, lt
from typing import Any

from bot.core.rules.judging.reading import Reading, Run
from bot.core.rules.judging.subject import Subject, named_so
from bot.core.rules.language.term import Term
from bot.core.rules.language.tree import (
    And,
    AtLeast,
    Compared,
    Leaf,
    Named,
    Near,
    Not,
    Operator,
    Or,
    Pattern,
    Query,
    Word,
)
from bot.model import Evidence

# As many places as a person would look at; the rest adds nothing to the why.
MAX_PLACES = 5
MAX_NEAR = 1_000
"""Occurrences of two terms that are looked at to find some near one another; of more terms fewer."""
_COMPARE: dict[Operator, Callable[[float, float], bool]] = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a query and how it fared."""

    text: str
    holds: bool
    evidence: tuple[Evidence, ...] = ()
    parts: tuple["Clause", ...] = ()

    @property
    def joins(self) -> str:
        """How it joins its parts: `all of`, `any of`, `at least 2 of`, `not`; empty if it has none."""
        return self.text if self.parts else ""


def explain(query: Query, subject: Subject) -> Clause:
    """The whole tree, every clause judged, those that did not matter too."""
    match query:
        case And(parts):
            told = _each(parts, subject)
            return Clause("all of", all(one.holds for one in told), parts=told)
        case Or(parts):
            told = _each(parts, subject)
            return Clause("any of", any(one.holds for one in told), parts=told)
        case AtLeast(many, parts):
            told = _each(parts, subject)
            return Clause(f"at least {many} of", sum(one.holds for one in told) >= many, parts=told)
        case Not(part):
            told = _each((part,), subject)
            return Clause("not", not told[0].holds, parts=told)
        case _:
            found = places(query, subject)
            return Clause(query.label or str(query), bool(found), evidence=found)


def _each(parts: Iterable[Query], subject: Subject) -> tuple[Clause, ...]:
    return tuple(explain(part, subject) for part in parts)


def holds(query: Query, subject: Subject) -> bool:
    """True if the release is what the query asks for."""
    return decided(query, lambda leaf: is_met(leaf, subject))


def decided(tree: Any, met: Callable[[Any], bool]) -> bool:
    """True if a tree holds of whose leaves, whatever they are, `met` says whether they are met."""
    match tree:
        case And(parts):
            return all(decided(part, met) for part in parts)
        case Or(parts):
            return any(decided(part, met) for part in parts)
        case AtLeast(many, parts):
            return sum(decided(part, met) for part in parts) >= many
        case Not(part):
            return not decided(part, met)
        case _:
            return met(tree)


def is_met(leaf: Leaf, subject: Subject) -> bool:
    """True if a clause is met anywhere: what `places` would show, without looking for all of it."""
    match leaf:
        case Word(term, place):
            return any(reading.runs(term) for reading in subject.in_place(place))
        case Near(terms, within, place):
            return any(next(near(reading, terms, within), None) for reading in subject.in_place(place))
        case Pattern(regex, place):
            return any(regex.found(text) for _, text in subject.texts(place))
        case _:
            return bool(places(leaf, subject))


def evidence(query: Query, subject: Subject) -> tuple[Evidence, ...]:
    """Where the clauses that hold stand in the text, none of those under a NOT; none if the query does not hold."""
    return _told(query, subject) or ()


def _told(query: Query, subject: Subject) -> tuple[Evidence, ...] | None:
    """The evidence for a query, None if it does not hold."""
    match query:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            told = [one for one in (_told(part, subject) for part in parts) if one is not None]
            enough = len(parts) if isinstance(query, And) else 1 if isinstance(query, Or) else query.many
            return tuple(chain.from_iterable(told)) if len(told) >= enough else None
        case Not(part):
            return None if holds(part, subject) else ()
        case _:
            return places(query, subject) or None


def places(leaf: Leaf, subject: Subject) -> tuple[Evidence, ...]:
    """Where a clause is met, title first, at most MAX_PLACES a field; none if it is not."""
    match leaf:
        case Named(attribute, name):
            values = [one for one in subject.attributes.get(attribute, ()) if named_so(one, name, attribute)]
            return tuple(_evidence(leaf, attribute, value, 0, len(value)) for value in values[:1])
        case Compared("percent"):
            fitting = [(name, (start, end)) for name, start, end, value in subject.percentages if _fits(leaf, value)]
            return tuple(
                _evidence(leaf, name, text, start, end)
                for name, text in subject.texts("")
                # (a range may fit with both ends)
                for start, end in list(dict.fromkeys(span for place, span in fitting if place == name))[:MAX_PLACES]
            )
        case Compared(measure):
            value = subject.published if measure == "published" else subject.words
            met = value is not None and _fits(leaf, value)
            return (_evidence(leaf, measure, str(value), 0, len(str(value))),) if met else ()
        case _:
            return tuple(
                _evidence(leaf, name, text, start, end)
                for name, text in subject.texts(leaf.place)
                for start, end in _spans(leaf, text, subject.readings[name])[:MAX_PLACES]
            )


def _evidence(leaf: Leaf, field: str, text: str, start: int, end: int) -> Evidence:
    return Evidence(clause=leaf.label or str(leaf), field=field, start=start, end=end, text=text[start:end])


def _fits(leaf: Compared, value: date | float) -> bool:
    """True if `value` compares as asked; a month or a year is all of its days."""
    if isinstance(value, date) and isinstance(leaf.value, date):
        first, last, here = leaf.value.toordinal(), (leaf.until or leaf.value).toordinal(), value.toordinal()
        if leaf.operator == "=":
            return first <= here <= last
        return _COMPARE[leaf.operator](here, last if leaf.operator in {">", "<="} else first)
    return isinstance(value, int | float) and _COMPARE[leaf.operator](value, leaf.value)  # type: ignore[arg-type]


def _spans(leaf: Word | Near | Pattern, text: str, reading: Reading) -> list[tuple[int, int]]:
    match leaf:
        case Word(term):
            return [reading.span(term, run) for run in reading.runs(term)]
        case Near(terms, within):
            stretches = sorted(set(near(reading, terms, within)))
            return [(reading.spans[first][0], reading.spans[last][1]) for first, last in stretches]
        case Pattern(regex):
            return regex.spans(text)


def near(reading: Reading, terms: tuple[Term, ...], within: int) -> Iterator[Run]:
    """The stretches in which all `terms` stand with at most `within` other words: first and last word of each.

    Each begins with one of the terms, and each other term is taken where it comes next.
    """
    share = max(50, 2 * MAX_NEAR // len(terms) ** 2)
    runs = [reading.runs(term)[:share] for term in terms]
    return stretches([some[: reading.spend(len(some))] for some in runs], within) if all(runs) else iter(())


def stretches(runs: list[list[Run]], within: int) -> Iterator[Run]:
    """As `near`, of the occurrences of each term. Words of any occurrence are no other words."""
    said = sorted({word for some in runs for first, last in some for word in range(first, last + 1)})
    for begin, first in ((run, place) for place, some in enumerate(runs) for run in some):
        others = [_next(some, begin) for place, some in enumerate(runs) if place != first]
        told = [begin, *(one for one in others if one is not None)]
        last = max(end for _, end in told)
        between = last - begin[0] + 1 - (bisect_right(said, last) - bisect_left(said, begin[0]))
        if len(told) == len(runs) and between <= within:
            yield begin[0], last


def _next(runs: list[Run], after: Run) -> Run | None:
    """The first of `runs` that begins where `after` begins, or later."""
    place = bisect_left(runs, (after[0], 0))
    return runs[place] if place < len(runs) else None

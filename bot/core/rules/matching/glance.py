"""A text at a glance: what the index can tell of it without reading it word by word."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from bot.core.rules.language.term import Sequence, Term
from bot.core.rules.language.tree import Near, Word
from bot.core.rules.language.words import FIELD_END, STOP
from bot.core.rules.matching.lexicon import Known

FEW = 50
"""Places of a word that are simply looked at one by one."""


class Glance:
    """The pieces of one field of a release, or of some in a row, as they are known."""

    def __init__(self, known: list[Known[Any]]) -> None:
        self._known = known

    @cached_property
    def _line(self) -> str:
        """Its words, singular, each between spaces."""
        return f" {' '.join([piece.line for piece in self._known])} "

    @cached_property
    def _fields(self) -> list[str]:
        """The line of each field, without its stops."""
        return self._line.replace(f" {STOP}", "").split(FIELD_END)

    @cached_property
    def _joined(self) -> frozenset[str]:
        """Words that are written with a hyphen, as one, singular."""
        return frozenset([stem for piece in self._known if piece.joined for stem in piece.joined])

    @cached_property
    def _words(self) -> frozenset[str]:
        """Its words, singular, those with a hyphen as one, too."""
        return self._joined.union(self._line.split())

    def shows(self, leaf: Word | Near) -> bool | None:
        """Whether the clause is met in this field, None if a closer look is needed."""
        if isinstance(leaf, Near):
            return self._shows_near(leaf.terms, leaf.within)
        ways = self._alive(leaf.term)
        if not ways or not _is_plain(leaf.term):
            return None if ways else False
        return self._has(ways) or (None if self._may_join(ways) else False)

    def _alive(self, term: Term) -> list[Sequence]:
        """The ways to write `term` of which all words stand in the text, as far as they are plain ones."""
        if _is_plain(term):
            return list(filter(self._words.issuperset, term.variants))
        if term.prefix:
            return [way for way in term.variants if self._words.issuperset(way[:-1])]
        return [term.words]

    def _has(self, ways: Iterable[Sequence]) -> bool:
        """True if the words of one of the ways stand side by side."""
        return any(f" {' '.join(way)} " in self._line for way in ways)

    def _may_join(self, ways: Iterable[Sequence]) -> bool:
        """True if a hyphen might make one word of two."""
        return not all(map(self._joined.isdisjoint, ways))

    def _shows_near(self, terms: tuple[Term, ...], within: int) -> bool | None:
        ways: list[Sequence] = []
        for term in terms:
            alive = self._alive(term)
            if not alive:
                return False
            ways += alive
        if len(terms) != 2 or not all(_is_plain(term) and len(term.words) == 1 for term in terms):
            return None
        near = self._are_near(terms[0].words[0], terms[1].words[0], within)
        if near is False and (self._may_join(ways) or self._has(way for way in ways if len(way) > 1)):
            return None
        return near

    def _are_near(self, one: str, other: str, within: int) -> bool | None:
        """Whether two words stand near one another; None if they are too many to tell."""
        if max(self._line.count(f" {one} "), self._line.count(f" {other} ")) > FEW:
            return None
        return any(_follows(field, *words, within) for field in self._fields for words in ((one, other), (other, one)))


def _follows(field: str, first: str, second: str, within: int) -> bool:
    """True if `second` stands after `first`, with at most `within` words between them."""
    if f" {second} " not in field:
        return False
    at = field.find(f" {first} ")
    while at >= 0:
        behind = field[at + len(first) + 2 :].split(" ", within + 1)
        if second in behind[: within + 1]:
            return True
        at = field.find(f" {first} ", at + 1)
    return False


def _is_plain(term: Term) -> bool:
    return not (term.exact or term.prefix or term.korean)

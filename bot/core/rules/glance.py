"""A text at a glance: what the index can tell of it without reading it word by word."""

from collections.abc import Iterable
from functools import cached_property

from bot.core.rules.term import Term
from bot.core.rules.tree import Leaf, Near, Word
from bot.core.rules.words import STOP, joined, line, read_piece

FEW = 50
"""Places of a word that are simply looked at one by one."""


class Glance:
    """The pieces of one field of a release, or of some in a row."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.distinct = set(pieces)

    @cached_property
    def line(self) -> str:
        """Its words, singular, each between spaces."""
        return line(self.pieces)

    @cached_property
    def _flat(self) -> str:
        """The line without its stops."""
        return self.line.replace(f" {STOP}", "")

    @cached_property
    def _joined(self) -> frozenset[str]:
        """Words that are written with a hyphen, as one, singular."""
        hyphened = [piece for piece in self.distinct if "-" in piece or not piece.isascii()]
        return frozenset(stem for piece in hyphened for _, _, stem in joined(read_piece(piece)))

    def shows(self, leaf: Leaf) -> bool | None:
        """Whether the clause is met in this field, None if a closer look is needed."""
        match leaf:
            case Word(term) if term.lines:
                return self._has(term.lines) or (None if self._may_join(term) else False)
            case Near(terms, within) if all(map(_is_plain, terms)):
                near = self._are_near(terms, within)
                return None if near is False and any(map(self._may_be_parted, terms)) else near
        return None

    def _has(self, lines: Iterable[str]) -> bool:
        return any(one in self.line for one in lines)

    def _may_join(self, term: Term) -> bool:
        """True if a hyphen might make a word of the term of two."""
        return bool(self._joined) and any(not self._joined.isdisjoint(sequence) for sequence in term.variants)

    def _are_near(self, terms: tuple[Term, ...], within: int) -> bool | None:
        """Whether the terms stand near one another, each as one word; None if that takes a closer look."""
        words = [term.words[0] for term in terms if len(term.words) == 1]
        many = [self._flat.count(f" {word} ") for word in words]
        if not all(many):
            return False
        if len(words) != 2 or len(terms) != 2 or max(many) > FEW:
            return None
        one, other = words
        return self._follows(one, other, within) or self._follows(other, one, within)

    def _follows(self, first: str, second: str, within: int) -> bool:
        """True if `second` stands after `first`, with at most `within` words between them."""
        at = self._flat.find(f" {first} ")
        while at >= 0:
            behind = self._flat[at + len(first) + 2 :].split(" ", within + 1)
            if second in behind[: within + 1]:
                return True
            at = self._flat.find(f" {first} ", at + 1)
        return False

    def _may_be_parted(self, term: Term) -> bool:
        """True if the term stands there written in another way than as one word."""
        return self._may_join(term) or self._has(line for line in term.lines if line.strip() != term.words[0])


def _is_plain(term: Term) -> bool:
    return not (term.exact or term.prefix or term.korean)

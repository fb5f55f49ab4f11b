"""A text as the matcher sees it: its words with their places, folded once for all rules."""

import re
from bisect import bisect_left
from functools import cached_property

from bot.core.text import fold, fold_word, singular

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
# A word is of one script: in "KTC가" the particle does not belong to the name.
_WORD = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+|[^\W_\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+")
# What may stand between the parts of one Korean compound.
_GLUE = frozenset(" \t\n\u00b7\u30fb\uff65-")

Span = tuple[int, int]


def words_of(text: str) -> list[str]:
    """The words of `text`, folded."""
    return [fold_word(word) for word in _WORD.findall(text)]


def compact(text: str) -> str:
    """`text` folded, without what may stand between the parts of a Korean compound."""
    return "".join(c for c in fold(text) if c not in _GLUE)


class Reading:
    """The words of one field of a release."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.exact = words_of(text)
        self.stems = [singular(word) for word in self.exact]

    @cached_property
    def present(self) -> frozenset[str]:
        """The distinct words, singular and as they stand."""
        return frozenset(self.stems).union(self.exact)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.present)

    @cached_property
    def _spans(self) -> list[Span]:
        return [found.span() for found in _WORD.finditer(self.text)]

    def begins(self, prefix: str) -> bool:
        """True if a word begins with `prefix`."""
        at = bisect_left(self._sorted, prefix)
        return at < len(self._sorted) and self._sorted[at].startswith(prefix)

    def occurrences(self, target: str, *, exact: bool, prefix: bool) -> list[Span]:
        """Where neighbouring words, written together, give `target` (or begin with it).

        So "anti-dumping", "anti dumping" and "antidumping" are one.
        """
        words = self.exact if exact else self.stems
        found = []
        for first, word in enumerate(words):
            if target.startswith(word) or (prefix and word.startswith(target)):
                last = _reach(words, first, target, prefix=prefix)
                if last is not None:
                    found.append((self._spans[first][0], self._spans[last][1]))
        return found

    @cached_property
    def _compact(self) -> tuple[str, list[int]]:
        """The compact text, and for each of its characters the place in the text it came from."""
        characters, places = [], []
        for place, character in enumerate(self.text):
            for folded in "" if character in _GLUE else compact(character):
                characters.append(folded)
                places.append(place)
        return "".join(characters), places

    def korean(self, target: str) -> list[Span]:
        """Where the compact `target` begins at the left edge of a word; particles may follow, spaces are free."""
        if not HANGUL.search(self.text):
            return []
        text, places = self._compact
        found, at = [], text.find(target)
        while at >= 0:
            if self._begins_word(places[at]):
                found.append((places[at], places[at + len(target) - 1] + 1))
            at = text.find(target, at + 1)
        return found

    def _begins_word(self, place: int) -> bool:
        """True unless the character before `place` belongs to the same word."""
        if place == 0:
            return True
        before, here = self.text[place - 1], self.text[place]
        return not before.isalnum() or bool(HANGUL.match(before)) != bool(HANGUL.match(here))


def _reach(words: list[str], first: int, target: str, *, prefix: bool) -> int | None:
    """Index of the last word of the run from `first` that gives `target`, None if there is none."""
    written = ""
    for index in range(first, len(words)):
        written += words[index]
        if written == target or (prefix and written.startswith(target)):
            return index
        if not target.startswith(written):
            return None
    return None

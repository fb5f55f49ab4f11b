"""A text as the matcher sees it: its words with their places, folded once for all rules."""

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property, lru_cache

from bot.core.text import fold, fold_word, singular

_HANGUL_RANGE = "\u1100-\u11ff\u3131-\u318c\u318e\uac00-\ud7af"
HANGUL = re.compile(f"[{_HANGUL_RANGE}]")
# A word is of one script (in "KTC가" the particle does not belong to the name); a number keeps its decimals, and
# initials (U.S.) are one word.
_WORD = re.compile(rf"[{_HANGUL_RANGE}]+|\d+(?:[.,]\d+)+|\b[A-Za-z](?:\.[A-Za-z])+\b\.?|[^\W_{_HANGUL_RANGE}\u318d]+")
# What may stand between the parts of one Korean compound: spaces, hyphens, and the middle dots that ministries use.
_GLUE = frozenset(" \t\n-\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u318d\u119e")
# What ends a thought: the words of a phrase do not stand on both sides of it.
_STOP = re.compile(r"[\n!?;。|]")

Span = tuple[int, int]


def words_of(text: str) -> list[str]:
    """The words of `text`, folded."""
    words = _WORD.findall(text)
    return [fold_word(word if "." not in word or word[0].isdigit() else word.replace(".", "")) for word in words]


def compact(text: str) -> str:
    """`text` folded, without what may stand between the parts of a Korean compound."""
    return "".join(map(_compacted, text))


@lru_cache(maxsize=100_000)
def _compacted(character: str) -> str:
    return "" if character in _GLUE else "".join(c for c in fold(character) if c not in _GLUE)


class Reading:
    """The words of one field of a release."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.exact = words_of(text)
        self.stems = [singular(word) for word in self.exact]

    @cached_property
    def is_korean(self) -> bool:
        """True if there is Hangul in it."""
        return not self.text.isascii() and HANGUL.search(self.text) is not None

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

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each word stands, by its singular and as it stands."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, (stem, word) in enumerate(zip(self.stems, self.exact, strict=True)):
            places[stem].append(place)
            if word != stem:
                places[word].append(place)
        return places

    def beginning_with(self, prefix: str) -> list[str]:
        """The distinct words that begin with `prefix`."""
        at = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "\U0010ffff")
        return self._sorted[at:end]

    def occurrences(self, target: str, firsts: list[str], *, exact: bool, prefix: bool) -> list[Span]:
        """Where neighbouring words, the first of them one of `firsts`, give `target` (or begin with it).

        So "anti-dumping", "anti dumping" and "antidumping" are one.
        """
        words = self.exact if exact else self.stems
        found = []
        for first in sorted({place for word in firsts for place in self._places.get(word, ())}):
            last = self._reach(words, first, target, prefix=prefix)
            if last is not None:
                found.append((self._spans[first][0], self._spans[last][1]))
        return found

    def _reach(self, words: list[str], first: int, target: str, *, prefix: bool) -> int | None:
        """The last word of the run from `first` that gives `target`, None if there is none."""
        written = ""
        for place in range(first, len(words)):
            written += words[place]
            if written == target or (prefix and written.startswith(target)):
                return place
            if not target.startswith(written) or self._parted(place):
                return None
        return None

    def _parted(self, place: int) -> bool:
        """True if a thought ends between this word and the next; the stop of an initial (U.S.) ends none."""
        if place + 1 >= len(self._spans):
            return True
        start, end = self._spans[place][1], self._spans[place + 1][0]
        between = self.text[start:end]
        if between in {" ", "-", ""}:
            return False
        return _STOP.search(between) is not None or (". " in between and len(self.exact[place]) > 1)

    @cached_property
    def _compact(self) -> tuple[str, list[int]]:
        """The compact text, and for each of its characters the place in the text it came from."""
        characters, places = [], []
        for place, character in enumerate(self.text):
            for folded in _compacted(character):
                characters.append(folded)
                places.append(place)
        return "".join(characters), places

    def korean(self, target: str) -> list[Span]:
        """Where the compact `target` begins at the left edge of a word; particles may follow, spaces are free."""
        if not self.is_korean:
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
        same_script = bool(HANGUL.match(before)) == bool(HANGUL.match(here))
        return before in _GLUE or not before.isalnum() or not same_script

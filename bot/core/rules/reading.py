"""A text as the matcher sees it: its words with their places, folded once for all rules."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property

from bot.core.text import HANGUL, HANGUL_RANGE, PLAIN_MARKS, SINGULAR, fold, fold_word, is_plain, small

# A word is of one script (in "KTC가" the particle does not belong to the name); a number keeps its decimals, and
# initials (U.S.) are one word.
# (First what most words are, since the order is what the time goes into.)
_WORD = re.compile(
    rf"[A-Za-z]++(?![^\W_]|\.[A-Za-z]\b)|[{HANGUL_RANGE}]+|\d+(?:[.,]\d+)+|\b[A-Za-z](?:\.[A-Za-z])+\b\.?"
    rf"|[^\W_{HANGUL_RANGE}\u318d]+"
)
# What may stand between the parts of one Korean compound: spaces, dashes, quotes, and the middle dots of ministries.
_GLUE = frozenset(" \t\n-'\"\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u318d\u119e").union(map(chr, PLAIN_MARKS))
_GLUED = re.compile("[" + "".join(map(re.escape, sorted(_GLUE))) + "]+")
# What ends a thought: the words of a phrase do not stand on both sides of it.
_STOP = re.compile(r"[\n!?;。|]")

Span = tuple[int, int]


def words_of(text: str) -> list[str]:
    """The words of `text`, folded; initials without their stops. The n-th is the n-th that _WORD finds."""
    if is_plain(text) and len(small(text)) == len(text):  # else folding might part a word
        words: Iterable[str] = _WORD.findall(small(text))
    else:
        words = map(fold_word, _WORD.findall(text))
    return [word if "." not in word or word[0].isdigit() else word.replace(".", "") for word in words]


def compact(text: str) -> str:
    """`text` folded, without what may stand between the parts of a Korean compound."""
    return _GLUED.sub("", "".join(small(text).split())) if is_plain(text) else text.translate(_COMPACTION)


def _compacted(character: str, *, plain: bool) -> str:
    """What `character` becomes in a compact text."""
    if not plain:
        return _COMPACTION[ord(character)]
    return "" if character.isspace() or character in _GLUE else character.casefold()


class _Compaction(dict[int, str]):
    """What becomes of each character in a compact text; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = "" if character in _GLUE else "".join(c for c in fold(character) if c not in _GLUE)
        self[code] = folded
        return folded


_COMPACTION = _Compaction()


class Reading:
    """The words of one field of a release."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.exact = words_of(text)
        self.stems = list(map(SINGULAR.__getitem__, self.exact))

    @cached_property
    def is_korean(self) -> bool:
        """True if there is Hangul in it."""
        return not self.text.isascii() and HANGUL.search(self.text) is not None

    @cached_property
    def present(self) -> frozenset[str]:
        """The distinct words, singular and as they stand."""
        return frozenset(self.stems).union(self.exact)

    def pairs(self, heads: AbstractSet[str]) -> set[str]:
        """Each two neighbouring words, singular, written together, the first of them one of `heads`."""
        return {word + after for word, after in zip(self.stems, self.stems[1:], strict=False) if word in heads}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.present)

    @cached_property
    def _spans(self) -> list[Span]:
        return [found.span() for found in _WORD.finditer(self.text)]

    def may_begin(self, target: str, firsts: AbstractSet[str]) -> bool:
        """True if a word is one of `firsts`, or begins with `target`."""
        if not firsts.isdisjoint(self.present):
            return True
        at = bisect_left(self._sorted, target)
        return at < len(self._sorted) and self._sorted[at].startswith(target)

    def occurrences(
        self, target: str, firsts: AbstractSet[str], lasts: AbstractSet[str], *, exact: bool, prefix: bool
    ) -> list[Span]:
        """Where neighbouring words, written together, give `target` (or begin with it).

        The first of them is one of `firsts`, and the last one of `lasts`, but for a prefix. So "anti-dumping",
        "anti dumping" and "antidumping" are one.
        """
        words, found = self.exact if exact or prefix else self.stems, []
        near = firsts & self.present
        likely = [place for place, word in enumerate(words) if word in near] if near else []
        if prefix:
            likely += [place for place, word in enumerate(words) if word.startswith(target) and word not in near]
        for first in sorted(likely):
            last = self._reach(words, first, target, prefix=prefix)
            if last is not None and (prefix or words[last] in lasts):
                found.append((self._spans[first][0], self._spans[last][1]))
        return found

    def _reach(self, words: list[str], first: int, target: str, *, prefix: bool) -> int | None:
        """The last word of the run from `first` that gives `target`, None if there is none."""
        written, place = words[first], first
        while not (written == target or (prefix and written.startswith(target))):
            if place + 1 == len(words):
                return None
            longer = written + words[place + 1]
            goes_on = target.startswith(longer) or (prefix and longer.startswith(target))
            if not goes_on or self._parted(place):
                return None
            written, place = longer, place + 1
        return place

    def _parted(self, place: int) -> bool:
        """True if a thought ends between this word and the next; the stop of an initial (U.S.) ends none."""
        start, end = self._spans[place][1], self._spans[place + 1][0]
        between = self.text[start:end]
        if between in {" ", "-", ""}:
            return False
        return _STOP.search(between) is not None or (". " in between and len(self.exact[place]) > 1)

    @cached_property
    def compact(self) -> str:
        """The compact text; empty if there is no Hangul in it."""
        return compact(self.text) if self.is_korean else ""

    @cached_property
    def _compact_places(self) -> list[int]:
        """For each character of the compact text the place in the text it came from."""
        plain = is_plain(self.text)  # as in compact(), so that each place fits its character
        return [place for place, character in enumerate(self.text) for _ in _compacted(character, plain=plain)]

    def korean(self, target: str) -> list[Span]:
        """Where the compact `target` begins at the left edge of a word; particles may follow, spaces are free."""
        found, at = [], self.compact.find(target)
        while at >= 0:
            start, last = self._compact_places[at], self._compact_places[at + len(target) - 1]
            if self._begins_word(start):
                found.append((start, last + 1))
            at = self.compact.find(target, at + 1)
        return found

    def _begins_word(self, place: int) -> bool:
        """True unless the character before `place` belongs to the same word."""
        if place == 0:
            return True
        before, here = self.text[place - 1], self.text[place]
        same_script = bool(HANGUL.match(before)) == bool(HANGUL.match(here))
        return before in _GLUE or not before.isalnum() or not same_script

"""A text as rules read it: its words in a row, and where terms occur among them."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from bot.core.rules.language.keys import Kind, keys, syllables
from bot.core.rules.language.term import Sequence, Term
from bot.core.rules.language.words import Span, is_hangul, read_pieces
from bot.core.text import SINGULAR

_PIECE = re.compile(r"\n|\S+")
MAX_TRIES, ALL_TRIES, FEW_TRIES = 5_000, 25_000, 100
"""Places at which an occurrence of one term is looked for, of all terms together, and of each term in any case.

No honest text has more, and a hostile one must not hold us up.
"""
Run = tuple[int, int]
"""The first and the last word of an occurrence, counted from 0."""
_PARTICLES = frozenset(
    (
        "은 는 이 가 을 를 의 에 와 과 도 만 로 으로 나 이나 랑 이랑 며 이며 고 이고 든 이든 야 이야 서"
        " 에서 에게 께 한테 까지 부터 보다 처럼 만큼 마다 조차 마저 밖에 뿐 대로 같이 으로서 로서 으로써"
        " 로써 으로부터 로부터 에서는 에는 에도 에만 까지는 까지도 부터는 와는 과는 와의 과의 로의 으로의"
        " 에의 에서의 으로는 로는 으로도 로도 만의 만을 만이 들 들은 들이 들을 들의 등 등을 등이 등의 등에"
        " 및 라 이라 라는 이라는 라고 이라고 란 이란 인 인데 이다 다 입니다 였다 이었다"
        " 에서도 에서만 에게는 에게도 였던 이었던 라며 이라며 라면 이라면 인가 까지만"
    ).split()
)


class Reading:
    """The words of one field of a release."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = read_pieces(text)
        self.words = list(chain.from_iterable(piece.words for piece in self._pieces))
        self._runs: dict[Term, list[Run]] = {}
        self._tries = ALL_TRIES
        self.stems = list(chain.from_iterable(piece.stems for piece in self._pieces))

    @cached_property
    def spans(self) -> list[Span]:
        """Where in the text each word stands."""
        return [
            (start + begin, start + end)
            for start, piece in zip(_starts(self.text), self._pieces, strict=True)
            for begin, end in piece.spans
        ]

    @cached_property
    def _links(self) -> tuple[list[bool], list[bool]]:
        """Of each word, whether a thought ends after it, and whether it may be one Korean compound with the next."""
        stops: list[bool] = []
        glued: list[bool] = []
        for piece in self._pieces:
            if stops:
                stops[-1] = stops[-1] or piece.opens
                glued[-1] = glued[-1] and not piece.loose
            stops += piece.stops
            glued += piece.glued
        return stops, glued

    @cached_property
    def _hyphens(self) -> list[bool]:
        """Of each word, whether nothing but a hyphen parts it from the next."""
        marks: list[bool] = []
        for piece in self._pieces:
            marks += (*piece.hyphens[:-1], False) if piece.hyphens else ()
        return marks

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each word stands, singular, as it is, and as one with the next where a hyphen parts them."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, (word, stem) in enumerate(zip(self.words, self.stems, strict=True)):
            forms = {word, stem}
            if self._hyphens[place]:
                whole = word + self.words[place + 1]
                forms |= {whole, SINGULAR[whole]}
            for form in forms:
                found[form].append(place)
        return dict(found)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._places)

    @cached_property
    def _syllables(self) -> dict[str, list[int]]:
        """Where runs of Hangul begin, by what they begin with."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self.words):
            if is_hangul(word):
                for key in syllables(word):
                    found[key].append(place)
        return found

    def runs(self, term: Term) -> list[Run]:
        """Where `term` occurs, in order; occurrences may overlap. Of very many places only the first are tried."""
        if term not in self._runs:
            self._runs[term] = list(self._found(term))
        return self._runs[term]

    def spend(self, wanted: int) -> int:
        """How many of `wanted` tries may be made, so that no text and no rule holds the matcher up."""
        granted = min(wanted, max(self._tries, FEW_TRIES), MAX_TRIES)
        self._tries -= granted
        return granted

    def _found(self, term: Term) -> Iterator[Run]:
        if term.korean and not all(part in self._compact for part in term.words):
            return
        alive = [sequence for sequence in term.variants if self._has_words(sequence, prefix=term.prefix)]
        beginnings = self._beginnings(term, alive)
        for first in beginnings[: self.spend(len(beginnings))]:
            last = self._korean(term, first) if term.korean else self._last(term, alive, first)
            if last is not None:
                yield first, last

    @cached_property
    def _compact(self) -> str:
        """The words written together."""
        return "".join(self.words)

    def _has_words(self, sequence: Sequence, *, prefix: bool) -> bool:
        """True if the words of `sequence` stand in the text, wherever."""
        whole = sequence[:-1] if prefix else sequence
        return all(word in self._places for word in whole)

    def _beginnings(self, term: Term, alive: list[Sequence]) -> list[int]:
        """The words with which an occurrence may begin."""
        if term.korean:
            shelves = [self._syllables if key.kind is Kind.SYLLABLES else self._places for key in keys(term)]
            likely = [shelf.get(key.text, []) for key, shelf in zip(keys(term), shelves, strict=True)]
        elif term.prefix:
            likely = [some for sequence in alive for some in self._begun(sequence)]
        else:
            likely = [self._places[sequence[0]] for sequence in alive]
        return likely[0] if len(likely) == 1 else sorted({place for some in likely for place in some})

    def _begun(self, sequence: Sequence) -> Iterator[list[int]]:
        """Where the first word of a sequence stands of which the last is the beginning of a word."""
        if len(sequence) > 1:
            yield self._places[sequence[0]]
            return
        for word in self._sorted[bisect_left(self._sorted, sequence[0]) :]:
            if not word.startswith(sequence[0]):
                return
            yield self._places[word]

    def _last(self, term: Term, alive: list[Sequence], first: int) -> int | None:
        """The last word of the longest occurrence that begins at `first`; None if there is none."""
        ends = [self._follow(term, sequence, first) for sequence in alive]
        return max((end for end in ends if end is not None), default=None)

    def _follow(self, term: Term, sequence: Sequence, first: int) -> int | None:
        """The last word of `sequence`, if it stands there from the word `first` on."""
        at = first
        for done, wanted in enumerate(sequence):
            if at >= len(self.words) or (done and self._links[0][at - 1]):
                return None
            beginning = term.prefix and done == len(sequence) - 1
            as_it_is = term.exact or beginning
            if self._is(wanted, self.words[at] if as_it_is else self.stems[at], beginning=beginning):
                at += 1
            elif self._hyphens[at] and self._is(wanted, self._whole(at, as_it_is=as_it_is), beginning=beginning):
                at += 2
            else:
                return None
        return at - 1

    def _whole(self, at: int, *, as_it_is: bool) -> str:
        """Two words that a hyphen parts, as one."""
        whole = self.words[at] + self.words[at + 1]
        return whole if as_it_is else SINGULAR[whole]

    @staticmethod
    def _is(wanted: str, word: str, *, beginning: bool) -> bool:
        return word.startswith(wanted) if beginning else word == wanted

    def _korean(self, term: Term, first: int) -> int | None:
        """The last word of the occurrence that begins at `first`, which may go on after it; None if there is none."""
        end = self._korean_end(term, first)
        return end[0] if end else None

    def _korean_end(self, term: Term, first: int) -> tuple[int, int] | None:
        """The last word of the occurrence that begins at `first`, and how many letters of it belong to the term."""
        rest, place = "".join(term.words), first
        cuts = [len("".join(term.words[done:])) for done in range(1, len(term.words))]
        if not is_hangul(term.begins) and self.words[first] != term.begins:
            return None
        while not self.words[place].startswith(rest):
            used = _used(self.words[place], rest, cuts)
            if not used or not self._links[1][place] or place + 1 == len(self.words):
                return None
            rest, place = rest[used:], place + 1
            if len(rest) in cuts and self._is_particle(place) and self.words[place][0] != rest[0]:
                place += 1
        after = self.words[place][len(rest) :]
        fits = not after or (after in _PARTICLES if term.exact else is_hangul(rest))
        return (place, len(rest)) if fits else None

    def _is_particle(self, place: int) -> bool:
        """True if the word is a particle of the one before, of another script, and goes on to a third: KTC가 건의."""
        if not (self.words[place] in _PARTICLES and self._links[1][place] and place + 1 < len(self.words)):
            return False
        return self.spans[place - 1][1] == self.spans[place][0]

    def span(self, term: Term, run: Run) -> Span:
        """Where in the text an occurrence of `term` stands; what follows a Korean term in its word is left out."""
        start, end = self.spans[run[0]][0], self.spans[run[1]][1]
        if not term.korean:
            return start, end
        _, said = self._korean_end(term, run[0]) or run
        begin, _ = self.spans[run[1]]
        return start, begin + said if end - begin == len(self.words[run[1]]) else end


def _used(word: str, rest: str, cuts: list[int]) -> int:
    """How many letters of `rest` `word` takes: it whole, or up to a space of the term and a particle in its place."""
    if rest.startswith(word):
        return len(word)
    for cut in (len(rest) - left for left in cuts if left < len(rest)):
        if word.startswith(rest[:cut]) and word[cut:] in _PARTICLES:
            return cut
    return 0


def _starts(text: str) -> Iterator[int]:
    """Where the pieces of `text` begin, in the order of `pieces`."""
    return (found.start() for found in _PIECE.finditer(text))

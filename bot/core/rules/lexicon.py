"""Which of many filed terms a text may hold: each piece of text is looked at once, and remembered."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import compress
from typing import Generic, TypeVar

from bot.core.rules.keys import Key, Kind, keys, syllables
from bot.core.rules.term import Term
from bot.core.rules.words import MAX_LETTERS, MAX_PIECES, Piece, is_hangul, joined, plain_word, read_piece
from bot.core.text import SINGULAR, singular

Item = TypeVar("Item", bound=Hashable)
Followers = dict[str, list[Item]]
Step = tuple[int, int, str]
"""A word of a piece, or two that a hyphen joins: the first word, the one after it, what stands there, singular."""


class Lexicon(Generic[Item]):
    """Items, each filed under the keys of its term.

    A text that has none of the keys does not hold the term. A text that has one holds it, if the term is certain.
    """

    def __init__(self) -> None:
        self._words: dict[str, list[Item]] = {}
        self._exact: dict[str, list[Item]] = {}
        self._beginnings: dict[str, list[Item]] = {}
        self._syllables: dict[str, list[Item]] = {}
        self._pairs: dict[str, Followers[Item]] = {}
        self._lengths: set[int] = set()
        self._seconds: set[str] = set()
        self._memory = _Memory[Item]()

    def add(self, term: Term, item: Item) -> None:
        """File `item` under the keys of `term`."""
        for key in keys(term):
            self._shelf(key).setdefault(key.second or key.text, []).append(item)
            if key.kind is Kind.PAIR:
                self._seconds.add(key.second)
            if key.kind is Kind.BEGINNING:
                self._lengths.add(len(key.text))
                self._memory.forget_beginning(key.text)
            else:
                self._memory.forget((singular(key.text) if key.kind is Kind.EXACT else key.text, key.second))

    def remove(self, term: Term, item: Item) -> None:
        """Take `item` away again; a piece that is remembered may still name it."""
        for key in keys(term):
            shelf, name = self._shelf(key), key.second or key.text
            shelf[name].remove(item)
            if not shelf[name]:
                del shelf[name]

    def _shelf(self, key: Key) -> Followers[Item]:
        match key.kind:
            case Kind.WORD:
                return self._words
            case Kind.EXACT:
                return self._exact
            case Kind.BEGINNING:
                return self._beginnings
            case Kind.SYLLABLES:
                return self._syllables
            case Kind.PAIR:
                return self._pairs.setdefault(key.text, {})

    def find(self, text: list[str], distinct: set[str]) -> set[Item]:
        """The items whose terms may stand in a text, given as its pieces, and those without repeats."""
        if self._memory.is_full:
            self._memory = _Memory()
        memory = self._memory
        for piece in distinct - memory.seen:
            self._learn(piece)
        found: set[Item] = set()
        found.update(*map(memory.live.__getitem__, distinct & memory.alive))
        if not memory.heads.keys().isdisjoint(distinct):
            if not memory.wordless.isdisjoint(distinct):
                text = [piece for piece in text if piece not in memory.wordless]
            self._find_pairs(text, found)
        return found

    def _find_pairs(self, text: list[str], found: set[Item]) -> None:
        heads, tails = self._memory.heads, self._memory.tails
        for place in compress(range(len(text) - 1), map(heads.__contains__, text)):
            second = text[place + 1]
            if second in tails:
                followers = heads[text[place]]
                for word in tails[second]:
                    if word in followers:
                        found.update(followers[word])

    def _learn(self, text: str) -> None:
        """Remember what stands in a piece of text."""
        plain = plain_word(text)
        if plain is None:
            self._learn_odd(text, read_piece(text))
        else:
            self._learn_plain(text, *plain)

    def _learn_plain(self, text: str, word: str, stop: bool) -> None:  # noqa: FBT001 (as plain_word gives them)
        """As `_learn_odd`, of one plain word, since most are and this is quicker."""
        stem, memory = SINGULAR[word], self._memory
        memory.keep(text, (stem,))
        found = [*self._words.get(stem, ()), *self._exact.get(word, ())]
        for length in self._lengths:
            if word[:length] in self._beginnings:
                found += self._beginnings[word[:length]]
        if found:
            memory.enliven(text, found)
        if not stop and stem in self._pairs:
            memory.heads[text] = self._pairs[stem]
        if stem in self._seconds:
            memory.tails[text] = (stem,)

    def _learn_odd(self, text: str, piece: Piece) -> None:
        hangul = [] if text.isascii() else [word for word in piece.words if is_hangul(word)]
        steps, runs = list(_steps(piece)), [key for word in hangul for key in syllables(word)]
        stems = [stem for _, _, stem in steps]
        self._memory.keep(text, (*stems, *runs))
        found = [item for stem in stems for item in self._words.get(stem, ())]
        found += [item for key in runs for item in self._syllables.get(key, ())]
        for word in (*piece.words, *(whole for _, whole, _ in joined(piece))) if self._exact or self._lengths else ():
            found += self._exact.get(word, ())
            for length in self._lengths:
                found += self._beginnings.get(word[:length], ())
        for one, two in _inner_pairs(piece, steps) if len(steps) > 1 else ():
            if one in self._pairs:
                found += self._pairs[one].get(two, ())
        if found:
            self._memory.enliven(text, found)
        if piece.words:
            self._learn_edges(text, piece, steps)
        elif not piece.opens:
            self._memory.wordless.add(text)

    def _learn_edges(self, text: str, piece: Piece, steps: list[Step]) -> None:
        """Remember with which words the piece begins and ends, if they are words of filed pairs."""
        many = len(piece.words)
        heads = [self._pairs[word] for _, end, word in steps if end == many and word in self._pairs]
        tails = tuple([word for start, _, word in steps if start == 0 and word in self._seconds])
        if heads and not piece.stops[-1]:
            self._memory.heads[text] = heads[0] if len(heads) == 1 else _merged(heads)
        if tails and not piece.opens:
            self._memory.tails[text] = tails


class _Memory(Generic[Item]):
    """What is known of the pieces that have been met."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.alive: set[str] = set()
        self.live: dict[str, list[Item]] = {}
        """Of pieces that have keys by themselves: the items."""
        self.heads: dict[str, Followers[Item]] = {}
        """Of pieces that end with the first word of pairs: what may follow, with its items."""
        self.tails: dict[str, tuple[str, ...]] = {}
        """Of pieces that begin with the second word of pairs: those words."""
        self.wordless: set[str] = set()
        self._letters = 0
        self._holders: dict[str, list[str]] = {}
        self._by_letters: defaultdict[str, list[str]] = defaultdict(list)

    @property
    def is_full(self) -> bool:
        """True if it is time to forget all, so that hostile text does not fill the memory."""
        return len(self.seen) >= MAX_PIECES or self._letters > MAX_LETTERS

    def keep(self, piece: str, texts: Iterable[str]) -> None:
        """Remember that `piece` has been met, and has keys with these texts."""
        self.seen.add(piece)
        self._letters += len(piece)
        for text in texts:
            if text not in self._holders:
                self._holders[text] = []
                self._by_letters[text[:2]].append(text)
            self._holders[text].append(piece)

    def enliven(self, piece: str, items: list[Item]) -> None:
        """Remember the items of a piece."""
        self.live[piece] = items
        self.alive.add(piece)

    def forget(self, texts: Iterable[str]) -> None:
        """Let the pieces be looked at anew that have keys with one of these texts."""
        for piece in [piece for text in texts for piece in self._holders.pop(text, ())]:
            for memory in (self.seen, self.alive):
                memory.discard(piece)
            for known in (self.live, self.heads, self.tails):
                known.pop(piece, None)

    def forget_beginning(self, letters: str) -> None:
        """Let the pieces be looked at anew that may hold a word which begins so."""
        shelves = [self._by_letters[letters[:2]]] if len(letters) > 1 else list(self._by_letters.values())
        sure = letters[:-3]  # what is kept is singular, and up to three letters of a plural are others
        self.forget([text for shelf in shelves for text in shelf if text.startswith(sure) or sure.startswith(text)])


def _merged(heads: list[Followers[Item]]) -> Followers[Item]:
    merged: Followers[Item] = {}
    for followers in heads:
        for word, items in followers.items():
            merged[word] = merged.get(word, []) + items
    return merged


def _steps(piece: Piece) -> Iterator[Step]:
    for place, stem in enumerate(piece.stems):
        yield place, place + 1, stem
    for place, _, stem in joined(piece):
        yield place, place + 2, stem


def _inner_pairs(piece: Piece, steps: list[Step]) -> Iterator[tuple[str, str]]:
    """The neighbours inside the piece between which no thought ends."""
    beginning: defaultdict[int, list[str]] = defaultdict(list)
    for start, _, word in steps:
        beginning[start].append(word)
    for _, end, one in steps:
        for two in beginning.get(end, ()):
            if not piece.stops[end - 1]:
                yield one, two

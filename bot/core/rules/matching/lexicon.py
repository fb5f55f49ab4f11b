"""Which of many filed terms a text may hold: each piece of text is looked at once, and remembered."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from bot.core.rules.language.keys import Key, Kind, keys, syllables
from bot.core.rules.language.term import Term
from bot.core.rules.language.words import (
    FIELD_END,
    MAX_LETTERS,
    MAX_PIECES,
    STOP,
    Piece,
    is_hangul,
    joined,
    line,
    plain_word,
    read_piece,
)
from bot.core.rules.matching.few import fewer, more
from bot.core.text import SINGULAR, singular

Item = TypeVar("Item", bound=Hashable)
Followers = dict[str, Sequence[Item]]
Step = tuple[int, int, str]
"""A word of a piece, or two that a hyphen joins: the first word, the one after it, what stands there, singular."""


@dataclass(slots=True, eq=False)
class Known(Generic[Item]):
    """What is known of a piece of text."""

    line: str
    """Its words, singular, as they stand in a line of words."""
    items: Sequence[Item] = ()
    """Of the keys that it has by itself."""
    heads: Followers[Item] | None = None
    """If it ends with the first word of pairs: what may follow, with its items."""
    tails: tuple[str, ...] = ()
    """If it begins with the second word of pairs: those words."""
    joined: tuple[str, ...] = ()
    """Words that it writes with a hyphen, as one, singular."""


BLANK: Known[Any] = Known("")
"""What is known of a piece without a word, where no thought ends: no more than of white space."""


class Lexicon(Generic[Item]):
    """Items, each filed under the keys of its term.

    A text that has none of the keys does not hold the term. A text that has one holds it, if the term is certain.
    """

    def __init__(self) -> None:
        self._words: Followers[Item] = {}
        self._exact: Followers[Item] = {}
        self._beginnings: Followers[Item] = {}
        self._syllables: Followers[Item] = {}
        self._pairs: dict[str, Followers[Item]] = {}
        self._lengths: set[int] = set()
        self._seconds: set[str] = set()
        self._memory = _Memory[Item](self._learn)

    def add(self, term: Term, item: Item) -> None:
        """File `item` under the keys of `term`."""
        for key in keys(term):
            shelf, name = self._shelf(key), key.second or key.text
            shelf[name] = more(shelf.get(name, ()), item)
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
            shelf[name] = fewer(shelf[name], item)
            if not shelf[name]:
                del shelf[name]
            if not shelf and key.kind is Kind.PAIR:
                del self._pairs[key.text]

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

    def find(self, text: list[str]) -> tuple[list[Known[Item]], set[Item]]:
        """What is known of the pieces of a text, and the items whose terms may stand in it."""
        if self._memory.is_full:
            self._memory = _Memory(self._learn)
        known = list(map(self._memory.__getitem__, text))
        distinct = set(known)
        if BLANK in distinct:
            known = [one for one in known if one is not BLANK]
        found: set[Item] = set()
        found.update(*[one.items for one in distinct if one.items])
        self._find_pairs(known, found)
        return known, found

    @staticmethod
    def _find_pairs(known: list[Known[Item]], found: set[Item]) -> None:
        pairs = [(one.heads, other.tails) for one, other in pairwise(known) if one.heads and other.tails]
        for followers, words in pairs:
            for word in words:
                if word in followers:
                    found.update(followers[word])

    def _learn(self, text: str) -> Known[Item]:
        """What stands in a piece of text."""
        plain = plain_word(text)
        return self._odd(text, read_piece(text)) if plain is None else self._plain(text, *plain)

    def _plain(self, text: str, word: str, stop: bool) -> Known[Item]:  # noqa: FBT001 (as plain_word gives them)
        """As `_odd`, of one plain word, since most are and this is quicker."""
        stem = SINGULAR[word]
        self._memory.keep(text, (stem,))
        items = self._words.get(stem, ())
        if word in self._exact:
            items = [*items, *self._exact[word]]
        for length in self._lengths:
            if word[:length] in self._beginnings:
                items = [*items, *self._beginnings[word[:length]]]
        return Known(
            f"{stem} {STOP}" if stop else stem,
            items,
            None if stop else self._pairs.get(stem),
            (stem,) if stem in self._seconds else (),
        )

    def _odd(self, text: str, piece: Piece) -> Known[Item]:
        if not piece.words:
            return Known(text if text == FIELD_END else STOP) if piece.opens or text == FIELD_END else BLANK
        whole = joined(piece)
        wholes = tuple([stem for _, _, stem in whole])
        runs = () if text.isascii() else [key for word in piece.words if is_hangul(word) for key in syllables(word)]
        self._memory.keep(text, (*piece.stems, *wholes, *runs))
        items = [item for stem in (*piece.stems, *wholes) if stem in self._words for item in self._words[stem]]
        items += [item for key in runs if key in self._syllables for item in self._syllables[key]]
        if self._exact or self._lengths:
            items += self._as_written([*piece.words, *[word for _, word, _ in whole]])
        known = Known(line(piece), items, joined=wholes)
        self._pair(known, piece, [(place, place + 2, stem) for place, _, stem in whole])
        known.items = tuple(dict.fromkeys(known.items))
        return known

    def _as_written(self, words: list[str]) -> list[Item]:
        """The items of the words as they stand, and of what they begin with."""
        items = [item for word in words if word in self._exact for item in self._exact[word]]
        for length in self._lengths:
            for beginning in [word[:length] for word in words]:
                if beginning in self._beginnings:
                    items += self._beginnings[beginning]
        return items

    def _pair(self, known: Known[Item], piece: Piece, steps: list[Step]) -> None:
        """Note the pairs inside the piece, and with which words of pairs it ends and begins."""
        steps += [(place, place + 1, stem) for place, stem in enumerate(piece.stems)]
        open_steps = [(end, stem) for _, end, stem in steps if not piece.stops[end - 1]]
        firsts = [(end, self._pairs[stem]) for end, stem in open_steps if stem in self._pairs]
        seconds = [(start, stem) for start, _, stem in steps if stem in self._seconds]
        if firsts and seconds:
            known.items = [*known.items, *_inside(firsts, seconds)]
        heads = [followers for end, followers in firsts if end == len(piece.words)]
        if heads:
            known.heads = heads[0] if len(heads) == 1 else _merged(heads)
        if not piece.opens:
            known.tails = tuple([stem for start, stem in seconds if not start])


class _Memory(dict[str, Known[Item]]):
    """What is known of the pieces that have been met; of others it is learned."""

    def __init__(self, learn: Callable[[str], Known[Item]]) -> None:
        super().__init__()
        self._learn, self._letters = learn, 0
        self._holders: dict[str, list[str]] = {}
        self._by_letters: defaultdict[str, list[str]] = defaultdict(list)

    def __missing__(self, piece: str) -> Known[Item]:
        self._letters += len(piece)
        known = self[piece] = self._learn(piece)
        return known

    @property
    def is_full(self) -> bool:
        """True if it is time to forget all, so that hostile text does not fill the memory."""
        return len(self) >= MAX_PIECES or self._letters > MAX_LETTERS

    def keep(self, piece: str, texts: Iterable[str]) -> None:
        """Remember that `piece` has keys with these texts."""
        for text in texts:
            pieces = self._holders.get(text)
            if pieces is None:
                self._holders[text] = [piece]
                self._by_letters[text[:2]].append(text)
            else:
                pieces.append(piece)

    def forget(self, texts: Iterable[str]) -> None:
        """Let the pieces be looked at anew that have keys with one of these texts."""
        for text in texts:
            for piece in self._holders.pop(text, ()):
                self.pop(piece, None)

    def forget_beginning(self, letters: str) -> None:
        """Let the pieces be looked at anew that may hold a word which begins so."""
        shelves = [self._by_letters[letters[:2]]] if len(letters) > 1 else list(self._by_letters.values())
        sure = letters[:-3]  # what is kept is singular, and up to three letters of a plural are others
        self.forget([text for shelf in shelves for text in shelf if text.startswith(sure) or sure.startswith(text)])


def _inside(firsts: list[tuple[int, Followers[Item]]], seconds: list[tuple[int, str]]) -> Iterator[Item]:
    """The items of pairs, where one word ends and another begins."""
    beginning: defaultdict[int, list[str]] = defaultdict(list)
    for start, word in seconds:
        beginning[start].append(word)
    for end, followers in firsts:
        for word in beginning.get(end, ()):
            yield from followers.get(word, ())


def _merged(heads: list[Followers[Item]]) -> Followers[Item]:
    merged: Followers[Item] = {}
    for followers in heads:
        for word, items in followers.items():
            merged[word] = [*merged.get(word, ()), *items]
    return merged

"""Keys: what a text that holds a term must have, so that terms can be filed and found."""

from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple

from bot.core.rules.language.term import Sequence, Term
from bot.core.rules.language.words import is_hangul
from bot.core.text import singular


class Kind(Enum):
    """What a key asks of a text."""

    WORD = auto()
    """A word, singular; or two that a hyphen joins, as one."""
    EXACT = auto()
    """A word as it stands."""
    BEGINNING = auto()
    """A word that begins so."""
    SYLLABLES = auto()
    """A run of Hangul that begins with two syllables (`관세`), or with one (`^쌀`), or is one (`관|`)."""
    PAIR = auto()
    """Two words side by side in one thought, singular."""


class Key(NamedTuple):
    """One key; `second` is the second word of a pair."""

    kind: Kind
    text: str
    second: str = ""


def keys(term: Term) -> list[Key]:
    """The keys of which a text that holds `term` has at least one."""
    if term.korean:
        return _korean_keys(term)
    return list(dict.fromkeys(_key(term, sequence) for sequence in term.variants))


def is_certain(term: Term) -> bool:
    """True if a text that has one of the keys holds the term."""
    longest = 1 if term.exact or term.prefix else 2
    return not term.korean and all(len(sequence) <= longest for sequence in term.variants)


def _key(term: Term, sequence: Sequence) -> Key:
    if len(sequence) == 1:
        kind = Kind.EXACT if term.exact else Kind.BEGINNING if term.prefix else Kind.WORD
        return Key(kind, sequence[0])
    whole = sequence[:-1] if term.prefix else sequence
    stems = tuple(map(singular, whole))
    if len(stems) == 1:
        return Key(Kind.WORD, stems[0])
    return Key(Kind.PAIR, *max(pairwise(stems), key=lambda pair: len("".join(pair))))


def _korean_keys(term: Term) -> list[Key]:
    """Its first two syllables, which may be parted by a space; or its first word, if that is not Hangul."""
    if not is_hangul(term.begins):
        return [Key(Kind.WORD, singular(term.begins))]
    if len(term.begins) == 1:
        return [Key(Kind.SYLLABLES, f"^{term.begins}")]
    return [Key(Kind.SYLLABLES, term.begins[:2]), Key(Kind.SYLLABLES, f"{term.begins[0]}|")]


def syllables(word: str) -> tuple[str, str]:
    """The keys that a run of Hangul has."""
    return f"^{word[0]}", word[:2] if len(word) > 1 else f"{word}|"

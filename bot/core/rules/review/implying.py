"""Whether one query finds all that another finds, as far as that can be told without a text.

True is certain but for spellings that nobody uses: "steel plate" is taken to have "steel" in it, though "steelplate"
is found by the one and not by the other. False says that it could not be shown.
"""

import math
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from bot.core.rules.judging.subject import named_so
from bot.core.rules.language.term import BEGINNINGS, JOINED, Sequence, Term
from bot.core.rules.language.tree import And, AtLeast, Compared, Leaf, Named, Near, Not, Or, Pattern, Query, Word
from bot.core.rules.language.words import is_hangul, pieces, read_piece
from bot.core.text import singular


def implies(one: Query, other: Query) -> bool:
    """True if every release that is what `one` asks for is what `other` asks for, too."""
    if one == other:
        return True
    if isinstance(one, Or):
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, And):
        return all(implies(one, part) for part in other.parts)
    if isinstance(one, Not) and isinstance(other, Not):
        return implies(other.part, one.part)
    return _chooses(one, other) or _is_enough(one, other)


def _chooses(one: Query, other: Query) -> bool:
    """True if `one` brings a part of `other` that is enough for it."""
    if isinstance(other, Or):
        return one in other.parts or any(implies(one, part) for part in other.parts)
    if isinstance(other, AtLeast):
        if isinstance(one, AtLeast) and one.many >= other.many and Counter(one.parts) <= Counter(other.parts):
            return True
        return sum(implies(one, part) for part in other.parts) >= other.many
    return False


def _is_enough(one: Query, other: Query) -> bool:
    """True if what `one` surely has is enough for `other`."""
    match one:
        case And(parts):
            return any(implies(part, other) for part in parts)
        case AtLeast(many, parts):
            return sum(implies(part, other) for part in parts) > len(parts) - many
        case Not() | Or():
            return False
        case _:
            return not isinstance(other, And | Or | Not | AtLeast) and leaf_implies(one, other)


def leaf_implies(one: Leaf, other: Leaf) -> bool:
    """The same of two clauses."""
    match one, other:
        case Named(), Named():
            return one.attribute == other.attribute and named_so(_sample(one), other.name, other.attribute)
        case Compared(), Compared():
            return one.measure == other.measure and _is_inside(interval(one), interval(other))
        case ((Word() | Near() | Pattern()), (Word() | Near() | Pattern())):
            return other.place in {"", one.place} and _words_imply(one, other)
        case _:
            return False


def _words_imply(one: Word | Near | Pattern, other: Word | Near | Pattern) -> bool:
    match one, other:
        case Word(), Word():
            return term_implies(one.term, other.term)
        case Near(), Word():
            return any(term_implies(term, other.term) for term in one.terms)
        case Near(), Near():
            return set(one.terms) == set(other.terms) and one.within <= other.within
        case Word(), Near():
            near = len(one.term.words) - len(other.terms) <= other.within
            return near and all(term_implies(one.term, term) for term in other.terms)
        case Pattern(), Pattern():
            return one.regex == other.regex
        case _:
            return False


def _sample(named: Named) -> str:
    """A value that is called so; what is true of it with its stars is true of all such values."""
    return f"*{named.name}*" if named.attribute == "url" and "*" not in named.name else named.name


def interval(compared: Compared) -> tuple[float, float]:
    """The least and the greatest value that is asked for; days as ordinals, the words of a text whole."""
    if isinstance(compared.value, float):
        low = high = compared.value
        above, below = math.nextafter(low, math.inf), math.nextafter(low, -math.inf)
        if compared.measure == "words":
            low, high, above, below = math.ceil(low), math.floor(low), math.floor(low) + 1, math.ceil(low) - 1
    else:
        low, high = compared.value.toordinal(), (compared.until or compared.value).toordinal()
        above, below = high + 1, low - 1
    ends = {"=": (low, high), ">": (above, math.inf), ">=": (low, math.inf), "<": (-math.inf, below)}
    return ends.get(compared.operator, (-math.inf, high))


def _is_inside(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


@lru_cache(maxsize=50_000)
def term_implies(one: Term, other: Term) -> bool:
    """True if a text with the one term has the other."""
    if one == other:
        return True
    if one.korean or other.korean:
        return one.korean and other.korean and _korean_implies(one, other)
    if other.exact and not one.exact:
        return False
    wanted = {other.words, *other.variants}
    return all(_holds_some(one, sequence, wanted, other) for sequence in _everyday(one))


def _korean_implies(one: Term, other: Term) -> bool:
    """A compound that begins with another, written as loosely; what only particles may follow is another matter."""
    whole, beginning = "".join(one.words), "".join(other.words)
    if other.exact or not whole.startswith(beginning) or not is_hangul(beginning):
        return False
    if not is_hangul(other.begins) and one.begins != other.begins:
        return False
    return all(cut in _spaces(other) for cut in _spaces(one) if cut < len(beginning))


def _spaces(term: Term) -> set[int]:
    """After how many syllables the term has a space."""
    return {len("".join(term.words[:done])) for done in range(1, len(term.words))}


def _holds_some(one: Term, sequence: Sequence, wanted: set[Sequence], other: Term) -> bool:
    """True if one of the `wanted` ways to write `other` stands in a way to write `one`."""
    told = tuple(map(singular, sequence)) if one.exact and not other.exact else sequence
    if one.prefix:
        told = (*told[:-1], sequence[-1])
    return any(_stands_at(one, told, start, way, other) for way in wanted for start in range(len(told) - len(way) + 1))


def _stands_at(one: Term, told: Sequence, start: int, way: Sequence, other: Term) -> bool:
    end = start + len(way)
    if told[start : end - 1] != way[:-1]:
        return False
    last_is_open = one.prefix and end == len(told)
    if not other.prefix:
        return not last_is_open and told[end - 1] == way[-1]
    # "duty" stands for "duties" as well, which does not begin with "duty"
    closed = told[end - 1] != way[-1] or last_is_open or one.exact or not way[-1].endswith("y")
    return closed and told[end - 1].startswith(way[-1])


@lru_cache(maxsize=50_000)
def _everyday(term: Term) -> tuple[Sequence, ...]:
    """The ways in which people write it: as one word only what has a hyphen, or a beginning such as anti."""
    if len(term.words) == 1:
        return (term.words,)
    return tuple(dict.fromkeys([term.words, *_as_one(term, list(_linked(term)))]))


def _linked(term: Term) -> Iterator[bool]:
    """Of each word but the last, whether people may write it as one with the next."""
    hyphens = [mark for piece in pieces(term.written) for mark in (*read_piece(piece).hyphens[:-1], False)]
    for place, word in enumerate(term.words[:-1]):
        yield word in BEGINNINGS or (place < len(hyphens) and hyphens[place])


def _as_one(term: Term, linked: list[bool]) -> Iterator[Sequence]:
    """The ways to write it in which two or three linked words are one."""
    for start in range(len(linked)):
        for end in range(start + 2, min(start + JOINED, len(term.words)) + 1):
            if all(linked[start : end - 1]):
                yield (*term.words[:start], "".join(term.words[start:end]), *term.words[end:])

"""A term: one word, phrase or beginning of a word, and the ways in which a text may write it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from weakref import WeakValueDictionary

from bot.core.rules.language.words import is_hangul, pieces, read_piece
from bot.core.text import HANGUL, singular

MAX_LENGTH, MAX_WORDS = 200, 20
JOINED = 3
"""At most so many words of a rule are one word of a text."""
FEW = 5
"""Of so many words every way to join them is known."""
PART = 3
"""A word may stand in a text as two, if each has at least so many letters."""
Sequence = tuple[str, ...]

# They mean something by themselves, so "the rein" is not "therein", and "may or" is not "mayor".
_FUNCTION_WORDS = frozenset(
    "the and for may can not are was has had but per its our all any one two new who how why his her out off too use"
    " now did yes let get got say see via you she him they them that this with from into onto have been were will"
    " than then when what which their there some such only also very".split()
)
# Beginnings that English writes with a hyphen, a space or nothing, as it likes.
BEGINNINGS = (
    "anti counter non semi multi micro mini macro sub super inter trans over under pre post pro tri"
    " self mid ultra extra intra quasi pseudo neo eco bio electro photo petro hydro auto agro nano".split()
)


class BadTerm(ValueError):  # noqa: N818 (a finding about a file, told as a Problem)
    """A term that can never match as written; the text says why."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Term:
    """A word or phrase, folded."""

    words: Sequence
    """Singular, unless `exact`; the last as written if `prefix`. Of a Korean term what stands between its spaces."""
    shown: Sequence = ()
    """What stands between the spaces of its normal form; words inside a phrase keep their plural, for "salestax"."""
    exact: bool = False
    """The words stand as they are; of a Korean term: only particles follow."""
    prefix: bool = False
    """The last word is the beginning of one."""
    korean: bool = False
    """It begins where a word begins; any syllables may follow; spaces inside are free."""
    variants: tuple[Sequence, ...] = field(default=(), compare=False, repr=False)
    """The ways to write it, but for hyphens, the plainest first; of a Korean term none."""
    begins: str = field(default="", compare=False, repr=False)
    """Of a Korean term: the first run of one script in it."""
    written: str = field(default="", compare=False)
    """As it stands in the rule."""

    def __str__(self) -> str:
        """In the rule language, in its normal form."""
        text = " ".join(self.shown) + ("*" if self.prefix else "")
        return ("=" if self.exact else "") + (f'"{text}"' if len(self.shown) > 1 else text)


def parse_term(written: str) -> Term:
    """The term that a person wrote: `word`, `a phrase`, `prefix*`, `=exact`; raises BadTerm."""
    term = _TERMS.get(written)
    if term is None:
        term = _TERMS[written] = _parsed(written)
    return term


def _parsed(written: str) -> Term:
    text = unicodedata.normalize("NFC", written).strip().strip('"“”').strip()
    exact, prefix = text.startswith("="), text.endswith("*")
    text = text.removeprefix("=").removesuffix("*").strip().strip('"“”')
    if len(text) > MAX_LENGTH:
        raise BadTerm(f"a term has at most {MAX_LENGTH} characters")
    if len(text.split()) > MAX_WORDS:
        raise BadTerm(f"a phrase has at most {MAX_WORDS} words")
    if "*" in text:
        raise BadTerm("* can only stand at the end of a term")
    parts = [read_piece(piece).words for piece in pieces(text)]
    words = tuple(word for part in parts for word in part)
    if not "".join(words):
        raise BadTerm("there is no word in it")
    if HANGUL.search("".join(words)):
        return _of_korean([part for part in parts if part], exact=exact, written=written)
    if exact and prefix:
        raise BadTerm("= asks for the word as it stands, * for its beginning: give one of them")
    return _of_words(words, [part for part in parts if part], exact=exact, prefix=prefix, written=written)


_TERMS: WeakValueDictionary[str, Term] = WeakValueDictionary()
"""Those that somebody holds: many rules ask for the same, and hold one."""


def _of_korean(parts: list[Sequence], *, exact: bool, written: str) -> Term:
    runs = [_runs(part) for part in parts]
    shown = tuple(map("-".join, runs))
    return Term(tuple(map("".join, parts)), shown, exact=exact, korean=True, begins=runs[0][0], written=written)


def _runs(words: Sequence) -> list[str]:
    """The words of one part, neighbours of Hangul as one: what stands between them does not count."""
    return [
        "".join(some) for hangul, group in groupby(words, is_hangul) for some in ([group] if hangul else zip(group))
    ]


def _of_words(words: Sequence, parts: list[Sequence], *, exact: bool, prefix: bool, written: str) -> Term:
    last = words[-1] if exact or prefix else singular(words[-1])
    joined = [[*map("".join, blocks)] for blocks in _joined(words, parts)]
    whole = [tuple(way) if exact else (*map(singular, way[:-1]), way[-1]) for way in joined]
    ways = [way if exact or prefix else (*way[:-1], singular(way[-1])) for way in whole]
    ways += _parted(ways[0], exact=exact, prefix=prefix)
    return Term(
        ways[0],
        (*words[:-1], last),
        exact=exact,
        prefix=prefix,
        variants=tuple(dict.fromkeys(ways)),
        written=written,
    )


def _joined(words: Sequence, parts: list[Sequence]) -> Iterator[list[Sequence]]:
    """The words in blocks, those of a block written as one: the words apart first, then each way to join them.

    Of a long phrase one block, or what has hyphens in the rule.
    """
    if len(words) <= FEW:
        yield from sorted(_blocks(words), key=len, reverse=True)
        return
    apart: list[Sequence] = [(word,) for word in words]
    yield apart
    for start in range(len(words)):
        for end in range(start + 2, min(start + JOINED, len(words)) + 1):
            yield [*apart[:start], words[start:end], *apart[end:]]
    if all(len(part) <= JOINED for part in parts):
        yield parts


def _blocks(words: Sequence) -> Iterator[list[Sequence]]:
    if not words:
        yield []
    for length in range(1, min(JOINED, len(words)) + 1):
        for rest in _blocks(words[length:]):
            yield [words[:length], *rest]


def _parted(stems: Sequence, *, exact: bool, prefix: bool) -> Iterator[Sequence]:
    """With one word written as two."""
    for place, word in enumerate(stems[:-1] if prefix else stems):
        for cut in range(PART, len(word) - PART + 1):
            first, second = word[:cut], word[cut:]
            if first in BEGINNINGS or (len(stems) == 1 and _may_be_words(first, second)):
                yield (*stems[:place], first if exact else singular(first), second, *stems[place + 1 :])


def _may_be_words(first: str, second: str) -> bool:
    return first.isalpha() and second.isalpha() and not {first, second} & _FUNCTION_WORDS

"""What a word is: one definition for rules, texts and the search of the archive."""

import re
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple, TypeVar

from bot.core.text import HANGUL, HANGUL_RANGE, PLAIN_MARKS, SINGULAR, fold_word

Span = tuple[int, int]
LINE_END = "\0"
"""Stands for the end of a line among the pieces of a text: white space would be lost, and no clean text has it."""
STOP = "\0"
"""Stands in a line of words where a thought ends."""
FIELD_END = "\1"
"""Stands between two fields, among the pieces and in the line of words."""
MAX_PIECES = 200_000
"""Pieces of text that are remembered: a language has fewer, and hostile text must not fill the memory."""
MAX_LETTERS = 10_000_000
"""Letters in the pieces that are remembered."""
Value = TypeVar("Value")

# A word is of one script (in "KTC가" the particle does not belong to the name); a number keeps its decimals, initials
# (U.S.) are one word, and the 's of an owner belongs to the word, but does not count.
# (First what most words are, since the order is what the time goes into.)
_WORD = re.compile(
    rf"[A-Za-z]++(?![^\W_]|\.[A-Za-z]\b)(?:['’]s\b)?|[{HANGUL_RANGE}]+|\d+(?:[.,]\d+)+|\b[A-Za-z](?:\.[A-Za-z])+\b\.?"
    rf"|[^\W_{HANGUL_RANGE}\u318d]+"
)
# What may stand between the parts of one Korean compound: dashes, quotes, and the middle dots of ministries.
_GLUE = "-'\"\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u318d\u119e" + "".join(map(chr, PLAIN_MARKS))
_GLUED = re.compile(f"[{re.escape(_GLUE)}]*+")
_HYPHEN = re.compile(r"[-‐‑‒–]")
# What ends a thought: the words of a phrase do not stand on both sides of it. So does a full stop at the end of a
# piece, but for that of an initial or an abbreviation.
_STOP = re.compile(r"[!?;。|\0]")
_ABBREVIATIONS = frozenset(
    "no nos inv sec secs art arts inc ltd co corp st mr mrs ms dr sen rep gov gen vs para ch fig".split()
)
# Hanja that Korean headlines put before or between Hangul, with their reading (Unihan, kHangul). The signs of
# countries (中 日 美 韓) are left: they are words of their own.
_HANJA = str.maketrans(
    dict(zip("反對無非高低新舊前現前後大小重輕超脫親", "반대무비고저신구전현전후대소중경초탈친", strict=True))
    | dict(zip("關稅率輸出入額價格産銅鐵鋼", "관세율수출입액가격산동철강", strict=True))
    | dict(zip("駐訪會談說發與野黨政官民軍核株社市展協", "주방회담설발여야당정관민군핵주사시전협", strict=True))
)
# Words that mean the same wherever they stand; in some the sign of a country is no country, or names it in full.
_HANJA_WORDS = (
    ("中小", "중소"),
    ("中東", "중동"),
    ("中央", "중앙"),
    ("中國", "중국"),
    ("日本", "일본"),
    ("美國", "미국"),
    ("韓國", "한국"),
    ("關稅", "관세"),
    ("稅率", "세율"),
    ("輸出", "수출"),
    ("輸入", "수입"),
    ("鐵鋼", "철강"),
    ("半導體", "반도체"),
    ("貿易", "무역"),
    ("通商", "통상"),
)
_HAN = re.compile("[\u4e00-\u9fff]")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)+")
# Signs that part words as white space does.
_SIGN = re.compile(r"[\"()\[\]:“”]")
_CURLY = (("’", "'"), ("“", " "), ("”", " "), ("–", "-"))
_SIGNS = bytes.maketrans(b'ABCDEFGHIJKLMNOPQRSTUVWXYZ"()[]:/', b"abcdefghijklmnopqrstuvwxyz       ")


class Piece(NamedTuple):
    """What stands between two white spaces, read. (A tuple, since many are made.)"""

    words: tuple[str, ...]
    """Its words, folded."""
    stems: tuple[str, ...]
    """Its words, folded and singular."""
    spans: tuple[Span, ...]
    """Where in the piece they stand."""
    hyphens: tuple[bool, ...]
    """Of each word, whether nothing but a hyphen parts it from the next."""
    glued: tuple[bool, ...]
    """Of each word, whether it may be one Korean compound with the next, which may begin the next piece."""
    stops: tuple[bool, ...]
    """Of each word, whether a thought ends between it and the next, as far as this piece tells."""
    opens: bool
    """True if a thought ends before its first word, or if it has no word and ends one."""
    loose: bool
    """True if what stands before its first word parts a Korean compound."""


def read_piece(piece: str) -> Piece:
    """The words of `piece`, which holds no white space."""
    return _READ[piece]


def read_pieces(text: str) -> list[Piece]:
    """The pieces of `text`, read."""
    return list(map(_READ.__getitem__, pieces(text)))


def _read(piece: str) -> Piece:
    if piece.isalpha() and piece.isascii():  # so are most, and this is quicker
        word = piece.lower()
        return Piece(
            (word,), (SINGULAR[word],), ((0, len(word)),), (False,), (True,), (False,), opens=False, loose=False
        )
    return (_hyphened(piece) if "-" in piece else None) or _any_piece(piece)


def _hyphened(piece: str) -> Piece | None:
    """A piece that is plain words with a hyphen between each and the next; None if it is not. (This is quicker.)"""
    words = tuple(piece.lower().split("-"))
    if not (piece.isascii() and all(map(str.isalnum, words))):
        return None
    ends = tuple(accumulate(map(len, words), lambda end, length: end + 1 + length))
    spans = tuple([(end - len(word), end) for word, end in zip(words, ends, strict=True)])
    inner, stems = (True,) * (len(words) - 1), tuple([SINGULAR[word] for word in words])
    glued, stops = (True,) * len(words), (False,) * len(words)
    return Piece(words, stems, spans, (*inner, False), glued, stops, opens=False, loose=False)


def plain_word(piece: str) -> tuple[str, bool] | None:
    """The word of a piece that is one, of plain letters and digits, and whether a thought ends after it.

    None if it is not so. Most are, and this is quicker than to read the piece.
    """
    begun = piece.lstrip("\"'([$")
    word = begun.rstrip(",.\"')]:;?!%").removesuffix("'s")
    if not (word.isalnum() and word.isascii()) and _NUMBER.fullmatch(word) is None:
        return None
    behind = begun[len(word) :].removeprefix("'s")
    word = word.lower()
    return word, bool(behind) and _ends_thought(word, behind, last=True)


def _any_piece(piece: str) -> Piece:
    text = piece if piece.isascii() else _in_hangul(piece)
    spans = tuple(found.span() for found in _WORD.finditer(text))
    words = tuple(_word(text[start:end]) for start, end in spans)
    between = _between(text, spans)
    return Piece(
        words=words,
        stems=tuple(map(SINGULAR.__getitem__, words)),
        spans=spans,
        hyphens=tuple(_HYPHEN.fullmatch(gap) is not None for gap in between[1:]),
        glued=tuple(_GLUED.fullmatch(gap) is not None for gap in between[1:]),
        stops=tuple(
            _parts_thoughts(word, gap, last=place == len(words))
            for place, (word, gap) in enumerate(zip(words, between[1:], strict=True), 1)
        ),
        opens=_begins_thought(between[0]) or (not words and "." in text),
        loose=_GLUED.fullmatch(between[0]) is None,
    )


def _in_hangul(piece: str) -> str:
    """A piece with its Hanja read as Hangul, letter for letter: whole words, and letters where Hangul stands beside."""
    if _HAN.search(piece):
        for hanja, hangul in _HANJA_WORDS:
            piece = piece.replace(hanja, hangul)
    return piece.translate(_HANJA) if HANGUL.search(piece) else piece


def _between(text: str, spans: tuple[Span, ...]) -> list[str]:
    """What stands before, between and after the words."""
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    return [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _parts_thoughts(word: str, gap: str, *, last: bool) -> bool:
    """True if a thought ends in what stands behind `word`; `last` if white space follows.

    Brackets and quotes part words as white space does.
    """
    behind, *others = _SIGN.split(gap)
    if last or not others:
        return _ends_thought(word, behind, last=last) or any("." in one or _STOP.search(one) for one in others)
    return _ends_thought(word, behind, last=True) or _begins_thought(gap[len(behind) :])


def _begins_thought(gap: str) -> bool:
    """True if a thought has ended in what stands before a word."""
    return _STOP.search(gap) is not None or any("." in one for one in _SIGN.split(gap)[:-1])


def _ends_thought(word: str, behind: str, *, last: bool) -> bool:
    """True if a thought ends between `word` and the next, by what stands behind it; `last` if white space follows.

    A full stop does, but for that of an initial or an abbreviation, or inside an address.
    """
    if _STOP.search(behind):
        return True
    own = behind.startswith(".") and (last or len(behind) > 1)
    return (own and len(word) > 1 and word not in _ABBREVIATIONS) or (last and "." in behind[1:])


def _word(written: str) -> str:
    """One word folded; initials without their stops, an owner without his 's."""
    word = fold_word(written).removesuffix("'s")
    return word if "." not in word or word[0].isdigit() else word.replace(".", "")


def is_hangul(text: str) -> bool:
    """True if the last letter of `text` is Hangul."""
    return HANGUL.match(text[-1]) is not None


def pieces(text: str) -> list[str]:
    """The pieces of `text` between white spaces, its line ends among them; without case, if that moves no letter."""
    small = text.lower()
    return (small if len(small) == len(text) else text).replace("\n", f" {LINE_END} ").split()


def quick_pieces(text: str) -> list[str]:
    """As `pieces`, without brackets, quotes and other signs that part words and no thought.

    So fewer pieces differ, and more of them have been met before. It tells which words stand side by side, and not what
    else stands between them.
    """
    if not text.isascii():
        if HANGUL.search(text):  # Hanja is read as the Hangul in its piece, and so no piece may be cut
            return pieces(text)
        for sign, plain in _CURLY:
            text = text.replace(sign, plain)
    # (Of bytes it takes a fifth of the time.)
    text = text.encode().translate(_SIGNS).decode() if text.isascii() else _without_signs(text)
    return text.replace(", ", "  ").replace("\n", f" {LINE_END} ").split()


def _without_signs(text: str) -> str:
    small = text.lower()
    plain = small if len(small) == len(text) else text
    for sign in '"()[]:/':
        plain = plain.replace(sign, " ")
    return plain


def words_of(text: str) -> list[str]:
    """The words of `text`, folded."""
    return [word for piece in pieces(text) for word in read_piece(piece).words]


def joined(piece: Piece) -> list[tuple[int, str, str]]:
    """Words written with a hyphen as one word: the place of the first, the word as it stands, and singular."""
    return [
        (place, whole := piece.words[place] + piece.words[place + 1], SINGULAR[whole])
        for place, hyphen in enumerate(piece.hyphens[:-1])
        if hyphen
    ]


def line(piece: Piece) -> str:
    """The words of a piece, singular, with a space between; STOP stands where a thought ends."""
    told = [STOP] if piece.opens else []
    for stem, stop in zip(piece.stems, piece.stops, strict=True):
        told += [stem, STOP] if stop else [stem]
    return " ".join(told)


def _searchable(piece: str) -> str:
    read = read_piece(piece)
    words = (*read.stems, *(stem for _, _, stem in joined(read)))
    return " ".join(word.replace(" ", "") for word in words)


def searchable(text: str) -> str:
    """The words of `text`, folded and singular, with a space between them: what the full-text index holds.

    Words written with a hyphen stand there as one word, too, after the two.
    """
    return " ".join(filter(None, map(_SEARCHABLE.__getitem__, pieces(text))))


class _Memo(dict[str, Value]):
    """What was made of each piece, so that it is made once."""

    def __init__(self, make: Callable[[str], Value]) -> None:
        super().__init__()
        self._make, self._letters = make, 0

    def __missing__(self, piece: str) -> Value:
        if len(self) >= MAX_PIECES or self._letters > MAX_LETTERS:
            self.clear()
            self._letters = 0
        self._letters += len(piece)
        self[piece] = made = self._make(piece)
        return made


_READ, _SEARCHABLE = _Memo(_read), _Memo(_searchable)

"""One reading of text for everything that compares: folding, words, sentences."""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

# Curly, low and angle quotes and the many dashes mean what the plain ones mean.
PLAIN_MARKS = str.maketrans(
    dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)


def fold_character(character: str) -> str:
    """One character folded: plain quotes and dashes, full width narrowed, accents off Latin letters, small."""
    plain = unicodedata.normalize("NFKC", character.translate(PLAIN_MARKS)).translate(PLAIN_MARKS)
    apart = unicodedata.normalize("NFD", plain)
    head = apart[:1]  # other scripts' marks make other letters
    if (head.isascii() and (head.isalpha() or head == " ")) or "\u0300" <= head <= "\u036f":
        plain = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return plain.casefold()


class _Folding(dict[int, str]):
    """What each character is folded to; filled as characters are met, so that whole texts fold at C speed."""

    def __missing__(self, code: int) -> str:
        self[code] = fold_character(chr(code))
        return self[code]


_FOLDING = _Folding()


_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff\u0300-\u036f]")


# One text is asked for three times in a row: by its fingerprint, its words and its compounds.
@lru_cache(maxsize=8)
def is_plain(text: str) -> bool:
    """True if folding changes nothing in `text` but its case, quotes, dashes and spaces: so it is with most texts."""
    return text.isascii() or (unicodedata.is_normalized("NFKC", text) and _ACCENTED.search(text) is None)


@lru_cache(maxsize=8)
def small(text: str) -> str:
    """`text` without case."""
    return text.casefold()


def folded(text: str) -> str:
    """`text` without case, width, accents, curly quotes; the white space of a plain text is left as it is."""
    return small(text) if is_plain(text) else fold(text)


def fold(text: str) -> str:
    """Text without case, width, accents, curly quotes and white space at its ends: for comparing, not for reading."""
    if not text.isascii():
        composed = unicodedata.normalize("NFC", text).translate(_FOLDING)
        text = unicodedata.normalize("NFC", composed)
    return " ".join(text.casefold().split())


def clean(text: str) -> str:
    """Text for reading: composed, without invisible and control characters, one space, a line for each paragraph."""
    lines = (" ".join(_printable(line).split()) for line in text.splitlines())
    kept = "\n".join(line for line in lines if line)
    return kept if kept.isascii() else unicodedata.normalize("NFC", kept)


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(c for c in line if c.isprintable() or c.isspace())


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """One word folded; memoised, since a language has few words."""
    return fold(word)


def singular(word: str) -> str:
    """The folded word with an English plural taken off: the least that makes 'duties' meet 'duty'."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


HANGUL_RANGE = "\u1100-\u11ff\u3131-\u318c\u318e\uac00-\ud7af"
HANGUL = re.compile(f"[{HANGUL_RANGE}]")


class _Singular(dict[str, str]):
    """The singular of each folded word, kept for the words that are met again and again."""

    def __missing__(self, word: str) -> str:
        if len(self) >= 200_000:  # hostile text never ends; a language does
            self.clear()
        self[word] = singular(word)
        return self[word]


SINGULAR = _Singular()


# A sentence ends at . ! ? or a Korean 다. before a space and something that can begin a sentence; not after an
# initial or a common abbreviation, nor between two numbers: 2026. 5. 19. A line always ends one.
_END = re.compile(r"(?<=[.!?。])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z\u3040-\ud7af]|(?<!\d\.\s)[\"'“‘(\[]?[0-9])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Z]|\b(?:No|Nos|Mr|Mrs|Ms|Dr|St|Inc|Ltd|Co|Corp|vs|Art|Sec|approx|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec))\.$"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of `text`, in order; together they cover all that is not space between them."""
    spans, start = [], 0
    for end in _END.finditer(text):
        if end[0].startswith("\n") or not _ABBREVIATION.search(text, max(0, end.start() - 8), end.start()):
            spans.append((start, end.start() if end[0][0].isspace() else end.start() + 1))
            start = end.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def sentence_at(text: str, position: int) -> tuple[int, int]:
    """Span of the sentence in which `position` lies; the empty span at 0 if the text is empty."""
    spans = sentences(text)
    return spans[max(0, bisect_right(spans, (position, len(text))) - 1)] if spans else (0, 0)

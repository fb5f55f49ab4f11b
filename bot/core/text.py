"""One reading of text for everything that compares: folding, words, sentences."""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

# Curly, low and angle quotes and the many dashes mean what the plain ones mean.
_PLAIN = str.maketrans(dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-"))
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = re.compile(r"[\u0300-\u036f]")


def fold(text: str) -> str:
    """Text without case, width, accents, curly quotes and white space at its ends: for comparing, not for reading."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN)
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", text)))
    return _SPACE.sub(" ", text.casefold()).strip()


def clean(text: str) -> str:
    """Text for reading: composed, without invisible and control characters, one space, a line for each paragraph."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    lines = (" ".join(_printable(line).split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(c for c in line if c.isprintable() or c.isspace())


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """One word folded; memoised, since a language has few words."""
    return fold(word)


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The folded word with an English plural taken off: the least that makes 'duties' meet 'duty'."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


# A sentence ends at . ! ? or a Korean 다. before a space and something that can begin a sentence; not after an
# initial or a common abbreviation. A line always ends one.
_END = re.compile(r"(?<=[.!?。])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9\u3040-\ud7af])|\n+")
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

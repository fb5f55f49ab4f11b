"""Cutting text for reading: at a sentence's end, else at a word's, never inside what a reader sees as one sign."""

import re
import unicodedata
from bisect import bisect_left

from bot.core.text import sentences

MORE = " …"
"""What stands where something was cut off."""
Spans = tuple[tuple[int, int], ...]
_LEAST = 3
"""Whole sentences are kept if they fill at least a third of the room; else words are counted."""
_JOINER = "\u200d"
_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff]")
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]")
_TAIL = re.compile("[\u200c\u200d\ufe00-\ufe0f\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def cut(text: str, room: int) -> str:
    """The beginning of `text`, at most `room` characters long; what was cut is told by an ellipsis."""
    if len(text) <= room:
        return text
    space = room - len(MORE)
    if space < 1:
        return ""
    end = _sentence_end(text, space) or _word_end(text, space)
    return text[:end].rstrip(" ,;:·\n") + MORE if end else ""


def _sentence_end(text: str, space: int) -> int:
    """Where the last sentence ends that fits; 0 if too little would be left."""
    ends = [end for _, end in sentences(text[: space + 8])][:-1]  # of the last nobody knows whether it is whole
    return max((end for end in ends if space >= end > space // _LEAST), default=0)


def _word_end(text: str, space: int) -> int:
    """Where the last word ends that fits; inside a word that is longer than half of the room."""
    end = text.rfind(" ", 0, space + 1)
    return end if end >= space // 2 else sign_start(text, space)


def sign_start(text: str, at: int) -> int:
    """`at`, or where the sign begins inside of which it lies: a letter with its marks, a syllable, an emoji.

    A sign is an extended grapheme cluster of Unicode's annex 29, without the rules for Indic conjuncts.
    """
    while 0 < at < len(text) and _is_inside(text, at):
        at -= 1
    return at


def _is_inside(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if unicodedata.category(after) in {"Mn", "Me", "Mc"} or _TAIL.match(after):
        return True
    if before == _JOINER:
        return unicodedata.category(after) in {"So", "Sm", "Cn"}
    if _JAMO.match(after):
        return _jamo_kind(before) + _jamo_kind(after) in _ONE_SYLLABLE
    return bool(_REGIONAL.match(after)) and _flags_before(text, at) % 2 == 1


_ONE_SYLLABLE = {"LL", "LV", "LS", "LF", "VV", "VT", "SV", "ST", "TT", "FT"}
"""Kinds of jamo that stand together in a syllable written in pieces."""


def _jamo_kind(character: str) -> str:
    """L(eading), V(owel) or T(railing); S(yllable) without a final consonant or F(ull) one; else empty."""
    code = ord(character)
    if 0xAC00 <= code <= 0xD7A3:
        return "S" if (code - 0xAC00) % 28 == 0 else "F"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    return "T" if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB else ""


def _flags_before(text: str, at: int) -> int:
    """How many letters of flags stand right before `at`: two make a flag."""
    start = at
    while start and _REGIONAL.match(text[start - 1]):
        start -= 1
    return at - start


def window(text: str, marks: Spans, room: int) -> tuple[str, Spans]:
    """At most `room` characters of `text` round its first mark, with the marks that lie in them."""
    if len(text) <= room:
        return text, marks
    first, last = marks[0] if marks else (0, 0)
    space = room - 2 * len(MORE)
    start = max(0, min(first - (space - (last - first)) // 2, first, len(text) - space))
    start = _word_start(text, start, first)
    head = "… " if start else ""
    rest = cut(text[start:], room - len(head))
    if not rest:
        return "", ()
    end = start + len(rest) - (len(MORE) if len(rest) < len(text) - start else 0)
    kept = ((one + len(head) - start, two + len(head) - start) for one, two in marks if start <= one and two <= end)
    return head + rest, tuple(kept)


def _word_start(text: str, at: int, latest: int) -> int:
    """Where the next word starts, but not after `latest`."""
    if at == 0:
        return 0
    space = text.find(" ", at - 1, latest)
    return space + 1 if space >= 0 else sign_start(text, min(at, latest))


def differing(before: str, after: str, room: int) -> tuple[str, str]:
    """Both texts, each within `room`, so that the place is seen at which they begin to differ."""
    at = _first_difference(before, after)
    shown = [window(one, ((min(at, len(one)), min(at, len(one))),), room)[0] for one in (before, after)]
    return shown[0], shown[1]


def _first_difference(one: str, two: str) -> int:
    """Index of the first character in which the texts differ."""
    return bisect_left(range(min(len(one), len(two))), x=True, key=lambda n: one[: n + 1] != two[: n + 1])

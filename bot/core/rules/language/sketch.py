"""A text written for one pattern: one byte for each character, the same for all that the pattern cannot tell apart."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate, groupby
from operator import xor

from bot.core.rules.language.characters import END, KNOWN, LINE_END, Characters, named
from bot.core.rules.language.term import BadTerm

_WORD_BYTES = [*b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"]
_OTHER_BYTES = [byte for byte in range(11, 256) if byte not in _WORD_BYTES]


class Sketch(dict[int, int]):
    """Which byte stands for a character; filled as characters are met, so that whole texts are sketched at C speed."""

    def __init__(self, sets: Iterable[Characters], *, bounded: bool) -> None:
        super().__init__()
        wanted = list(dict.fromkeys(sets))
        self._bits = {characters: 1 << bit for bit, characters in enumerate(wanted, start=2)}
        changes = defaultdict(int, {0: 0})
        for bit, characters in enumerate([LINE_END, named(KNOWN["w"]), *wanted]):
            for edge in characters:
                changes[edge] ^= 1 << bit
        changes.pop(END, None)
        self._starts = sorted(changes)
        kinds = list(accumulate((changes[start] for start in self._starts), xor))  # the sets it is in, as bits
        given = _given(dict.fromkeys(kinds), bounded=bounded)
        self._bytes = [given[kind] for kind in kinds]
        self._kinds = sorted((byte, kind) for kind, byte in given.items())
        self.apart = sorted(kind >> 2 for kind in given if kind >> 2) == [1 << bit for bit in range(len(wanted))]
        """True if no two of the sets share a character, and none has both word characters and others."""

    def __missing__(self, character: int) -> int:
        self[character] = byte = self._bytes[bisect_right(self._starts, character) - 1]
        return byte

    def of(self, text: str) -> bytes:
        """The sketch of `text`, as long as it."""
        return text.translate(self).encode("latin-1")

    def bytes_of(self, characters: Characters) -> bytes:
        """The set of bytes that stand for `characters`, for RE2; bytes that stand for nothing may be in it."""
        bit = self._bits[characters]
        ranges = (list(run) for held, run in groupby(self._kinds, key=lambda pair: bool(pair[1] & bit)) if held)
        written = b"".join(b"\\x%02x-\\x%02x" % (run[0][0], run[-1][0]) for run in ranges)
        return b"[" + (written or b"^\\x00-\\xff") + b"]"


def _given(kinds: Iterable[int], *, bounded: bool) -> dict[int, int]:
    """A byte for each kind of character; raises BadTerm if there are not enough."""
    words, rest = list(_WORD_BYTES), list(_OTHER_BYTES)
    given: dict[int, int] = {}
    for kind in kinds:
        fitting = words if kind & 2 and (words or bounded) else rest
        if not fitting:
            least = "60 letters beside \\b" if bounded else "240 characters"
            raise BadTerm(
                f"this regular expression tells too many characters apart, more than {least}; split it in two"
            )
        given[kind] = 10 if kind & 1 else fitting.pop(0)
    return given

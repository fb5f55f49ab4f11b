"""Sets of characters as patterns name them: of all scripts, with or without case."""

import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain, starmap
from typing import Any, TypeAlias

import re2

MEMORY = 1 << 20
"""Bytes that RE2 may take for one regular expression."""

Characters: TypeAlias = tuple[int, ...]
"""A set of characters: from the first number to before the second, from the third to before the fourth, and so on."""
END = 0x110000
_SURROGATES = range(0xD800, 0xE000)
_CASED = r"[\p{Lu}\p{Ll}\p{Lt}\p{Nl}\p{So}\x{345}]"  # there are no other characters in several cases
LINE_END: Characters = (10, 11)
KNOWN = {"d": r"\p{Nd}", "w": r"[\p{L}\p{M}\p{N}_]", "s": r"[\t-\r \x{85}\p{Z}]"}


def union(sets: Iterable[Characters]) -> Characters:
    """The characters that are in any of the sets."""
    edges: list[int] = []
    for start, end in sorted(chain(*map(spans_of, sets))):
        if edges and start <= edges[-1]:
            edges[-1] = max(edges[-1], end)
        else:
            edges += (start, end)
    return tuple(edges)


def spans_of(characters: Characters) -> Iterator[tuple[int, int]]:
    """First character of each run, and the one after its last."""
    return zip(characters[::2], characters[1::2], strict=True)


def others(characters: Characters) -> Characters:
    """All characters that are not in the set."""
    return tuple(sorted({0, END}.symmetric_difference(characters)))


@lru_cache(maxsize=256)
def named(written: str) -> Characters:
    """The set of a class that RE2 knows by name."""
    every = _everything()  # bytes, since RE2's offsets in a str are dear
    spans = (match.span() for match in compiled(f"{written}+".encode(), utf8=True).finditer(every))
    places = chain(*spans)
    return tuple(END if at == len(every) else ord(every[at : at + 4].decode(errors="ignore")[0]) for at in places)


@cache
def _everything() -> bytes:
    """All characters in order, in UTF-8."""
    codes = array("I", [*range(_SURROGATES.start), *range(_SURROGATES.stop, END)])
    return codes.tobytes().decode(f"utf-32-{sys.byteorder[0]}e").encode()


def caseless(characters: Characters) -> Characters:
    """The set with all other forms of its letters."""
    cased, forms = _cases()
    letters = (cased[bisect_left(cased, start) : bisect_left(cased, end)] for start, end in spans_of(characters))
    return union([characters, *((form, form + 1) for letter in chain(*letters) for form in forms[letter])])


@cache
def _cases() -> tuple[list[int], dict[int, list[int]]]:
    """All letters that have several forms, in order, and what they are."""
    alike: dict[str, list[int]] = defaultdict(list)
    for code in chain(*starmap(range, spans_of(named(_CASED)))):
        alike[_small(chr(code))].append(code)
    forms = {code: codes for codes in alike.values() if len(codes) > 1 for code in codes}
    return sorted(forms), forms


def _small(character: str) -> str:
    """Folded to one character, as RE2 does it."""
    return next((form for form in (character.casefold(), character.lower()) if len(form) == 1), character)


def compiled(written: bytes, *, utf8: bool = False) -> Any:
    """A pattern compiled by RE2: of bytes with little memory, or of UTF-8."""
    options = re2.Options()
    options.log_errors = False
    if not utf8:
        options.max_mem = MEMORY
        options.encoding = re2.Options.Encoding.LATIN1
        options.never_capture = True
    return re2.compile(written, options)

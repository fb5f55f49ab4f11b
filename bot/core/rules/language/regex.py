"""A regular expression of a rule: RE2 that knows all scripts, bounded in what it may cost.

RE2's `\\b` knows ASCII only, and `\\p{L}` is hundreds of byte ranges to it. So a pattern is not searched in a text but
in a sketch of it: one byte for each character, the same for all characters that the pattern cannot tell apart. Word
characters become ASCII letters and digits, others become other bytes, a line end stays: so RE2's own `\\b`, `^` and `$`
are right in all scripts, a match stands in the sketch where it stands in the text, and `\\p{L}` is one range.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

import re2

from bot.core.rules.language.characters import (
    END,
    KNOWN,
    LINE_END,
    Characters,
    caseless,
    compiled,
    named,
    others,
    union,
)
from bot.core.rules.language.sketch import Sketch
from bot.core.rules.language.term import BadTerm

MAX_LENGTH = 500
MAX_TEXT = 100_000
"""Characters of a text that are searched; a large program searches fewer of them, see `Regex.reach`."""
MAX_PROGRAM = 320
"""Instructions of a compiled pattern, unless it is nothing but words."""
MAX_WORK = 4_000_000
"""Instructions times characters: RE2 may have to try all at every character when its states do not fit its memory."""
MAX_MATCHES = 5

_SIGNS = {"a": 7, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}

_ESCAPE = r"\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|[pP](?:\{[^}]*\}|.)|.)"
_ITEM = re.compile(rf"\[:\^?\w+:\]|{_ESCAPE}|.", re.DOTALL)
_TOKEN = re.compile(
    rf"""\\Q (?P<quoted>.*?) (?:\\E|\Z)
    | (?P<group>\( (?: \? (?: P?<\w+> | (?P<flags>[a-zA-Z-]*) (?P<closed>[:)]) ) )?)
    | (?P<kept>[|^$*+?)] | \{{[0-9]+(?:,[0-9]*)?\}} | \\[AzbB])
    | (?P<class>\[)
    | (?P<one>{_ESCAPE} | .)""",
    re.DOTALL | re.VERBOSE,
)
# Words and alternatives of them have few states, so that RE2 is always quick with them; x is a character.
_PLAIN = re.compile(r"(?:\\b)*(?:\(\?:)?(?:x|\||\\b)+\)?(?:\\b)*")
_REFUSED = (  # what RE2 says, the beginning of where, and how we say it
    ("invalid perl operator", "(?=", "RE2 has no look-around: {}"),
    ("invalid perl operator", "(?!", "RE2 has no look-around: {}"),
    ("invalid perl operator", "(?<", "RE2 has no look-around: {}"),
    ("invalid perl operator", "(?P", "RE2 has no back-references: {}"),
    ("invalid perl operator", "", "RE2 does not know this kind of group or flag: {}"),
    ("invalid escape sequence", r"\Z", r"RE2 does not know {}; the end of the text is \z"),
    ("invalid escape sequence", r"\k", "RE2 has no back-references: {}"),
    *(("invalid escape sequence", rf"\{digit}", "RE2 has no back-references: {}") for digit in range(1, 10)),
    ("invalid escape sequence", "", "RE2 does not know {} here"),
    ("bad repetition operator", "", "one repetition follows another: {}; there are no possessive ones in RE2"),
    ("invalid repetition size", "", "{} repeats too often or backwards: 1000 times at most, all in all"),
    ("no argument for repetition operator", "", "{} repeats nothing"),
    ("invalid character class range", "", "there is no class of characters {}"),
    ("missing ]", "", "a class of characters is not closed: {}"),
    ("missing )", "", "a parenthesis is not closed"),
    ("unexpected )", "", "a parenthesis is closed that was not opened"),
    ("invalid named capture group", "", "a group's name is not right: {}"),
    ("duplicate capture group name", "", "two groups have one name: {}"),
    ("trailing \\", "", "a backslash at the end stands before nothing"),
)


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression that a person wrote; made by `compile_regex`."""

    written: str
    """In NFC, slashes without a backslash."""
    reach: int = field(compare=False)
    """How many characters of a text are searched, from its beginning."""
    _steps: int = field(compare=False, repr=False)
    """How many characters may be looked at in all, for all matches."""
    _sketch: Sketch = field(compare=False, repr=False)
    _program: Any = field(compare=False, repr=False)

    def __str__(self) -> str:
        """As it stands in a rule, between slashes."""
        return "/" + self.written.replace("/", r"\/") + "/"

    def found(self, text: str) -> bool:
        """True if it matches somewhere within its reach."""
        return any(True for _ in self._matches(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The first matches, at most five, in order and apart; in a long text those not far from each other."""
        return list(islice(self._matches(text), MAX_MATCHES))

    def _matches(self, text: str) -> Iterator[tuple[int, int]]:
        sketch = self._sketch.of(text[: self.reach + 1])  # one more, since $ and \b look at what follows
        end = min(len(text), self.reach)
        further = (self._steps - end) // (MAX_MATCHES - 1)
        match = self._program.search(sketch, 0, end)
        while match:
            yield match.span()
            match = self._program.search(sketch, match.end(), min(end, match.end() + further))


def compile_regex(written: str) -> Regex:
    """The regular expression between two slashes; raises BadTerm, in words a person can act on."""
    composed = unicodedata.normalize("NFC", written)
    _check(composed)
    plain = re.sub(r"\\/|(\\.)", lambda pair: pair[1] or "/", composed, flags=re.DOTALL)
    pieces = list(_Reader(plain).pieces())
    shape = "".join("x" if isinstance(piece, tuple) else piece for piece in pieces)
    sketch = Sketch((piece for piece in pieces if isinstance(piece, tuple)), bounded=r"\b" in shape.lower())
    program = _program(
        b"".join(sketch.bytes_of(piece) if isinstance(piece, tuple) else piece.encode() for piece in pieces)
    )
    steps = _allowance(program, plain=sketch.apart and bool(_PLAIN.fullmatch(shape)))
    return Regex(plain, min(MAX_TEXT, steps * 4 // 5), steps, sketch, program)


def _program(written: bytes) -> Any:
    try:
        program = compiled(written)
    except re2.error:  # RE2 has read it, so it can only be its size
        raise BadTerm("this regular expression is far too big; repeat less in it") from None
    if _matches_nothing(program):
        raise BadTerm("this regular expression matches the empty text too, so it would be found everywhere")
    return program


def _allowance(program: Any, *, plain: bool) -> int:
    """How many characters may be looked at for all matches in a text; raises BadTerm if they would be too few."""
    size: int = max(program.programsize, program.reverseprogramsize)
    if plain:
        return MAX_TEXT * MAX_MATCHES
    if size > MAX_PROGRAM:
        raise BadTerm(f"this regular expression is too big: {size} steps, {MAX_PROGRAM} at most; repeat less in it")
    return MAX_WORK // size


class _Reader:
    """Reads a pattern that RE2 accepts: structure stays as it is, what matches one character becomes a set."""

    def __init__(self, written: str) -> None:
        self._written = written
        self._at = 0
        self._flags = ["i"]  # of the groups we are in, the innermost last

    def pieces(self) -> Iterator[str | Characters]:
        """Structure for RE2 and sets of characters, in order."""
        while token := self._taken(_TOKEN):
            if token["group"]:
                yield self._group(token)
            elif token["kept"]:
                yield token["kept"]
                if token["kept"] == ")":
                    self._flags.pop()
            elif token["class"]:
                yield self._class()
            elif token["one"] == ".":
                yield (0, END) if "s" in self._flags[-1] else others(LINE_END)
            else:
                yield from map(self._item, [token["one"]] if token["one"] else token["quoted"])

    def _taken(self, kind: re.Pattern[str]) -> re.Match[str] | None:
        token = kind.match(self._written, self._at)
        self._at = token.end() if token else self._at
        return token

    def _group(self, token: re.Match[str]) -> str:
        """The beginning of a group, or flags; without names and without the flags that are heeded here."""
        on, _, off = (token["flags"] or "").partition("-")
        flags = "".join(flag for flag in self._flags[-1] + on if flag not in off)
        if token["closed"] == ")":
            self._flags[-1] = flags
        else:
            self._flags.append(flags)
        on, off = ("".join(flag for flag in part if flag in "mU") for part in (on, off))
        left = f"{on}-{off}" if off else on
        if token["closed"] == ")":
            return f"(?{left})" if left else ""
        return f"(?{left}:"

    def _class(self) -> Characters:
        turned = self._written.startswith("^", self._at)
        self._at += turned
        parts: list[Characters] = []
        while not parts or not self._written.startswith("]", self._at):
            parts.append(self._part())
        self._at += 1
        return others(union(parts)) if turned else union(parts)

    def _part(self) -> Characters:
        """One item of a class, or a range of two."""
        item = self._next()
        first = _code(item)
        single = not self._written.startswith("-", self._at) or self._written.startswith("-]", self._at)
        if first is None or single:
            return self._item(item)
        self._at += 1
        return self._cased((first, 1 + (_code(self._next()) or 0)))

    def _next(self) -> str:
        token = self._taken(_ITEM)
        return token[0] if token else ""

    def _item(self, written: str) -> Characters:
        code = _code(written)
        if code is not None:
            return self._cased((code, code + 1))
        kind = written[1:]
        if kind.lower() in KNOWN:
            known = named(KNOWN[kind.lower()])
            return known if kind.islower() else others(known)
        return named(f"(?i:[{written}])" if "i" in self._flags[-1] else f"[{written}]")

    def _cased(self, characters: Characters) -> Characters:
        return caseless(characters) if "i" in self._flags[-1] else characters


def _code(written: str) -> int | None:
    """The character that is written, None if it is a class of them."""
    if len(written) == 1:
        return ord(written)
    kind, rest = written[1], written[2:].strip("{}")
    if written[0] == "[" or kind in "dDwWsSpP":
        return None
    if kind == "C":
        raise BadTerm(r"\C, a single byte, means nothing in a text; a dot is any character")
    if kind == "x":
        return int(rest, 16)
    if kind.isdigit():
        return int(written[1:], 8)
    return _SIGNS.get(kind, ord(kind))


def _matches_nothing(program: Any) -> bool:
    """True if the empty text matches between any two characters, or at an end."""
    beside = [b"", b"\n", b"A", b"\x0b"]  # a letter, something else
    return any(
        program.fullmatch(before + after, len(before), len(before)) for before, after in product(beside, repeat=2)
    )


def _check(written: str) -> None:
    """Raises BadTerm if RE2 cannot read it."""
    if len(written) > MAX_LENGTH:
        raise BadTerm(f"a regular expression has {MAX_LENGTH} characters at most")
    try:
        compiled(written.encode(errors="surrogatepass"), utf8=True)
    except re2.error as error:
        what, _, piece = error.args[0].decode(errors="replace").partition(": ")
        if what == "pattern too large - compile failed":
            return  # of a sketch it may be small enough
        at = written.find(piece) if piece and what not in {"missing )", "unexpected )"} else -1  # they tell no place
        raise BadTerm(_said(what, piece) + (f" (at {at})" if at >= 0 else "")) from None


def _said(what: str, piece: str) -> str:
    """In plain words what RE2 says."""
    for said, beginning, words in _REFUSED:
        if said == what and piece.startswith(beginning):
            return words.format(piece)
    return f"RE2 cannot read this regular expression: {what}"

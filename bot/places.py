"""Where keys and values stand in the text of a TOML file: tomllib reads the values, and keeps no places.

The text has been read by tomllib before, so nothing is checked here.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The keys that lead to a value, and numbers from 0 for the items of a list: ("rule", 2, "any", 0)."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*+")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*+"|'[^']*'""")
# Three quotes may have one or two more of them inside, also at the very end.
_SCALAR = re.compile(
    r'''"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}|"(?:[^"\\]|\\.)*+"'''
    r"""|'{3}(?:[^']|'{1,2}(?!'))*+'{3,5}|'[^']*'"""
    r"""|\d{4}-\d\d-\d\d [\d:.+Zz-]+|[^\s,\]}#]+""",
    re.DOTALL,
)
_LETTER = re.compile(r"\\u.{4}|\\U.{8}|\\x.{2}|\\[ \t]*\n[ \t\n]*|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets in the text: where the key begins, where the value begins, where it ends."""

    key: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a document; a table's value is its header."""

    text: str
    spans: Mapping[Path, Span]

    def nearest(self, path: Path) -> Path:
        """`path`, or the innermost thing around it that stands in the text; () if there is none."""
        while path and path not in self.spans:
            path = path[:-1]
        return path

    def find(self, path: Path, *, key: bool = False, offset: int | None = None) -> int | None:
        """Where the value at `path` begins, or its key, or the letter number `offset` of a text; None if nowhere."""
        known = self.nearest(path)
        if not known:
            return None
        span = self.spans[known]
        if offset is None or known != path:
            return span.key if key else span.start
        return span.start + _inside(self.text[span.start : span.end], offset)

    def line_of(self, at: int) -> tuple[int, int]:
        """Line and column of an offset in the text, both counted from 1."""
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)


def find_places(text: str) -> Places:
    """The places of all keys and values of a text that tomllib can read."""
    scan = _Scan(text.replace("\r\n", "\n"))
    scan.document()
    return Places(scan.text, scan.spans)


class _Scan:
    """Goes through the text once, from key to value to key."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.spans: dict[Path, Span] = {}
        self._last: dict[Path, int] = {}
        """The number of the last table of each `[[list]]` so far."""

    def document(self) -> None:
        table: Path = ()
        while self._peek():
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _peek(self) -> str:
        """The next character that means something; empty at the end."""
        self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
        return self.text[self.at : self.at + 1]

    def _header(self) -> Path:
        """`[table]` or `[[list]]`: the path of what follows."""
        start = self.at
        is_list = self.text.startswith("[[", start)
        self.at += 2 if is_list else 1
        path: Path = ()
        for name, at in self._keys():
            parent = path
            path = (*(parent if parent not in self._last else (*parent, self._last[parent])), name)
            self.spans.setdefault(path, Span(at, start, start))
        if is_list:
            self._last[path] = self._last.get(path, -1) + 1
            path = (*path, self._last[path])
        self.at += 2 if is_list else 1
        self.spans[path] = Span(at, start, self.at)
        return path

    def _keys(self) -> list[tuple[str, int]]:
        """The names of a dotted key, each with its place."""
        found = []
        while True:
            self._peek()
            key = _KEY.match(self.text, self.at)
            assert key is not None, "tomllib has read this text"  # noqa: S101
            name = tomllib.loads(f"name = {key[0]}")["name"] if key[0][0] in "\"'" else key[0]
            found.append((name, self.at))
            self.at = key.end()
            if self._peek() != ".":
                return found
            self.at += 1

    def _pair(self, path: Path) -> None:
        for name, at in self._keys():
            path = (*path, name)
            self.spans.setdefault(path, Span(at, at, at))
        self.at += 1  # the =
        self._value(path, key=at)

    def _value(self, path: Path, *, key: int | None = None) -> None:
        opening, start = self._peek(), self.at
        if opening in {"[", "{"}:
            self._group(path, "]" if opening == "[" else "}")
        else:
            self.at = _SCALAR.match(self.text, start).end()  # type: ignore[union-attr]
        self.spans[path] = Span(start if key is None else key, start, self.at)

    def _group(self, path: Path, closing: str) -> None:
        """A list or an inline table."""
        self.at += 1
        number = 0
        while (here := self._peek()) != closing:
            if here == ",":
                self.at += 1
            elif closing == "}":
                self._pair(path)
            else:
                self._value((*path, number))
                number += 1
        self.at += 1


def _inside(written: str, offset: int) -> int:
    """Where the letter number `offset` stands in a text as written, quotes and all; the text's end if it is shorter."""
    quotes = 3 if written[:3] in {'"""', "'''"} else 1
    start, end = quotes, len(written) - quotes
    if written[0] == "'":
        first = start + (quotes == 3 and written[start] == "\n")
        return min(first + offset, end)
    if quotes == 3 and written[start] == "\n":
        start += 1
    for letter in _LETTER.finditer(written, start, end):
        if letter[0][0] == "\\" and letter[0][1] in " \t\n":
            continue  # a line end that is taken out, with the blanks of the next line
        if offset == 0:
            return letter.start()
        offset -= 1
    return end

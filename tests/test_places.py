"""Where things stand in a TOML file: held against tomllib on documents of every shape."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.places import Path, Places, find_places

# --- documents of every shape: values, and one of the many ways to write them ---------------------------------------

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r")
TEXTS = st.one_of(
    st.text(LETTERS, max_size=8),
    st.text(alphabet="ab\"'\\\n\t #]}[{=,.관é😀", max_size=12),
    st.just('"""'),
    st.just("''"),
)
SCALARS = st.one_of(
    TEXTS,
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=True),
    st.booleans(),
    st.dates(date(1900, 1, 1)),
    st.times().map(lambda one: one.replace(microsecond=0)),
    st.datetimes(datetime(1900, 1, 1)).map(lambda one: one.replace(microsecond=0)),  # noqa: DTZ001
    st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)).map(lambda one: one.replace(microsecond=0)),  # noqa: DTZ001
)
KEYS = st.one_of(st.text("aB3_-", min_size=1, max_size=3), st.text(LETTERS, max_size=3))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(KEYS, VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=2), max_size=3), max_size=4)


class Writer:
    """Writes values as TOML, each time in one of the ways that are allowed."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw

    def one_of(self, *ways: str) -> str:
        return self.draw(st.sampled_from(ways))

    def blank(self) -> str:
        return self.one_of("", "", " ", "\t ")

    def gap(self) -> str:
        return self.one_of("", "", " ", "\n", " # a ] } \" ' comment\n", "\n\n\t")

    def key(self, name: str) -> str:
        if name and all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in name):
            return self.one_of(name, name, f'"{name}"', f"'{name}'")
        return self.basic(name)

    def dotted(self, names: list[str]) -> str:
        return (self.blank() + "." + self.blank()).join(self.key(name) for name in names)

    def basic(self, text: str) -> str:
        return _basic(text, escaped=self.draw(st.booleans()))

    def string(self, text: str) -> str:
        ways = [self.basic(text)]
        is_plain = all(letter.isprintable() or letter in "\t" for letter in text)
        if is_plain and "'" not in text:
            ways.append(f"'{text}'")
        if all(letter.isprintable() or letter in "\t\n" for letter in text):
            if "'''" not in text and not text.startswith("\n"):
                ways.append(f"'''{text}'''" if not text.endswith("'") else ways[0])
                ways.append(f"'''\n{text}'''" if not text.endswith("'") else ways[0])
            lines = "\n".join(self.basic(line)[1:-1] for line in text.split("\n"))
            ways.append(f'"""\n{lines}"""')
            if text and not text[0].isspace():
                ways.append(f'"""\\\n  \n\t{lines}"""')
            if '"""' not in text and not text.endswith('"'):
                ways.append('"""\n' + text.replace("\\", "\\\\") + '"""')
        return self.one_of(*ways)

    def value(self, value: Any) -> str:
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, list):
            inside = [self.gap() + self.value(one) + self.gap() for one in value]
            comma = self.one_of("", "," + self.gap()) if value else self.gap()
            return f"[{','.join(inside)}{comma}]"
        if isinstance(value, dict):
            inside = [self.blank() + self.pair([name], one) + self.blank() for name, one in value.items()]
            return "{" + (",".join(inside) or self.blank()) + "}"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, datetime):
            return value.isoformat(self.one_of("T", " ")).replace("+00:00", self.one_of("Z", "+00:00"))
        return value.isoformat() if isinstance(value, (date, time)) else str(value)

    def pair(self, names: list[str], value: Any) -> str:
        if isinstance(value, dict) and value and self.draw(st.booleans()):
            (name, one), *more = value.items()
            if not more:
                return self.pair([*names, name], one)
        return self.dotted(names) + self.blank() + "=" + self.blank() + self.value(value)

    def table(self, path: list[str], table: dict[str, Any]) -> str:
        plain, below = [], []
        for name, value in table.items():
            here = [*path, name]
            if isinstance(value, dict) and self.draw(st.booleans()):
                below.append(f"[{self.blank()}{self.dotted(here)}{self.blank()}]{self.end()}{self.table(here, value)}")
            elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                head = f"[[{self.blank()}{self.dotted(here)}]]"
                below += [f"{head}{self.end()}{self.table(here, one)}" for one in value]
            else:
                plain.append(self.blank() + self.pair([name], value) + self.end())
        return "".join([*plain, *below])

    def end(self) -> str:
        return self.one_of("\n", "\n\n", " # why = [not\n", "\t\n  \n")


def _basic(text: str, *, escaped: bool) -> str:
    """A text between quotes, with all letters that may be escaped as escapes, or only those that must be."""
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

    def written(letter: str) -> str:
        if letter in short:
            return short[letter]
        if letter < " " or letter == "\x7f" or (escaped and letter > "\x7f"):
            return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08X}"
        return letter

    return '"' + "".join(map(written, text)) + '"'


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from paths(one, (*path, key))


@given(TABLES, st.data())
def test_every_key_and_value_of_a_document_is_found_where_it_stands(table: dict[str, Any], data: st.DataObject) -> None:
    text = Writer(data).table([], table)
    read = tomllib.loads(text)
    assert read == table, text
    places = find_places(text)
    assert places.spans.keys() == {path for path, _ in paths(read)}
    for path, value in paths(read):
        check(places, path, value)


def check(places: Places, path: Path, value: Any) -> None:
    span, text = places.spans[path], places.text
    if isinstance(path[-1], str):
        assert _key_at(text, span.key) == path[-1]
    if not isinstance(value, (dict, list)):
        assert tomllib.loads(f"x = {text[span.start : span.end]}") == {"x": value}
    if isinstance(value, str):
        check_letters(places, path, value)


def check_letters(places: Places, path: Path, value: str) -> None:
    """Every letter of a text is found: itself, or the backslash that stands for it."""
    found = [places.find(path, offset=number) for number in range(len(value) + 1)]
    assert found == sorted(set(found))
    for at, letter in zip(found, value, strict=False):
        assert at is not None
        assert places.text[at] in {letter, "\\"}
    last = found[-1]
    assert last is not None
    assert places.text[last] in "\"'"


def _key_at(text: str, at: int) -> str:
    """The key that begins at an offset: the shortest text from there that is one, and is followed by no more of it."""
    for end in range(at + 1, len(text) + 1):
        more = text[end : end + 1]
        if text[at] in "\"'" or not (more.isalnum() or more in "_-") or not more:
            try:
                [name] = tomllib.loads(f"{text[at:end]} = 1")
            except tomllib.TOMLDecodeError:
                continue
            return name
    raise AssertionError(text[at:])


# --- by hand --------------------------------------------------------------------------------------------------------

DOCUMENT = '''\
# rules
[[rule]]
id = "one"
any = [ # words
  "tariff", # the first
  "철강",
]
examples.hit = ["a"]

[[rule]]
id = "two"
when = '@ad AND @stel'
examples = { hit = ["x"], miss = [] }

  [rule.more]
  date = 1979-05-27 07:32:00
  long = """
관세 and \\
   \\"more\\" \\u00e9!"""
'''


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("rule",), (2, 1)),
        (("rule", 0), (2, 1)),
        (("rule", 0, "id"), (3, 6)),
        (("rule", 0, "any"), (4, 7)),
        (("rule", 0, "any", 1), (6, 3)),
        (("rule", 0, "examples"), (8, 1)),
        (("rule", 0, "examples", "hit", 0), (8, 17)),
        (("rule", 1), (10, 1)),
        (("rule", 1, "examples", "miss"), (13, 34)),
        (("rule", 1, "more"), (15, 3)),
        (("rule", 1, "more", "date"), (16, 10)),
        (("rule", 1, "more", "long"), (17, 10)),
        (("rule", 1, "nothing", "there"), (10, 1)),
        (("rule", 0, "any", 7), (4, 7)),
    ],
)
def test_a_value_is_found_by_its_path(path: Path, expected: tuple[int, int]) -> None:
    places = find_places(DOCUMENT)
    at = places.find(path)
    assert at is not None
    assert places.line_of(at) == expected


def test_what_stands_nowhere_has_no_place() -> None:
    assert find_places(DOCUMENT).find(("nothing",)) is None
    assert find_places("").find(()) is None


@pytest.mark.parametrize(
    ("path", "offset", "expected"),
    [
        (("rule", 1, "when"), 0, (12, 9)),
        (("rule", 1, "when"), 8, (12, 17)),
        (("rule", 1, "when"), 99, (12, 22)),
        (("rule", 1, "more", "long"), 0, (18, 1)),
        (("rule", 1, "more", "long"), 3, (18, 4)),
        (("rule", 1, "more", "long"), 7, (19, 4)),
        (("rule", 1, "more", "long"), 8, (19, 6)),
        (("rule", 1, "more", "long"), 14, (19, 13)),
        (("rule", 1, "more", "long"), 15, (19, 19)),
    ],
)
def test_a_letter_of_a_text_is_found(path: Path, offset: int, expected: tuple[int, int]) -> None:
    places = find_places(DOCUMENT)
    at = places.find(path, offset=offset)
    assert at is not None
    assert places.line_of(at) == expected


def test_line_ends_of_windows_move_nothing() -> None:
    ends = DOCUMENT.replace("\n", "\r\n")
    assert find_places(ends).spans == find_places(DOCUMENT).spans

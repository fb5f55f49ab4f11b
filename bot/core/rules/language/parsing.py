"""The rule language: text → tree."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast, get_args

from bot.core.rules.language.misread import QUOTES, BadQuery, BrokenList, masked, misread, refuse_other_languages
from bot.core.rules.language.regex import compile_regex
from bot.core.rules.language.term import BadTerm, parse_term
from bot.core.rules.language.tree import (
    BROKEN,
    And,
    AtLeast,
    Attribute,
    Compared,
    Leaf,
    Measure,
    Named,
    Near,
    Not,
    Operator,
    Or,
    Pattern,
    Place,
    Query,
    Word,
    all_of,
    any_of,
    leaves,
    mapped,
    negation,
    tight,
)

__all__ = ["FIELDS", "MAX_LEAVES", "BadQuery", "Lists", "parse", "parse_entry"]

MAX_LENGTH, MAX_DEPTH, MAX_LEAVES = 2_000, 20, 1_000
MAX_WITHIN = 100
Lists = Mapping[str, Query]
"""What stands behind each @name."""

_PLACES, _ATTRIBUTES, _MEASURES = get_args(Place), get_args(Attribute), get_args(Measure)
FIELDS = (*(one for one in _PLACES if one), *_ATTRIBUTES, *_MEASURES)
# Signs of the language at the beginning of a word of an entry, which would else be read as words.
_ONLY_IN_QUERIES = re.compile(rf"(?<!\S)((?:AND|OR|NOT)(?!\S)|(?:{'|'.join(FIELDS)}):|@(?=\w)|-(?=\S))")
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}(?:-\d{1,2}){0,2}", re.ASCII)
_SIGNS = {"|": "OR", "||": "OR", "&": "AND", "&&": "AND"}


def parse(text: str, lists: Lists | None = None) -> Query:
    """The tree that `text` means; raises BadQuery."""
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"a query has at most {MAX_LENGTH:,} characters; this has {len(text):,}", at=MAX_LENGTH)
    if not text.strip():
        raise BadQuery("there is nothing to look for")
    query = _Builder({} if lists is None else lists).build(_tree(text).children[0], "", 0)
    many = sum(1 for _ in leaves(query))
    if many > MAX_LEAVES:
        raise BadQuery(f"with its lists it has {many:,} clauses; at most {MAX_LEAVES:,} are allowed")
    if _depth(query) > MAX_DEPTH:
        raise BadQuery(f"with its lists its clauses are nested more than {MAX_DEPTH} deep")
    return query


def parse_entry(text: str, lists: Lists | None = None) -> Query:
    """What an entry of a list of words means; raises BadQuery.

    As in a query, but several words are a phrase, and AND and OR stand in parentheses only.
    """
    entry = text.strip()
    if entry.startswith(("(", "@", "/")) or entry.rpartition("~")[2].isdigit():
        return parse(text, lists)
    sign = _ONLY_IN_QUERIES.search(masked(text))
    if sign:
        what, hint = f"{sign[1]} means something in parentheses only", f"write ({entry}), or put quotes round it"
        raise BadQuery(what, at=sign.start(1), hint=hint)
    return _word(text, "", 0)


def _depth(query: Query) -> int:
    match query:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            return 1 + max(map(_depth, parts))
        case Not(part):
            return 1 + _depth(part)
        case _:
            return 0


def _tree(text: str) -> Any:
    from lark.exceptions import UnexpectedInput

    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        raise misread(text, len(text) if ended else cast("int", error.pos_in_stream)) from None


@lru_cache(maxsize=1)
def _parser() -> Any:
    from lark import Lark

    return Lark(files("bot.core.rules.language").joinpath("grammar.lark").read_text("utf-8"), parser="lalr")


class _Builder:
    """Makes a query of a parsed text."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._listed = 0

    def build(self, node: Any, field: str, depth: int) -> Query:
        """The query that `node` means under `field`."""
        if depth > MAX_DEPTH:
            at = next(_offsets(node), 0)
            raise BadQuery(f"clauses are nested more than {MAX_DEPTH} deep", at=at)
        if not hasattr(node, "data"):
            return self._leaf(node.type, str(node), field, node.start_pos)
        match node.data, node.children:
            case "or", parts:
                return any_of([self.build(part, field, depth + 1) for part in parts])
            case "and", parts:
                return all_of([self.build(part, field, depth + 1) for part in parts if part is not None])
            case "not", [part]:
                return negation(self.build(part, field, depth + 1))
            case "at_least", [count, *parts]:
                return _at_least(count, [self.build(part, field, depth + 1) for part in parts])
            case _, [name, part]:
                return self.build(part, _field(name, field), depth + 1)
        raise AssertionError(node.data)

    def _leaf(self, kind: str, text: str, field: str, at: int) -> Query:
        if kind == "LIST":
            return self._list(text, field, at)
        if kind == "WORD":
            _check_word(text, field, at)
        if field in _ATTRIBUTES:
            name = tight(text.strip(QUOTES))
            if kind == "REGEX" or not name:
                raise BadQuery(f"{field}: wants a name, in which * may stand for anything", at=at)
            return Named(cast("Attribute", field), name, label=f"{field}: {text.strip(QUOTES)}")
        if field in _MEASURES:
            return _compared(cast("Measure", field), text, at)
        place = cast("Place", field)
        return _pattern(text, place, at) if kind == "REGEX" else _word(text, place, at)

    def _list(self, text: str, field: str, at: int) -> Query:
        name = text.removeprefix("@")
        if name not in self._lists:
            meant = get_close_matches(name, self._lists, n=1)
            hint = f"did you mean @{meant[0]}?" if meant else _known(self._lists)
            raise BadQuery(f"there is no list {text}", at=at, hint=hint)
        if self._lists[name] == BROKEN:
            raise BrokenList(f"the list {text} is wrong", at=at, hint="its own mistake comes first")
        self._listed += sum(1 for _ in leaves(self._lists[name]))
        if self._listed > MAX_LEAVES:
            what = f"with its lists it has {self._listed:,} clauses or more; at most {MAX_LEAVES:,} are allowed"
            raise BadQuery(what, at=at)  # before all of them are made

        def placed(leaf: Leaf) -> Query:
            shown = f"{text}: {leaf.label.rpartition(': ')[2]}"
            return _under(replace(leaf, label=f"{field}:{shown}" if field else shown), field, at)

        return mapped(self._lists[name], placed)


def _check_word(text: str, field: str, at: int) -> None:
    """Raises BadQuery for a word that would be taken for something else than was meant."""
    if text[0] == "-":
        raise BadQuery(f"a - cannot stand after {field}:", at=at, hint=f"write -{field}:{text[1:]}, or use quotes")
    near = re.search(r"~\d*$", text)
    if near:
        what = "~ and a number stand right after words in quotes"
        raise BadQuery(what, at=at + near.start(), hint='as in "steel duty"~5')
    if text[0] in "<>" and field not in _MEASURES:
        raise BadQuery(f"{text[0]} compares days and numbers", at=at, hint=f"as in words:{text[0]}50")
    if text in _SIGNS:
        raise BadQuery(f"there is no word in {text}", at=at, hint=f"write {_SIGNS[text]}")


def _known(lists: Lists) -> str:
    if not lists:
        return "terms.toml has no lists"
    some = ", ".join(f"@{one}" for one in sorted(lists)[:8])
    return f"there are: {some}" + (f" and {len(lists) - 8} more in terms.toml" if len(lists) > 8 else "")


def _under(leaf: Leaf, field: str, at: int) -> Query:
    """A leaf of a list, asked for in `field`."""
    if not field or (isinstance(leaf, Word | Near | Pattern) and leaf.place):
        return leaf
    if field in _PLACES and isinstance(leaf, Word | Near | Pattern):
        return replace(leaf, place=cast("Place", field))
    raise BadQuery(f"{field}: cannot stand before this list", at=at, hint="lists are for title: and body:")


def _offsets(node: Any) -> Iterator[int]:
    while hasattr(node, "data"):
        node = node.children[-1]
    yield node.start_pos


def _field(token: Any, outer: str) -> str:
    name = str(token).removesuffix(":")
    if name.lower() not in FIELDS:
        meant = get_close_matches(name.lower(), FIELDS, n=1)
        hint = f"did you mean {meant[0]}:?" if meant else f"there are: {', '.join(FIELDS)}; or put quotes round it"
        raise BadQuery(f"there is no field {name}", at=token.start_pos, hint=hint)
    if outer:
        raise BadQuery(f"{name}: stands inside {outer}:", at=token.start_pos, hint="a clause has one field")
    return name.lower()


def _at_least(count: Any, parts: list[Query]) -> Query:
    many, parts = int(str(count).split()[0]), list(dict.fromkeys(parts))
    if not 1 <= many <= len(parts):
        what = f"{many} of {len(parts)} clauses can never be met" if many else "0 of them is always met"
        raise BadQuery(what, at=count.start_pos, hint="clauses are parted by commas")
    if many == len(parts):
        return all_of(parts)
    return any_of(parts) if many == 1 else AtLeast(many, tuple(parts))


def _word(text: str, place: Place, at: int) -> Query:
    """A word, a phrase, or words near one another."""
    refuse_other_languages(text.strip(), at)
    label = f"{place}:{text.strip()}" if place else text.strip()
    quoted, _, within = text.rpartition("~")
    if quoted and quoted[-1] in QUOTES and within.isdigit():
        return _near(quoted, int(within), place, at, label)
    try:
        return Word(parse_term(text), place, label=label.strip(QUOTES))
    except BadTerm as error:
        raise BadQuery(str(error), at=at) from None


def _near(quoted: str, within: int, place: Place, at: int, label: str) -> Query:
    exact, words = "=" * quoted.startswith("="), quoted.removeprefix("=").strip(QUOTES)
    if within > MAX_WITHIN:
        raise BadQuery(f"at most {MAX_WITHIN} words may stand between", at=at)
    try:
        terms = tuple(dict.fromkeys(parse_term(exact + word) for word in words.split()))
    except BadTerm as error:
        raise BadQuery(str(error), at=at) from None
    if len(terms) < 2:
        raise BadQuery("nearness needs two different words", at=at, hint='as in "steel duty"~5')
    return Near(terms, within, place, label=label)


def _pattern(text: str, place: Place, at: int) -> Query:
    try:
        return Pattern(compile_regex(text[1:-1]), place, label=f"{place}:{text}" if place else text)
    except BadTerm as error:
        raise BadQuery(str(error), at=at) from None


def _compared(measure: Measure, text: str, at: int) -> Query:
    """A comparison such as >=2025-04, or of a number."""
    operator = next((one for one in (">=", "<=", ">", "<", "=") if text.startswith(one)), "")
    told = text.removeprefix(operator)
    label = f"{measure}:{text}"
    sign = cast("Operator", operator or "=")
    if not told:
        raise BadQuery(f"something is missing after {operator}", at=at + len(text), hint="no space may stand there")
    if measure == "published":
        first, last = _days(told, at + len(operator))
        return Compared(measure, sign, first, last if last != first else None, label=label)
    number = told.removesuffix("%") if measure == "percent" else told
    if not _NUMBER.fullmatch(number):
        raise BadQuery(f"{told!r} is no number", at=at + len(operator), hint=f"as in {measure}:>=25")
    return Compared(measure, sign, float(number.replace(",", "")), label=label)


def _days(text: str, at: int) -> tuple[date, date]:
    """The first and the last day of a year, a month or a day."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        year, *rest = map(int, text.split("-"))
        first = date(year, *[*rest, 1, 1][:2])
        month = rest[0] if rest else 12
        last = first if len(rest) == 2 else date(year, month, monthrange(year, month)[1])
    except ValueError:
        hint = "write 2025, 2025-04 or 2025-04-01, with >=, > < or <= before it"
        raise BadQuery(f"{text!r} is no day", at=at, hint=hint) from None
    return first, last

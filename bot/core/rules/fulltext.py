"""A query as a question to a full-text index: which stored releases may be what it asks for.

The index holds the words of `words.searchable`, so it knows neither order nor endings. Each answer here holds for at
least all releases that the query holds for; which of them are right is the judge's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.rules.language.term import Sequence, Term
from bot.core.rules.language.tree import And, AtLeast, Compared, Named, Near, Not, Or, Place, Query, Word
from bot.core.text import singular

LONGEST = 8
"""So many letters of a Korean term are looked for as they may be spaced; more would find nothing more."""

WINDOWS = 8
"""Of `n of (…)` so many groups are asked for at most, of which one clause must hold: more cost more than they spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a release must have to be looked at."""

    match: str = ""
    """An expression of SQLite's FTS5 over the columns title and body; empty for all releases."""
    first: date | None = None
    """The earliest day of publication, and"""
    last: date | None = None
    """the latest; a release without a day is in no bounds."""
    sources: tuple[tuple[str, ...], ...] = ()
    """Of each group, one of the names (in which * stands for anything) is the source's."""

    @property
    def bounded(self) -> bool:
        """True if the release must have a day."""
        return self.first is not None or self.last is not None


def sought(query: Query) -> Sought:
    """What all releases that `query` holds for have."""
    parts = query.parts if isinstance(query, And) else (query,)
    days = [_days(part) for part in parts if isinstance(part, Compared)]
    return Sought(
        match=expression(query) or "",
        first=max((first for first, _ in days if first), default=None),
        last=min((last for _, last in days if last), default=None),
        sources=tuple(names for names in map(_sources, parts) if names),
    )


def _days(leaf: Compared) -> tuple[date | None, date | None]:
    """The first and the last day that a clause allows, as far as it is about days."""
    if leaf.measure != "published" or not isinstance(leaf.value, date):
        return None, None
    first, last, day = leaf.value, leaf.until or leaf.value, timedelta(days=1)
    match leaf.operator:
        case "=":
            return first, last
        case ">":
            return (last + day if last < date.max else last), None
        case ">=":
            return first, None
        case "<":
            return None, (first - day if first > date.min else first)
        case "<=":
            return None, last


def _sources(query: Query) -> tuple[str, ...]:
    """The names of which one is the source's; none if the clause is about more than that."""
    parts = query.parts if isinstance(query, Or) else (query,)
    names = [part.name for part in parts if isinstance(part, Named) and part.attribute == "source"]
    return tuple(names) if len(names) == len(parts) else ()


def expression(query: Query) -> str | None:
    """The words of `query` in the language of FTS5; None if a release needs none of them."""
    match query:
        case And(parts):
            return _all(filter(None, map(expression, parts)))
        case Or(parts):
            return _any(map(expression, parts))
        case AtLeast(many, parts):
            # of n parts many hold: so one does among any n - many + 1 of them
            told, length = [expression(part) for part in parts], len(parts) - many + 1
            starts = range(0, many, -(-many // WINDOWS))
            return _all(filter(None, (_any(told[start : start + length]) for start in starts)))
        case Word(term, place):
            return _placed(place, _term(term))
        case Near(terms, _, place):
            return _placed(place, _all(map(_term, terms)))
        case Not() | _:
            return None


def _all(told: Iterable[str]) -> str | None:
    return _joined(told, " AND ")


def _any(told: Iterable[str | None]) -> str | None:
    """One of the expressions; None if one of them asks for nothing."""
    found = list(told)
    return _joined((one for one in found if one is not None), " OR ") if None not in found else None


def _joined(told: Iterable[str], word: str) -> str | None:
    parts = list(dict.fromkeys(told))
    return f"({word.join(parts)})" if len(parts) > 1 else (parts[0] if parts else None)


def _placed(place: Place, told: str | None) -> str | None:
    return f"{place} : {told}" if place and told else told


def _term(term: Term) -> str:
    """The words of one of the ways to write `term`."""
    if term.korean:
        return _korean("".join(term.words), len(term.words[0]))
    return _any(_sequence(term, one) for one in term.variants) or ""


def _sequence(term: Term, words: Sequence) -> str | None:
    *before, last = words
    told = [_written(word) if term.exact else _token(word) for word in before]
    if term.prefix:
        return _all([*told, _beginning(last)])
    return _all([*told, _written(last) if term.exact else _token(last)])


def _korean(together: str, cut: int) -> str:
    """The first word of an occurrence.

    It begins with the term, or with what stands before its first space (a particle may follow there); or it is the
    first letters of the term, since spaces inside are free.
    """
    length = min(cut, LONGEST, len(together))
    apart = (_written(together[:end]) for end in range(1, length))
    return _any([*apart, _beginning(together[:length])]) or ""


def _written(word: str) -> str:
    """A word that stands in the text as it is: in the index it is singular."""
    return _token(singular(word))


def _beginning(letters: str) -> str:
    """A word that begins so in the text: in the index it may have lost the end."""
    whole = dict.fromkeys(singular(letters + end) for end in ("", "s", "es"))
    return _any([f"{_token(letters)} *", *(_token(word) for word in whole if not word.startswith(letters))]) or ""


def _token(word: str) -> str:
    """A word in quotes; a folded sign may hold spaces (U+FDFA), and the index has them not."""
    return '"' + word.replace(" ", "").replace('"', '""') + '"'

"""A query as branches: lists of clauses of which one list must hold whole, so that each can be filed by one clause."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from bot.core.rules.language.tree import And, AtLeast, Not, Or

MAX_BRANCHES = 16


@dataclass(frozen=True, slots=True)
class Branch:
    """Clauses that must hold, and clauses that must not."""

    holding: frozenset[Any] = frozenset()
    """Leaves of the query, whatever they are."""
    missing: frozenset[Any] = frozenset()

    def joined(self, other: "Branch") -> "Branch":
        """Both at once."""
        return Branch(self.holding | other.holding, self.missing | other.missing)


def branches(query: Any, *, most: int = MAX_BRANCHES) -> tuple[Branch, ...] | None:
    """The branches of `query`, None if there would be more than `most`."""
    found = _branches(query, most, wanted=True)
    return None if found is None else tuple(dict.fromkeys(one for one in found if not one.holding & one.missing))


def _branches(query: Any, most: int, *, wanted: bool) -> list[Branch] | None:
    """The branches by which `query` holds, or by which it does not hold."""
    match query:
        case Not(part):
            return _branches(part, most, wanted=not wanted)
        case And(parts) | Or(parts):
            told = [_branches(part, most, wanted=wanted) for part in parts]
            return _both(told, most) if isinstance(query, And) == wanted else _either(told, most)
        case AtLeast(many, parts):
            return _some(parts, many if wanted else len(parts) - many + 1, most, wanted=wanted)
        case _:
            leaf = frozenset([query])
            return [Branch(holding=leaf) if wanted else Branch(missing=leaf)]


def _some(parts: tuple[Any, ...], many: int, most: int, *, wanted: bool) -> list[Branch] | None:
    if len(parts) > most:
        return None
    told = [_branches(part, most, wanted=wanted) for part in parts]
    return _either((_both(list(some), most) for some in combinations(told, many)), most)


def _either(told: Iterable[list[Branch] | None], most: int) -> list[Branch] | None:
    found: list[Branch] = []
    for one in told:
        if one is None or len(found) + len(one) > most:
            return None
        found += one
    return found


def _both(told: Iterable[list[Branch] | None], most: int) -> list[Branch] | None:
    found = [Branch()]
    for one in told:
        if one is None or len(found) * len(one) > most:
            return None
        found = [first.joined(second) for first, second in product(found, one)]
    return found

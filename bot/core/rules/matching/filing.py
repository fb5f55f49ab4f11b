"""Where a rule is filed among the clauses of all rules, and what is left to look at there."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from bot.core.rules.judging.explaining import decided, is_met
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.tree import And, AtLeast, Leaf, Not, Or
from bot.core.rules.matching.branches import Branch, branches
from bot.core.rules.matching.few import fewer, more

Id = TypeVar("Id", bound=Hashable)
Tree: TypeAlias = Any
"""A query whose leaves are clauses of the index."""


@dataclass(slots=True, eq=False)
class Shelf(Generic[Id]):
    """Rules that are looked at together."""

    direct: Sequence[Id] = ()
    """Those of which nothing is left to look at."""
    loose: "Sequence[Rest[Id]]" = ()

    def put(self, id: Id, rest: "Rest[Id] | None") -> None:  # noqa: A002 (it is one)
        """Take a rule, with what is left to look at."""
        if rest is None:
            self.direct = more(self.direct, id)
        else:
            self.loose = more(self.loose, rest)

    def take(self, id: Id, rest: "Rest[Id] | None") -> None:  # noqa: A002 (it is one)
        """Give a rule away."""
        if rest is None:
            self.direct = fewer(self.direct, id)
        else:
            self.loose = [one for one in self.loose if one.id != id]


@dataclass(slots=True, eq=False)
class Shelves(Shelf[Id]):
    """The rules that are filed under one clause."""

    guards: "dict[Clause[Id], Shelf[Id]]" = field(default_factory=dict)
    """Those that need another clause too, under that clause."""


@dataclass(slots=True, eq=False, kw_only=True)
class Clause(Generic[Id]):
    """A clause of some rules."""

    leaf: Leaf
    number: int
    cost: float
    """About how often it is met."""
    indexed: bool
    """True if the index finds it; else it is judged when a rule comes to it."""
    uses: int = 0
    doubtful: bool = False
    """True if it must be looked at, though a text has its words."""
    filed: Shelves[Id] | None = None
    """The rules that are filed under it; most clauses have none."""


@dataclass(frozen=True, slots=True, eq=False)
class Rest(Generic[Id]):
    """What is left to look at of a rule when the clauses are met under which it is filed."""

    id: Id
    holding: "frozenset[Clause[Id]]" = frozenset()
    missing: "frozenset[Clause[Id]]" = frozenset()
    judged: Tree = None
    """What the index cannot tell."""

    def holds(self, met: "set[Clause[Id]]", subject: Subject) -> bool:
        """True if the rest is as it must be, where `met` are the indexed clauses that are met."""
        if not (self.holding <= met and self.missing.isdisjoint(met)):
            return False
        return self.judged is None or decided(
            self.judged, lambda clause: clause in met if clause.indexed else is_met(clause.leaf, subject)
        )


def filings(id: Id, tree: Tree, always: Shelf[Id]) -> Iterator[tuple[Shelf[Id], Rest[Id] | None]]:  # noqa: A002
    """The shelves of a rule, and what is left to look at there; always the same for the same tree.

    It stands under the rarest clause of each of its branches, and there under the second rarest. A rule with too many
    branches stands under clauses of which one must be met; one without such clauses is looked at every time.
    """
    told = branches(tree)
    if told is not None:
        for branch in told:
            yield _filing(id, branch, always)
    elif isinstance(tree, Or):
        for part in tree.parts:
            yield from filings(id, part, always)
    else:
        yield from _of_many_branches(id, tree, always)


def _of_many_branches(id: Id, tree: Tree, always: Shelf[Id]) -> Iterator[tuple[Shelf[Id], Rest[Id]]]:  # noqa: A002
    """Under clauses of which one must be met; what is quickly seen is looked at before the tree is judged."""
    parts: tuple[Tree, ...] = tree.parts if isinstance(tree, And) else ()
    denied: list[Tree] = [part.part for part in parts if isinstance(part, Not)]
    holding, missing = (frozenset(one for one in some if _is_indexed(one)) for some in (parts, denied))
    needed: Iterable[Clause[Id]] = _needed(tree) or ()
    shelves: list[Shelf[Id]] = [_shelves(clause) for clause in dict.fromkeys(needed)]
    for shelf in shelves or [always]:
        yield shelf, Rest(id, holding, missing, judged=tree)


def _filing(id: Id, branch: Branch, always: Shelf[Id]) -> tuple[Shelf[Id], Rest[Id] | None]:  # noqa: A002
    indexed: list[Clause[Id]] = sorted((one for one in branch.holding if one.indexed), key=_by_cost)
    missing = frozenset(one for one in branch.missing if one.indexed)
    judged = [one for one in branch.holding if not one.indexed]
    judged += [Not(one) for one in branch.missing if not one.indexed]
    shelf: Shelf[Id] = _shelves(indexed[0]) if indexed else always
    if len(indexed) > 1:
        shelf = _shelves(indexed[0]).guards.setdefault(indexed[1], Shelf())
    if not missing and not judged and 1 <= len(indexed) <= 2:
        return shelf, None
    return shelf, Rest(id, frozenset(indexed[2:]), missing, And(tuple(judged)) if judged else None)


def _is_indexed(tree: Tree) -> bool:
    return isinstance(tree, Clause) and tree.indexed


def _shelves(clause: Clause[Id]) -> Shelves[Id]:
    if clause.filed is None:
        clause.filed = Shelves()
    return clause.filed


def _by_cost(clause: Clause[Any]) -> tuple[float, int]:
    return clause.cost, clause.number


def _needed(tree: Tree) -> list[Clause[Any]] | None:
    """Clauses of which one is met if the query holds; None if there are none such."""
    match tree:
        case And(parts):
            return min((one for one in map(_needed, parts) if one), key=_total, default=None)
        case Or(parts):
            return _together(map(_needed, parts))
        case AtLeast(many, parts):
            told = sorted((one for one in map(_needed, parts) if one), key=_total)
            enough = len(parts) - many + 1
            return _together(told[:enough]) if len(told) >= enough else None
        case Not():
            return None
        case _:
            return [tree] if tree.indexed else None


def _total(clauses: list[Clause[Any]]) -> float:
    return sum(clause.cost for clause in clauses)


def _together(told: Iterable[list[Clause[Any]] | None]) -> list[Clause[Any]] | None:
    found: list[Clause[Any]] = []
    for one in told:
        if one is None:
            return None
        found += one
    return found

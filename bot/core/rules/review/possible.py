"""Whether anything can be what a query asks for: a search for one way in which its clauses go together."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.core.rules.judging.subject import named_so
from bot.core.rules.language.tree import And, AtLeast, Compared, Leaf, Named, Not, Or, Query
from bot.core.rules.matching.branches import Branch
from bot.core.rules.review.implying import interval, leaf_implies

MAX_CHECKS = 200_000
"""Pairs of clauses that are held against each other; after that a query is taken for possible."""
MAX_CHOICES = 200
"""Choices that are open at once; after that a query is taken for possible."""
_SINGLE = frozenset({"source", "language"})
"""Attributes of which a release has one."""
_RANGES = frozenset({"published", "words"})


@dataclass(frozen=True, slots=True)
class Clash:
    """Two clauses that cannot go together."""

    wanted: Leaf
    other: Leaf
    missing: bool
    """True if `other` is one that must not hold."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a search ended."""

    way: Branch | None
    """Clauses that go together and are enough; None if there are none, or if the search was given up."""
    clashes: tuple[Clash, ...] = ()
    """If nothing can be what is asked for: why, each way for itself."""

    @property
    def is_impossible(self) -> bool:
        """True if nothing can be what is asked for."""
        return self.way is None and bool(self.clashes)


class _GivenUp(Exception):  # noqa: N818 (no error: the search was too long)
    pass


def find_way(query: Query) -> Answer:
    """One way in which a release can be what `query` asks for."""
    search = _Search()
    try:
        way = search.along([(query, True)], (), ())
    except _GivenUp:
        return Answer(None)
    return Answer(way, () if way else tuple(dict.fromkeys(search.clashes)))


@dataclass(slots=True)
class _Search:
    clashes: list[Clash] = field(default_factory=list)
    checks: int = 0

    def along(
        self, todo: list[tuple[Query, bool]], held: tuple[Leaf, ...], missing: tuple[Leaf, ...], open_choices: int = 0
    ) -> Branch | None:
        """A way that holds and misses what is wanted in `todo`, with what is held and missing so far."""
        choices: list[list[list[tuple[Query, bool]]]] = []
        todo = list(todo)
        while todo:
            query, wanted = todo.pop()
            ways = _ways(query, wanted=wanted)
            if ways is None:
                leaf: Leaf = query  # type: ignore[assignment]
                if self._clashes(leaf, wanted, held, missing):
                    return None
                held, missing = (*held, leaf) if wanted else held, missing if wanted else (*missing, leaf)
            elif len(ways) == 1:
                todo += ways[0]
            else:
                choices.append(ways)
        return self._choose(choices, held, missing, open_choices)

    def _choose(
        self,
        choices: list[list[list[tuple[Query, bool]]]],
        held: tuple[Leaf, ...],
        missing: tuple[Leaf, ...],
        open_choices: int,
    ) -> Branch | None:
        if not choices:
            return Branch(frozenset(held), frozenset(missing))
        if open_choices + len(choices) > MAX_CHOICES:
            raise _GivenUp
        first, *others = sorted(choices, key=len)
        later = [(_Open(ways), True) for ways in others]
        for way in first:
            found = self.along([*later, *way], held, missing, open_choices + 1)  # type: ignore[list-item]
            if found is not None:
                return found
        return None

    def _clashes(self, leaf: Leaf, wanted: bool, held: tuple[Leaf, ...], missing: tuple[Leaf, ...]) -> bool:  # noqa: FBT001
        """True if the clause does not go with what is held and missing so far; which is noted."""
        self.checks += len(held) + len(missing)
        if self.checks > MAX_CHECKS:
            raise _GivenUp
        found = next(_against(leaf, held, missing) if wanted else _against_missing(leaf, held), None)
        if found is not None:
            self.clashes.append(found)
        return found is not None


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A choice that is left for later, among the queries."""

    ways: list[list[tuple[Query, bool]]]


def _ways(query: "Query | _Open", *, wanted: bool) -> list[list[tuple[Query, bool]]] | None:
    """What must hold or not for `query` to hold, or not: lists of which one is enough; None for a clause."""
    match query:
        case _Open(ways):
            return ways
        case Not(part):
            return [[(part, not wanted)]]
        case And(parts) | Or(parts):
            told = [(part, wanted) for part in parts]
            return [told] if isinstance(query, And) == wanted else [[one] for one in told]
        case AtLeast(many, parts):
            enough = many if wanted else len(parts) - many + 1
            return list(_some([(part, wanted) for part in parts], enough))
        case _:
            return None


def _some(told: list[tuple[Query, bool]], many: int) -> Iterator[list[tuple[Query, bool]]]:
    """Neighbours only, round and round: a few of very many combinations, so an AtLeast may be given up too early."""
    from itertools import combinations, islice

    found = list(islice(combinations(told, many), 1_001))
    if len(found) > 1_000:
        raise _GivenUp
    yield from map(list, found)


def _against(leaf: Leaf, held: tuple[Leaf, ...], missing: tuple[Leaf, ...]) -> Iterator[Clash]:
    for other in missing:
        if leaf_implies(leaf, other):
            yield Clash(leaf, other, missing=True)
    if isinstance(leaf, Compared) and leaf.measure in _RANGES:
        low, high = interval(leaf)
        if low > high:
            yield Clash(leaf, leaf, missing=False)
    for other in held:
        if _exclude(leaf, other):
            yield Clash(other, leaf, missing=False)


def _against_missing(leaf: Leaf, held: tuple[Leaf, ...]) -> Iterator[Clash]:
    return (Clash(one, leaf, missing=True) for one in held if leaf_implies(one, leaf))


def _exclude(one: Leaf, other: Leaf) -> bool:
    """True if no release has both."""
    match one, other:
        case Named(), Named() if one.attribute == other.attribute and one.attribute in _SINGLE:
            plain = [each for each in (one, other) if "*" not in each.name]
            return bool(plain) and not any(named_so(a.name, b.name, a.attribute) for a, b in _pairs(plain, one, other))
        case Compared(), Compared() if one.measure == other.measure and one.measure in _RANGES:
            (low, high), (least, most) = interval(one), interval(other)
            return max(low, least) > min(high, most)
        case _:
            return False


def _pairs(plain: list[Named], one: Named, other: Named) -> Iterator[tuple[Named, Named]]:
    """Each plain name with the other of the two."""
    return ((each, other if each is one else one) for each in plain)

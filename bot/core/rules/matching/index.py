"""All rules against one release at once: each rule is filed under the clause of it that is met most seldom.

The idea is the percolator's (Elasticsearch, Lucene Monitor): a rule can only hold if its rarest required clause is
met, so only the rules filed under clauses that the release meets are looked at. Rules share clauses, and each is
judged once.
"""

from collections.abc import Mapping
from typing import Any, Generic

from bot.core.rules.judging.explaining import is_met
from bot.core.rules.judging.subject import Subject, named_so
from bot.core.rules.language.keys import is_certain
from bot.core.rules.language.term import Term
from bot.core.rules.language.tree import Attribute, Compared, Leaf, Named, Near, Pattern, Query, Word, mapped
from bot.core.rules.language.words import FIELD_END, quick_pieces
from bot.core.rules.matching.filing import Clause, Id, Shelf, Tree, filings
from bot.core.rules.matching.glance import Glance
from bot.core.rules.matching.lexicon import Lexicon

UNKNOWN = 50.0
"""In how many releases of 10,000 a word is taken to stand of which nothing is known."""
MAX_NAMES = 10_000
FEW = 20
"""Guards that are simply looked at one by one."""


class Index(Generic[Id]):
    """Queries by id, of which `match` finds all that hold for a release.

    `frequency`: in how many releases of 10,000 a word stands, singular. Where it is wrong the index is slow, not wrong.
    """

    def __init__(self, frequency: Mapping[str, float] | None = None) -> None:
        self._frequency = frequency or {}
        self._trees: dict[Id, Tree] = {}
        self._clauses: dict[Leaf, Clause[Id]] = {}
        self._made = 0
        self._lexicons: dict[str, Lexicon[Clause[Id]]] = {place: Lexicon() for place in ("", "title", "body")}
        self._filed = dict.fromkeys(self._lexicons, 0)
        """How many terms each lexicon holds."""
        self._named: dict[Attribute, list[Clause[Id]]] = {}
        self._names: dict[tuple[Attribute, str], list[Clause[Id]]] = {}
        self._always: Shelf[Id] = Shelf()

    def __len__(self) -> int:
        """How many queries there are."""
        return len(self._trees)

    def add(self, id: Id, query: Query) -> None:  # noqa: A002 (it is one)
        """File `query` under `id`, in place of what was filed there."""
        if id in self._trees:
            self.remove(id)
        tree = self._trees[id] = mapped(query, self._use)
        for shelf, rest in filings(id, tree, self._always):
            shelf.put(id, rest)

    def remove(self, id: Id) -> None:  # noqa: A002 (it is one)
        """Forget the query `id`; KeyError if there is none."""
        tree = self._trees.pop(id)
        for shelf, rest in filings(id, tree, self._always):
            shelf.take(id, rest)
        mapped(tree, self._drop)

    def match(self, subject: Subject) -> set[Id]:
        """The ids of all queries that hold for a release."""
        met, found = self._met(subject), set[Id]()
        shelves: list[Shelf[Id]] = [clause.filed for clause in met if clause.filed is not None]
        shelves += _guarded([clause.filed.guards for clause in met if clause.filed and clause.filed.guards], met)
        shelves.append(self._always)
        found.update(*[shelf.direct for shelf in shelves])
        rests = [rest for shelf in shelves if shelf.loose for rest in shelf.loose]
        found.update([rest.id for rest in rests if rest.id not in found and rest.holds(met, subject)])
        return found

    def _met(self, subject: Subject) -> set[Clause[Id]]:
        """The indexed clauses that are met."""
        title, body = quick_pieces(subject.title), quick_pieces(subject.body)
        met: set[Clause[Id]] = set()
        glances: dict[str, Glance] = {}
        for place, text in (("", [*title, FIELD_END, *body]), ("title", title), ("body", body)):
            if self._filed[place]:
                known, found = self._lexicons[place].find(text)
                glances[place] = Glance(known)
                met |= found
        met.difference_update([one for one in met if one.doubtful and not _is_met(one.leaf, subject, glances)])
        for attribute in self._named:
            for value in subject.attributes.get(attribute, ()):
                met.update(self._called(attribute, value))
        return met

    def _called(self, attribute: Attribute, value: str) -> list[Clause[Id]]:
        """The clauses that ask for `value`."""
        if (attribute, value) not in self._names:
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            asking = ((one, one.leaf) for one in self._named[attribute])
            self._names[attribute, value] = [
                one for one, leaf in asking if isinstance(leaf, Named) and named_so(value, leaf.name, attribute)
            ]
        return self._names[attribute, value]

    def _use(self, leaf: Leaf) -> Any:
        """The clause for `leaf`, used once more."""
        clause = self._clauses.get(leaf)
        if clause is None:
            self._made += 1
            indexed = not isinstance(leaf, Pattern | Compared)
            clause = Clause(leaf=leaf, number=self._made, cost=self._cost(leaf), indexed=indexed)
            self._clauses[leaf] = clause
            self._file(clause, add=True)
        clause.uses += 1
        return clause

    def _drop(self, clause: Any) -> Any:
        """Use a clause once less; it goes when nobody uses it."""
        clause.uses -= 1
        if not clause.uses:
            del self._clauses[clause.leaf]
            self._file(clause, add=False)
        return clause

    def _file(self, clause: Clause[Id], *, add: bool) -> None:
        """Have a clause found in texts and names, or no longer."""
        match clause.leaf:
            case Word(term, place):
                self._file_term(clause, term, place, add=add, certain=is_certain(term))
            case Near(terms, _, place):
                rarest = min(terms, key=self._term_cost)
                self._file_term(clause, rarest, place, add=add, certain=False)
            case Named(attribute):
                named = self._named.setdefault(attribute, [])
                (named.append if add else named.remove)(clause)
                self._names.clear()

    def _file_term(self, clause: Clause[Id], term: Term, place: str, *, add: bool, certain: bool) -> None:
        lexicon = self._lexicons[place]
        self._filed[place] += 1 if add else -1
        (lexicon.add if add else lexicon.remove)(term, clause)
        clause.doubtful = not certain

    def _cost(self, leaf: Leaf) -> float:
        """About in how many releases of 10,000 a clause is met."""
        match leaf:
            case Word(term, place):
                return self._term_cost(term) * (0.1 if place == "title" else 1)
            case Near(terms):
                return min(map(self._term_cost, terms)) * 0.5
            case Named("source" | "language"):
                return 5_000
            case _:
                return 500

    def _term_cost(self, term: Term) -> float:
        """A word as often as it is counted, a phrase less often than its rarest word."""
        if term.prefix and len(term.words) == 1:
            return 10 * UNKNOWN
        known = min(self._frequency.get(word, UNKNOWN) for word in term.words)
        return known * 0.3 if len(term.words) > 1 else known


def _is_met(leaf: Any, subject: Subject, glances: Mapping[str, Glance]) -> bool:
    """Whether words are there as a clause asks: at a glance if that is enough."""
    shown = glances[leaf.place].shows(leaf)
    return is_met(leaf, subject) if shown is None else shown


def _guarded(guards: list[dict[Clause[Id], Shelf[Id]]], met: set[Clause[Id]]) -> list[Shelf[Id]]:
    """The shelves of which the guard is met, too."""
    return [
        some[guard] for some in guards for guard in (some if len(some) < FEW else some.keys() & met) if guard in met
    ]

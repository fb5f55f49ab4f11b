"""Rules that tell nobody anything new: another rule meets all that they meet, and tells the same people."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from bot.core.rules.judging.explaining import holds
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.term import Term
from bot.core.rules.language.tree import Attribute, Compared, Leaf, Named, Near, Word
from bot.core.rules.matching.branches import Branch
from bot.core.rules.matching.index import Index
from bot.core.rules.review.implying import implies, interval
from bot.core.rules.review.possible import find_way
from bot.core.rules.rule import Rule
from bot.errors import Finding

MAX_LOOKS = 2_000
"""Pairs of rules that are held against each other where no witness spares it."""


def swallowed(rules: Sequence[Rule]) -> Iterator[tuple[str, Finding]]:
    """Each rule that another swallows, by its id; of two that mean the same, the later one."""
    index: Index[int] = Index()
    for place, rule in enumerate(rules):
        index.add(place, rule.query)
    for place, rule in enumerate(rules):
        others = _candidates(rule, len(rules), index)
        found = next((one for one in others if one != place and _tells_all(rules, one, place)), None)
        if found is not None:
            yield rule.id, _finding(rule, rules[found])


def _candidates(rule: Rule, many: int, index: Index[int]) -> Sequence[int]:
    """The places of the rules that may swallow `rule`: those that meet a release which it meets."""
    seen = witness(rule)
    if seen is None:
        return range(many) if many**2 <= MAX_LOOKS else ()
    return sorted(index.match(seen))


def _tells_all(rules: Sequence[Rule], another: int, place: int) -> bool:
    """True if one rule tells all that the other tells, and is not itself the one to be named."""
    other, rule, is_earlier = rules[another], rules[place], another < place
    if other.version == rule.version:
        return is_earlier and other.spec.alert == rule.spec.alert
    as_often = other.spec.alert in {"every", rule.spec.alert}
    same_people = set(rule.spec.to) <= set(other.spec.to)
    if not (as_often and same_people and implies(rule.query, other.query)):
        return False
    return is_earlier or not (set(other.spec.to) <= set(rule.spec.to) and implies(other.query, rule.query))


def _finding(rule: Rule, other: Rule) -> Finding:
    if rule.version == other.version:
        both = sorted({*rule.spec.to, *other.spec.to})
        told = ", ".join(f'"{name}"' for name in both)
        return Finding(("id",), f'it means the same as the rule "{other.id}"', f"one rule with to = [{told}] is enough")
    people = " and ".join(f'"{name}"' for name in rule.spec.to)
    what = f'the rule "{other.id}" meets every release that this one meets, and tells {people}, too'
    return Finding(("id",), what, "switch one of the two off, or narrow the wider one with NOT")


def witness(rule: Rule) -> Subject | None:
    """A made-up release that the rule meets; None if none could be made up."""
    way = find_way(rule.query).way
    if way is None:
        return None
    made = _made_up(way)
    return made if holds(rule.query, made) else None


def _made_up(way: Branch) -> Subject:
    held = sorted(way.holding, key=str)
    texts = {place: ". ".join(_texts(held, {place})) for place in ("title", "body")}
    body = ". ".join([*filter(None, [texts["body"]]), *_texts(held, {""})])
    names: dict[Attribute, tuple[str, ...]] = {}
    for leaf in held:
        if isinstance(leaf, Named):
            names[leaf.attribute] = (*names.get(leaf.attribute, ()), leaf.name.replace("*", ""))
    long_enough = " ".join(["zzyzx"] * _missing_words(held, f"{texts['title']} {body}"))
    return Subject(title=texts["title"], body=f"{body}. {long_enough}", attributes=names, published=_day(held))


def _texts(held: Sequence[Leaf], places: Collection[str]) -> Iterator[str]:
    for leaf in held:
        match leaf:
            case Word(term, place) if place in places:
                yield _said(term)
            case Near(terms, _, place) if place in places:
                yield " ".join(map(_said, terms))
            case Compared("percent") if "" in places:
                low, high = interval(leaf)
                value = low if low > 0 else min(high, 1.0)
                yield f"{value:.6g}%"
            case _:
                pass


def _said(term: Term) -> str:
    return " ".join(term.words)


def _missing_words(held: Sequence[Leaf], text: str) -> int:
    """How many words a text wants to be long enough."""
    lows = [interval(leaf)[0] for leaf in held if isinstance(leaf, Compared) and leaf.measure == "words"]
    wanted = max(lows, default=0.0)
    return max(0, int(wanted) - len(text.split())) if 0 < wanted < 100_000 else 0


def _day(held: Sequence[Leaf]) -> date | None:
    """A day that fits all comparisons."""
    ends = [interval(leaf) for leaf in held if isinstance(leaf, Compared) and leaf.measure == "published"]
    if not ends:
        return None
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    first = low if low > 0 else min(high, date.max.toordinal())
    return date.fromordinal(int(first)) if 0 < first <= date.max.toordinal() else None

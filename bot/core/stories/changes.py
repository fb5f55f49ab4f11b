"""From the places where two texts differ to changes, each with what it is about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from bot.core.stories.news import news_in
from bot.core.stories.profile import Profile, is_telling
from bot.core.stories.spelling import is_coarser, spells_alike, spelt_alike, unmoved
from bot.core.stories.tokens import FACTS
from bot.core.stories.units import (
    are_opposites,
    codes,
    dates_in,
    denials,
    facts_of,
    says_nothing,
    telling,
    told_shortly,
    units_of,
)

ANCHOR = 4
"""Tokens in a row that both texts have, from which they are the same text there."""
_VERBS = frozenset("하되했됐할한될된")
"""Syllables with which Korean verbs end."""
_ALL_DAYS = frozenset(f"@{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32))
Opcode = tuple[str, int, int, int, int]


class Kind(StrEnum):
    """What a change is about."""

    FACT = "fact"
    DENIAL = "denial"
    COUNTRY = "country"
    NAME = "name"
    WORD = "word"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Change:
    """What stands only in the one text, and in its place in the other."""

    kind: Kind
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """The changes from a to b."""

    all: tuple[Change, ...]
    a: Profile
    b: Profile

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        """Those of some kinds."""
        return tuple(one for one in self.all if one.kind in kinds)

    @cached_property
    def facts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The facts that were put in the place of others: before, after."""
        changed = self.of(Kind.FACT)
        return facts_of(unit for one in changed for unit in one.before), facts_of(
            unit for one in changed for unit in one.after
        )

    @cached_property
    def subjects(self) -> tuple[frozenset[str], frozenset[str]] | None:
        """The telling words that were put in the place of others; None if none were."""
        pairs = [(telling(one.before), telling(one.after)) for one in self.all if one.before and one.after]
        before = frozenset(unit for gone, came in pairs if gone and came for unit in gone)
        after = frozenset(unit for gone, came in pairs if gone and came for unit in came)
        return (before, after) if before else None

    @property
    def numbering(self) -> bool:
        """True if another ordinal or another month stands in the place of one: another meeting, another period."""
        before, after = self.facts
        return any(_numbers(before, kind) and _numbers(after, kind) for kind in "#~")

    def shifts_by(self, days: int) -> bool:
        """True if the days that changed all moved by `days`: the same form, used again."""
        before, after = (dates_in(facts, one.day.year) for facts, one in zip(self.facts, (self.a, self.b), strict=True))
        return bool(before) and {one + timedelta(days=days) for one in before} <= after

    def share(self, tokens: Sequence[str]) -> float:
        """The share of the facts among `tokens` that changed, 0 to 1."""
        many = sum(token[0] in FACTS for token in tokens)
        return min(1.0, len(self.facts[0]) / many) if many else 0.0

    @property
    def told(self) -> str:
        """What changed, in a line for a person."""
        shown = [f"{told_shortly(one.before)} → {told_shortly(one.after)}" for one in self.all[:3]]
        return "; ".join(shown) + (" …" if len(self.all) > len(shown) else "")


Run = tuple[tuple[str, ...], tuple[str, ...]]


def body_changes(a: Profile, b: Profile, found: list[Opcode]) -> Iterator[Change]:
    """The changes inside the text that both have, and what news stands before, after and between."""
    equal = [code for code in found if code[0] == "equal"]
    anchors = [code for code in equal if code[2] - code[1] >= ANCHOR] or equal
    if not anchors:
        return
    of_a, of_b = _common_places(found)
    skip_a, less = news_in(a, b, of_a, (anchors[0][1], anchors[-1][2]))
    skip_b, more = news_in(b, a, of_b, (anchors[0][3], anchors[-1][4]))
    inside = [code for code in found if code[0] != "equal" and anchors[0][1] <= code[1] < anchors[-1][2]]
    outside = [code for code in found if code[0] != "equal" and not anchors[0][1] <= code[1] < anchors[-1][2]]
    yield from swapped(_left(inside, a, b, skip_a, skip_b), a, b)
    around = swapped(_left(outside, a, b, skip_a, skip_b), a, b)
    yield from (one for one in around if one.kind is Kind.FACT)  # other words there are a place, a byline
    yield from (Change(Kind.LESS, units, ()) for units in less)
    yield from (Change(Kind.MORE, (), units) for units in more)


def _left(found: Iterable[Opcode], a: Profile, b: Profile, skip_a: set[int], skip_b: set[int]) -> Iterator[Run]:
    """What differs, without the lines that were put aside."""
    for _, a0, a1, b0, b1 in found:
        before = tuple(a.body[at] for at in range(a0, a1) if at not in skip_a)
        yield before, tuple(b.body[at] for at in range(b0, b1) if at not in skip_b)


def _common_places(found: list[Opcode]) -> tuple[set[int], set[int]]:
    """The places of either text that the other text has, too."""
    same = [code for code in found if code[0] == "equal"]
    return (
        {at for _, low, high, _, _ in same for at in range(low, high)},
        {at for _, _, _, low, high in same for at in range(low, high)},
    )


def swapped(runs: Iterable[Run], a: Profile, b: Profile) -> Iterator[Change]:
    """The changes that runs of tokens make, each by its weightiest kind."""
    near = abs((a.day - b.day).days) <= 2
    idle = (a.dating | b.dating,) * 2 if near else (a.dating, b.dating)
    cleaned = [
        (
            [unit for unit in units_of(gone) if not says_nothing(unit, idle[0] - _days_of(came))],
            [unit for unit in units_of(came) if not says_nothing(unit, idle[1] - _days_of(gone))],
        )
        for gone, came in runs
    ]
    for before, after in spelt_alike(unmoved(cleaned), a, b):
        kind = _kind(before, after, a, b)
        if kind is not None:
            yield Change(kind, tuple(before), tuple(after))


def _days_of(run: Sequence[str]) -> frozenset[str]:
    """Every day, if the run names one: then it is a day for a day, and not a day for `today`."""
    return _ALL_DAYS if any(one[0] == "@" and one[3] == "-" for one in run) else frozenset()


def _kind(before: Sequence[str], after: Sequence[str], a: Profile, b: Profile) -> Kind | None:
    """What a change is about; None if it is only another wording."""
    gone, came = facts_of(before), facts_of(after)
    if gone and came:
        alike = spells_alike(gone, came) or is_coarser(gone, came)
        return _kind_of_words(before, after, a, b) if alike else Kind.FACT
    if not (gone or came) or _only_dated(gone, a.day) or _only_dated(came, b.day):
        return _kind_of_words(before, after, a, b)
    alone = gone + came
    if any(is_telling(one) for one in alone if one[0] == "=") or any(one[0] in "@&" for one in alone):
        return Kind.FACT
    return _kind_of_words(before, after, a, b)


def _only_dated(facts: Sequence[str], day: date) -> bool:
    """True of a day near the publication, and nothing else: another text says today or Thursday."""
    return bool(facts) and all(one[0] == "@" for one in facts) and _near(facts, day)


def _near(facts: Sequence[str], day: date) -> bool:
    return all(abs((one - day).days) <= 7 for one in dates_in(facts, day.year)) or any(one[3] == ":" for one in facts)


def _kind_of_words(before: Sequence[str], after: Sequence[str], a: Profile, b: Profile) -> Kind | None:
    if denials(before) != denials(after) or are_opposites(before, after):
        return Kind.DENIAL
    if codes(before) != codes(after) and (codes(before) - a.all_countries & b.all_countries or codes(after)):
        lost, won = codes(before) - codes(after), codes(after) - codes(before)
        if (lost and won) or won - a.all_countries or lost - b.all_countries:
            return Kind.COUNTRY
    if telling(before) and telling(after):
        if codes(before) and codes(before) == codes(after):
            return None
        if telling(before) <= a.abbreviations or telling(after) <= b.abbreviations:
            return Kind.WORD
        named = any(one in a.names for one in before) and any(one in b.names for one in after)
        nouns = a.is_korean and b.is_korean and not any(one[-1] in _VERBS for one in (*before, *after))
        return Kind.NAME if named or nouns else Kind.WORD
    return Kind.NAME if _other_syllable(before, after) else None


def _other_syllable(before: Sequence[str], after: Sequence[str]) -> bool:
    """True of another syllable in a Korean word, of which neither ends a verb: mostly a name, put right."""
    alone = len(before) == len(after) == 1
    return alone and all(len(one) == 1 and _is_of_noun(one) for one in (*before, *after))


def _is_of_noun(syllable: str) -> bool:
    """False of one with the ㅁ that makes nouns of verbs (28 finals, ㅁ the 16th: Unicode 16.0, chapter 3.12)."""
    return "가" <= syllable <= "힣" and syllable not in _VERBS and (ord(syllable) - ord("가")) % 28 != 16


def _numbers(facts: Iterable[str], kind: str) -> bool:
    """True if a month is among them, or a number in a long row; the first, the second are mostly something else."""
    return any(one[0] == kind and (kind == "~" or int(one[1:]) >= 10) for one in facts)

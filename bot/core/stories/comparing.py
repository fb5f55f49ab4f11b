"""Two texts side by side, token by token: what they share, and the changes between them that say something."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property

from rapidfuzz.distance import LCSseq

from bot.core.stories.profile import Profile, is_telling, stages_in, terms
from bot.core.stories.tokens import FACTS, is_furniture, is_sentence
from bot.core.stories.vocabulary import COUNTRIES, DATE_WORDS, NEGATION, OPPOSITES, REPORTS, SAYS
from bot.core.stories.weights import ENDINGS, FAINT, SILENT, STOP
from bot.core.text import HANGUL, SINGULAR

ANCHOR = 4
"""Tokens in a row that both texts have, from which they are the same text there."""
_VERBS = frozenset("하되했됐할한될된")
"""Syllables with which Korean verbs end."""
_ALL_DAYS = frozenset(f"@{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32))
_SYLLABLE_OR_WORD = re.compile(r"[가-힣]|[^\W가-힣]+")
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
class Comparison:
    """Two releases side by side."""

    a: Profile
    b: Profile

    @cached_property
    def _body(self) -> list[Opcode]:
        return opcodes(self.a.body, self.b.body)

    @cached_property
    def shared(self) -> int:
        """How many tokens stand in both bodies, in the same order."""
        return sum(end - start for kind, start, end, _, _ in self._body if kind == "equal")

    @cached_property
    def containment(self) -> float:
        """The share of the shorter body that stands in the longer one, 0 to 1."""
        shorter = min(len(self.a.body), len(self.b.body))
        return self.shared / shorter if shorter else 0.0

    @cached_property
    def may_contain(self) -> float:
        """The most that `containment` can be, and ten times as quick: by the longest common subsequence."""
        shorter = min(len(self.a.body), len(self.b.body))
        return LCSseq.similarity(self.a.body, self.b.body) / shorter if shorter else 0.0

    @cached_property
    def body(self) -> "Changes":
        """What changed between the bodies, without what was put round them."""
        return Changes(tuple(_body_changes(self.a, self.b, self._body)), self.a, self.b)

    @cached_property
    def titles_alike(self) -> bool:
        """True if the titles are one with changes, and not two."""
        found = opcodes(self.a.title, self.b.title)
        shared = sum(end - start for kind, start, end, _, _ in found if kind == "equal")
        return 2 * shared >= min(len(self.a.title), len(self.b.title))

    @cached_property
    def title(self) -> "Changes":
        """What changed between the titles; nothing if they are two."""
        if not self.titles_alike:
            return Changes((), self.a, self.b)
        runs = _runs(opcodes(self.a.title, self.b.title), self.a.title, self.b.title)
        return Changes(tuple(_swapped(runs, self.a, self.b)), self.a, self.b)


@dataclass(frozen=True)
class Changes:
    """The changes from a to b."""

    all: tuple[Change, ...]
    a: Profile
    b: Profile

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        """Those of some kinds."""
        return tuple(one for one in self.all if one.kind in kinds)

    @property
    def before(self) -> tuple[str, ...]:
        """All that stands only in a."""
        return tuple(unit for one in self.all for unit in one.before)

    @property
    def after(self) -> tuple[str, ...]:
        """All that stands only in b."""
        return tuple(unit for one in self.all for unit in one.after)

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
        before, after = (_dates(facts, one.day.year) for facts, one in zip(self.facts, (self.a, self.b), strict=True))
        return bool(before) and {one + timedelta(days=days) for one in before} <= after

    def share(self, tokens: Sequence[str]) -> float:
        """The share of the facts among `tokens` that changed, 0 to 1."""
        many = sum(token[0] in FACTS for token in tokens)
        return min(1.0, len(self.facts[0]) / many) if many else 0.0

    @property
    def told(self) -> str:
        """What changed, in a line for a person."""
        shown = [f"{_told(one.before)} → {_told(one.after)}" for one in self.all[:3]]
        return "; ".join(shown) + (" …" if len(self.all) > len(shown) else "")


def shared_roughly(a: str, b: str) -> float:
    """The share of the shorter of two plain texts that stands in the longer one, 0 to 1, without reading what it says.

    Hardly ever less than half where `Comparison.containment` is 0.6 or more, and forty times as quick.
    """
    one, other = _pieces(a), _pieces(b)
    shorter = min(len(one), len(other))
    return LCSseq.similarity(one, other) / shorter if shorter else 0.0


def _pieces(text: str) -> list[str]:
    return _SYLLABLE_OR_WORD.findall(text) if HANGUL.search(text, 0, 200) else text.casefold().split()


# --- from opcodes to changes ---------------------------------------------------------------------------------------


def opcodes(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    """What turns `a` into `b`, as difflib tells it; equal ends are taken off first, since that is quick."""
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    middle = SequenceMatcher(None, a[head : len(a) - tail], b[head : len(b) - tail], autojunk=False).get_opcodes()
    found: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    found += [(kind, a0 + head, a1 + head, b0 + head, b1 + head) for kind, a0, a1, b0, b1 in middle]
    if tail:
        found.append(("equal", len(a) - tail, len(a), len(b) - tail, len(b)))
    return found


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many tokens are equal from the beginning."""
    return next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


Run = tuple[tuple[str, ...], tuple[str, ...]]


def _runs(found: Iterable[Opcode], a: Sequence[str], b: Sequence[str]) -> list[Run]:
    return [(tuple(a[a0:a1]), tuple(b[b0:b1])) for kind, a0, a1, b0, b1 in found if kind != "equal"]


def _body_changes(a: Profile, b: Profile, found: list[Opcode]) -> Iterator[Change]:
    """The changes inside the text that both have, and what news stands before, after and between."""
    equal = [code for code in found if code[0] == "equal"]
    anchors = [code for code in equal if code[2] - code[1] >= ANCHOR] or equal
    if not anchors:
        return
    of_a, of_b = _common_places(found)
    skip_a, less = _added(a, b, of_a, (anchors[0][1], anchors[-1][2]))
    skip_b, more = _added(b, a, of_b, (anchors[0][3], anchors[-1][4]))
    inside = [code for code in found if code[0] != "equal" and anchors[0][1] <= code[1] < anchors[-1][2]]
    outside = [code for code in found if code[0] != "equal" and not anchors[0][1] <= code[1] < anchors[-1][2]]
    yield from _swapped(_left(inside, a, b, skip_a, skip_b), a, b)
    around = _swapped(_left(outside, a, b, skip_a, skip_b), a, b)
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


def _added(
    profile: Profile, other: Profile, common: set[int], inside: tuple[int, int]
) -> tuple[set[int], list[tuple[str, ...]]]:
    """The places of lines and sentences that only this text has, and what those that are news say."""
    skip: set[int] = set()
    news: list[tuple[str, ...]] = []
    at = 0
    for piece, part in profile.parts:
        places = range(at, at + len(part))
        at += len(part)
        alone = [place for place in places if place not in common]
        edge = not any(inside[0] <= place < inside[1] for place in places)
        if len(alone) <= _own_share(piece, edge=edge) * len(part):
            continue
        skip.update(alone)
        units = tuple(unit for unit in _units(part) if not _says_nothing(unit, profile.dating | other.dating))
        says_something = facts_of(units) or _words(units) >= 2
        if says_something and not _repeats_title(units, profile, other) and _is_news(piece, part, other, edge=edge):
            news.append(units)
    return skip, news


def _repeats_title(units: Sequence[str], *profiles: Profile) -> bool:
    """True of a headline again, maybe with the publisher's name to it."""
    others = set(units).difference(*(_units(one.title) for one in profiles))
    return len(others) <= 0.2 * len(set(units)) and not facts_of(tuple(others))


def _own_share(piece: str, *, edge: bool) -> float:
    """The share of its tokens that only this text has, from which a line is its own."""
    if is_furniture(piece):
        return 0.2
    return 0.4 if edge and not is_sentence(piece) else 0.7


def _is_news(piece: str, part: Sequence[str], other: Profile, *, edge: bool) -> bool:
    """True if what stands in one text only reports something; at the edges it is mostly furniture."""
    if is_furniture(piece) or _is_summary(piece, part, other):
        return False
    related = len((terms(piece) & other.terms) - FAINT)
    if carries_figures(part):
        return not edge or (is_sentence(piece) and related >= 1)
    if not is_sentence(piece):
        return not edge and _words(_units(part)) >= (2 if facts_of(part) or piece.isascii() else 6)
    if SAYS.search(piece):
        return True
    if REPORTS.search(piece) or any(one[0] in "@~" for one in part):
        return related >= 1 or not edge
    return related >= 2 or (not edge and _words(_units(part)) >= 4)


def _is_summary(piece: str, part: Sequence[str], other: Profile) -> bool:
    """True of what the other text says, too, in other places: key points at the top, a quotation set apart."""
    facts, said = set(facts_of(part)), terms(piece)
    if not said or _denials(_units(part)) or not facts <= {*other.body, *other.title}:
        return False  # a denial is never a summary: the same words may stand in the other text without it
    return len(said - other.terms) <= (0.5 if facts else 0.25) * len(said)


def _words(units: Iterable[str]) -> float:
    """How many telling words; in Korean, where a unit can be a sentence, three syllables are one."""
    return sum(len(unit) / 3 if "가" <= unit[0] <= "힣" else 1 for unit in telling(units))


def is_news_line(piece: str) -> bool:
    """True of a line or sentence that is worth showing by itself."""
    return not is_furniture(piece) and is_sentence(piece)


def carries_figures(part: Iterable[str]) -> bool:
    """True if there are rates or amounts: a row of a table, not a phone number or a count of views."""
    return any(one[0] == "=" and (float(one[1:]) % 1 or float(one[1:]) >= 1e6) for one in part)


def _swapped(runs: Iterable[Run], a: Profile, b: Profile) -> Iterator[Change]:
    """The changes that runs of tokens make, each by its weightiest kind."""
    near = abs((a.day - b.day).days) <= 2
    idle = (a.dating | b.dating,) * 2 if near else (a.dating, b.dating)
    cleaned = [
        (
            [unit for unit in _units(gone) if not _says_nothing(unit, idle[0] - _days_of(came))],
            [unit for unit in _units(came) if not _says_nothing(unit, idle[1] - _days_of(gone))],
        )
        for gone, came in runs
    ]
    for before, after in _spelt_alike(_unmoved(cleaned), a, b):
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
        alike = _spells_alike(gone, came) or _is_coarser(gone, came)
        return _kind_of_words(before, after, a, b) if alike else Kind.FACT
    if not (gone or came) or _only_dated(gone, a.day) or _only_dated(came, b.day):
        return _kind_of_words(before, after, a, b)
    alone = gone + came
    if any(is_telling(one) for one in alone if one[0] == "=") or any(one[0] in "@&" for one in alone):
        return Kind.FACT
    return _kind_of_words(before, after, a, b)


def _spells_alike(gone: Sequence[str], came: Sequence[str]) -> bool:
    """True of one number written in two ways: (EU) 2016/1036, or in groups."""
    digits = ["".join(re.findall(r"\d", "".join(facts))) for facts in (gone, came)]
    return (
        digits[0] == digits[1]
        and len(digits[0]) >= 4
        and (len(digits[0]) > 4 or len(gone) != len(came) or any(one[0] == "&" for one in (*gone, *came)))
    )


def _is_coarser(gone: Sequence[str], came: Sequence[str]) -> bool:
    """True of a month in the place of a day in it."""
    return all(one[0] == "@" for one in gone) and {f"~{one[1:3]}" for one in gone} == set(came)


def _only_dated(facts: Sequence[str], day: date) -> bool:
    """True of a day near the publication, and nothing else: another text says today or Thursday."""
    return bool(facts) and all(one[0] == "@" for one in facts) and _near(facts, day)


def _near(facts: Sequence[str], day: date) -> bool:
    return all(abs((one - day).days) <= 7 for one in _dates(facts, day.year)) or any(one[3] == ":" for one in facts)


def _kind_of_words(before: Sequence[str], after: Sequence[str], a: Profile, b: Profile) -> Kind | None:
    if _denials(before) != _denials(after) or _opposite(before, after):
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


def _unmoved(runs: list[tuple[list[str], list[str]]]) -> list[tuple[list[str], list[str]]]:
    """The runs without what was only moved."""
    moved = Counter(unit for gone, _ in runs for unit in gone) & Counter(unit for _, came in runs for unit in came)
    moved = Counter({unit: many for unit, many in moved.items() if unit not in NEGATION})
    left = Counter(moved), Counter(moved)
    return [tuple(list(_without(units, kept)) for units, kept in zip(run, left, strict=True)) for run in runs]  # type: ignore[misc]


def _without(units: Iterable[str], left: Counter[str]) -> Iterator[str]:
    for unit in units:
        if left[unit]:
            left[unit] -= 1
        else:
            yield unit


def _spelt_alike(
    runs: list[tuple[list[str], list[str]]], a: Profile, b: Profile
) -> Iterator[tuple[list[str], list[str]]]:
    """The runs without what the other text only spells otherwise: initials, days in figures, last month, licence."""
    months = [{unit for run in runs for unit in run[side] if unit[0] == "~"} for side in (0, 1)]
    short = [{form for run in runs for unit in run[side] for form in _short_day(unit)} for side in (0, 1)]
    for gone, came in runs:
        before = [unit for unit in gone if unit not in short[1] and (months[1] or unit not in a.months)]
        after = [unit for unit in came if unit not in short[0] and (months[0] or unit not in b.months)]
        if _initials(before) & set(after) or _initials(after) & set(before):
            before, after = list(facts_of(before)), list(facts_of(after))
        known = a.names | b.names
        alike = [
            (x, y)
            for x in before
            for y in after
            if _shortened(x, y) or (_variant(x, y) and not (x in known and y in known))
        ]
        yield (
            [x for x in before if x not in {one for one, _ in alike}],
            [y for y in after if y not in {one for _, one in alike}],
        )


def _shortened(one: str, other: str) -> bool:
    """True of a word and its abbreviation: kg and kilogram, ltd and limited."""
    short, long = sorted((one, other), key=len)
    if (
        len(short) > 4
        or len(long) < len(short) + 2
        or not short.isascii()
        or not short.isalpha()
        or short[0] != long[0]
    ):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _variant(one: str, other: str) -> bool:
    """True of two spellings of a word: licence and license, galvanised and galvanized, email and mail."""
    if one[0] in FACTS or other[0] in FACTS or min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 2:
        return False
    return (one[:3] == other[:3] or one[-3:] == other[-3:]) and _ratio(one, other) >= 0.8


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _short_day(unit: str) -> Iterator[str]:
    """The other spellings of a day: @06-18 is also 6.18."""
    if unit[0] == "@" and unit[3] == "-":
        yield f"={int(unit[1:3])}.{unit[4:]}".rstrip("0")
        yield f"={int(unit[4:])}"
    elif unit[0] == "=" and re.fullmatch(r"=\d{1,2}\.\d{1,2}", unit):
        month, day = unit[1:].split(".")
        yield f"@{month:0>2}-{day:0>2}"
        yield f"@{month:0>2}-{day:0<2}"


def _initials(units: Sequence[str]) -> set[str]:
    """The abbreviation that units would have."""
    words = [unit for unit in units if unit[0] not in FACTS]
    return {"".join(word[0] for word in words)} if len(words) > 1 else set()


# --- units ---------------------------------------------------------------------------------------------------------


def _units(run: Iterable[str]) -> Iterator[str]:
    """Tokens, singular, with neighbouring Korean syllables as one."""
    syllables = ""
    for token in run:
        if "가" <= token <= "힣":
            syllables += token
            continue
        if syllables:
            yield syllables
            syllables = ""
        yield SINGULAR[token] if token[0] not in FACTS else token
    if syllables:
        yield syllables


def _says_nothing(unit: str, idle: frozenset[str]) -> bool:
    if unit in NEGATION:
        return False
    if unit in STOP or unit in DATE_WORDS or unit in idle:
        return unit not in COUNTRIES
    if "가" <= unit[0] <= "힣":
        return ENDINGS.fullmatch(unit) is not None
    return len(unit) == 1 and unit.isascii()


def facts_of(units: Iterable[str]) -> tuple[str, ...]:
    """The facts among units."""
    return tuple(unit for unit in units if unit[0] in FACTS)


def telling(units: Iterable[str]) -> frozenset[str]:
    """The units that say what a text is about."""
    return frozenset(
        unit
        for unit in units
        if unit[0] not in FACTS
        and len(unit) > 1
        and unit not in SILENT
        and unit not in COUNTRIES
        and unit not in DATE_WORDS
        and not stages_in(unit)
    )


def codes(units: Iterable[str]) -> set[str]:
    """The codes of the countries among units."""
    words = list(units)
    found = {COUNTRIES[word] for word in words if word in COUNTRIES}
    found |= {COUNTRIES[word[0]] for word in words if "一" <= word[0] <= "鿿" and word[0] in COUNTRIES}
    korean = (word for word in words if "가" <= word[0] <= "힣")
    return found | {code for word in korean for name, code in COUNTRIES.items() if not name.isascii() and name in word}


def _denials(units: Iterable[str]) -> int:
    return sum(
        unit in NEGATION or (any(one in unit for one in ("않", "아니", "없", "못")) and "국번" not in unit)
        for unit in units
    )


def _opposite(before: Sequence[str], after: Sequence[str]) -> bool:
    return any((one, other) in OPPOSITES or (other, one) in OPPOSITES for one in before for other in after)


def _numbers(facts: Iterable[str], kind: str) -> bool:
    """True if a month is among them, or a number in a long row; the first, the second are mostly something else."""
    return any(one[0] == kind and (kind == "~" or int(one[1:]) >= 10) for one in facts)


def _dates(facts: Iterable[str], year: int) -> set[date]:
    found = set()
    for one in facts:
        if one[0] == "@" and one[3] == "-":
            try:
                found.add(date(year, int(one[1:3]), int(one[4:6])))
            except ValueError:
                continue
    return found


def readable(units: Iterable[str]) -> str:
    """The units as a person reads them."""
    return " ".join(one.lstrip("=&") for one in units)


def _told(units: Sequence[str]) -> str:
    """The first of the units."""
    return readable(units[:6]) + (" …" if len(units) > 6 else "") if units else "nothing"

"""Changes that are none: words that only moved, or are spelt otherwise."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from bot.core.stories.profile import Profile
from bot.core.stories.tokens import FACTS
from bot.core.stories.units import facts_of
from bot.core.stories.vocabulary import NEGATION


def spells_alike(gone: Sequence[str], came: Sequence[str]) -> bool:
    """True of one number written in two ways: (EU) 2016/1036, or in groups."""
    digits = ["".join(re.findall(r"\d", "".join(facts))) for facts in (gone, came)]
    return (
        digits[0] == digits[1]
        and len(digits[0]) >= 4
        and (len(digits[0]) > 4 or len(gone) != len(came) or any(one[0] == "&" for one in (*gone, *came)))
    )


def is_coarser(gone: Sequence[str], came: Sequence[str]) -> bool:
    """True of a month in the place of a day in it."""
    return all(one[0] == "@" for one in gone) and {f"~{one[1:3]}" for one in gone} == set(came)


def unmoved(runs: list[tuple[list[str], list[str]]]) -> list[tuple[list[str], list[str]]]:
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


def spelt_alike(
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

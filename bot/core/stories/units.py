"""Units: tokens as people read them, with neighbouring Korean syllables as one, and what they say."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.core.stories.profile import stages_in
from bot.core.stories.tokens import FACTS, day_of
from bot.core.stories.vocabulary import COUNTRIES, DATE_WORDS, NEGATION, OPPOSITES
from bot.core.stories.weights import ENDINGS, SILENT, STOP
from bot.core.text import SINGULAR


def words_in(units: Iterable[str]) -> float:
    """How many telling words; in Korean, where a unit can be a sentence, three syllables are one."""
    return sum(len(unit) / 3 if "가" <= unit[0] <= "힣" else 1 for unit in telling(units))


def carries_figures(part: Iterable[str]) -> bool:
    """True if there are rates or amounts: a row of a table, not a phone number or a count of views."""
    return any(one[0] == "=" and (float(one[1:]) % 1 or float(one[1:]) >= 1e6) for one in part)


def units_of(run: Iterable[str]) -> Iterator[str]:
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


def says_nothing(unit: str, idle: frozenset[str]) -> bool:
    """True of an article, an ending, a single letter, or one of `idle`, the days on which a text was written."""
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


def denials(units: Iterable[str]) -> int:
    """How many of the units deny something."""
    return sum(
        unit in NEGATION or (any(one in unit for one in ("않", "아니", "없", "못")) and "국번" not in unit)
        for unit in units
    )


def are_opposites(before: Sequence[str], after: Sequence[str]) -> bool:
    """True if a word stands in the place of its opposite: rose, fell."""
    return any((one, other) in OPPOSITES or (other, one) in OPPOSITES for one in before for other in after)


def dates_in(facts: Iterable[str], year: int) -> set[date]:
    """The days among facts, in a year that they do not say."""
    days = (one for one in facts if one[0] == "@" and one[3] == "-")
    return {found for one in days if (found := day_of(year, int(one[1:3]), int(one[4:6])))}


def readable(units: Iterable[str]) -> str:
    """The units as a person reads them."""
    return " ".join(one.lstrip("=&") for one in units)


def told_shortly(units: Sequence[str]) -> str:
    """The first of the units."""
    return readable(units[:6]) + (" …" if len(units) > 6 else "") if units else "nothing"

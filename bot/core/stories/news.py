"""Lines and sentences that only one of two texts has: which of them report something."""

from collections.abc import Sequence

from bot.core.stories.profile import Profile, terms
from bot.core.stories.tokens import is_furniture, is_sentence
from bot.core.stories.units import carries_figures, denials, facts_of, says_nothing, units_of, words_in
from bot.core.stories.vocabulary import REPORTS, SAYS
from bot.core.stories.weights import FAINT


def news_in(
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
        units = tuple(unit for unit in units_of(part) if not says_nothing(unit, profile.dating | other.dating))
        says_something = facts_of(units) or words_in(units) >= 2
        if says_something and not _repeats_title(units, profile, other) and _is_news(piece, part, other, edge=edge):
            news.append(units)
    return skip, news


def _repeats_title(units: Sequence[str], *profiles: Profile) -> bool:
    """True of a headline again, maybe with the publisher's name to it."""
    others = set(units).difference(*(units_of(one.title) for one in profiles))
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
        return not edge and words_in(units_of(part)) >= (2 if facts_of(part) or piece.isascii() else 6)
    if SAYS.search(piece):
        return True
    if REPORTS.search(piece) or any(one[0] in "@~" for one in part):
        return related >= 1 or not edge
    return related >= 2 or (not edge and words_in(units_of(part)) >= 4)


def _is_summary(piece: str, part: Sequence[str], other: Profile) -> bool:
    """True of what the other text says, too, in other places: key points at the top, a quotation set apart."""
    facts, said = set(facts_of(part)), terms(piece)
    if not said or denials(units_of(part)) or not facts <= {*other.body, *other.title}:
        return False  # a denial is never a summary: the same words may stand in the other text without it
    return len(said - other.terms) <= (0.5 if facts else 0.25) * len(said)


def is_news_line(piece: str) -> bool:
    """True of a line or sentence that is worth showing by itself."""
    return not is_furniture(piece) and is_sentence(piece)

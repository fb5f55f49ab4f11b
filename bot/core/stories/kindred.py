"""Two texts in different words: how likely it is that they are of one event."""

import re
from dataclasses import dataclass
from functools import cached_property
from math import exp, log1p

from bot.core.stories.profile import Profile
from bot.core.stories.weights import FAINT

# A logistic regression over the learning half of tests/stories, against pairs of unrelated releases of one day,
# rounded. The other half was kept out.
_BIAS = -7.4
_WEIGHTS = {
    "rare": 1.75,
    "terms": 2.9,
    "lead": 4.4,
    "title": 5.9,
    "titles": 1.3,
    "figures": 5.2,
    "no common figure": -1.6,
    "countries named": 2.15,
    "other countries": -1.1,
    "countries": 1.5,
    "other stage": -0.7,
}
RELATED, RELATED_SAME_DAY, RELATED_LATER = 0.42, 0.3, 0.6
"""From which score on two releases are of one event: the usual one, that of two publishers at the same time, that of
texts which are more than a few days apart."""
_LATER = 5
TURNS = frozenset({"order", "termination", "suspension"})
"""Stages that turn a case, however few days later."""
CHANGES = frozenset({"postponement", "correction"})
"""Those that change what was said, whether it was a case or not."""


@dataclass(frozen=True)
class Kindred:
    """What two releases have in common."""

    a: Profile
    b: Profile

    @cached_property
    def features(self) -> dict[str, float]:
        """The measures of likeness, each 0 to a few."""
        a, b = self.a, self.b
        figures = a.figures & b.figures
        everywhere = a.all_countries | b.all_countries
        return {
            "rare": log1p(len((a.terms & b.terms) - FAINT)),
            "terms": _overlap(a.terms, b.terms, 6),
            "lead": _overlap(a.lead_terms, b.lead_terms, 3),
            "title": max(_share(a.subject, b.terms), _share(b.subject, a.terms)),
            "titles": min(_share(a.subject, b.terms), _share(b.subject, a.terms)),
            "figures": len(figures) / (1 + min(len(a.figures), len(b.figures))),
            "no common figure": float(bool(a.figures and b.figures and not figures)),
            "countries named": _plain_overlap(a.countries, b.countries),
            "other countries": float(self.other_countries),
            "countries": len(a.all_countries & b.all_countries) / max(1, len(everywhere)),
            "other stage": float(bool(a.stages and b.stages) and not a.stages & b.stages),
        }

    @cached_property
    def score(self) -> float:
        """How likely it is that they are of one event, or of one case, 0 to 1."""
        return 1 / (1 + exp(-(_BIAS + sum(_WEIGHTS[name] * value for name, value in self.features.items()))))

    @property
    def related(self) -> bool:
        """True if they are likely of one event or one case."""
        gap = abs((self.a.day - self.b.day).days)
        least = RELATED if gap <= _LATER else RELATED_LATER
        if gap <= 1 and self.a.release.publisher != self.b.release.publisher:
            least = RELATED_SAME_DAY
        if self.score >= least and self._share_something:
            return self.a.is_about_trade and self.b.is_about_trade  # of other matters the weights know nothing
        return self.translated or bool(self.case_numbers)

    @property
    def _share_something(self) -> bool:
        return len((self.a.terms & self.b.terms) - FAINT) > 1 or self.features["figures"] > 0

    @property
    def translated(self) -> bool:
        """True if one is Korean, the other not, and figures that hardly occur by chance stand in both."""
        common = len(self.a.figures & self.b.figures)
        return self.a.has_hangul != self.b.has_hangul and common >= 2 and self.features["figures"] >= 0.3

    @cached_property
    def case_numbers(self) -> frozenset[str]:
        """Case numbers that stand in both."""
        a, b = (
            frozenset(one for one in (*profile.title, *profile.lead) if one[0] == "&") for profile in (self.a, self.b)
        )
        return a & b

    @cached_property
    def other_countries(self) -> bool:
        """True if each is of countries that the other does not name."""
        a, b = self.a, self.b
        return bool(a.countries and b.countries) and not (
            a.countries & b.all_countries or b.countries & a.all_countries
        )

    @cached_property
    def other_number(self) -> bool:
        """True if they are of different numbered meetings, rounds or issues."""
        a, b = (_numbers(one) for one in (self.a, self.b))
        mine, theirs = {_shape(one) for one in a - b}, {_shape(one) for one in b - a}
        return bool(mine & theirs) and not a & b

    @property
    def contradicted(self) -> bool:
        """True if something says that they are of two events."""
        return self.other_countries or self.other_number or self.later_stage or bool(self.features["no common figure"])

    @cached_property
    def later_stage(self) -> bool:
        """True if they are of different stages of a case."""
        a, b = self.a, self.b
        if abs((a.day - b.day).days) <= 1 and self.features["figures"] >= 0.5:
            return False  # the same rates at the same time, whatever the newspaper calls it
        if (b.title_stages & CHANGES) - a.near_stages or (a.measures and (b.title_stages & TURNS) - a.near_stages):
            return True
        if a.title_stages and b.title_stages:
            return not a.title_stages & b.near_stages and not b.title_stages & a.near_stages
        return False

    @property
    def same_case(self) -> bool:
        """True if they have their subject in common."""
        staged = bool(self.a.near_stages and self.b.near_stages)
        return bool(self.case_numbers) or (staged and self.features["title"] >= 0.4)

    @property
    def told(self) -> str:
        """What they have in common, in a line for a person."""
        a, b = self.a, self.b
        figures = sorted(one.lstrip("=") for one in a.figures & b.figures)
        words = sorted((a.terms & b.terms) - FAINT)
        parts = [
            f"figures {', '.join(figures[:5])}" if figures else "",
            f"words {', '.join(words[:8])}" if words else "",
            f"countries {', '.join(sorted(a.countries & b.all_countries))}" if a.countries & b.all_countries else "",
        ]
        return "; ".join(filter(None, parts)) or "nothing"


def _numbers(profile: Profile) -> set[str]:
    """The case numbers of title and first sentences, and the ordinals that number something in a long row."""
    found = (*profile.title, *profile.lead)
    return {one for one in found if one[0] == "&" or (one[0] == "#" and int(one[1:]) >= 10)}


def _shape(number: str) -> str:
    """The form of a number, without its digits: only numbers of one form can be compared."""
    return "#" if number[0] == "#" else re.sub(r"\d", "9", number)


def _weight(terms: frozenset[str]) -> float:
    return sum(0.3 if term in FAINT else 1.0 for term in terms)


def _overlap(a: frozenset[str], b: frozenset[str], slack: float) -> float:
    """The share of the poorer set that is common, less where it is small."""
    return _weight(a & b) / (min(_weight(a), _weight(b)) + slack)


def _plain_overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    """The share of `part` that stands in `whole`, less where there is little of it."""
    return _weight(part & whole) / (_weight(part) + 2)

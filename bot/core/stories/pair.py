"""Two releases before the judge, and the verdict on them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.core.stories.changes import Changes
from bot.core.stories.comparing import Comparison
from bot.core.stories.profile import Profile
from bot.core.stories.units import readable
from bot.model import Relation

REPOST = 7
"""Days after which the same words without a figure or a day in them are a form used again, and no repeat."""
CLOSE = 14
"""Days in which another text can be of the same event, and in which corrections follow."""
OWN_WORDS = 2
"""Days in which a publisher tells of one event in two texts: a caption, a release."""
FULL = 50
"""The size from which a text is no caption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How b relates to a, with the evidence."""

    relation: Relation
    score: float
    """Of one text with changes: the share of the shorter that stands in the longer. Of two texts: how likely it is
    that they are of one event. 0 to 1."""
    why: str
    changes: tuple[tuple[str, str], ...] = ()
    """What was put in the place of what: before, after."""
    verbatim: bool = False
    """True if they are one text but for changes."""


class Pair:
    """Two releases: `b` is the later arrival."""

    def __init__(self, a: Profile, b: Profile, window: timedelta) -> None:
        self.a, self.b = a, b
        self.gap = abs((b.day - a.day).days)
        self.in_window = self.gap <= window.days
        self.compared = Comparison(a, b)
        self.same_publisher = a.release.publisher == b.release.publisher != ""

    def say(self, relation: Relation, why: str, score: float | None = None, *, found: Changes | None = None) -> Verdict:
        """The verdict; without a `score` it is on one text with changes."""
        return Verdict(
            relation=relation,
            score=round(self.compared.containment if score is None else score, 3),
            why=why,
            changes=tuple((readable(one.before), readable(one.after)) for one in found.all) if found else (),
            verbatim=score is None,
        )

    @property
    def namesakes(self) -> bool:
        """True if the titles are the same."""
        return bool(self.a.title) and self.a.title == self.b.title

    @property
    def titles_tell(self) -> bool:
        """True if the titles alone are enough to know an event by."""
        return self.a.title_tells and self.b.title_tells

    @property
    def used_again(self) -> bool:
        """True of words that pin themselves to no event, from one publisher and not near in time."""
        return self.same_publisher and self.gap > REPOST and not (self.a.pins and self.b.pins)

    @property
    def corrected(self) -> bool:
        """True if b alone calls itself a correction."""
        return self.b.corrects and not self.a.corrects

    @property
    def marked_later(self) -> bool:
        """True if a publisher, a news agency mostly, marks its text as a later version of one report."""
        one_report = self.same_publisher or self.namesakes  # a portal may have brought the first version
        return one_report and bool(self.b.version) and self.b.version != self.a.version

    @property
    def other_measure(self) -> bool:
        """True if one is of dumping, say, and the other of subsidies."""
        return bool(self.a.measures and self.b.measures) and not self.a.measures & self.b.measures

    @property
    def measures_told(self) -> str:
        """The remedies of both, for a person."""
        return f"{', '.join(sorted(self.a.measures))} → {', '.join(sorted(self.b.measures))}"

    @property
    def another_stage(self) -> bool:
        """True if they are of different stages of a case."""
        a, b = self.a, self.b
        if a.stage and b.stage:
            return a.stage != b.stage or (self.gap > CLOSE and a.title_stages != b.title_stages)
        return bool(a.stages and b.stages) and not (a.stages & b.near_stages or b.stages & a.near_stages)

    @property
    def stages_told(self) -> str:
        """The stages of both, for a person."""
        return f"{', '.join(sorted(self.a.stages))} → {', '.join(sorted(self.b.stages))}"


Rule = Callable[[Pair], Verdict | None]


def first(rules: Iterable[Rule], pair: Pair) -> Verdict:
    """The verdict of the first of the rules that has one; the last one always has."""
    return next(verdict for verdict in (rule(pair) for rule in rules) if verdict is not None)

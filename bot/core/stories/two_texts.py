"""Two releases in different words: whether they are of one event, one case, or of nothing in common."""

from collections.abc import Callable

from bot.core.stories.kindred import Kindred
from bot.core.stories.one_text import has_other_subject
from bot.core.stories.pair import CLOSE, FULL, OWN_WORDS, Pair, Verdict
from bot.model import Relation

FORM = 0.4
"""The share of a text that stands in another one, from which they are made in one form."""
SOON = 3
"""Days after which another text is only of the same event if it gives the same figure or day."""
Judgement = tuple[Relation, str]


def two_texts(pair: Pair) -> Verdict:
    """The verdict on a pair of which neither text stands in the other."""
    kindred = Kindred(pair.a, pair.b)
    found = (rule(pair, kindred) for rule in _RULES)
    relation, why = next(one for one in found if one is not None)
    return pair.say(relation, f"{why}: {kindred.told}", kindred.score)


def _posted_twice(pair: Pair, kindred: Kindred) -> Judgement | None:
    """The same title, day and publisher, if the title tells or the texts are captions."""
    if pair.a.release.publisher != pair.b.release.publisher or pair.gap or not pair.namesakes or kindred.contradicted:
        return None
    captions = max(pair.a.size, pair.b.size) <= FULL and not pair.a.release.numbered_apart(pair.b.release)
    if not (captions or pair.titles_tell):
        return None
    return Relation.SAME_STORY, "the same title on the same day from the same publisher"


def _unrelated(_: Pair, kindred: Kindred) -> Judgement | None:
    return None if kindred.related else (Relation.DIFFERENT, "little in common")


def _correction(pair: Pair, _: Kindred) -> Judgement | None:
    return (Relation.UPDATE, "a correction") if pair.corrected else None


def _other_countries(_: Pair, kindred: Kindred) -> Judgement | None:
    return (Relation.DIFFERENT, "other countries") if kindred.other_countries else None


def _other_measure(pair: Pair, _: Kindred) -> Judgement | None:
    return (Relation.DIFFERENT, f"another remedy, {pair.measures_told}") if pair.other_measure else None


def _later_stage(pair: Pair, kindred: Kindred) -> Judgement | None:
    if kindred.later_stage:
        return Relation.UPDATE, f"another stage of the case, {pair.stages_told}"
    return (Relation.UPDATE, f"a later version, {pair.b.version.strip()}") if pair.marked_later else None


def _other_number(pair: Pair, kindred: Kindred) -> Judgement | None:
    """Another meeting or issue; or figures on another day, of which none is the same."""
    figures = pair.a.figures, pair.b.figures
    other_figures = pair.gap > 1 and min(map(len, figures)) > 1 and not figures[0] & figures[1]
    if not (kindred.other_number or other_figures):
        return None
    return Relation.UPDATE if kindred.same_case else Relation.DIFFERENT, "another meeting, issue or time"


def _same_event(pair: Pair, kindred: Kindred) -> Judgement | None:
    if pair.gap > (OWN_WORDS if pair.same_publisher else CLOSE) or not pair.in_window:
        return None
    if pair.gap > SOON and not (kindred.features["figures"] or _common_days(pair)):
        return None
    if pair.same_publisher and pair.gap and pair.namesakes:
        return Relation.DIFFERENT, "the same title for another day"
    if _in_one_form(pair):
        return Relation.DIFFERENT, "two full texts, made in one form"
    return Relation.SAME_STORY, "of the same event"


def _common_days(pair: Pair) -> bool:
    """True if both name a day on which something happens."""
    return any(one[0] == "@" for one in pair.a.facts & pair.b.facts)


def _in_one_form(pair: Pair) -> bool:
    """True of what is not done for one event: two full texts of one publisher, or made in one form."""
    if min(pair.a.size, pair.b.size) <= FULL or pair.namesakes:
        return False
    alike = pair.compared.may_contain >= FORM and pair.compared.containment >= FORM
    return pair.same_publisher or (alike and has_other_subject(pair))


def _same_case(pair: Pair, kindred: Kindred) -> Judgement:
    if kindred.same_case:
        return Relation.UPDATE, f"{pair.gap} days later on the same case"
    return Relation.DIFFERENT, f"alike, but {pair.gap} days apart"


_RULES: tuple[Callable[[Pair, Kindred], Judgement | None], ...] = (
    _posted_twice,
    _unrelated,
    _correction,
    _other_countries,
    _other_measure,
    _later_stage,
    _other_number,
    _same_event,
    _same_case,
)

"""Two releases that are one text but for changes: what the changes mean."""

from bot.core.stories.changes import Changes, Kind
from bot.core.stories.comparing import Comparison
from bot.core.stories.pair import CLOSE, FULL, OWN_WORDS, Pair, Verdict, first
from bot.core.stories.units import carries_figures, facts_of, telling
from bot.core.stories.vocabulary import SAYS
from bot.model import Relation

CAPTION = 90
"""The size that a caption or teaser has at the most."""
PART = 0.6
"""The share of the longer text below which the shorter one is a part of it, and no version."""


def one_text(pair: Pair) -> Verdict:
    """The verdict on a pair of which most of the shorter text stands in the longer one."""
    sizes = sorted((pair.a.size, pair.b.size))
    return first(_PART if sizes[0] < PART * sizes[1] else _VERSION, pair)


def unfolded(pair: Pair, why: str, found: Changes) -> Verdict:
    """What facts forbid to fold: an update if it is near in time and of the same subject, else another event."""
    short = min(pair.a.size, pair.b.size) <= FULL
    near = pair.gap <= CLOSE and not (short and pair.gap > OWN_WORDS) and not found.numbering
    return pair.say(Relation.UPDATE if near else Relation.DIFFERENT, why, found=found)


def _marked_later(pair: Pair) -> Verdict | None:
    found = pair.compared.body
    if not (pair.marked_later and found.all):
        return None
    return pair.say(Relation.UPDATE, f"a later version: {pair.b.version.strip()}", found=found)


def _other_measure(pair: Pair) -> Verdict | None:
    if not pair.other_measure:
        return None
    return pair.say(Relation.DIFFERENT, f"another remedy: {pair.measures_told}", found=pair.compared.body)


# --- the shorter text is a part of the longer one ---


def _in_order(pair: Pair) -> Comparison:
    """The shorter beside the longer."""
    shorter, longer = sorted((pair.a, pair.b), key=lambda one: len(one.body))
    return Comparison(shorter, longer)


def _part_with_other_facts(pair: Pair) -> Verdict | None:
    compared = _in_order(pair)
    found = compared.body
    alone = [one for one in found.of(Kind.FACT, Kind.DENIAL, Kind.COUNTRY, Kind.LESS) if one.before]
    alone += [one for one in found.of(Kind.NAME, Kind.WORD) if telling(one.before) - compared.b.units]
    if not alone:
        return None
    if pair.another_stage:
        return pair.say(Relation.UPDATE, f"another stage: {pair.stages_told}", found=found)
    return unfolded(pair, f"a part of the other text, but for {found.told}", found)


def _part_of_another_time(pair: Pair) -> Verdict | None:
    if pair.in_window:
        return None
    return pair.say(Relation.DIFFERENT, f"a part of the other text, but {pair.gap} days apart")


def _caption(pair: Pair) -> Verdict | None:
    shorter = _in_order(pair).a
    if not (shorter.is_cut or shorter.size <= CAPTION or shorter.is_one_sentence):
        return None
    if pair.compared.containment >= 0.8:
        return pair.say(Relation.DUPLICATE, "it stands in the other text: a caption or teaser")
    return pair.say(Relation.SAME_STORY, "most of it stands in the other text")


def _more_of_it(pair: Pair) -> Verdict:
    found = pair.compared.body
    if len(pair.b.body) > len(pair.a.body) and pair.b.day >= pair.a.day and found.of(Kind.MORE):
        return pair.say(Relation.UPDATE, f"the same text with more in it: {found.told}", found=found)
    return pair.say(Relation.DUPLICATE, "it stands in the other text", found=found)


_PART = (_marked_later, _other_measure, _part_with_other_facts, _part_of_another_time, _caption, _more_of_it)


# --- two versions of about the same length ---


def _correction(pair: Pair) -> Verdict | None:
    found = pair.compared.body
    if not (pair.corrected and found.all):
        return None
    return pair.say(Relation.UPDATE, f"a correction: {found.told}", found=found)


def _other_subject(pair: Pair) -> Verdict | None:
    """Other words in the place of some in the titles, and in the bodies the same ones, or other facts."""
    if not has_other_subject(pair):
        return None
    told = f"another subject: {pair.compared.title.told}"
    return pair.say(Relation.DIFFERENT, told, found=pair.compared.body)


def has_other_subject(pair: Pair) -> bool:
    """True if the titles are one form, filled in with other things."""
    titles, body = pair.compared.title.subjects, pair.compared.body
    if titles is None:
        return False
    same = body.subjects is not None and all(one & other for one, other in zip(titles, body.subjects, strict=True))
    return same or bool(body.of(Kind.FACT, Kind.NAME))


def _other_country(pair: Pair) -> Verdict | None:
    title = pair.compared.title
    if not any(one.before and one.after for one in title.of(Kind.COUNTRY)):
        return None
    return pair.say(Relation.DIFFERENT, f"another country: {title.told}", found=pair.compared.body)


def _another_stage(pair: Pair) -> Verdict | None:
    found = pair.compared.body
    if not pair.another_stage or all(one.kind is Kind.WORD for one in found.all):
        return None
    return pair.say(Relation.UPDATE, f"another stage: {pair.stages_told}", found=found)


def _form_used_again(pair: Pair) -> Verdict | None:
    """Other facts in one form: another meeting, another month, the same day of another week."""
    found, title = pair.compared.body, pair.compared.title
    if title.numbering or (found.numbering and pair.gap > OWN_WORDS + 1):
        told = (title if title.numbering else found).told
        return pair.say(Relation.DIFFERENT, f"another number or period: {told}", found=found)
    if pair.gap and found.shifts_by((pair.b.day - pair.a.day).days):
        return pair.say(Relation.DIFFERENT, f"the same form {pair.gap} days later: {found.told}", found=found)
    share = found.share(pair.a.body)
    many = share >= 0.6 and min(map(len, found.facts)) >= 4
    if many or (pair.gap > CLOSE and share >= 0.3):
        return pair.say(Relation.DIFFERENT, f"the same form with other facts: {found.told}", found=found)
    return None


def _changed_facts(pair: Pair) -> Verdict | None:
    found, title = pair.compared.body, pair.compared.title
    if not (found.of(Kind.FACT) or all(title.facts)):
        return None
    return pair.say(Relation.UPDATE, f"changed: {(found if found.all else title).told}", found=found)


def _opposite(pair: Pair) -> Verdict | None:
    found = pair.compared.body
    return unfolded(pair, f"it says the opposite: {found.told}", found) if found.of(Kind.DENIAL) else None


def _another_time(pair: Pair) -> Verdict | None:
    if pair.in_window and not pair.used_again:
        return None
    return pair.say(Relation.DIFFERENT, f"a form that is used again after {pair.gap} days", found=pair.compared.body)


def _other_name(pair: Pair) -> Verdict | None:
    found = pair.compared.body
    if not found.of(Kind.NAME, Kind.COUNTRY):
        return None
    return unfolded(pair, f"another name: {found.told}", found)


def _more_or_less(pair: Pair) -> Verdict | None:
    found = pair.compared.body
    less = [one for one in found.of(Kind.LESS) if pair.same_publisher or _is_statement(one.before)]
    if not (found.of(Kind.MORE) or less):
        return None  # another site leaves out what is of no interest to its readers
    return pair.say(Relation.UPDATE, f"the same text with more in it: {found.told}", found=found)


def _is_statement(units: tuple[str, ...]) -> bool:
    return carries_figures(facts_of(units)) or SAYS.search(" ".join(units)) is not None


def _other_wording(pair: Pair) -> Verdict:
    found = pair.compared.body
    if pair.compared.containment < 0.9 and max(pair.a.size, pair.b.size) <= FULL:
        return pair.say(Relation.SAME_STORY, "two captions in much the same words", found=found)
    return pair.say(Relation.DUPLICATE, "the same text but for wording and what stands round it", found=found)


_VERSION = (
    _marked_later,
    _correction,
    _other_subject,
    _other_country,
    _other_measure,
    _another_stage,
    _form_used_again,
    _changed_facts,
    _opposite,
    _another_time,
    _other_name,
    _more_or_less,
    _other_wording,
)

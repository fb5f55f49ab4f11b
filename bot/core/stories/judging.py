"""How one release relates to another: likeness brings two together, facts decide."""

from datetime import timedelta
from functools import cached_property

from bot.core.stories.changes import Kind
from bot.core.stories.comparing import Comparison
from bot.core.stories.one_text import one_text, unfolded
from bot.core.stories.pair import OWN_WORDS, REPOST, Pair, Verdict
from bot.core.stories.profile import Profile
from bot.core.stories.two_texts import two_texts
from bot.model import Relation, Release
from scrapers.identity import canonical_url

WINDOW = timedelta(days=60)
"""Repeats are looked for this far on both sides of a release's day, unless the settings say otherwise."""
VERBATIM = 0.6
"""The share of the shorter text that stands in the longer one, from which they are one text but for changes."""
TEXT = 8
"""Tokens from which a body can be compared at all; below, the title has to do."""


def relate(a: Release, b: Release, *, window: timedelta = WINDOW) -> Verdict:
    """How `b` relates to `a`: a revision of it if both stand at one address, else another release."""
    if a.url and canonical_url(a.url) == canonical_url(b.url):
        return judge_revision(a, b)
    return judge(Profile(a), Profile(b), window=window)


def judge(a: Profile, b: Profile, *, window: timedelta = WINDOW, alike: bool = True) -> Verdict:
    """How `b`, the later arrival, relates to `a`; not `alike` if it is known that they are not one text."""
    pair = Pair(a, b, window)
    if a.release.content_hash == b.release.content_hash:
        return _same_text(pair)
    if alike and min(len(a.body), len(b.body)) < TEXT:
        return _titles(pair)
    if alike and pair.compared.may_contain >= VERBATIM and pair.compared.containment >= VERBATIM:
        return one_text(pair)
    return two_texts(pair)


def judge_revision(old: Release, new: Release) -> Verdict:
    """How a new text of a release relates to its old one: an update if it changed in substance.

    Substance is a figure, a day, a name, a denial, a stage, or news that was added; anything else is a duplicate.
    """
    pair = Pair(_Whole(old), _Whole(new), WINDOW)
    if old.content_hash == new.content_hash:
        return pair.say(Relation.DUPLICATE, "the same text", 1.0)
    if pair.compared.containment < VERBATIM:
        return pair.say(Relation.UPDATE, "another text stands there")
    return one_text(pair)


def _same_text(pair: Pair) -> Verdict:
    """Equal fingerprints of title and text."""
    bare = len(pair.a.body) < TEXT
    if not pair.in_window or pair.used_again:
        return pair.say(Relation.DIFFERENT, f"a form that is used again after {pair.gap} days", 1.0)
    if bare and not pair.titles_tell and (not pair.same_publisher or pair.gap):
        return pair.say(Relation.DIFFERENT, "there is hardly any text, and the title says too little", 1.0)
    if bare and pair.a.release.numbered_apart(pair.b.release):
        return pair.say(Relation.DIFFERENT, "there is hardly any text, and the document numbers differ", 1.0)
    return pair.say(Relation.DUPLICATE, "the same text", 1.0)


def _titles(pair: Pair) -> Verdict:
    """One of them at least has hardly a body."""
    title = pair.compared.title
    if all(title.facts):
        return unfolded(pair, "the titles differ in facts", title)
    if pair.compared.titles_alike and not title.all and pair.titles_tell and pair.gap <= REPOST:
        return pair.say(Relation.DUPLICATE, "the same title, and nothing more in one of them", 1.0)
    if _stands_inside(pair):
        return pair.say(Relation.DUPLICATE, "all of the one stands in the other", 1.0)
    return two_texts(pair)


def _stands_inside(pair: Pair) -> bool:
    """True if title and text of the shorter stand in title and text of the longer."""
    shorter, longer = sorted((pair.a, pair.b), key=lambda one: len(one.body))
    if not pair.titles_tell or len(longer.body) < TEXT or pair.gap > OWN_WORDS:
        return False
    whole = Comparison(_Whole(shorter.release), _Whole(longer.release))
    return whole.containment >= 0.9 and not whole.body.of(Kind.FACT, Kind.DENIAL, Kind.COUNTRY)


class _Whole(Profile):
    """A release whose title is read as its first sentence."""

    @cached_property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The title, then the lines and sentences of the text."""
        return [(self.release.title, self.title), *super().parts]

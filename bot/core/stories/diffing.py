"""What a person is shown of a change: the sentences that differ, and a word diff."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bot.core.stories.news import is_news_line
from bot.core.stories.pair import Verdict
from bot.core.stories.tokens import FACTS, pieces_of, tokens
from bot.core.stories.units import carries_figures
from bot.core.text import fold
from bot.model import Relation, Release

SHOWN = 5
"""Changed sentences that are kept with a release."""
LENGTH = 300
"""Characters of each."""
Pair = tuple[str, str]


def differences(old: Release, new: Release, verdict: Verdict) -> tuple[Pair, ...]:
    """What differs between two releases: the sentences of one text, or the titles of an update in other words."""
    if verdict.verbatim:
        return changed_sentences(old, new)
    if verdict.relation is Relation.UPDATE:
        day = f" ({old.published})" if old.published else ""
        return ((f"{old.title}{day}", new.title),)
    return ()


def changed_sentences(old: Release, new: Release) -> tuple[Pair, ...]:
    """The sentences in which two texts differ, changed figures first; an empty text for one that came or went."""
    before, after = (pieces_of(f"{one.title}\n{one.body}") for one in (old, new))
    found = list(_pairs(before, after))
    ranked = sorted(found, key=lambda pair: not _other_facts(*pair))
    return tuple((_short(one), _short(other)) for one, other in ranked[:SHOWN])


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    same = SequenceMatcher(None, list(map(fold, before)), list(map(fold, after)), autojunk=False)
    for kind, a0, a1, b0, b1 in same.get_opcodes():
        if kind != "equal":
            yield from _matched(before[a0:a1], list(after[b0:b1]))


def _matched(before: Sequence[str], after: list[str]) -> Iterator[Pair]:
    """Each sentence with the one that took its place, if one is like it."""
    for one in before:
        other = max(after, key=lambda text: _likeness(one, text), default="")
        if other and _likeness(one, other) >= 0.5:
            after.remove(other)
            yield one, other
        elif is_news_line(one):
            yield one, ""
    yield from (("", one) for one in after if is_news_line(one))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def _other_facts(before: str, after: str) -> bool:
    facts = [[token for token in tokens(text) if token[0] in FACTS] for text in (before, after)]
    return facts[0] != facts[1] and bool(carries_figures(facts[0]) or carries_figures(facts[1]) or all(facts))


def _short(text: str) -> str:
    return text if len(text) <= LENGTH else text[:LENGTH].rsplit(" ", 1)[0] + " …"


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """Runs of words in the order of the texts: `=` in both, `-` only before, `+` only after."""
    old, new = before.split(), after.split()
    runs: list[tuple[str, str]] = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(("=", " ".join(old[a0:a1])))
            continue
        runs += [("-", " ".join(old[a0:a1]))] if a1 > a0 else []
        runs += [("+", " ".join(new[b0:b1]))] if b1 > b0 else []
    return runs

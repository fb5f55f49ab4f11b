"""The message that would be told of a stored release: for looking at, not for sending."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.promising import others_named, without_words
from bot.core.render import message
from bot.core.rules.rule import Rule, RuleSet
from bot.core.stories.diffing import changed_sentences
from bot.model import Filed, Match, Message, Reason, Release, Sibling


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A message, and what is to be known of it."""

    message: Message
    notes: tuple[str, ...] = ()


def preview(
    filed: Filed,
    rules: Sequence[Rule],
    *,
    siblings: Iterable[Sibling],
    now: datetime,
    update: bool,
    before: Release | None = None,
) -> Preview:
    """The message by the first of the rules that the release meets; if it meets none, without words.

    With `update` as the update of what was told before; `before` is the release as its page was until it changed last.
    """
    name, match, notes = _match(filed, rules, now)
    reason, changes = (Reason.UPDATE, _changes(filed, before)) if update else (Reason.NEW, ())
    if update and not changes:
        notes = (*notes, "no change of this release is stored; shown as an update without one")
    told = message(filed, match, name, reason=reason, changes=changes)
    return Preview(message=replace(told, also=others_named(siblings, filed.release.id)), notes=notes)


def _match(filed: Filed, rules: Sequence[Rule], now: datetime) -> tuple[str, Match, tuple[str, ...]]:
    """The name of the rule, its match, and what is to be said of that."""
    for rule in rules:
        for _, match in RuleSet([rule]).matches(filed.release, at=now, revision=filed.revision):
            return rule.spec.name, match, ()
    if len(rules) == 1:
        note = f"the release does not meet the rule {rules[0].id!r}; shown without words"
        return rules[0].spec.name, without_words(rules[0].id, rules[0].version, filed, now), (note,)
    return "", without_words("", "", filed, now), ("no rule that is on meets the release; shown without a rule",)


def _changes(filed: Filed, before: Release | None) -> tuple[tuple[str, str], ...]:
    """What the release changed in its story, or what its page changed last."""
    return filed.changes or (changed_sentences(before, filed.release) if before else ())

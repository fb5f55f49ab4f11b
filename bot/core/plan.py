"""Releases → one Decision: where each belongs, which rules it meets, and who is told."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.render import message
from bot.core.rules.rule import Rule, RuleSet
from bot.core.stories import Family
from bot.model import (
    Decision,
    Delivery,
    Filed,
    Key,
    Match,
    Poll,
    Reason,
    Relation,
    Release,
    Revision,
    SourceState,
    digest,
)

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Which rules are in force, and the recipients of each channel."""

    rules: RuleSet
    channels: Mapping[str, tuple[str, ...]]
    """Recipients by channel; a channel that is one recipient itself has one empty name."""


def decide(
    releases: Sequence[Release],
    *,
    stored: Collection[Filed],
    audience: Audience,
    poll: Poll,
    state: SourceState | None = None,
    silent: Collection[str] = (),
) -> Decision:
    """All that storing `releases` changes; nobody is told anything if the poll is a baseline.

    `silent` are ids of releases that nobody is told of; `stored` holds what the database knows under
    the same keys, texts and titles.
    """
    desk = _Desk(stored, audience, poll, silent)
    for release in releases:
        desk.take(release)
    return desk.decision(state)


@dataclass(slots=True)
class _Made:
    """The decision in the making."""

    filed: dict[Key, Filed] = field(default_factory=dict)
    revised: dict[Key, Filed] = field(default_factory=dict)
    replaced: list[Revision] = field(default_factory=list)
    categorised: dict[Key, Release] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)


class _Desk:
    """Takes releases one by one; each sees those before it."""

    def __init__(self, stored: Collection[Filed], audience: Audience, poll: Poll, silent: Collection[str]) -> None:
        self._known = {one.release.key: one for one in stored}
        self._family = Family(stored)
        self._met: defaultdict[str, set[str]] = defaultdict(set)
        for one in stored:
            self._met[one.story].update(one.rules)
        self._audience, self._poll, self._silent = audience, poll, silent
        self._made = _Made()

    def take(self, release: Release) -> None:
        """File a new release or revise a known one, and plan who is told."""
        prior = self._known.get(release.key)
        if prior is None:
            self._file(release)
        else:
            self._revise(release, prior)
        self._share_categories(release)

    def _file(self, release: Release) -> None:
        kinship = self._family.kin(release)
        learnt = _learn(release, (twin.release for twin in self._family.twins(release)))
        filed = Filed(release=learnt, story=release.id)
        if kinship is not None:
            other = kinship.other
            first = other.related_to if other.relation is Relation.DUPLICATE else other.release.id
            filed = replace(filed, story=other.story, relation=kinship.relation, related_to=first, why=kinship.why)
        filed = self._tell(filed)
        self._made.filed[release.key] = self._known[release.key] = filed
        self._family.add(filed)

    def _revise(self, release: Release, prior: Filed) -> None:
        """Keep the old text; a change of figures is told as an update, any other only where new rules are met."""
        old = prior.release
        new = replace(_learn(release, [old]), seen=old.seen)
        revised = replace(prior, release=new)
        if new.content_hash != old.content_hash:
            self._made.replaced.append(_revision(prior, self._poll))
            revised = replace(revised, revision=prior.revision + 1)
            revised = self._tell(revised, change=_change(old, new, self._poll))
        elif new.categories != old.categories:
            revised = self._tell(revised)
        self._put_back(revised)

    def _put_back(self, filed: Filed) -> None:
        key = filed.release.key
        self._known[key] = filed
        self._made.categorised.pop(key, None)  # what is put back has all categories
        place = self._made.filed if key in self._made.filed else self._made.revised
        place[key] = filed

    def _share_categories(self, release: Release) -> None:
        """Let the same document on other lists learn this one's categories, and meet the rules that ask for them."""
        mine = self._known[release.key].release
        for twin in self._family.twins(mine):
            current = self._known.get(twin.release.key, twin)
            learnt = _learn(current.release, [mine])
            if learnt.categories != current.release.categories:
                told = self._tell(replace(current, release=learnt))
                self._known[learnt.key] = told
                if learnt.key in self._made.filed:
                    self._made.filed[learnt.key] = told
                else:
                    self._made.categorised[learnt.key] = learnt

    def _tell(self, filed: Filed, *, change: str = "") -> Filed:
        """Record the matches of a release and plan who is told; the release with the rules it has met.

        `change` is what an update is about, empty if there is nothing that would make one.
        """
        met, before = set(filed.rules), frozenset(self._met[filed.story])
        silent = self._poll.baseline or filed.release.id in self._silent
        for rule, match in self._audience.rules.matches(filed.release, at=self._poll.at, revision=filed.revision):
            self._made.matches.append(match)
            met.add(rule.id)
            self._met[filed.story].add(rule.id)
            why = _reason(rule, filed, before, change)
            if why is not None and not silent:
                planned = _deliveries(filed, match, rule, why, self._audience, change)
                self._made.deliveries.update((one.id, one) for one in planned if one.id not in self._made.deliveries)
        return replace(filed, rules=frozenset(met))

    def decision(self, state: SourceState | None) -> Decision:
        """Everything made, with its counts."""
        made, filed = self._made, tuple(self._made.filed.values())
        poll = replace(
            self._poll,
            new=len(filed),
            revised=len(made.replaced),
            folded=sum(one.relation is not Relation.DIFFERENT for one in filed),
            matched=len(made.matches),
            planned=len(made.deliveries),
        )
        return Decision(
            poll=poll,
            filed=filed,
            revised=tuple(made.revised.values()),
            replaced=tuple(made.replaced),
            categorised=tuple(made.categorised.values()),
            matches=tuple(made.matches),
            deliveries=tuple(made.deliveries.values()),
            state=state,
        )


def _reason(rule: Rule, filed: Filed, before: Collection[str], change: str) -> Reason | None:
    """Why the rule's people are told of this release; None if they need not be.

    `before` are the rules that the story has met so far. A copy tells them nothing: their people have been told, or
    were to be left in peace (a baseline). A rule that the release meets for the first time brings news, whatever
    happened to the text.
    """
    if rule.id in filed.rules:
        return Reason.UPDATE if change else None
    return None if filed.relation is Relation.DUPLICATE and rule.id in before else Reason.NEW


def _deliveries(
    filed: Filed, match: Match, rule: Rule, reason: Reason, audience: Audience, change: str
) -> Iterable[Delivery]:
    """One promise for each recipient of each of the rule's channels."""
    original = filed.related_to if filed.relation is Relation.DUPLICATE else filed.release.id
    told = message(filed, match, rule, reason=reason)
    for channel in rule.spec.to:
        for recipient in audience.channels.get(channel, ()):
            yield Delivery(
                channel=channel,
                recipient=recipient,
                rule=rule.id,
                release=filed.release.id,
                change=change,
                story=filed.story,
                about=original if rule.spec.alert == "every" else filed.story,
                revision=filed.revision,
                reason=reason,
                message=told,
                created=match.at,
            )


def _revision(prior: Filed, poll: Poll) -> Revision:
    old = prior.release
    return Revision(
        release=old.id,
        number=prior.revision,
        title=old.title,
        body=old.body,
        content_hash=old.content_hash,
        replaced=poll.at,
    )


def _change(old: Release, new: Release, poll: Poll) -> str:
    """What changed, if figures did: the day, and a fingerprint of the figures that came and went."""
    before, after = _figures(old), _figures(new)
    if before == after:
        return ""
    came, went = sorted((after - before).elements()), sorted((before - after).elements())
    return f"{poll.at.date()} {digest('+', *came, '-', *went)[:16]}"


def _figures(release: Release) -> Counter[str]:
    return Counter(_FIGURE.findall(f"{release.title}\n{release.body}"))


def _learn(release: Release, others: Iterable[Release]) -> Release:
    """`release` with the categories of records of the same document added to its own."""
    names = dict.fromkeys(release.categories)
    for other in others:
        names.update(dict.fromkeys(other.categories))
    return replace(release, categories=tuple(names))

"""Releases → one Decision: where each belongs, which rules it meets, and who is told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.core.masses import in_one_message, mass_change
from bot.core.promising import NO_NEWS, Audience, Letters, News, corrections, promises, with_others, without_words
from bot.core.rules.rule import Rule
from bot.core.stories.diffing import changed_sentences, differences
from bot.core.stories.family import Family, Kinship
from bot.core.stories.judging import WINDOW, judge_revision
from bot.core.stories.pair import Verdict
from bot.model import (
    Decision,
    Delivery,
    Filed,
    Key,
    Match,
    Poll,
    Reason,
    Related,
    Relation,
    Release,
    Revision,
    Sibling,
    SourceState,
    digest,
)


def decide(
    releases: Sequence[Release],
    *,
    related: Related,
    audience: Audience,
    poll: Poll,
    state: SourceState | None = None,
    silent: Collection[str] = (),
    window: timedelta = WINDOW,
) -> Decision:
    """All that storing `releases` changes; nobody is told anything if the poll is a baseline, or a mass change.

    `silent` are ids of releases that nobody is told of; `window` is how far apart repeats may be.
    """
    notice, quiet = mass_change(releases, related.filed, poll, state)
    desk = _Desk(related, audience, replace(poll, notice=notice), {*silent, *quiet}, window)
    for release in releases:
        desk.take(release)
    return in_one_message(desk.decision(state), state)


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

    def __init__(
        self, related: Related, audience: Audience, poll: Poll, silent: Collection[str], window: timedelta
    ) -> None:
        self._known = {one.release.key: one for one in related.filed}
        self._family = Family(related.filed, near=related.near, window=window)
        self._stories: defaultdict[str, dict[str, Sibling]] = defaultdict(dict)
        for story, siblings in related.siblings.items():
            self._stories[story].update((one.release, one) for one in siblings)
        for one in related.filed:
            self._enter(one)
        self._audience, self._poll, self._silent = audience, poll, silent
        self._letters = Letters(related.told)
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
        news = NO_NEWS
        if kinship is not None:
            filed = _placed(filed, kinship)
            if kinship.verdict.relation is Relation.UPDATE:
                news = News(release.id, filed.changes)
        filed = self._tell(filed, news)
        self._made.filed[release.key] = self._known[release.key] = filed
        self._family.add(filed)

    def _revise(self, release: Release, prior: Filed) -> None:
        """Keep the old text; a change of substance is told as an update, else only rules that are new to it tell."""
        old = prior.release
        new = replace(_learn(release, [old]), seen=old.seen)
        revised = replace(prior, release=new)
        if new.content_hash != old.content_hash:
            news = self._changed(old, new)
            self._made.replaced.append(_revision(prior, self._poll, told=bool(news.change)))
            revised = self._tell(replace(revised, revision=prior.revision + 1), news)
        elif new.categories != old.categories:
            revised = self._tell(revised, NO_NEWS)
        self._put_back(revised)

    def _changed(self, old: Release, new: Release) -> News:
        verdict = judge_revision(old, new)
        if verdict.relation not in {Relation.UPDATE, Relation.DIFFERENT}:
            return NO_NEWS
        return News(
            change=f"{self._poll.at.date()} {_fingerprint(verdict, new)}",
            changes=changed_sentences(old, new),
        )

    def _put_back(self, filed: Filed) -> None:
        key = filed.release.key
        self._known[key] = filed
        self._family.add(filed)
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
                told = self._tell(replace(current, release=learnt), NO_NEWS)
                self._known[learnt.key] = told
                if learnt.key in self._made.filed:
                    self._made.filed[learnt.key] = told
                else:
                    self._made.categorised[learnt.key] = learnt

    def _tell(self, filed: Filed, news: News) -> Filed:
        """Record the matches of a release and plan who is told; the release with the rules it has met."""
        before = frozenset(rule for one in self._stories[filed.story].values() for rule in one.rules)
        release = filed.release
        found = {
            rule.id: (rule, match)
            for rule, match in self._audience.rules.matches(release, at=self._poll.at, revision=filed.revision)
        }
        self._made.matches += [match for _, match in found.values()]
        silent = self._poll.baseline or release.id in self._silent
        if not silent:
            self._promise(filed, found, before, news)
        told = replace(filed, rules=filed.rules | found.keys())
        self._enter(told)
        return told

    def _promise(
        self, filed: Filed, found: Mapping[str, tuple[Rule, Match]], before: Collection[str], news: News
    ) -> None:
        planned: list[Delivery] = []
        for rule, match in self._told(found, before, news, filed):
            why = _reason(rule, filed, before, news)
            if why is not None:
                planned += promises(filed, match, rule, self._audience, reason=why, news=news)
        if news.change:  # those who hold the old text hear of it, even if their rule is another by now
            known = {(one.target, one.rule) for one in planned}
            told = corrections(filed, self._letters.of(filed.story), self._audience, news=news, at=self._poll.at)
            planned += [one for one in told if (one.target, one.rule) not in known]
        for one in planned:
            if one.id not in self._made.deliveries:
                self._made.deliveries[one.id] = self._letters.answering(one)

    def _told(
        self, found: Mapping[str, tuple[Rule, Match]], before: Collection[str], news: News, filed: Filed
    ) -> Iterator[tuple[Rule, Match]]:
        """The rules that are met, and of an update those that met the story before: their people hold the old text."""
        yield from found.values()
        if news.change:
            for rule in self._audience.rules.rules:
                if rule.id in before and rule.id not in found:
                    yield rule, without_words(rule.id, rule.version, filed, self._poll.at)

    def _enter(self, one: Filed) -> None:
        release = one.release
        known = self._stories[one.story].get(release.id)
        rules = one.rules | known.rules if known else one.rules
        self._stories[one.story][release.id] = Sibling(
            release=release.id, title=release.title, source_name=release.source_name, url=release.url, rules=rules
        )

    def decision(self, state: SourceState | None) -> Decision:
        """Everything made, with its counts."""
        made, filed = self._made, tuple(self._made.filed.values())
        poll = replace(
            self._poll,
            new=len(filed),
            revised=len(made.replaced),
            folded=sum(one.relation in {Relation.DUPLICATE, Relation.SAME_STORY} for one in filed),
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
            deliveries=tuple(with_others(one, self._stories[one.story].values()) for one in made.deliveries.values()),
            state=_remember(state, made.filed.values()),
        )


def _placed(filed: Filed, kinship: Kinship) -> Filed:
    """The release in the story of its relative; a copy of a copy relates to the first."""
    other, verdict = kinship.other, kinship.verdict
    copied = verdict.relation is Relation.DUPLICATE and other.relation is Relation.DUPLICATE
    return replace(
        filed,
        story=other.story,
        relation=verdict.relation,
        related_to=other.related_to if copied else other.release.id,
        why=verdict.why,
        score=verdict.score,
        changes=differences(other.release, filed.release, verdict),
    )


def _reason(rule: Rule, filed: Filed, before: Collection[str], news: News) -> Reason | None:
    """Why somebody is told of this release; None if they need not be.

    `before` are the rules that the story has met so far. What is folded tells their people nothing: they have been
    told, or were to be left in peace (a baseline). A rule that the story meets for the first time brings news.
    """
    if rule.id in before or rule.id in filed.rules:
        if news.change:
            return Reason.UPDATE
        another_text = filed.relation is Relation.SAME_STORY and rule.spec.alert == "every"
        return Reason.NEW if another_text and rule.id not in filed.rules else None
    return Reason.NEW


def _revision(prior: Filed, poll: Poll, *, told: bool) -> Revision:
    old = prior.release
    return Revision(
        release=old.id,
        number=prior.revision,
        title=old.title,
        body=old.body,
        content_hash=old.content_hash,
        replaced=poll.at,
        told=told,
    )


def _fingerprint(verdict: Verdict, new: Release) -> str:
    """The same for the same change on a list that shows all of the text and on one that shows its beginning."""
    facts = sorted(pair for pair in verdict.changes if any(map(str.isdigit, "".join(pair))))
    told = facts[:1] or sorted(verdict.changes)[:1] or [(new.title, "")]
    return digest(*told[0])[:16]


def _remember(state: SourceState | None, filed: Collection[Filed]) -> SourceState | None:
    """The state with the latest day that is stored."""
    days = [one.release.published for one in filed if one.release.published]
    if state is None or not days:
        return state
    return replace(state, newest=max([*days, *([state.newest] if state.newest else [])]))


def _learn(release: Release, others: Iterable[Release]) -> Release:
    """`release` with the categories of records of the same document added to its own."""
    names = dict.fromkeys(release.categories)
    for other in others:
        names.update(dict.fromkeys(other.categories))
    return replace(release, categories=tuple(names))

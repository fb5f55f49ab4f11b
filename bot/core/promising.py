"""Who is promised what: the recipients of a rule, and those who hold what has been corrected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.render import message
from bot.core.rules.rule import Rule, RuleSet
from bot.core.watching import deliveries
from bot.model import Delivery, Filed, Match, Message, Notice, Reason, Relation, Sibling, Target, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Which rules are in force, and the recipients of each channel."""

    rules: RuleSet
    channels: Mapping[str, tuple[str, ...]]
    """Recipients by channel; a channel that is one recipient itself has one empty name."""
    operator: str = ""
    """The channel that is told of trouble; empty for none."""

    def notices(self, notices: Sequence[Notice], at: datetime) -> tuple[Delivery, ...]:
        """The notices as promises to the operator's channel; none if there is no such channel."""
        return deliveries(notices, self.operator, self.channels.get(self.operator, ()), at)

    def has(self, target: Target) -> bool:
        """True if the recipient is still one of the channel's."""
        return target.recipient in self.channels.get(target.channel, ())


@dataclass(frozen=True, slots=True)
class News:
    """What is new about a release whose story is known."""

    change: str = ""
    """Fingerprint of what changed, the same on all lists; empty if nothing did that would make an update."""
    changes: tuple[tuple[str, str], ...] = ()
    """Before and after, for people."""


NO_NEWS = News()


def promises(
    filed: Filed, match: Match, rule: Rule, audience: Audience, *, reason: Reason = Reason.NEW, news: News = NO_NEWS
) -> Iterator[Delivery]:
    """One promise for each recipient of each of the rule's channels."""
    about = _original(filed) if rule.spec.alert == "every" else filed.story
    told = message(filed, match, rule.spec.name, reason=reason, changes=news.changes if reason is Reason.UPDATE else ())
    for channel in rule.spec.to:
        for recipient in audience.channels.get(channel, ()):
            target = Target(channel, recipient)
            yield _promise(filed, target, match, told, about=about, news=news, urgent=rule.spec.urgent)


def corrections(
    filed: Filed, told: Iterable[Told], audience: Audience, *, news: News, at: datetime
) -> Iterator[Delivery]:
    """One promise for each rule and recipient who was told of the story, whatever has become of the rule since."""
    rules = {rule.id: rule for rule in audience.rules.rules}
    first = {(Target(one.channel, one.recipient), one.rule): one for one in reversed(list(told)) if one.rule}
    for (target, rule_id), one in first.items():
        if audience.has(target):
            rule = rules.get(rule_id)
            name = rule.spec.name if rule else one.rule_name or rule_id
            match = without_words(rule_id, rule.version if rule else "", filed, at)
            said = message(filed, match, name, reason=Reason.UPDATE, changes=news.changes)
            urgent = rule is not None and rule.spec.urgent
            yield _promise(filed, target, match, said, about=one.about, news=news, urgent=urgent)


def _promise(
    filed: Filed, target: Target, match: Match, told: Message, *, about: str, news: News, urgent: bool
) -> Delivery:
    return Delivery(
        channel=target.channel,
        recipient=target.recipient,
        rule=match.rule,
        rule_version=match.rule_version,
        release=filed.release.id,
        source=filed.release.key.source,
        change=news.change,
        story=filed.story,
        about=about,
        revision=filed.revision,
        reason=told.reason,
        message=told,
        created=match.at,
        urgent=urgent,
    )


def _original(filed: Filed) -> str:
    return filed.related_to if filed.relation is Relation.DUPLICATE else filed.release.id


def without_words(rule: str, version: str, filed: Filed, at: datetime) -> Match:
    """The match of a rule that the story has met, though this text has none of its words."""
    return Match(
        release=filed.release.id,
        revision=filed.revision,
        rule=rule,
        rule_version=version,
        evidence=(),
        at=at,
    )


def with_others(delivery: Delivery, siblings: Iterable[Sibling]) -> Delivery:
    """The delivery, naming the other releases of its story."""
    named = others_named(siblings, delivery.release)
    return replace(delivery, message=replace(delivery.message, also=named)) if named else delivery


def others_named(siblings: Iterable[Sibling], release: str) -> tuple[str, ...]:
    """The releases of a story but one, as a message names them."""
    return tuple(f"{one.title} ({one.source_name})" for one in siblings if one.release != release)


class Letters:
    """Who has been told of which story, so that what is promised next can answer it."""

    def __init__(self, told: Sequence[Told]) -> None:
        self._first: dict[tuple[Target, str], str] = {}
        self._told: dict[str, list[Told]] = {}
        for one in told:
            self._told.setdefault(one.story, []).append(one)
            self._first.setdefault((Target(one.channel, one.recipient), one.story), one.id)

    def of(self, story: str) -> Sequence[Told]:
        """What was told of a story before this decision."""
        return self._told.get(story, ())

    def answering(self, delivery: Delivery) -> Delivery:
        """The delivery as an answer to the first one that told its recipient of the story, if there was one."""
        first = self._first.setdefault((delivery.target, delivery.story), delivery.id)
        return replace(delivery, answers=first) if first != delivery.id else delivery

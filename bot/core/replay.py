"""Releases that are stored → one Decision: which of some rules they meet by now, and who has not been told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.core.promising import Audience, promises, with_others
from bot.model import Decision, Delivery, Poll, Related, Release, Told


def decide_again(releases: Sequence[Release], related: Related, *, audience: Audience, poll: Poll) -> Decision:
    """What holding the rules of `audience` against stored releases changes: matches, and alerts as for new releases.

    The releases are taken in the given order, and of a story the first that is met is told. Nobody is told of what
    the same rule has told them before, in whatever version; a silent baseline has told nobody.
    """
    stored = {one.release.id: one for one in related.filed}
    ledger = _Ledger(related.told)
    matches, deliveries = [], []
    for filed in (stored[one.id] for one in releases if one.id in stored):
        for rule, match in audience.rules.matches(filed.release, at=poll.at, revision=filed.revision):
            matches.append(match)
            planned = promises(filed, match, rule, audience)
            new = [one for one in planned if ledger.enter(one, each=rule.spec.alert == "every")]
            deliveries += [with_others(one, related.siblings.get(filed.story, ())) for one in new]
    counted = replace(poll, matched=len(matches), planned=len(deliveries))
    return Decision(poll=counted, matches=tuple(matches), deliveries=tuple(deliveries))


class _Ledger:
    """What has been told to whom."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._entries: set[tuple[str, ...]] = set()
        for one in told:
            self._enter(one)

    def enter(self, delivery: Delivery, *, each: bool) -> bool:
        """True if it is to be told; `each` if the rule tells each release of a story."""
        known = (*self._to(delivery), "story", delivery.story) in self._entries
        if each:
            about = (*self._to(delivery), "about", delivery.about), (*self._to(delivery), "release", delivery.release)
            known = not self._entries.isdisjoint(about)
        self._enter(delivery)
        return not known

    def _enter(self, told: Told | Delivery) -> None:
        for kind in ("story", "about", "release"):
            self._entries.add((*self._to(told), kind, getattr(told, kind)))

    def _to(self, told: Told | Delivery) -> tuple[str, ...]:
        return told.channel, told.recipient, told.rule

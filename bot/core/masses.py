"""Most of a list at once: another, though nothing happened but to the site; or new, and told in one message."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model import Decision, Filed, Poll, Release, SourceState

LEAST = 5
"""Releases that must have changed at once, lest a short list on a busy day be taken for a redesign."""


def mass_change(
    releases: Sequence[Release], filed: Sequence[Filed], poll: Poll, state: SourceState | None
) -> tuple[str, frozenset[str]]:
    """What the operator is told, and the ids of the releases that nobody else is told of; nothing on usual days.

    More than half of what a poll found must have another text than before (a template, an encoding), or another id
    than before: then it is as old as what is stored, or has a text or a title that is stored.
    """
    if poll.baseline or state is None:
        return "", frozenset()
    known = {one.release.key: one.release for one in filed}
    changed = [one for one in releases if one.key in known and one.content_hash != known[one.key].content_hash]
    renamed = [one for one in releases if one.key not in known and _was_there(one, filed, state)]
    for those, what in ((changed, "have another text"), (renamed, "have another id")):
        if len(those) >= LEAST and 2 * len(those) > poll.found:
            return _notice(len(those), poll, what), frozenset(one.id for one in those)
    return "", frozenset()


def in_one_message(decision: Decision, state: SourceState | None) -> Decision:
    """The decision, with alerts that come as one message if most of a list is new at once.

    So it is after days without a poll, or when a publisher empties its drawers: nobody wants twenty messages, and
    nobody may miss one.
    """
    poll = decision.poll
    if state is None or poll.baseline or poll.new < LEAST or 2 * poll.new <= poll.found:
        return decision
    mark = f"{poll.source} {poll.at:%Y-%m-%dT%H:%M:%SZ}"
    return replace(decision, deliveries=tuple(replace(one, together=mark) for one in decision.deliveries))


def _was_there(release: Release, filed: Sequence[Filed], state: SourceState) -> bool:
    """True if a release with a new id is no new one: older than the latest stored, or stored under another id."""
    if release.published and state.newest and release.published < state.newest:
        return True
    mine = [one.release for one in filed if one.release.key.source == release.key.source]
    return any(one.content_hash == release.content_hash or _same_title(one, release) for one in mine)


def _same_title(one: Release, other: Release) -> bool:
    return one.title_key == other.title_key != "" and one.published == other.published


def _notice(many: int, poll: Poll, what: str) -> str:
    return (
        f"{many} of {poll.found} listed releases {what} at once: taken for a change of the site, and nobody is told;"
        f" look at `tocsin releases --source {poll.source}`"
    )

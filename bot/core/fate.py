"""What became of an alert: told, waiting, folded into a story or kept silent, read off what is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.core.rules.rule import Rule
from bot.model import Filed, Match, Relation

State = Literal[
    "sent", "held", "pending", "sending", "ambiguous", "dead", "folded", "silent", "unrecorded", "off", "none"
]
_WORST_FIRST = ("dead", "ambiguous", "pending", "sending", "held", "sent")
_HELD = {
    "cadence": "waits for the channel's cadence until",
    "quiet": "quiet hours until",
    "mute": "muted until",
    "storm": "enough messages for one hour, waits until",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is stored about one release and its story."""

    filed: Filed
    matches: Sequence[Match] = ()
    """The rules that it met, by their versions then."""
    promises: Sequence[Mapping[str, Any]] = ()
    """The story's deliveries, as `tocsin outbox` lists them."""
    digests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The deliveries that carry some of those, by id."""
    met_before: Mapping[str, str] = field(default_factory=dict)
    """By rule, the earliest other release of the story that met it."""
    polls: Mapping[datetime, Mapping[str, Any]] = field(default_factory=dict)
    """The polls that found the matches, by their time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a rule's alert."""

    state: State
    lines: tuple[str, ...] = ()
    """The same for people: a line each."""
    recorded: tuple[Match, ...] = ()
    """The matches that were stored when the release came."""
    deliveries: tuple[Mapping[str, Any], ...] = ()


def fate(rule: Rule, dossier: Dossier, *, holds: bool) -> Fate:
    """What became of the alert that `rule` makes of a release; `holds` says whether the release meets it now."""
    recorded = tuple(one for one in dossier.matches if one.rule == rule.id)
    mine = tuple(one for one in dossier.promises if one["rule"] == rule.id and one["release"] == _id(dossier))
    state, told = _state(rule, dossier, recorded, mine, holds=holds)
    lines = (*_about_versions(rule, recorded, holds=holds), *told)
    return Fate(state=state, lines=lines, recorded=recorded, deliveries=mine)


def _id(dossier: Dossier) -> str:
    return dossier.filed.release.id


def _state(
    rule: Rule,
    dossier: Dossier,
    recorded: Sequence[Match],
    mine: Sequence[Mapping[str, Any]],
    *,
    holds: bool,
) -> tuple[State, list[str]]:
    if mine:
        states = (dossier.digests.get(one["digest"], one)["state"] for one in mine)
        worst: State = min(states, key=_WORST_FIRST.index)
        return worst, [_told(one, dossier.digests) for one in mine]
    if recorded:
        return _untold(rule, dossier, recorded)
    if not holds:
        return "none", []
    if not rule.spec.enabled:
        return "off", ["nobody was told: the rule is switched off"]
    return "unrecorded", [f"nobody was told: {_NEWER} (`tocsin once --replay {rule.id}` tells of it)"]


def why_held(delivery: Mapping[str, Any]) -> str:
    """Why a delivery waits though nothing failed, and until when; `delivery` is as `tocsin outbox` lists it."""
    if delivery["digest"]:
        return f"it comes with digest {delivery['digest']}"
    if not delivery["held"]:
        return "it waits for the next round of `tocsin run` or `tocsin once`"
    return f"{_HELD[delivery['held']]} {_minute(delivery['next_at'])}"


def _told(one: Mapping[str, Any], digests: Mapping[str, Mapping[str, Any]]) -> str:
    """A delivery in one line."""
    where = f"{one['channel']} {one['recipient']}".strip() + ("" if one["reason"] == "new" else f" ({one['reason']})")
    carrier = digests.get(one["digest"], one)  # a digest is tried, and its members go as it goes
    tries = f", {carrier['attempts']} tries" if carrier["attempts"] > 1 else ""
    within = f" with digest {one['digest']}" if one["digest"] else ""
    why = f": {carrier['why']}" if carrier["why"] else ""
    match carrier["state"]:
        case "sent":
            return f"sent to {where}{within} on {_minute(carrier['ended'])}"
        case "dead":
            return f"not sent to {where}{within}: given up{tries}{why or ': no reason is recorded'}"
        case "ambiguous":
            again = f"`tocsin outbox retry {one['id']}` sends it again"
            return f"perhaps sent to {where}{within}{tries}{why}; {again}"
        case "held":
            return f"held for {where}: {why_held(one)}"
        case state:
            return f"{state} for {where}{within}, next try {_minute(carrier['next_at'])}{tries}{why}"


def _untold(rule: Rule, dossier: Dossier, recorded: Sequence[Match]) -> tuple[State, list[str]]:
    """Why a match that was recorded made no alert."""
    filed = dossier.filed
    silent = _silence(dossier, recorded[0])
    if filed.relation is not Relation.DIFFERENT and rule.id in dossier.met_before and not silent:
        return "folded", list(_folded(rule, dossier))
    if others := list(_told_with_others(rule, dossier)):  # a later release of the story, or by a replay
        return "folded", others
    return "silent", [f"nobody was told: {silent or _NO_RECORD}"]


_NEWER = "the rule in this form is newer than the release"
_NO_RECORD = "it stood in the first list of its source, or it came by a poll whose record is gone"


def _folded(rule: Rule, dossier: Dossier) -> Iterator[str]:
    filed = dossier.filed
    yield f"folded into story {filed.story}: {filed.relation} of {filed.related_to} ({filed.why})"
    others = list(_told_with_others(rule, dossier))
    yield from others
    if not others:
        yield f"the story met the rule with release {dossier.met_before[rule.id]}, of which nobody was told"


def _told_with_others(rule: Rule, dossier: Dossier) -> Iterator[str]:
    """Alerts of the rule that told of other releases of the story."""
    others = [one for one in dossier.promises if one["rule"] == rule.id]
    for one in others[:3]:
        yield f"told with release {one['release']}: {_told(one, dossier.digests)}"


def _silence(dossier: Dossier, match: Match) -> str:
    """Why the poll that found a match told nobody of it; empty if it was no silent one."""
    poll = dossier.polls.get(match.at)
    if poll is None:
        return ""
    if poll["baseline"]:
        name = dossier.filed.release.key.source
        by = "`ingest --baseline`" if poll["source"] != name else f"the first poll of {name} (or a backfill)"
        return f"it was stored silently by {by} on {_minute(match.at)}"
    if poll["notice"]:
        return f"it was stored silently on {_minute(match.at)}: {poll['notice']}"
    return ""


def _about_versions(rule: Rule, recorded: Sequence[Match], *, holds: bool) -> Iterator[str]:
    """What has changed since the match was recorded."""
    if not recorded:
        return
    last = max(recorded, key=lambda one: one.revision)
    if last.rule_version != rule.version:
        words = list(dict.fromkeys(one.text for one in last.evidence))
        by = f", by {', '.join(map(repr, words[:5]))}" if words else ""
        now = "is met, too" if holds else "is not met"
        told = f"version {last.rule_version} was met on {_minute(last.at)}{by}"
        yield f"the rule, or a list that it names, was edited since: {told}; version {rule.version} {now}"
    elif not holds:
        yield f"the release's text has changed since: text {last.revision} met the rule on {_minute(last.at)}"
    if not rule.spec.enabled:
        yield "the rule is switched off now"


def _minute(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%d %H:%MZ") if time else "as soon as it can"

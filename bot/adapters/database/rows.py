"""Nouns as rows of the tables, and back."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Row

from bot.model import (
    Condition,
    Delivery,
    Evidence,
    Filed,
    Held,
    Key,
    Match,
    Message,
    Reason,
    Relation,
    Release,
    Standing,
    State,
    Trouble,
)

log = logging.getLogger(__name__)


def release_row(filed: Filed) -> dict[str, Any]:
    """A release in its place, as a row."""
    release = filed.release
    return {
        **changed_columns(filed),
        "id": release.id,
        "source": release.key.source,
        "board": release.key.board,
        "external_id": release.key.id,
        "publisher": release.publisher,
        "story": filed.story,
        "relation": filed.relation,
        "related_to": filed.related_to,
        "why": filed.why,
        "score": filed.score,
        "changes": [list(pair) for pair in filed.changes],
        "seen": release.seen,
    }


def changed_columns(filed: Filed) -> dict[str, Any]:
    """The columns that a later poll may change."""
    release = filed.release
    return {
        "source_name": release.source_name,
        "url": release.url,
        "title": release.title,
        "body": release.body,
        "published": release.published,
        "categories": list(release.categories),
        "language": release.language,
        "glimpse": release.glimpse,
        "content_hash": release.content_hash,
        "title_key": release.title_key,
        "revision": filed.revision,
    }


def filed_of(row: Row[Any], rules: frozenset[str]) -> Filed:
    """The release in its place that a row holds; `rules` are those it has met."""
    return Filed(
        release=_release(row),
        story=row.story,
        relation=Relation(row.relation),
        related_to=row.related_to,
        why=row.why,
        score=row.score,
        changes=_pairs(row.changes),
        revision=row.revision,
        rules=rules,
    )


def _pairs(kept: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((before, after) for before, after in kept)


def _release(row: Row[Any]) -> Release:
    return Release(
        key=Key(row.source, row.board, row.external_id),
        publisher=row.publisher,
        source_name=row.source_name,
        url=row.url,
        title=row.title,
        body=row.body,
        published=row.published,
        categories=tuple(row.categories),
        language=row.language,
        glimpse=row.glimpse,
        content_hash=row.content_hash,
        title_key=row.title_key,
        seen=row.seen,
    )


def match_row(match: Match) -> dict[str, Any]:
    """A match, as a row."""
    return {
        "release": match.release,
        "rule": match.rule,
        "revision": match.revision,
        "rule_version": match.rule_version,
        "evidence": [asdict(one) for one in match.evidence],
        "at": match.at,
    }


def match_of(row: Row[Any]) -> Match:
    """The match that a row holds."""
    return Match(
        release=row.release,
        revision=row.revision,
        rule=row.rule,
        rule_version=row.rule_version,
        evidence=tuple(Evidence(**one) for one in row.evidence),
        at=row.at,
    )


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """A new promise, as a row: held until somebody looks when it is to leave."""
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "recipient": delivery.recipient,
        "rule": delivery.rule,
        "rule_version": delivery.rule_version,
        "release": delivery.release or None,
        "source": delivery.source,
        "change": delivery.change,
        "story": delivery.story or None,
        "about": delivery.about,
        "revision": delivery.revision,
        "reason": delivery.reason,
        "message": _said(delivery.message),
        "urgent": delivery.urgent,
        "together": delivery.together,
        "answers": delivery.answers,
        "state": State.HELD,
        "held": Held.NEW,
        "digest": None,
        "attempts": 0,
        "unsure": False,
        "created": delivery.created,
        "next_at": delivery.created,
        "ended": None,
        "why": "",
    }


def _said(message: Message) -> dict[str, Any]:
    """What a message says, without what is empty."""
    told = {name: value for name, value in asdict(message).items() if value or name in _NEEDED}
    if message.entries:
        told["entries"] = [_said(one) for one in message.entries]
    return told


_NEEDED = {"reason", "title", "rule"}


def deliveries_of(rows: Iterable[Row[Any]]) -> Iterator[Delivery]:
    """The promises that rows hold; one that cannot be read (of a later version) is logged, and stops only itself."""
    for row in rows:
        try:
            found = delivery_of(row)
            if found.id != row.id:
                raise ValueError("it is stored under the id of another")
            yield found
        except (ValueError, TypeError, KeyError) as error:
            log.error("cannot read delivery=%s error=%r", row.id, error)


def delivery_of(row: Row[Any]) -> Delivery:
    """The promise that a row holds."""
    return Delivery(
        channel=row.channel,
        recipient=row.recipient,
        rule=row.rule,
        rule_version=row.rule_version,
        release=row.release or "",
        source=row.source or "",
        change=row.change,
        story=row.story or "",
        about=row.about,
        revision=row.revision,
        reason=Reason(row.reason),
        message=message_of(row.message),
        created=row.created,
        urgent=row.urgent,
        together=row.together,
        answers=row.answers,
        held=Held(row.held),
        attempts=row.attempts,
        interrupted=row.state == State.SENDING,
        unsure=row.unsure,
    )


def message_of(told: dict[str, Any]) -> Message:
    """The message that was kept; what an older version did not know is empty."""
    return Message(
        **{
            **told,
            "reason": Reason(told["reason"]),
            "words": tuple(told.get("words", ())),
            "marks": tuple((start, end) for start, end in told.get("marks", ())),
            "categories": tuple(told.get("categories", ())),
            "changes": _pairs(told.get("changes", [])),
            "also": tuple(told.get("also", ())),
            "entries": tuple(message_of(one) for one in told.get("entries", ())),
        }
    )


def condition_row(condition: Condition) -> dict[str, Any]:
    """How a source does, as a row."""
    return {
        **asdict(condition),
        "told": sorted(condition.told),
        "days": [day.isoformat() for day in condition.days],
    }


def condition_of(row: Row[Any]) -> Condition:
    """How a source does, from a row."""
    return Condition(
        source=row.source,
        standing=Standing(row.standing),
        failures=row.failures,
        since=row.since,
        told=frozenset(Trouble(one) for one in row.told),
        days=tuple(date.fromisoformat(day) for day in row.days),
        last_news=row.last_news,
    )

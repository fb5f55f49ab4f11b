"""Nouns as rows of the tables, and back."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from bot.model import Delivery, Evidence, Filed, Key, Match, Message, Reason, Relation, Release, State


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
    """A new promise, as a row: pending, and due at once."""
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "recipient": delivery.recipient,
        "rule": delivery.rule,
        "release": delivery.release,
        "change": delivery.change,
        "story": delivery.story,
        "about": delivery.about,
        "revision": delivery.revision,
        "reason": delivery.reason,
        "message": asdict(delivery.message),
        "state": State.PENDING,
        "attempts": 0,
        "created": delivery.created,
        "next_at": delivery.created,
        "ended": None,
        "why": "",
    }


def delivery_of(row: Row[Any]) -> Delivery:
    """The promise that a row holds."""
    told = row.message
    message = Message(
        **{
            **told,
            "reason": Reason(told["reason"]),
            "words": tuple(told["words"]),
            "marks": tuple((start, end) for start, end in told["marks"]),
            "categories": tuple(told["categories"]),
            "changes": _pairs(told.get("changes", [])),
            "also": tuple(told.get("also", ())),
        }
    )
    return Delivery(
        channel=row.channel,
        recipient=row.recipient,
        rule=row.rule,
        release=row.release,
        change=row.change,
        story=row.story,
        about=row.about,
        revision=row.revision,
        reason=Reason(row.reason),
        message=message,
        created=row.created,
        attempts=row.attempts,
    )

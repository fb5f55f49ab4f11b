"""Polls, and what is remembered of a source between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between polls."""

    source: str
    etag: str = ""
    modified: str = ""
    baseline: datetime | None = None
    """When the first whole list was stored; None before."""
    unread: Mapping[str, int] = field(default_factory=dict)
    """How often each listed release could not be read, by public id."""
    silent: frozenset[str] = frozenset()
    """Those of the unread that belong to the baseline: once read, nobody is told of them."""
    gap: int = 0
    """How often a further page of the list could not be read, though more had come than one page holds."""
    gap_page: int = 0
    """The number of that page."""
    newest: date | None = None
    """The latest day of publication that was stored."""


class Polled(StrEnum):
    """How a poll ended."""

    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The record of one poll (or one batch of an ingest)."""

    source: str
    at: datetime
    result: Polled
    took: float = 0.0
    """Seconds."""
    found: int = 0
    new: int = 0
    revised: int = 0
    folded: int = 0
    matched: int = 0
    planned: int = 0
    baseline: bool = False
    error: str = ""
    notice: str = ""
    """What the operator should look at, though nothing failed."""


class Trouble(StrEnum):
    """What the operator is told of a source, or of the service."""

    UNREACHABLE = "unreachable"
    """Its host did not answer, or not well."""
    LAYOUT = "layout"
    """It answers, but the page is another than the source file expects."""
    STALE = "stale"
    """Nothing new has come for far longer than usual."""
    GAP = "gap"
    """More may have come than was listed."""
    MASS = "mass"
    """Most of the list changed at once."""
    DEAD_LETTER = "dead-letter"
    """An alert was given up."""
    REFUSED = "refused"
    """Changed rules or sources are wrong; the last good ones stay in force."""


class Standing(StrEnum):
    """How a source does."""

    OK = "ok"
    FAILING = "failing"
    """The last polls failed, too few to speak of."""
    BROKEN = "broken"
    """The operator has been told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a source does, and what the operator has been told of it."""

    source: str
    standing: Standing = Standing.OK
    failures: int = 0
    """Polls in a row that have failed."""
    since: datetime | None = None
    """When the first of them failed."""
    told: frozenset[Trouble] = frozenset()
    """The troubles that the operator has been told of and that are not over: none is told twice."""
    days: tuple[date, ...] = ()
    """The latest days on which something was published, in order: they tell the usual gap."""
    last_news: datetime | None = None
    """When a poll last brought something new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the operator is told."""

    trouble: Trouble
    about: str
    """The source, or the channel; empty for the service itself."""
    key: str
    """What makes it another notice than the one before; the same for the same news."""
    title: str
    text: str
    healed: bool = False
    """True if it tells that the trouble is over."""

"""The nouns: what the flow passes on, frozen."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Key:
    """The identity of a release, from its listing: ids count per board, boards per source."""

    source: str
    board: str
    id: str

    @property
    def digest(self) -> str:
        """The release's public id: 16 hex digits, the same on every machine."""
        return digest(self.source, self.board, self.id)[:16]


@lru_cache(maxsize=8192)  # a release is asked for its id again and again
def digest(*parts: str) -> str:
    """SHA-256 of the parts, 64 hex digits; parts cannot run into one another."""
    told = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Keys of 48 bits that a release shares with its look-alikes, the most telling first."""

    near: tuple[int, ...] = ()
    """Of which one brings two releases together, if their days are near."""
    about: tuple[int, ...] = ()
    """Which say the more the fewer releases have them."""
    case: tuple[int, ...] = ()
    """Of which one is enough, for ever: those of a trade case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One published item, normalised."""

    key: Key
    publisher: str
    source_name: str
    url: str
    title: str
    body: str
    published: date | None
    """The day in the publisher's zone; None if the page names none."""
    categories: tuple[str, ...]
    language: str
    glimpse: str
    """Fingerprint of what the listing showed; the detail page is read again when it moves."""
    content_hash: str
    """Fingerprint of the folded title and text; equal for the same text in other clothes."""
    title_key: str
    """Fingerprint of the folded title."""
    seen: datetime
    signature: Signature = Signature()
    """Empty where the release comes from the store, which has the keys in a table of their own."""

    @property
    def id(self) -> str:
        """The public id."""
        return self.key.digest

    @property
    def day(self) -> date:
        """The day it was published, or else first seen."""
        return self.published or self.seen.date()

    def numbered_apart(self, other: "Release") -> bool:
        """True if both have numbers that tell documents apart, such as 2025-09939, and they differ."""
        mine, theirs = self.key.id, other.key.id
        return mine != theirs and all(_DOCUMENT.fullmatch(one) for one in (mine, theirs))


_DOCUMENT = re.compile(r"(?:19|20)\d\d-\d{3,6}|\d{5}[A-Z]{1,2}\d{4}")
"""Numbers of the Federal Register, and of CELEX."""


class Relation(StrEnum):
    """How a release relates to an earlier one."""

    DUPLICATE = "duplicate"
    SAME_STORY = "same-story"
    UPDATE = "update"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A release in its place: its story, and how it came there."""

    release: Release
    story: str
    relation: Relation = Relation.DIFFERENT
    related_to: str = ""
    """Id of the earlier release; empty for the first of a story."""
    why: str = ""
    score: float = 0.0
    """How alike the two are, 0 to 1."""
    changes: tuple[tuple[str, str], ...] = ()
    """The sentences in which they differ: the earlier release's, this one's; one may be empty."""
    revision: int = 1
    rules: frozenset[str] = frozenset()
    """Ids of the rules that have matched it so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """What is known of a release of a story without reading its text."""

    release: str
    title: str
    source_name: str
    url: str
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a rule has told somebody, or promised to tell."""

    channel: str
    recipient: str
    rule: str
    story: str
    release: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What is stored that may bear on some releases."""

    filed: Sequence[Filed] = ()
    """What is stored under their identities, texts and titles, and their look-alikes; as it arrived."""
    near: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The look-alikes of each release, by public ids, each with the weight of the keys in common."""
    siblings: Mapping[str, Sequence[Sibling]] = field(default_factory=dict)
    """All releases of the stories of those, by story."""
    told: Sequence[Told] = ()
    """What some rules have told of those stories; only if it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An earlier text of a release whose page has changed."""

    release: str
    number: int
    title: str
    body: str
    content_hash: str
    replaced: datetime
    told: bool = False
    """True if what changed was told as an update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A clause of a rule that was met: where, and by which words."""

    clause: str
    field: str
    """`title`, `body`, `category` or `source`."""
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule met by a release, with the evidence."""

    release: str
    revision: int
    rule: str
    rule_version: str
    evidence: tuple[Evidence, ...]
    at: datetime


class Reason(StrEnum):
    """Why somebody is told."""

    NEW = "new"
    UPDATE = "update"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person is told, before a channel gives it a form."""

    reason: Reason
    title: str
    rule: str
    """The rule's name, as people know it."""
    words: tuple[str, ...] = ()
    """The matched words as they stand in the text."""
    excerpt: str = ""
    """The sentence in which they stand."""
    marks: tuple[tuple[int, int], ...] = ()
    """Spans of the matched words in the excerpt."""
    lead: str = ""
    source: str = ""
    published: str = ""
    categories: tuple[str, ...] = ()
    url: str = ""
    story: str = ""
    release: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    """Of an update: what was said before, and what is said now."""
    also: tuple[str, ...] = ()
    """The other releases of the story: title and source."""


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A promise to tell one recipient one thing once: one row of the outbox."""

    channel: str
    recipient: str
    """The address within the channel; empty where the channel itself is one."""
    rule: str
    release: str
    change: str
    """Of an update: the release that brings it; or the day and a fingerprint of what changed, alike on all lists."""
    story: str
    revision: int
    reason: Reason
    about: str
    """What is told only once: the story's id, or the release's where the rule asks for every release."""
    message: Message
    created: datetime
    attempts: int = 0

    @property
    def id(self) -> str:
        """The same for the same promise, so that planning it again has no effect."""
        which = self.change if self.reason is not Reason.NEW else ""
        return digest(self.channel, self.recipient, self.rule, self.about, self.reason, which)[:20]


class Sending(StrEnum):
    """How one try to send ended."""

    SENT = "sent"
    RETRY = "retry"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of one try to send, with its why."""

    result: Sending
    why: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that one poll changes: stored whole, or not at all."""

    poll: Poll
    filed: tuple[Filed, ...] = ()
    revised: tuple[Filed, ...] = ()
    replaced: tuple[Revision, ...] = ()
    categorised: tuple[Release, ...] = ()
    """Releases already stored that have learnt a category from another list."""
    matches: tuple[Match, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    state: SourceState | None = None
    """None leaves what is remembered of the source as it is."""

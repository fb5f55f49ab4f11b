"""Releases and their stories: what was published, and how one relates to another."""

import hashlib
import re
from dataclasses import dataclass
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

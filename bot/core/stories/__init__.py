"""Telling the same from another: which earlier release, if any, a release repeats."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.model import Filed, Relation, Release

# A re-post comes within days. The same words a month later are another event: authorities reuse whole notices
# ("Initiation of Five-Year (Sunset) Reviews") with nothing new but the date.
REPOST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Kinship:
    """How a release relates to an earlier one, and the signal that says so."""

    relation: Relation
    other: Filed
    why: str


class Family:
    """The releases among which repeats are looked for; grows as a batch is decided."""

    def __init__(self, filed: Iterable[Filed]) -> None:
        self._by_text: dict[str, list[Filed]] = defaultdict(list)
        self._by_title: dict[tuple[str, str, date | None], list[Filed]] = defaultdict(list)
        for one in filed:
            self.add(one)

    def add(self, one: Filed) -> None:
        """Let later releases find this one."""
        self._by_text[one.release.content_hash].append(one)
        self._by_title[_name(one.release)].append(one)

    def kin(self, release: Release) -> Kinship | None:
        """The closest earlier relative of `release`, None if it is the first of its story."""
        for other in self._by_text[release.content_hash]:
            if _reposts(release, other.release):
                return Kinship(Relation.DUPLICATE, other, "the same text")
        namesakes = self._by_title[_name(release)] if release.title_key and release.published else []
        copies = [one for one in namesakes if same_document(release, one.release)]
        return _namesake(release, (copies or namesakes)[0]) if namesakes else None

    def twins(self, release: Release) -> list[Filed]:
        """The records of the very same document on the publisher's other lists."""
        named = self._by_title[_name(release)]
        return [one for one in named if one.release.key != release.key and same_document(release, one.release)]


def _name(release: Release) -> tuple[str, str, date | None]:
    return release.publisher, release.title_key, release.published


def _namesake(release: Release, other: Filed) -> Kinship:
    if same_document(release, other.release):
        return Kinship(Relation.DUPLICATE, other, "the same document on another list: board, id, title and date agree")
    return Kinship(Relation.SAME_STORY, other, "the same title on the same day from the same publisher")


def same_document(one: Release, other: Release) -> bool:
    """True if two records of one publisher are of the same document: never by number alone."""
    return (
        one.publisher == other.publisher
        and one.title_key == other.title_key != ""
        and one.published == other.published is not None
        and ((one.key.board, one.key.id) == (other.key.board, other.key.id) or one.content_hash == other.content_hash)
    )


def _reposts(release: Release, other: Release) -> bool:
    """True if equal texts are one: both have a text, and their days are near."""
    if not release.body and release.publisher != other.publisher:
        return False
    return abs(_day(release) - _day(other)) <= REPOST


def _day(release: Release) -> date:
    return release.published or release.seen.date()

"""The search of the archive: the full-text index finds what may be meant, the rules' own judge decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import Connection, select

from bot.adapters.database import fulltext
from bot.adapters.database.rows import filed_of
from bot.adapters.database.tables import releases
from bot.core.rules.fulltext import Sought, sought
from bot.core.rules.judging.explaining import evidence, holds
from bot.core.rules.judging.subject import subject_of
from bot.core.rules.language.tree import Compared, Named, Query, all_of, tight
from bot.model import Evidence, Filed, Release

MOST = 100_000
"""So many releases are looked at: some ten to thirty seconds."""
_FIRST, _PAGE = 25, 500
"""Releases that are read at once, at first and later on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A release that was looked for, and why it was found."""

    release: Release
    story: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search has found."""

    hits: tuple[Hit, ...]
    """The latest first: by the day of publication, then by arrival."""
    whole: bool = True
    """False if there was more to look at than is looked at."""
    back_to: date | None = None
    """The day of the last release that was looked at."""


def search(
    connection: Connection, query: Query, *, limit: int, source: str | None, since: date | None, most: int
) -> Found:
    """The latest `limit` releases for which `query` holds, of at most `most` that are looked at."""
    asked = all_of([query, *_bounds(source, since)])
    hits: list[Hit] = []
    seen, last = 0, None
    for filed in _possible(connection, sought(asked)):
        if seen == most:
            return Found(hits=tuple(hits), whole=False, back_to=last)
        seen, last = seen + 1, filed.release.published
        subject = subject_of(filed.release)
        if holds(asked, subject):
            hits.append(Hit(release=filed.release, story=filed.story, evidence=evidence(query, subject)))
            if len(hits) == limit:
                break
    return Found(hits=tuple(hits), back_to=last)


def _bounds(source: str | None, since: date | None) -> Iterator[Query]:
    if source:
        yield Named("source", tight(source))
    if since:
        yield Compared("published", ">=", since)


def _possible(connection: Connection, what: Sought) -> Iterator[Filed]:
    """The releases that may be what is sought, the latest first."""
    sources = fulltext.sources(connection, what)
    found = fulltext.places(connection, what)
    length = _FIRST
    while page := list(islice(found, length)):
        yield from _read(connection, page, sources)
        length = min(2 * length, _PAGE)


def _read(connection: Connection, places: list[int], sources: list[str] | None) -> Iterator[Filed]:
    """The releases at these rowids, in their order, without those that stand elsewhere by now."""
    query = select(releases).where(releases.c.number.in_({fulltext.number_of(place) for place in places}))
    if sources is not None:
        query = query.where(releases.c.source.in_(sources))
    rows = {fulltext.place_of(row.published, row.number): row for row in connection.execute(query)}
    for place in places:
        if place in rows:
            yield filed_of(rows[place], frozenset())

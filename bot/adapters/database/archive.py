"""What people ask of the store: lists of plain records, newest first."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from bot.adapters.database.deliveries import Deliveries, Record, delivery_record
from bot.adapters.database.rows import condition_of, filed_of, match_of
from bot.adapters.database.searching import MOST, Found, search
from bot.adapters.database.tables import conditions, labels, matches, outbox, polls, releases, revisions, source_states
from bot.core.fate import Dossier
from bot.core.rules.language.tree import Query
from bot.model import Condition, Filed, Release, Sibling

_INGEST = "ingest"
"""The name under which the polls of `tocsin ingest` are kept, whatever the sources of their releases."""


class Archive(Deliveries):
    """Read-only lists over a database."""

    def releases(
        self, *, limit: int, source: str | None = None, rule: str | None = None, story: str | None = None
    ) -> list[Record]:
        """Releases with their story and relation, the latest to arrive first."""
        query = select(releases).order_by(releases.c.number.desc()).limit(limit)
        if source:
            query = query.where(releases.c.source.op("GLOB")(source))
        if story:
            query = query.where(releases.c.story == story)
        if rule:
            query = query.where(releases.c.id.in_(select(matches.c.release).where(matches.c.rule == rule)))
        return [_release(row) for row in self._rows(query)]

    def release(self, release_id: str) -> Release | None:
        """A release, by its id or the beginning of it; None if there is none, or more than one."""
        query = select(releases).where(releases.c.id.startswith(release_id, autoescape=True)).limit(2)
        found = self._rows(query)
        return filed_of(found[0], frozenset()).release if len(found) == 1 else None

    def each(self, *, since: date | None = None, page: int = 500) -> Iterator[Release]:
        """All releases, the latest to arrive first, `page` of them in memory; `since` is a day of publication.

        Where a release has no day, the day counts on which it was first seen.
        """
        query = select(releases).order_by(releases.c.number.desc()).limit(page)
        if since:
            seen = datetime.combine(since, time(), UTC)
            query = query.where(
                (releases.c.published >= since) | (releases.c.published.is_(None) & (releases.c.seen >= seen))
            )
        found = self._rows(query)
        while found:
            for row in found:
                yield filed_of(row, frozenset()).release
            found = self._rows(query.where(releases.c.number < found[-1].number))

    def search(
        self, query: Query, *, limit: int, source: str | None = None, since: date | None = None, most: int = MOST
    ) -> Found:
        """The releases that a rule with this query would match, the latest published first.

        `source` is an id or a pattern, `since` the earliest day. At most `most` releases are looked at.
        """
        with self._database.reading() as connection:
            return search(connection, query, limit=limit, source=source, since=since, most=most)

    def labels(self) -> dict[str, dict[str, bool]]:
        """What people have said of releases, by release and rule: whether the rule should match."""
        found: dict[str, dict[str, bool]] = {}
        for row in self._rows(select(labels)):
            found.setdefault(row.release, {})[row.rule] = row.verdict
        return found

    def labelled(self, *, limit: int) -> list[Record]:
        """What people have said of releases and rules, the latest first."""
        query = select(labels).order_by(labels.c.at.desc(), labels.c.release, labels.c.rule).limit(limit)
        return [_plain(row) for row in self._rows(query)]

    def revisions(self, release_ids: Collection[str]) -> dict[str, list[Record]]:
        """The earlier texts of releases, by release, the first text first."""
        query = select(revisions).where(revisions.c.release.in_(release_ids)).order_by(revisions.c.number)
        found: dict[str, list[Record]] = {}
        for row in self._rows(query):
            found.setdefault(row.release, []).append(_plain(row, without=("release",)))
        return found

    def stories(self, *, limit: int, story: str | None = None) -> list[Record]:
        """Stories with their releases, the latest to grow first."""
        latest = select(releases.c.story, func.max(releases.c.number).label("last")).group_by(releases.c.story)
        if story:
            latest = latest.where(releases.c.story == story)
        ids = [row.story for row in self._rows(latest.order_by(func.max(releases.c.number).desc()).limit(limit))]
        query = select(releases).where(releases.c.story.in_(ids)).order_by(releases.c.number)
        members: dict[str, list[Record]] = {one: [] for one in ids}
        for row in self._rows(query):
            members[row.story].append(_release(row))
        return [_story(one, found) for one, found in members.items()]

    def polls(self, *, limit: int, source: str | None = None) -> list[Record]:
        """Polls, the latest first."""
        query = select(polls).order_by(polls.c.number.desc()).limit(limit)
        if source:
            query = query.where(polls.c.source.op("GLOB")(source))
        return [_plain(row, without=("number",)) for row in self._rows(query)]

    def last_polls(self) -> dict[str, Record]:
        """The last poll of each source, with `failures`: how many polls in a row have failed."""
        last = select(func.max(polls.c.number)).group_by(polls.c.source)
        good = select(polls.c.source, func.max(polls.c.number).label("good")).where(polls.c.result != "failed")
        found = {row.source: _plain(row) for row in self._rows(select(polls).where(polls.c.number.in_(last)))}
        since = {row.source: row.good for row in self._rows(good.group_by(polls.c.source))}
        for source, record in found.items():
            after = (polls.c.source == source) & (polls.c.number > since.get(source, 0))
            record["failures"] = self._count(polls.c.number, after)
        return found

    def sources(self) -> dict[str, Record]:
        """What is stored of each source: releases, when the last new one came, since when it is watched."""
        counts = select(releases.c.source, func.count().label("releases"), func.max(releases.c.seen).label("newest"))
        found = {row.source: _plain(row) for row in self._rows(counts.group_by(releases.c.source))}
        for row in self._rows(select(source_states.c.source, source_states.c.baseline)):
            found.setdefault(row.source, {"source": row.source, "releases": 0, "newest": None})
            found[row.source]["baseline"] = row.baseline
        return found

    def siblings(self, story: str) -> list[Sibling]:
        """The releases of a story, without their texts and rules, the first to arrive first."""
        query = select(releases).where(releases.c.story == story).order_by(releases.c.number)
        return [
            Sibling(release=row.id, title=row.title, source_name=row.source_name, url=row.url)
            for row in self._rows(query)
        ]

    def beginning(self, beginning: str, *, limit: int = 6) -> list[Record]:
        """The releases whose ids begin so."""
        query = select(releases).where(releases.c.id.startswith(beginning, autoescape=True)).limit(limit)
        return [_release(row) for row in self._rows(query)]

    def dossier(self, release_id: str) -> Dossier | None:
        """All that is stored about a release and its story; None if there is none of this id."""
        found = self._rows(select(releases).where(releases.c.id == release_id))
        if not found:
            return None
        filed = filed_of(found[0], frozenset())
        mine = select(matches).where(matches.c.release == release_id).order_by(matches.c.rule, matches.c.revision)
        met = [match_of(row) for row in self._rows(mine)]
        told = self._rows(select(outbox).where(outbox.c.story == filed.story).order_by(outbox.c.number))
        at = polls.c.at.in_({one.at for one in met}) & polls.c.source.in_([filed.release.key.source, _INGEST])
        return Dossier(
            filed=filed,
            matches=met,
            promises=[delivery_record(row) for row in told],
            digests=self.deliveries({row.digest for row in told if row.digest}),
            met_before=self._met_before(filed),
            polls={row.at: _plain(row) for row in self._rows(select(polls).where(at))},
        )

    def _met_before(self, filed: Filed) -> dict[str, str]:
        """By rule, the earliest other release of the story that met it."""
        others = (releases.c.story == filed.story) & (releases.c.id != filed.release.id)
        query = select(matches.c.rule, matches.c.release).join(releases, releases.c.id == matches.c.release)
        rows = self._rows(query.where(others).order_by(releases.c.number.desc()))
        return {row.rule: row.release for row in rows}

    def categories(self) -> dict[str, set[str]]:
        """The categories that stored releases have, by source; a source with releases has at least an empty set."""
        found: dict[str, set[str]] = {}
        for row in self._rows(select(releases.c.source, releases.c.categories).distinct()):
            found.setdefault(row.source, set()).update(row.categories)
        return found

    def conditions(self) -> dict[str, Condition]:
        """How sources do, by their ids; those that were never polled are left out."""
        return {row.source: condition_of(row) for row in self._rows(select(conditions))}

    def _count(self, column: ColumnElement[Any], condition: ColumnElement[bool]) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count(column)).where(condition)).scalar_one()


def _plain(row: Row[Any], *, without: tuple[str, ...] = ()) -> Record:
    return {name: value for name, value in row._asdict().items() if name not in without}


def _release(row: Row[Any]) -> Record:
    return {
        "id": row.id,
        "source": row.source,
        "board": row.board,
        "external_id": row.external_id,
        "url": row.url,
        "title": row.title,
        "published": row.published,
        "category": "; ".join(row.categories),
        "language": row.language,
        "content_hash": row.content_hash,
        "story": row.story,
        "relation": row.relation,
        "related_to": row.related_to,
        "why": row.why,
        "score": row.score,
        "changes": row.changes,
        "revision": row.revision,
        "seen": row.seen,
        "body": row.body,
    }


def _story(story: str, members: list[Record]) -> Record:
    first = members[0]
    return {
        "story": story,
        "title": first["title"],
        "published": first["published"],
        "opened": first["seen"],
        "count": len(members),
        "releases": members,
    }

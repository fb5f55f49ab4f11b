"""The Store over SQLAlchemy Core: every writing method is one transaction."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.fulltext import insert_words
from bot.adapters.database.opening import Database
from bot.adapters.database.promises import Promises, insert_promises
from bot.adapters.database.related import related
from bot.adapters.database.rows import changed_columns, condition_of, condition_row, match_row, release_row
from bot.adapters.database.slices import slices
from bot.adapters.database.tables import (
    conditions,
    labels,
    matches,
    polls,
    revisions,
    source_states,
    stories,
    story_keys,
)
from bot.adapters.database.tables import (
    releases as release_table,
)
from bot.core.stories.judging import WINDOW
from bot.core.stories.signature import kept
from bot.model import Condition, Decision, Filed, Key, Poll, Related, Release, SourceState


class SqlStore(Promises):
    """What is remembered, in a database."""

    def __init__(
        self,
        database: Database,
        *,
        window: timedelta = WINDOW,
        crash_point: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(database, crash_point=crash_point)
        self._window = window

    def state(self, source_id: str) -> SourceState:
        """What is remembered of a source."""
        with self._database.reading() as connection:
            row = connection.execute(select(source_states).where(source_states.c.source == source_id)).first()
        if row is None:
            return SourceState(source=source_id)
        kept_state = row._asdict()
        return SourceState(**{**kept_state, "silent": frozenset(kept_state["silent"])})

    def condition(self, source_id: str) -> Condition:
        """How a source does, as it was last stored."""
        with self._database.reading() as connection:
            row = connection.execute(select(conditions).where(conditions.c.source == source_id)).first()
        return condition_of(row) if row else Condition(source=source_id)

    def glimpses(self, keys: Collection[Key]) -> Mapping[Key, str]:
        """The listing fingerprints of those releases that are known."""
        found = {}
        with self._database.reading() as connection:
            for ids in _chunks(_by_id(keys)):
                query = select(release_table.c.id, release_table.c.glimpse).where(release_table.c.id.in_(ids))
                found.update({ids[row.id]: row.glimpse for row in connection.execute(query)})
        return found

    def commit(
        self, releases: Collection[Release], decide: Callable[[Related], Decision], *, told_by: Collection[str] = ()
    ) -> Poll:
        """In one transaction: read what is related, ask `decide`, store its decision whole."""
        with self._database.writing() as connection:
            found = related(connection, releases, self._window, told_by=told_by)
            self._crash_point("related read")
            poll = self._write(connection, decide(found))
            self._crash_point("before commit")
        self._crash_point("after commit")
        return poll

    def _write(self, connection: Connection, decision: Decision) -> Poll:
        _insert_filed(connection, decision.filed)
        for old in decision.replaced:
            connection.execute(insert(revisions).values(asdict(old)))
        for filed in decision.revised:
            changed_row = update(release_table).where(release_table.c.id == filed.release.id)
            number = connection.execute(
                changed_row.values(changed_columns(filed)).returning(release_table.c.number)
            ).scalar_one()
            _insert_keys(connection, [(number, filed.release)])
            insert_words(connection, [(number, filed.release)])
        for release in decision.categorised:
            changed = {"categories": list(release.categories)}
            connection.execute(update(release_table).where(release_table.c.id == release.id).values(changed))
        self._crash_point("releases written")
        _put_matches(connection, [match_row(one) for one in decision.matches])
        planned = insert_promises(connection, decision.deliveries)
        insert_promises(connection, decision.notices)
        self._crash_point("outbox written")
        if decision.state is not None:
            _write_state(connection, decision.state)
        if decision.condition is not None:
            _put(connection, conditions, condition_row(decision.condition))
        poll = replace(decision.poll, planned=planned)
        connection.execute(insert(polls).values(asdict(poll)))
        return poll

    def label(self, release: str, rule: str, now: datetime, *, verdict: bool) -> None:
        """Keep whether a rule should match a release; what was said before is replaced."""
        row = {"release": release, "rule": rule, "verdict": verdict, "at": now}
        kept = insert(labels).values(row).on_conflict_do_update(index_elements=["release", "rule"], set_=row)
        with self._database.writing() as connection:
            connection.execute(kept)

    def forget_polls(self, before: datetime) -> int:
        """Drop the records of old polls, but the last of each source; how many."""
        self._database.ballast.keep()  # if it was given up
        last = select(func.max(polls.c.number)).group_by(polls.c.source)
        old = (polls.c.at < before) & polls.c.number.not_in(last)
        with self._database.writing() as connection:
            return connection.execute(delete(polls).where(old)).rowcount


def _by_id(keys: Iterable[Key]) -> dict[str, Key]:
    return {key.digest: key for key in keys}


def _chunks(by_id: dict[str, Key]) -> Iterator[dict[str, Key]]:
    for part in slices(list(by_id.items())):
        yield dict(part)


def _insert_filed(connection: Connection, filed: Sequence[Filed]) -> None:
    founders = [{"id": one.story, "opened": one.release.seen} for one in filed if one.story == one.release.id]
    if founders:
        connection.execute(insert(stories), founders)
    if filed:
        last = connection.execute(select(func.max(release_table.c.number))).scalar() or 0
        numbered = list(enumerate(filed, start=last + 1))
        connection.execute(insert(release_table), [{"number": number, **release_row(one)} for number, one in numbered])
        _insert_keys(connection, [(number, one.release) for number, one in numbered])
        insert_words(connection, [(number, one.release) for number, one in numbered])


def _insert_keys(connection: Connection, numbered: Iterable[tuple[int, Release]]) -> None:
    """Keep the keys of releases, in their order, so that neighbours lie together."""
    rows = sorted({(key, number) for number, one in numbered for key in kept(one.signature, one.day)})
    if rows:
        connection.execute(
            insert(story_keys).on_conflict_do_nothing(), [{"key": key, "number": number} for key, number in rows]
        )


def _put_matches(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert matches; of one that is there, the version by which it holds now takes the place of another."""
    if rows:
        new = insert(matches)
        changed = {name: new.excluded[name] for name in ("rule_version", "evidence", "at")}
        other = matches.c.rule_version != new.excluded.rule_version
        key = [column.name for column in matches.primary_key]
        connection.execute(new.on_conflict_do_update(index_elements=key, set_=changed, where=other), rows)


def _write_state(connection: Connection, state: SourceState) -> None:
    _put(connection, source_states, {**asdict(state), "unread": dict(state.unread), "silent": sorted(state.silent)})


def _put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert the row of a source, or put it in the place of the one that is there."""
    connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=["source"], set_=row))

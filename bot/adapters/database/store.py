"""The Store over SQLAlchemy Core: every writing method is one transaction."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, true, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.fulltext import insert_words
from bot.adapters.database.opening import Database
from bot.adapters.database.rows import (
    changed_columns,
    delivery_of,
    delivery_row,
    filed_of,
    match_row,
    release_row,
)
from bot.adapters.database.tables import (
    labels,
    matches,
    outbox,
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
from bot.core.stories.signature import BEGINNING, TELLING, kept, may_be_kin, sought, weigh
from bot.model import (
    Decision,
    Delivery,
    Filed,
    Key,
    Outcome,
    Poll,
    Related,
    Release,
    Sending,
    Sibling,
    SourceState,
    State,
    Told,
)

# SQLite takes 32,766 values in one statement; we stay far below.
_CHUNK = 500
_KEYS = 10_000
"""Keys that are sought at once."""
T = TypeVar("T")
_ENDED = {
    Sending.SENT: State.SENT,
    Sending.REFUSED: State.DEAD,
    Sending.AMBIGUOUS: State.DEAD,
    Sending.RETRY: State.DEAD,
}


class SqlStore:
    """What is remembered, in a database."""

    def __init__(
        self,
        database: Database,
        *,
        window: timedelta = WINDOW,
        crash_point: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database, self._window = database, window
        self._crash_point = crash_point  # tests let the process die here; nothing in production

    def state(self, source_id: str) -> SourceState:
        """What is remembered of a source."""
        with self._database.reading() as connection:
            row = connection.execute(select(source_states).where(source_states.c.source == source_id)).first()
        if row is None:
            return SourceState(source=source_id)
        kept_state = row._asdict()
        return SourceState(**{**kept_state, "silent": frozenset(kept_state["silent"])})

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
            related = _related(connection, releases, self._window)
            if told_by:
                related = replace(related, told=_told(connection, told_by, related.siblings))
            self._crash_point("related read")
            poll = self._write(connection, decide(related))
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
        planned = _insert_new(connection, outbox, [delivery_row(one) for one in decision.deliveries])
        self._crash_point("outbox written")
        if decision.state is not None:
            _write_state(connection, decision.state)
        poll = replace(decision.poll, planned=planned)
        connection.execute(insert(polls).values(asdict(poll)))
        return poll

    def due(self, now: datetime, *, limit: int) -> Sequence[Delivery]:
        """At most `limit` deliveries of each channel whose time has come, those never tried first.

        A claim whose lease has run out is due again.
        """
        order = (outbox.c.attempts, outbox.c.number)
        place = func.row_number().over(partition_by=outbox.c.channel, order_by=order).label("place")
        waiting = outbox.c.state.in_([State.PENDING, State.SENDING]) & (outbox.c.next_at <= now)
        ranked = select(outbox, place).where(waiting).subquery()
        query = select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.attempts, ranked.c.number)
        with self._database.reading() as connection:
            return [delivery_of(row) for row in connection.execute(query)]

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        """Take a delivery before sending it; False if it is no longer due."""
        mine = (outbox.c.id == delivery.id) & (outbox.c.attempts == delivery.attempts) & (outbox.c.next_at <= now)
        taken = {
            "state": State.SENDING,
            "attempts": delivery.attempts + 1,
            "next_at": now + timedelta(seconds=lease),
        }
        with self._database.writing() as connection:
            done = connection.execute(update(outbox).where(mine).values(taken)).rowcount == 1
        self._crash_point("claimed")
        return done

    def settle(self, delivery: Delivery, outcome: Outcome, now: datetime, next_at: datetime | None) -> None:
        """Record how the try ended: sent, to be tried again, or a dead letter."""
        self._crash_point("sent, not settled")
        state = State.PENDING if next_at else _ENDED[outcome.result]
        values = {"state": state, "next_at": next_at, "why": outcome.why, "ended": None if next_at else now}
        with self._database.writing() as connection:
            connection.execute(update(outbox).where(outbox.c.id == delivery.id).values(values))

    def revive(self, ids: Collection[str], now: datetime, *, dead: bool = False) -> int:
        """Let deliveries be tried again: those named (or all dead letters); how many there were."""
        which = outbox.c.state == State.DEAD
        if not dead:
            which = outbox.c.id.in_(ids) & outbox.c.state.in_([State.DEAD, State.PENDING])
        again = {"state": State.PENDING, "next_at": now, "ended": None, "created": now, "attempts": 0}
        with self._database.writing() as connection:
            return connection.execute(update(outbox).where(which).values(again)).rowcount

    def label(self, release: str, rule: str, now: datetime, *, verdict: bool) -> None:
        """Keep whether a rule should match a release; what was said before is replaced."""
        row = {"release": release, "rule": rule, "verdict": verdict, "at": now}
        kept = insert(labels).values(row).on_conflict_do_update(index_elements=["release", "rule"], set_=row)
        with self._database.writing() as connection:
            connection.execute(kept)

    def forget_polls(self, before: datetime) -> int:
        """Drop the records of old polls, but the last of each source; how many."""
        last = select(func.max(polls.c.number)).group_by(polls.c.source)
        old = (polls.c.at < before) & polls.c.number.not_in(last)
        with self._database.writing() as connection:
            return connection.execute(delete(polls).where(old)).rowcount


def _by_id(keys: Iterable[Key]) -> dict[str, Key]:
    return {key.digest: key for key in keys}


def _chunks(by_id: dict[str, Key]) -> Iterator[dict[str, Key]]:
    for part in _slices(list(by_id.items())):
        yield dict(part)


def _slices(items: list[T], *, length: int = _CHUNK) -> Iterator[list[T]]:
    for start in range(0, len(items), length):
        yield items[start : start + length]


def _related(connection: Connection, wanted: Collection[Release], window: timedelta) -> Related:
    """What is stored under the releases' identities, texts and titles, and their look-alikes; with their stories."""
    near = _look_alikes(connection, wanted, window)
    rows: dict[str, Row[Any]] = {}
    for part in _slices(list(wanted)):
        titled = [one for one in part if one.title_key and one.published]
        for condition in (
            release_table.c.id.in_([one.id for one in part]),
            release_table.c.content_hash.in_({one.content_hash for one in part}) & _within(window, part),
            # one by one, since SQLite finds no tuples by an index
            release_table.c.publisher.in_({one.publisher for one in titled})
            & release_table.c.title_key.in_({one.title_key for one in titled})
            & release_table.c.published.in_({one.published for one in titled}),
        ):
            rows.update({row.id: row for row in connection.execute(select(release_table).where(condition))})
    numbers = {number for found in near.values() for number in found} - {row.number for row in rows.values()}
    for some in _slices(list(numbers)):
        query = select(release_table).where(release_table.c.number.in_(some))
        rows.update({row.id: row for row in connection.execute(query)})
    met = _rules_met(connection, rows)
    ordered = sorted(rows.values(), key=lambda row: row.number)
    ids = {row.number: row.id for row in ordered}
    return Related(
        filed=[filed_of(row, met.get(row.id, frozenset())) for row in ordered],
        near={
            release: {ids[number]: weight for number, weight in found.items() if number in ids}
            for release, found in near.items()
        },
        siblings=_siblings(connection, {row.story for row in ordered}),
    )


def _look_alikes(connection: Connection, wanted: Collection[Release], window: timedelta) -> dict[str, dict[int, float]]:
    """The releases that share keys with each of those wanted: numbers, and the weight of the keys."""
    keys = {one.id: sought(one.signature, one.day, window) for one in wanted}
    holders: dict[int, list[int]] = {}
    for part in _slices(sorted({key for found in keys.values() for key in found}), length=_KEYS):
        marks = ",".join("?" * len(part))
        query = f"SELECT key, number FROM story_keys WHERE key IN ({marks})"  # noqa: S608 (marks only)
        for key, number in connection.exec_driver_sql(query, tuple(part)):
            holders.setdefault(key, []).append(number)
    return _worth_judging(connection, [(one, weigh(keys[one.id], holders)) for one in wanted])


def _worth_judging(
    connection: Connection, found: list[tuple[Release, dict[int, float]]]
) -> dict[str, dict[int, float]]:
    """Those without the ones that share weak keys only, and say nothing that the other's title says."""
    weak = {number for _, near in found for number, weight in near.items() if weight < TELLING}
    table = release_table.c
    columns = (table.number, table.publisher, table.title, func.substr(table.body, 1, BEGINNING))
    told: dict[int, tuple[str, str, str]] = {}
    for part in _slices(sorted(weak)):
        query = select(*columns).where(table.number.in_(part))
        told.update({number: (publisher, title, body) for number, publisher, title, body in connection.execute(query)})

    def may_be(number: int, release: Release) -> bool:
        publisher, title, beginning = told[number]
        return may_be_kin(title, beginning, release, publisher=publisher)

    return {
        release.id: {number: weight for number, weight in near.items() if weight >= TELLING or may_be(number, release)}
        for release, near in found
    }


def _siblings(connection: Connection, stories_: Collection[str]) -> dict[str, list[Sibling]]:
    """All releases of the stories, without their texts, with the rules that each has met."""
    found: dict[str, list[Sibling]] = {}
    columns = (release_table.c[name] for name in ("id", "story", "title", "source_name", "url"))
    listed = list(columns)
    for part in _slices(sorted(stories_)):
        query = select(*listed).where(release_table.c.story.in_(part)).order_by(release_table.c.number)
        rows = connection.execute(query).all()
        met = _rules_met(connection, [row.id for row in rows])
        for row in rows:
            rules = met.get(row.id, frozenset())
            one = Sibling(release=row.id, title=row.title, source_name=row.source_name, url=row.url, rules=rules)
            found.setdefault(row.story, []).append(one)
    return found


def _within(window: timedelta, wanted: Collection[Release]) -> ColumnElement[bool]:
    """Published within the window of the releases; those without a day are near to all."""
    days = [one.published for one in wanted if one.published]
    if len(days) < len(wanted):
        return true()
    return release_table.c.published.is_(None) | release_table.c.published.between(
        min(days) - window, max(days) + window
    )


def _rules_met(connection: Connection, ids: Collection[str]) -> dict[str, frozenset[str]]:
    """The rules that each of the releases has met so far."""
    met: dict[str, set[str]] = {}
    for part in _slices(list(ids)):
        query = select(matches.c.release, matches.c.rule).where(matches.c.release.in_(part))
        for release, rule in connection.execute(query):
            met.setdefault(release, set()).add(rule)
    return {release: frozenset(rules) for release, rules in met.items()}


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


def _told(connection: Connection, rules: Collection[str], stories_: Collection[str]) -> list[Told]:
    """What the rules have told, or promised to tell, of the stories."""
    names = [one.name for one in fields(Told)]
    found: list[Told] = []
    for part in _slices(sorted(stories_)):
        mine = outbox.c.story.in_(part) & outbox.c.rule.in_(rules)
        query = select(*(outbox.c[name] for name in names)).where(mine)
        found += [Told(**row._asdict()) for row in connection.execute(query)]
    return found


def _put_matches(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert matches; of one that is there, the version by which it holds now takes the place of another."""
    if rows:
        new = insert(matches)
        changed = {name: new.excluded[name] for name in ("rule_version", "evidence", "at")}
        other = matches.c.rule_version != new.excluded.rule_version
        key = [column.name for column in matches.primary_key]
        connection.execute(new.on_conflict_do_update(index_elements=key, set_=changed, where=other), rows)


def _insert_new(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> int:
    """Insert rows, leaving those that are there already; how many were new."""
    if not rows:
        return 0
    before = _changes(connection)
    connection.execute(insert(table).on_conflict_do_nothing(), rows)
    return _changes(connection) - before


def _changes(connection: Connection) -> int:
    """Rows changed on this connection so far."""
    many: int = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    return many


def _write_state(connection: Connection, state: SourceState) -> None:
    row = {**asdict(state), "unread": dict(state.unread), "silent": sorted(state.silent)}
    connection.execute(insert(source_states).values(row).on_conflict_do_update(index_elements=["source"], set_=row))

"""What people ask about deliveries: the outbox, the ledger and the mutes as lists of plain records."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from bot.adapters.database.opening import Database
from bot.adapters.database.slices import slices
from bot.adapters.database.tables import ledger, mutes, outbox
from bot.model import Held, Reason, State

Record = dict[str, Any]


class Deliveries:
    """Read-only lists over a database: what is promised, what was done, what is muted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def outbox(self, *, limit: int, states: Sequence[str] = (), channel: str | None = None) -> list[Record]:
        """Deliveries and how they stand, the latest promise first; digests with the ids of their `members`."""
        query = select(outbox).order_by(outbox.c.number.desc()).limit(limit)
        if states:
            query = query.where(outbox.c.state.in_(states))
        if channel:
            query = query.where(outbox.c.channel == channel)
        return self._with_members(delivery_record(row) for row in self._rows(query))

    def deliveries(self, ids: Collection[str]) -> dict[str, Record]:
        """Those deliveries among `ids` that there are, by id."""
        found: dict[str, Record] = {}
        for part in slices(sorted(ids)):
            found.update(
                (row.id, delivery_record(row)) for row in self._rows(select(outbox).where(outbox.c.id.in_(part)))
            )
        return found

    def waiting(self) -> Mapping[str, int]:
        """How many alerts and notices stand in each state; a digest counts by what it holds."""
        each = outbox.c.reason != Reason.DIGEST
        query = select(outbox.c.state, func.count().label("many")).where(each).group_by(outbox.c.state)
        return {row.state: row.many for row in self._rows(query)}

    def ledger(
        self, *, since: date | None = None, delivery: str | None = None, release: str | None = None, page: int = 1000
    ) -> Iterator[Record]:
        """What was decided and tried, in its order, `page` lines of it in memory.

        `since` is a day. `delivery` and `release` are ids or their beginnings; of a digest there are also the lines of
        what it holds.
        """
        query = select(ledger).order_by(ledger.c.number).limit(page)
        if since:
            query = query.where(ledger.c.at >= datetime.combine(since, time(), UTC))
        if delivery:
            query = query.where(_begins(ledger.c.delivery, delivery) | _begins(ledger.c.digest, delivery))
        if release:
            query = query.where(_begins(ledger.c.release, release))
        found = self._rows(query)
        while found:
            yield from (row._asdict() for row in found)
            found = self._rows(query.where(ledger.c.number > found[-1].number))

    def muted(self, now: datetime, *, limit: int, ended: bool = False) -> list[Record]:
        """What is muted, the latest first; with `ended` also what was."""
        query = select(mutes).order_by(mutes.c.number.desc()).limit(limit)
        if not ended:
            query = query.where((mutes.c.until > now) & mutes.c.undone.is_(None))
        return [{name: value for name, value in row._asdict().items() if name != "number"} for row in self._rows(query)]

    def held_by_mutes(self) -> list[Record]:
        """How many alerts wait for a mute's end, by rule, story and source."""
        about = (outbox.c.rule, outbox.c.story, outbox.c.source)
        waits = (outbox.c.state == State.HELD) & (outbox.c.held == Held.MUTE) & outbox.c.digest.is_(None)
        query = select(*about, func.count().label("many")).where(waits).group_by(*about)
        return [row._asdict() for row in self._rows(query)]

    def _with_members(self, records: Iterator[Record]) -> list[Record]:
        found = list(records)
        held: dict[str, list[str]] = {one["id"]: [] for one in found if one["reason"] == Reason.DIGEST}
        for part in slices(sorted(held)):
            query = select(outbox.c.id, outbox.c.digest).where(outbox.c.digest.in_(part)).order_by(outbox.c.number)
            for row in self._rows(query):
                held[row.digest].append(row.id)
        return [{**one, "members": held.get(one["id"], [])} for one in found]

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with self._database.reading() as connection:
            return connection.execute(query).all()


def _begins(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    return column.startswith(beginning, autoescape=True)


def delivery_record(row: Row[Any]) -> Record:
    """A delivery as it is listed: first what people look for, then all other columns."""
    columns = {name: value for name, value in row._asdict().items() if name != "number"}
    first = {name: columns[name] for name in _FIRST}
    return {**first, "title": row.message["title"], **columns}


_FIRST = ("id", "channel", "recipient", "rule", "story", "release", "revision", "reason", "state", "attempts")

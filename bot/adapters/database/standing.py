"""Which rows of the outbox: what waits, what leaves, whose time has come; and changing some of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from bot.adapters.database.slices import slices
from bot.adapters.database.tables import outbox
from bot.model import Held, Reason, State, Target

LEAVING = (State.PENDING, State.SENDING)
_LONGEST = timedelta(days=1)
"""No delivery that is pending waits longer than this: what does, was put off by a clock that has been set back."""


def has_come(now: datetime) -> ColumnElement[bool]:
    """True for rows whose time has come, or that were put off by a clock that has been set back since."""
    at, pending = outbox.c.next_at, outbox.c.state == State.PENDING
    untouched = (outbox.c.attempts == 0) & (outbox.c.held == Held.NEW)
    return (at <= now) | (untouched & (outbox.c.created > now)) | (pending & (at > now + _LONGEST))


def is_untried() -> ColumnElement[bool]:
    """True for alerts by themselves that no receiver can have seen: they may still go with others."""
    alone = (outbox.c.reason != Reason.DIGEST) & outbox.c.digest.is_(None)
    return alone & (outbox.c.attempts == 0) & ~outbox.c.unsure


def of(target: Target) -> ColumnElement[bool]:
    """True for what is for a target."""
    return (outbox.c.channel == target.channel) & (outbox.c.recipient == target.recipient)


def first_of_each(connection: Connection, which: ColumnElement[bool], limit: int) -> list[Row[Any]]:
    """The first rows of each target, in the order of their promises."""
    target = (outbox.c.channel, outbox.c.recipient)
    place = func.row_number().over(partition_by=target, order_by=outbox.c.number).label("place")
    ranked = select(outbox.c.number, place).where(which).subquery()
    first = select(ranked.c.number).where(ranked.c.place <= limit)
    query = select(outbox).where(outbox.c.number.in_(first)).order_by(outbox.c.number)
    return list(connection.execute(query))


def set_rows(connection: Connection, ids: Iterable[str], values: dict[str, Any]) -> None:
    """Change the rows of these ids."""
    for part in slices(list(ids)):
        connection.execute(update(outbox).where(outbox.c.id.in_(part)).values(values))


def look_again(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """Let what is held be arranged anew."""
    held = which & (outbox.c.state == State.HELD) & outbox.c.digest.is_(None)
    connection.execute(update(outbox).where(held).values(next_at=now))

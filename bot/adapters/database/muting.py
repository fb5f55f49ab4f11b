"""Mutes: what makes alerts wait, because somebody said so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.standing import is_untried, look_again
from bot.adapters.database.tables import mutes, outbox
from bot.adapters.database.writer import Writer
from bot.model import Held, Mute, State


class Mutes(Writer):
    """The mutes, in a database. Every method is one transaction."""

    def mutes(self, now: datetime) -> Sequence[Mute]:
        """What is muted now."""
        with self._database.reading() as connection:
            return [_mute(row) for row in connection.execute(select(mutes).where(_in_force(now)))]

    def mute(self, mute: Mute) -> None:
        """Let alerts wait until the mute ends; what was said of the same before is replaced."""
        same = (mutes.c.kind == mute.kind) & (mutes.c.name == mute.name)
        row = {"kind": mute.kind, "name": mute.name, "since": mute.since, "until": mute.until}
        with self._database.writing() as connection:
            connection.execute(update(mutes).where(same & _in_force(mute.since)).values(undone=mute.since))
            connection.execute(insert(mutes).values(row))
            look_again(connection, outbox.c.held == Held.MUTE, mute.since)
            untried = _about(mute) & (outbox.c.state == State.PENDING) & is_untried()
            connection.execute(update(outbox).where(untried).values(state=State.HELD, next_at=mute.since))

    def unmute(self, kind: str, name: str, now: datetime) -> int:
        """End a mute, and look again at what waited; 1 if there was one."""
        with self._database.writing() as connection:
            same = (mutes.c.kind == kind) & (mutes.c.name == name)
            mine = update(mutes).where(same & _in_force(now)).values(undone=now)
            many: int = connection.execute(mine).rowcount
            look_again(connection, outbox.c.held == Held.MUTE, now)
            return many


def keep_their_lengths(connection: Connection, now: datetime) -> None:
    """Let mutes that were said under a clock that has been set back since begin now, and last as long as was meant."""
    for row in connection.execute(select(mutes).where((mutes.c.since > now) & _in_force(now))).all():
        lasts = {"since": now, "until": now + (row.until - row.since)}
        connection.execute(update(mutes).where(mutes.c.number == row.number).values(lasts))


def _about(mute: Mute) -> ColumnElement[bool]:
    """True for what a mute is about."""
    if mute.kind == "source":
        return outbox.c.source.bool_op("GLOB")(mute.name)
    return outbox.c[mute.kind] == mute.name


def _in_force(now: datetime) -> ColumnElement[bool]:
    return (mutes.c.until > now) & mutes.c.undone.is_(None)


def _mute(row: Row[Any]) -> Mute:
    return Mute(kind=row.kind, name=row.name, until=row.until, since=row.since)

"""After a crash, a sleep, a clock that was moved, or a word from the operator: what leaves is put right again."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select, update

from bot.adapters.database.ledger import note
from bot.adapters.database.muting import keep_their_lengths
from bot.adapters.database.slices import slices
from bot.adapters.database.standing import LEAVING, is_untried, look_again
from bot.adapters.database.tables import outbox
from bot.adapters.database.writer import Writer
from bot.model import Held, State


class Recovery(Writer):
    """Puts the outbox right. Every method is one transaction."""

    def reconsider(self, now: datetime, *, step: timedelta = timedelta(0)) -> None:
        """Look at all that is held again, since times may have changed; the clock was moved by `step`.

        What leaves is as old as before: it is given up for having been tried for long, not for a clock that was moved
        or a machine that slept. What has to wait longer since the clock was set back, does not; nor does a mute.
        """
        with self._database.writing() as connection:
            look_again(connection, outbox.c.held != Held.NEW, now)
            if step:
                _shift(connection, outbox.c.state.in_(LEAVING), "created", step)
            if step < timedelta(0):
                _shift(connection, outbox.c.state.in_(LEAVING) & (outbox.c.next_at > now), "next_at", step)
            keep_their_lengths(connection, now)

    def recover(self, now: datetime, *, patience: timedelta = timedelta(0)) -> int:
        """Let what a dead process was sending be due at once, by the process that has the database; how many.

        What was promised longer ago than `patience`, or later than now, counts as promised then: while nobody was
        there nothing was tried, and it is not given up for that.
        """
        leaving = outbox.c.state.in_(LEAVING)
        with self._database.writing() as connection:
            if patience:
                old = update(outbox).where(leaving & (outbox.c.created < now - patience))
                connection.execute(old.values(created=now - patience))
                connection.execute(update(outbox).where(leaving & (outbox.c.created > now)).values(created=now))
            claimed = update(outbox).where(outbox.c.state == State.SENDING).values(next_at=now)
            return connection.execute(claimed).rowcount

    def revive(self, ids: Collection[str], now: datetime, *, dead: bool = False) -> int:
        """Let messages be tried again: those named (or all dead letters); how many there are.

        An alert that went with a digest is tried again with the whole digest, which is one message.
        """
        ended = outbox.c.state.in_([State.DEAD, State.AMBIGUOUS, State.PENDING])
        which = (outbox.c.state == State.DEAD) if dead else outbox.c.id.in_(ids) & ended
        again = {"state": State.PENDING, "next_at": now, "ended": None, "created": now, "attempts": 0}
        arrange_anew = {**again, "state": State.HELD, "held": Held.NEW}
        with self._database.writing() as connection:
            rows = connection.execute(select(outbox.c.id, outbox.c.digest).where(which)).all()
            tops = sorted({row.digest or row.id for row in rows})
            for part in slices(tops):
                letters = outbox.c.id.in_(part)
                connection.execute(update(outbox).where(letters).values(again))
                connection.execute(update(outbox).where(letters & is_untried()).values(arrange_anew))
                members = update(outbox).where(outbox.c.digest.in_(part))
                connection.execute(members.values(state=State.HELD, next_at=None, ended=None))
                note(connection, "tried-again", outbox.c.id.in_(part), now)
            return len(tops)


def _shift(connection: Connection, which: ColumnElement[bool], column: str, step: timedelta) -> None:
    """Move a time of rows, one by one: SQLite has no sums of times."""
    for row in connection.execute(select(outbox.c.number, outbox.c[column]).where(which)).all():
        moved = {column: row[1] + step}
        connection.execute(update(outbox).where(outbox.c.number == row.number).values(moved))

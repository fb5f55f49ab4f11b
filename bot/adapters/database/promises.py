"""The outbox and its ledger: what waits, what is due, and how each try ended. Every method is one transaction."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.ledger import note, note_each
from bot.adapters.database.muting import Mutes
from bot.adapters.database.recovering import Recovery
from bot.adapters.database.rows import deliveries_of, delivery_row
from bot.adapters.database.slices import slices
from bot.adapters.database.standing import LEAVING, first_of_each, has_come, of, set_rows
from bot.adapters.database.tables import outbox
from bot.errors import StoreError
from bot.model import (
    Arrangement,
    Delivery,
    Ending,
    Postponed,
    Sending,
    State,
    Target,
    Waiting,
)

_HOUR = timedelta(hours=1)
_FULL = "disk is full"
"""SQLite's words for it."""


class Promises(Mutes, Recovery):
    """The deliveries, in a database."""

    def promise(self, deliveries: Collection[Delivery]) -> int:
        """Put promises into the outbox that belong to no poll; how many were new."""
        with self._database.writing() as connection:
            return insert_promises(connection, deliveries)

    def waiting(self, now: datetime, *, limit: int) -> Sequence[Waiting]:
        """By target, what nobody has arranged yet, or whose hold is over; at most `limit` of each."""
        free = (outbox.c.state == State.HELD) & outbox.c.digest.is_(None)
        with self._database.reading() as connection:
            rows = first_of_each(connection, free & has_come(now), limit)
            by_target = groupby(sorted(rows, key=_target), key=_target)
            return [_waiting(connection, target, list(found), now) for target, found in by_target]

    def arrange(self, arrangements: Iterable[Arrangement], now: datetime) -> None:
        """Store what becomes of what waited, all in one transaction."""
        with self._database.writing() as connection:
            for one in arrangements:
                # from now on it counts for how long it is tried: what has waited long is not given up at the first try
                set_rows(connection, one.ready, {"state": State.PENDING, "created": now, "next_at": now, "why": ""})
                for digest in one.digests:
                    _insert_digest(connection, digest, now)
                for postponed in one.postponed:
                    _postpone(connection, postponed, now)
            self._crash_point("arranged, not committed")
        self._crash_point("arranged")

    def postpone(self, postponed: Postponed, now: datetime) -> None:
        """Let deliveries that are due wait until a later time, each as it is."""
        values = {"state": State.PENDING, "next_at": postponed.until, "why": _why(postponed)}
        with self._database.writing() as connection:
            for part in slices(list(postponed.ids)):
                mine = outbox.c.id.in_(part)
                cut_off = mine & (outbox.c.state == State.SENDING)
                connection.execute(update(outbox).where(cut_off).values(unsure=True))
                connection.execute(update(outbox).where(mine).values(values))
            note_each(connection, "held", postponed.ids, now)

    def due(self, now: datetime, *, limit: int, without: Collection[Target] = ()) -> Sequence[Delivery]:
        """At most `limit` deliveries of each target whose time has come, in the order of their promises.

        A claim whose lease has run out is due again, and is marked as interrupted. Targets that are `without` have
        nothing.
        """
        ready = outbox.c.ended.is_(None) & outbox.c.state.in_(LEAVING) & has_come(now)
        with self._database.reading() as connection:
            targets = connection.execute(select(outbox.c.channel, outbox.c.recipient).where(ready).distinct())
            free = sorted({_target(row) for row in targets} - {*without})
            first = select(outbox).order_by(outbox.c.number).limit(limit)
            rows = (row for target in free for row in connection.execute(first.where(of(target) & ready)))
            return list(deliveries_of(rows))

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        """Take a delivery before sending it; False if it is no longer due."""
        mine = (outbox.c.id == delivery.id) & (outbox.c.attempts == delivery.attempts) & has_come(now)
        taken = {
            "state": State.SENDING,
            "attempts": delivery.attempts + 1,
            "next_at": now + timedelta(seconds=lease),
            "unsure": outbox.c.unsure | (outbox.c.state == State.SENDING),  # an interrupted try is not forgotten
        }

        def work(connection: Connection) -> bool:
            waits = mine & outbox.c.state.in_(LEAVING)
            if delivery.interrupted:
                note(connection, "interrupted", waits, now)
            done: bool = connection.execute(update(outbox).where(waits).values(taken)).rowcount == 1
            self._crash_point("claimed, not committed")
            return done

        done = self._together.write(work)
        self._crash_point("claimed")
        return done

    def settle(self, delivery: Delivery, ending: Ending, now: datetime) -> None:
        """Record how the try ended, for all that the delivery holds."""
        self._crash_point("sent, not settled")
        over = ending.next_at is None
        values: dict[str, Any] = {
            "state": ending.state,
            "next_at": ending.next_at,
            "why": ending.outcome.why,
            "ended": now if over else None,
        }
        if ending.outcome.result == "ambiguous":
            values["unsure"] = True
        mine = or_(outbox.c.id == delivery.id, outbox.c.digest == delivery.id) if over else outbox.c.id == delivery.id

        def work(connection: Connection) -> None:
            connection.execute(update(outbox).where(mine).values(values))
            note(connection, _event(ending), mine, now, fingerprint=ending.fingerprint)
            insert_promises(connection, ending.notices)
            self._crash_point("settled, not committed")

        self._write_though_full(work)
        self._crash_point("settled")

    def _write_though_full(self, work: Callable[[Connection], None]) -> None:
        """Write also when the disk is full: there is room that was kept for this."""
        ballast = self._database.ballast
        try:
            self._together.write(work)
            self._is_spent = self._is_spent and not ballast.keep()
        except StoreError as error:
            if _FULL not in str(error) or not ballast.give_up():
                raise
            self._is_spent = True
            self._together.write(work)

    def hurry(self, target: Target, now: datetime) -> None:
        """Let what has failed for a target be due at once, since the target works again."""
        failed = of(target) & (outbox.c.state == State.PENDING) & (outbox.c.attempts > 0)
        with self._database.writing() as connection:
            connection.execute(update(outbox).where(failed & (outbox.c.next_at > now)).values(next_at=now))

    def expire(
        self, target: Target, before: datetime, now: datetime, *, why: str, notices: Collection[Delivery]
    ) -> int:
        """Give up what was promised to a target before a time and is still pending; how many."""
        old = of(target) & (outbox.c.state == State.PENDING) & (outbox.c.created <= before)
        with self._database.writing() as connection:
            ids = list(connection.execute(select(outbox.c.id).where(old)).scalars())
            for part in slices(ids):
                given_up = or_(outbox.c.id.in_(part), outbox.c.digest.in_(part))
                dead = {"state": State.DEAD, "next_at": None, "ended": now, "why": why}
                connection.execute(update(outbox).where(given_up).values(dead))
                note(connection, "given-up", given_up, now)
            insert_promises(connection, notices if ids else ())
            return len(ids)


def insert_promises(connection: Connection, deliveries: Collection[Delivery]) -> int:
    """Insert promises, leaving those that are there already; how many were new."""
    if not deliveries:
        return 0
    ids = {one.id: one for one in deliveries}
    known: set[str] = set()
    for part in slices(sorted(ids)):
        known.update(connection.execute(select(outbox.c.id).where(outbox.c.id.in_(part))).scalars())
    new = [one for one in ids.values() if one.id not in known]
    if new:
        connection.execute(insert(outbox), [delivery_row(one) for one in new])
        note_each(connection, "promised", [one.id for one in new], new[0].created)
    return len(new)


def _event(ending: Ending) -> str:
    """What the ledger calls it: a try that was the last one is more than another that failed."""
    is_last = ending.state is State.DEAD and ending.outcome.result is not Sending.REFUSED
    return "given-up" if is_last else ending.outcome.result


def _insert_digest(connection: Connection, digest: Delivery, now: datetime) -> None:
    row = {**delivery_row(digest), "state": State.PENDING, "next_at": now}
    connection.execute(insert(outbox).values(row).on_conflict_do_nothing())
    set_rows(connection, digest.members, {"digest": digest.id, "next_at": None, "why": ""})
    note_each(connection, "put-together", [digest.id, *digest.members], now)


def _postpone(connection: Connection, postponed: Postponed, now: datetime) -> None:
    others: list[str] = []  # what waits for another reason than before: the ledger need not hear of each look
    for part in slices(list(postponed.ids)):
        changed = outbox.c.id.in_(part) & (outbox.c.held != postponed.held)
        others += connection.execute(select(outbox.c.id).where(changed)).scalars()
    values = {"state": State.HELD, "held": postponed.held, "next_at": postponed.until, "why": _why(postponed)}
    set_rows(connection, postponed.ids, values)
    note_each(connection, "held", others, now)


def _why(postponed: Postponed) -> str:
    return f"{postponed.held} until {postponed.until:%Y-%m-%d %H:%MZ}"


def _target(row: Any) -> Target:
    return Target(row.channel, row.recipient)


def _waiting(connection: Connection, target: Target, rows: list[Row[Any]], now: datetime) -> Waiting:
    alone = of(target) & outbox.c.digest.is_(None)
    ended = select(outbox.c.ended).where(alone & (outbox.c.state != State.DEAD) & (outbox.c.ended > now - _HOUR))
    leaving = select(func.count()).where(alone & outbox.c.state.in_(LEAVING))
    return Waiting(
        target=target,
        deliveries=tuple(deliveries_of(rows)),
        recent=tuple(connection.execute(ended.order_by(outbox.c.ended)).scalars()),
        leaving=connection.execute(leaving).scalar_one(),
    )

"""The outbox and its ledger: what waits, what is due, and how each try ended. Every method is one transaction."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.adapters.database.ledger import note, note_each
from bot.adapters.database.opening import Database
from bot.adapters.database.rows import deliveries_of, delivery_row
from bot.adapters.database.slices import slices
from bot.adapters.database.tables import mutes, outbox
from bot.adapters.database.together import Together
from bot.errors import StoreError
from bot.model import (
    Arrangement,
    Delivery,
    Ending,
    Held,
    Mute,
    Postponed,
    Reason,
    Sending,
    State,
    Target,
    Waiting,
)

_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=1)
"""No delivery that is pending waits longer than this: what does, was put off by a clock that has been set back."""
_FULL = "disk is full"
"""SQLite's words for it."""
_LEAVING = (State.PENDING, State.SENDING)


class Promises:
    """The deliveries, in a database."""

    def __init__(self, database: Database, *, crash_point: Callable[[str], None] = lambda _: None) -> None:
        self._database, self._together = database, Together(database)
        self._is_spent = False  # the ballast was given up
        self._crash_point = crash_point  # tests let the process die here; nothing in production

    def promise(self, deliveries: Collection[Delivery]) -> int:
        """Put promises into the outbox that belong to no poll; how many were new."""
        with self._database.writing() as connection:
            return insert_promises(connection, deliveries)

    def waiting(self, now: datetime, *, limit: int) -> Sequence[Waiting]:
        """By target, what nobody has arranged yet, or whose hold is over; at most `limit` of each."""
        free = (outbox.c.state == State.HELD) & outbox.c.digest.is_(None)
        with self._database.reading() as connection:
            rows = _first_of_each(connection, free & _has_come(now), limit)
            by_target = groupby(sorted(rows, key=_target), key=_target)
            return [_waiting(connection, target, list(found), now) for target, found in by_target]

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
            _look_again(connection, outbox.c.held == Held.MUTE, mute.since)
            untried = _about(mute) & (outbox.c.state == State.PENDING) & _is_untried()
            connection.execute(update(outbox).where(untried).values(state=State.HELD, next_at=mute.since))

    def unmute(self, kind: str, name: str, now: datetime) -> int:
        """End a mute, and look again at what waited; 1 if there was one."""
        with self._database.writing() as connection:
            same = (mutes.c.kind == kind) & (mutes.c.name == name)
            mine = update(mutes).where(same & _in_force(now)).values(undone=now)
            many: int = connection.execute(mine).rowcount
            _look_again(connection, outbox.c.held == Held.MUTE, now)
            return many

    def arrange(self, arrangements: Iterable[Arrangement], now: datetime) -> None:
        """Store what becomes of what waited, all in one transaction."""
        with self._database.writing() as connection:
            for one in arrangements:
                # from now on it counts for how long it is tried: what has waited long is not given up at the first try
                _set(connection, one.ready, {"state": State.PENDING, "created": now, "next_at": now, "why": ""})
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

    def due(self, now: datetime, *, limit: int) -> Sequence[Delivery]:
        """At most `limit` deliveries of each target whose time has come, in the order of their promises.

        A claim whose lease has run out is due again, and is marked as interrupted.
        """
        leaving = outbox.c.state.in_(_LEAVING)
        with self._database.reading() as connection:
            return list(deliveries_of(_first_of_each(connection, leaving & _has_come(now), limit)))

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        """Take a delivery before sending it; False if it is no longer due."""
        mine = (outbox.c.id == delivery.id) & (outbox.c.attempts == delivery.attempts) & _has_come(now)
        taken = {
            "state": State.SENDING,
            "attempts": delivery.attempts + 1,
            "next_at": now + timedelta(seconds=lease),
            "unsure": outbox.c.unsure | (outbox.c.state == State.SENDING),  # an interrupted try is not forgotten
        }

        def work(connection: Connection) -> bool:
            waits = mine & outbox.c.state.in_(_LEAVING)
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
        failed = _of(target) & (outbox.c.state == State.PENDING) & (outbox.c.attempts > 0)
        with self._database.writing() as connection:
            connection.execute(update(outbox).where(failed & (outbox.c.next_at > now)).values(next_at=now))

    def expire(
        self, target: Target, before: datetime, now: datetime, *, why: str, notices: Collection[Delivery]
    ) -> int:
        """Give up what was promised to a target before a time and is still pending; how many."""
        old = _of(target) & (outbox.c.state == State.PENDING) & (outbox.c.created <= before)
        with self._database.writing() as connection:
            ids = list(connection.execute(select(outbox.c.id).where(old)).scalars())
            for part in slices(ids):
                given_up = or_(outbox.c.id.in_(part), outbox.c.digest.in_(part))
                dead = {"state": State.DEAD, "next_at": None, "ended": now, "why": why}
                connection.execute(update(outbox).where(given_up).values(dead))
                note(connection, "given-up", given_up, now)
            insert_promises(connection, notices if ids else ())
            return len(ids)

    def reconsider(self, now: datetime, *, step: timedelta = timedelta(0)) -> None:
        """Look at all that is held again, since times may have changed; the clock was moved by `step`.

        What leaves is as old as before: it is given up for having been tried for long, not for a clock that was moved
        or a machine that slept. What has to wait longer since the clock was set back, does not; nor does a mute.
        """
        with self._database.writing() as connection:
            _look_again(connection, outbox.c.held != Held.NEW, now)
            if step:
                _shift(connection, outbox.c.state.in_(_LEAVING), "created", step)
            if step < timedelta(0):
                _shift(connection, outbox.c.state.in_(_LEAVING) & (outbox.c.next_at > now), "next_at", step)
            for row in connection.execute(select(mutes).where((mutes.c.since > now) & _in_force(now))).all():
                lasts = {"since": now, "until": now + (row.until - row.since)}
                connection.execute(update(mutes).where(mutes.c.number == row.number).values(lasts))

    def recover(self, now: datetime, *, patience: timedelta = timedelta(0)) -> int:
        """Let what a dead process was sending be due at once, by the process that has the database; how many.

        What was promised longer ago than `patience`, or later than now, counts as promised then: while nobody was
        there nothing was tried, and it is not given up for that.
        """
        leaving = outbox.c.state.in_(_LEAVING)
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
                connection.execute(update(outbox).where(letters & _is_untried()).values(arrange_anew))
                members = update(outbox).where(outbox.c.digest.in_(part))
                connection.execute(members.values(state=State.HELD, next_at=None, ended=None))
                note(connection, "tried-again", outbox.c.id.in_(part), now)
            return len(tops)


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
    _set(connection, digest.members, {"digest": digest.id, "next_at": None, "why": ""})
    note_each(connection, "put-together", [digest.id, *digest.members], now)


def _postpone(connection: Connection, postponed: Postponed, now: datetime) -> None:
    others: list[str] = []  # what waits for another reason than before: the ledger need not hear of each look
    for part in slices(list(postponed.ids)):
        changed = outbox.c.id.in_(part) & (outbox.c.held != postponed.held)
        others += connection.execute(select(outbox.c.id).where(changed)).scalars()
    values = {"state": State.HELD, "held": postponed.held, "next_at": postponed.until, "why": _why(postponed)}
    _set(connection, postponed.ids, values)
    note_each(connection, "held", others, now)


def _why(postponed: Postponed) -> str:
    return f"{postponed.held} until {postponed.until:%Y-%m-%d %H:%MZ}"


def _set(connection: Connection, ids: Iterable[str], values: dict[str, Any]) -> None:
    for part in slices(list(ids)):
        connection.execute(update(outbox).where(outbox.c.id.in_(part)).values(values))


def _look_again(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    held = which & (outbox.c.state == State.HELD) & outbox.c.digest.is_(None)
    connection.execute(update(outbox).where(held).values(next_at=now))


def _shift(connection: Connection, which: ColumnElement[bool], column: str, step: timedelta) -> None:
    """Move a time of rows, one by one: SQLite has no sums of times."""
    for row in connection.execute(select(outbox.c.number, outbox.c[column]).where(which)).all():
        moved = {column: row[1] + step}
        connection.execute(update(outbox).where(outbox.c.number == row.number).values(moved))


def _is_untried() -> ColumnElement[bool]:
    """True for alerts by themselves that no receiver can have seen: they may still go with others."""
    alone = (outbox.c.reason != Reason.DIGEST) & outbox.c.digest.is_(None)
    return alone & (outbox.c.attempts == 0) & ~outbox.c.unsure


def _about(mute: Mute) -> ColumnElement[bool]:
    """True for what a mute is about."""
    if mute.kind == "source":
        return outbox.c.source.bool_op("GLOB")(mute.name)
    return outbox.c[mute.kind] == mute.name


def _has_come(now: datetime) -> ColumnElement[bool]:
    """True for rows whose time has come, or that were put off by a clock that has been set back since."""
    at, pending = outbox.c.next_at, outbox.c.state == State.PENDING
    untouched = (outbox.c.attempts == 0) & (outbox.c.held == Held.NEW)
    return (at <= now) | (untouched & (outbox.c.created > now)) | (pending & (at > now + _LONGEST))


def _first_of_each(connection: Connection, which: ColumnElement[bool], limit: int) -> list[Row[Any]]:
    """The first rows of each target, in the order of their promises."""
    target = (outbox.c.channel, outbox.c.recipient)
    place = func.row_number().over(partition_by=target, order_by=outbox.c.number).label("place")
    ranked = select(outbox.c.number, place).where(which).subquery()
    first = select(ranked.c.number).where(ranked.c.place <= limit)
    query = select(outbox).where(outbox.c.number.in_(first)).order_by(outbox.c.number)
    return list(connection.execute(query))


def _target(row: Row[Any]) -> Target:
    return Target(row.channel, row.recipient)


def _of(target: Target) -> ColumnElement[bool]:
    return (outbox.c.channel == target.channel) & (outbox.c.recipient == target.recipient)


def _waiting(connection: Connection, target: Target, rows: list[Row[Any]], now: datetime) -> Waiting:
    alone = _of(target) & outbox.c.digest.is_(None)
    ended = select(outbox.c.ended).where(alone & (outbox.c.state != State.DEAD) & (outbox.c.ended > now - _HOUR))
    leaving = select(func.count()).where(alone & outbox.c.state.in_(_LEAVING))
    return Waiting(
        target=target,
        deliveries=tuple(deliveries_of(rows)),
        recent=tuple(connection.execute(ended.order_by(outbox.c.ended)).scalars()),
        leaving=connection.execute(leaving).scalar_one(),
    )


def _in_force(now: datetime) -> ColumnElement[bool]:
    return (mutes.c.until > now) & mutes.c.undone.is_(None)


def _mute(row: Row[Any]) -> Mute:
    return Mute(kind=row.kind, name=row.name, until=row.until, since=row.since)

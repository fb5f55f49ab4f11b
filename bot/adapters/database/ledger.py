"""The ledger: what was decided and tried, in the same transaction as the thing itself; only ever added to."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, literal, select

from bot.adapters.database.slices import slices
from bot.adapters.database.tables import ledger, outbox

_TAKEN = ("channel", "recipient", "rule", "rule_version", "revision", "reason", "why")


def note(
    connection: Connection, event: str, which: ColumnElement[bool], at: datetime, *, fingerprint: str = ""
) -> None:
    """A line for each delivery that `which` names, as it stands now; `fingerprint` is of the text that was sent."""
    table = outbox.c
    said: dict[str, ColumnElement[object]] = {
        "at": literal(at, ledger.c.at.type),
        "event": literal(event),
        "delivery": table.id,
        **{name: table[name] for name in _TAKEN},
        "release": func.coalesce(table.release, ""),
        "attempt": table.attempts,
        "fingerprint": literal(fingerprint),
        "digest": func.coalesce(table.digest, ""),
    }
    lines = select(*said.values()).where(which).order_by(table.number)
    connection.execute(insert(ledger).from_select(list(said), lines))


def note_each(connection: Connection, event: str, ids: Iterable[str], at: datetime) -> None:
    """The same for deliveries by their ids."""
    for part in slices(sorted(ids)):
        note(connection, event, outbox.c.id.in_(part), at)

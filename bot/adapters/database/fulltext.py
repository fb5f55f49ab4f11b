"""The words of releases in SQLite's FTS5: written as releases are stored, and asked which releases to look at.

The table holds no text (it is contentless), only which release has which word in which column. Its rowids are made of
day and number, so that FTS5 gives the newest first without sorting, and days are a range of rowids. Words of a text
that was replaced stay in it, as those of the old day do: who asks must look at the release anyway.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import ColumnElement, Connection, column, literal_column, select, table

from bot.adapters.database.tables import releases
from bot.core.rules.fulltext import Sought
from bot.core.rules.judging.subject import named_so
from bot.core.rules.language.words import searchable
from bot.model import Release

_ROOM = 2**28
"""More releases than a file can hold."""
_INSERT = "INSERT INTO release_words (rowid, title, body) VALUES (?, ?, ?)"


def place_of(published: date | None, number: int) -> int:
    """The rowid of a release: later days are greater, on one day later numbers; those without a day are least."""
    return (published.toordinal() if published else 0) * _ROOM + number


def number_of(place: int) -> int:
    """The number of the release at a rowid."""
    return place % _ROOM


def insert_words(connection: Connection, numbered: Iterable[tuple[int, Release]]) -> None:
    """Let the texts of releases be found."""
    # in their order, since FTS5 writes a new segment whenever a rowid is less than the one before
    rows = sorted((place_of(one.published, number), one.title, one.body) for number, one in numbered)
    if rows:
        found = [(place, searchable(title), searchable(body)) for place, title, body in rows]
        connection.exec_driver_sql(_INSERT, found)


def places(connection: Connection, sought: Sought) -> Iterator[int]:
    """The rowids of releases that may be what is sought, the newest first; some may be out of date."""
    if sought.match:
        words = table("release_words", column("rowid"))
        match = literal_column("release_words").op("MATCH")(sought.match)
        query = select(words.c.rowid).where(match, _between(words.c.rowid, sought)).order_by(words.c.rowid.desc())
        yield from connection.execute(query).scalars()
        return
    days = (releases.c.published.desc(), releases.c.number.desc())
    every = select(releases.c.published, releases.c.number).order_by(*days)
    if sought.bounded:
        every = every.where(releases.c.published.between(sought.first or date.min, sought.last or date.max))
    for published, number in connection.execute(every):
        yield place_of(published, number)


def _between(rowid: ColumnElement[int], sought: Sought) -> ColumnElement[bool]:
    first = place_of(sought.first or date.min, 0) if sought.bounded else 0
    return rowid.between(first, place_of(sought.last or date.max, _ROOM - 1))


def sources(connection: Connection, sought: Sought) -> list[str] | None:
    """The stored sources that are what is sought; None if all are."""
    if not sought.sources:
        return None
    known = connection.execute(select(releases.c.source).group_by(releases.c.source)).scalars()
    return [one for one in known if all(_is_one_of(one, names) for names in sought.sources)]


def _is_one_of(source: str, names: tuple[str, ...]) -> bool:
    return any(named_so(source, name, "source") for name in names)

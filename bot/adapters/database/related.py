"""What is stored that may bear on some releases: read inside the transaction that will store them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from bot.adapters.database.rows import filed_of
from bot.adapters.database.slices import slices
from bot.adapters.database.tables import matches, outbox
from bot.adapters.database.tables import (
    releases as release_table,
)
from bot.core.stories.signature import BEGINNING, TELLING, may_be_kin, sought, weigh
from bot.model import Related, Release, Sibling, Told

_KEYS = 10_000
"""Keys that are sought at once."""


def related(
    connection: Connection, wanted: Collection[Release], window: timedelta, *, told_by: Collection[str] = ()
) -> Related:
    """What is stored under the releases' identities, texts and titles, and their look-alikes; with their stories.

    What was told of those stories comes with it, of the rules `told_by` only if there are any.
    """
    found = _related(connection, wanted, window)
    return replace(found, told=_told(connection, told_by, found.siblings))


def _related(connection: Connection, wanted: Collection[Release], window: timedelta) -> Related:
    """What is stored under the releases' identities, texts and titles, and their look-alikes; with their stories."""
    near = _look_alikes(connection, wanted, window)
    rows: dict[str, Row[Any]] = {}
    for part in slices(list(wanted)):
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
    for some in slices(list(numbers)):
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
    for part in slices(sorted({key for found in keys.values() for key in found}), length=_KEYS):
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
    for part in slices(sorted(weak)):
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
    for part in slices(sorted(stories_)):
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
    for part in slices(list(ids)):
        query = select(matches.c.release, matches.c.rule).where(matches.c.release.in_(part))
        for release, rule in connection.execute(query):
            met.setdefault(release, set()).add(rule)
    return {release: frozenset(rules) for release, rules in met.items()}


def _told(connection: Connection, rules: Collection[str], stories_: Collection[str]) -> list[Told]:
    """What was told, or promised, of the stories, the earliest first; by all rules if none are named."""
    table = outbox.c
    names = ("channel", "recipient", "rule", "story", "release", "about")
    columns = [table[name] for name in names]
    carrier = func.coalesce(table.digest, table.id).label("id")
    name = func.json_extract(table.message, "$.rule").label("rule_name")
    found: list[Told] = []
    for part in slices(sorted(stories_)):
        mine = table.story.in_(part) & (table.rule.in_(rules) if rules else true())
        query = select(*columns, carrier, name).where(mine).order_by(table.number)
        found += [Told(**row._asdict()) for row in connection.execute(query)]
    return found

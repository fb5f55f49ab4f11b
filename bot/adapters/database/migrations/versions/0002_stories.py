"""Stories: how alike two releases are and where they differ, the keys of look-alikes, notices of mass changes."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from bot.core.stories.signature import kept, signature

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BATCH = 500


def upgrade() -> None:
    op.add_column("releases", sa.Column("score", sa.Float(), nullable=False, server_default="0"))
    op.add_column("releases", sa.Column("changes", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("revisions", sa.Column("told", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("source_states", sa.Column("newest", sa.Date(), nullable=True))
    op.add_column("polls", sa.Column("notice", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "story_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["releases.number"]),
        sa.PrimaryKeyConstraint("key", "number"),
        sqlite_with_rowid=False,
    )
    _fill()


def _fill() -> None:
    """Keys of the releases that are there, and the latest day of each source."""
    connection = op.get_bind()
    releases = sa.table(
        "releases",
        *map(sa.column, ("number", "title", "body", "source")),
        sa.column("published", sa.Date),
        sa.column("seen", sa.DateTime),
    )
    keys = sa.table("story_keys", sa.column("key"), sa.column("number"))
    for batch in _batches(connection, releases):
        rows = {
            (key, row.number)
            for row in batch
            for key in kept(signature(row.title, row.body), row.published or row.seen.date())
        }
        if rows:
            connection.execute(keys.insert(), [{"key": key, "number": number} for key, number in sorted(rows)])
    newest = sa.select(sa.func.max(releases.c.published)).where(
        releases.c.source == sa.column("source_states.source", is_literal=True)
    )
    states = sa.table("source_states", sa.column("source"), sa.column("newest", sa.Date))
    connection.execute(states.update().values(newest=newest.scalar_subquery()))


def _batches(connection: sa.Connection, releases: sa.TableClause) -> Iterator[list[sa.Row]]:  # type: ignore[type-arg]
    last = 0
    while True:
        query = sa.select(releases).where(releases.c.number > last).order_by(releases.c.number).limit(_BATCH)
        batch = list(connection.execute(query).all())
        if not batch:
            return
        yield batch
        last = batch[-1].number

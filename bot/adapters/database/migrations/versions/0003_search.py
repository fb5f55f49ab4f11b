"""Search: the words of releases in a full-text index, and people's labels."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from bot.core.rules.language.words import searchable

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 500
# Contentless and without positions or sizes: a third of the room, and nothing that is asked for is missing. The
# tokenizer parts words at white space only, since `searchable` has said what a word is.
WORDS = """
CREATE VIRTUAL TABLE release_words USING fts5(
    title, body, content='', columnsize=0, detail=column,
    tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
)
"""


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("release", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("verdict", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.id"]),
        sa.PrimaryKeyConstraint("release", "rule"),
    )
    op.create_index("releases_day", "releases", ["published"], unique=False)
    connection = op.get_bind()
    connection.exec_driver_sql(WORDS)
    for batch in _batches(connection):
        rows = ((_place(row), searchable(row.title), searchable(row.body)) for row in batch)
        # in their order, since FTS5 writes a new segment whenever a rowid is less than the one before
        connection.exec_driver_sql("INSERT INTO release_words (rowid, title, body) VALUES (?, ?, ?)", sorted(rows))


def _place(row: "sa.Row") -> int:  # type: ignore[type-arg]
    """As in bot/adapters/database/fulltext.py."""
    return (row.published.toordinal() if row.published else 0) * 2**28 + int(row.number)


def _batches(connection: sa.Connection) -> Iterator[list["sa.Row"]]:  # type: ignore[type-arg]
    releases = sa.table("releases", *map(sa.column, ("number", "title", "body")), sa.column("published", sa.Date))
    last = 0
    while True:
        query = sa.select(releases).where(releases.c.number > last).order_by(releases.c.number).limit(_BATCH)
        batch = list(connection.execute(query).all())
        if not batch:
            return
        yield batch
        last = batch[-1].number

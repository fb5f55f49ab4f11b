"""Delivery: promises without a release, what they wait for, the ledger, mutes, and how sources do."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEPT = (
    "number, id, channel, recipient, rule, release, change, story, about, revision, reason, message, state, attempts,"
    " created, next_at, ended, why"
)
_APPEND_ONLY = """
CREATE TRIGGER ledger_no_{verb} BEFORE {verb} ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""


def upgrade() -> None:
    op.rename_table("outbox", "outbox_before")
    op.drop_index("outbox_due", table_name="outbox_before")
    _outbox()
    op.execute(f"INSERT INTO outbox ({_KEPT}) SELECT {_KEPT} FROM outbox_before")  # noqa: S608 (our own names)
    op.execute("UPDATE outbox SET source = (SELECT source FROM releases WHERE releases.id = outbox.release)")
    op.drop_table("outbox_before")
    _ledger()
    _mutes()
    _conditions()


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(length=12), server_default="", nullable=False),
        sa.Column("release", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("change", sa.String(length=40), nullable=False),
        sa.Column("story", sa.String(length=16), nullable=True),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("together", sa.String(), server_default="", nullable=False),
        sa.Column("answers", sa.String(length=20), server_default="", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("held", sa.String(), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=20), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.id"]),
        sa.ForeignKeyConstraint(["story"], ["stories.id"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("outbox_due", "outbox", ["state", "next_at"], unique=False)
    op.create_index("outbox_target", "outbox", ["channel", "recipient", "ended"], unique=False)
    op.create_index("outbox_story", "outbox", ["story"], unique=False)
    op.create_index("outbox_digest", "outbox", ["digest"], unique=False)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("delivery", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(length=12), nullable=False),
        sa.Column("release", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ledger_at", "ledger", ["at"], unique=False)
    op.create_index("ledger_delivery", "ledger", ["delivery"], unique=False)
    for verb in ("UPDATE", "DELETE"):
        op.execute(_APPEND_ONLY.format(verb=verb))


def _mutes() -> None:
    op.create_table(
        "mutes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("undone", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )


def _conditions() -> None:
    op.create_table(
        "conditions",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("last_news", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source"),
    )

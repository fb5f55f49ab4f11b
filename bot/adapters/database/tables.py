"""The tables. A change here needs a migration beside it (`migrations/versions`)."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """Aware times, kept in UTC: SQLite has no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The naive UTC time that is stored."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The aware time that was stored."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

stories = Table(
    "stories",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("opened", UtcTime, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True),  # order of arrival
    Column("id", String(16), nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("board", String, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("publisher", String, nullable=False),
    Column("source_name", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("published", Date),
    Column("categories", JSON, nullable=False),
    Column("language", String(2), nullable=False),
    Column("glimpse", String(16), nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("title_key", String(16), nullable=False),
    Column("story", ForeignKey("stories.id"), nullable=False),
    Column("relation", String, nullable=False),
    Column("related_to", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("score", Float, nullable=False, server_default="0"),
    Column("changes", JSON, nullable=False, server_default="[]"),
    Column("revision", Integer, nullable=False),
    Column("seen", UtcTime, nullable=False),
    UniqueConstraint("source", "board", "external_id"),
    Index("releases_text", "content_hash"),
    Index("releases_title", "publisher", "title_key", "published"),
    Index("releases_story", "story"),
    Index("releases_day", "published"),
)

# Keys that a release shares with its look-alikes (bot/core/stories/signature.py). The time stands in front of a key,
# so that the rows of a poll lie together, and those of years ago are left in peace.
story_keys = Table(
    "story_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("number", ForeignKey("releases.number"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

revisions = Table(
    "revisions",
    metadata,
    Column("release", ForeignKey("releases.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("replaced", UtcTime, nullable=False),
    Column("told", Boolean, nullable=False, server_default="0"),
)

matches = Table(
    "matches",
    metadata,
    Column("release", ForeignKey("releases.id"), primary_key=True),
    Column("rule", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("rule_version", String(12), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# What people say of a release and a rule: whether the rule should match it. The latest word counts.
labels = Table(
    "labels",
    metadata,
    Column("release", ForeignKey("releases.id"), primary_key=True),
    Column("rule", String, primary_key=True),
    Column("verdict", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# There is also release_words, an FTS5 table that SQLAlchemy cannot describe: see fulltext.py and migration 0003.

outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True),  # order of promising
    Column("id", String(20), nullable=False, unique=True),
    Column("channel", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("rule_version", String(12), nullable=False, server_default=""),
    Column("release", ForeignKey("releases.id")),  # none for digests and notices
    Column("source", String, nullable=False, server_default=""),
    Column("change", String(40), nullable=False),
    Column("story", ForeignKey("stories.id")),
    Column("about", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("message", JSON, nullable=False),
    Column("urgent", Boolean, nullable=False, server_default="0"),
    Column("together", String, nullable=False, server_default=""),
    Column("answers", String(20), nullable=False, server_default=""),
    Column("state", String, nullable=False),
    Column("held", String, nullable=False, server_default=""),
    Column("digest", String(20)),  # the delivery that carries this one
    Column("attempts", Integer, nullable=False),
    Column("unsure", Boolean, nullable=False, server_default="0"),
    Column("created", UtcTime, nullable=False),
    Column("next_at", UtcTime),
    Column("ended", UtcTime),
    Column("why", Text, nullable=False),
    Index("outbox_due", "state", "next_at"),
    Index("outbox_target", "channel", "recipient", "ended"),  # of one target, what has not ended stands in its order
    Index("outbox_story", "story"),
    Index("outbox_digest", "digest"),
)

# What was decided and tried, a line each: nothing in it is ever changed (triggers refuse it, see migration 0004).
ledger = Table(
    "ledger",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("event", String, nullable=False),
    Column("delivery", String(20), nullable=False),
    Column("channel", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("rule_version", String(12), nullable=False),
    Column("release", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("digest", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Index("ledger_at", "at"),
    Index("ledger_delivery", "delivery"),
)

mutes = Table(
    "mutes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("undone", UtcTime),
)

conditions = Table(
    "conditions",
    metadata,
    Column("source", String, primary_key=True),
    Column("standing", String, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("since", UtcTime),
    Column("told", JSON, nullable=False),
    Column("days", JSON, nullable=False),
    Column("last_news", UtcTime),
)

source_states = Table(
    "source_states",
    metadata,
    Column("source", String, primary_key=True),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("baseline", UtcTime),
    Column("unread", JSON, nullable=False),
    Column("silent", JSON, nullable=False),
    Column("gap", Integer, nullable=False),
    Column("gap_page", Integer, nullable=False),
    Column("newest", Date),
)

polls = Table(
    "polls",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("result", String, nullable=False),
    Column("took", Float, nullable=False),
    Column("found", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("folded", Integer, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("error", Text, nullable=False),
    Column("notice", Text, nullable=False, server_default=""),
    Index("polls_of_source", "source", "number"),
)

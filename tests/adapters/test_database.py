import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.adapters.database import Database, migrating, opening
from bot.adapters.database.tables import metadata
from bot.core.intake import read_line
from bot.errors import StoreError
from bot.pipeline import ingest
from tests.fakes import FakeNotifier, rule, sent_by, world

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("stories", sa.Column("colour", sa.String()))
    {more}
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "0005_next.py").write_text(NEXT.format(more="pass"))
    return folder


def columns(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    found = {row[1] for row in connection.execute("PRAGMA table_info(stories)")}
    connection.close()
    return found


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrating._config(None)).get_current_head() == opening.HEAD


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def described(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not str(name).startswith("release_words")  # FTS5's own

    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": described})
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_it_is_durable_and_checks_foreign_keys(database: Database) -> None:
    with database.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_a_second_process_is_refused_and_told_who_has_it(database: Database) -> None:
    code = f"from pathlib import Path; from bot.adapters.database import Database; Database.open(Path({str(database.path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "another Tocsin (process" in done.stderr


def test_it_can_be_opened_again_once_closed(tmp_path: Path) -> None:
    Database.open(tmp_path / "a.db").close()
    Database.open(tmp_path / "a.db").close()


def test_reading_beside_the_process_that_writes(database: Database) -> None:
    peeking = Database.peek(database.path)
    with peeking.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM releases").scalar() == 0
    peeking.close()


def test_peeking_at_nothing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database yet"):
        Database.peek(tmp_path / "none.db")


def test_an_older_file_is_copied_then_upgraded(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "a.db"
    Database.open(path).close()
    Database.open(path, migrations=migrations).close()
    assert "colour" in columns(path)
    assert "colour" not in columns(tmp_path / "a.db.before-0004.bak")


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "a.db"
    Database.open(path).close()
    (migrations / "0005_next.py").write_text(NEXT.format(more='op.execute("INSERT INTO nonsense VALUES (1)")'))
    with pytest.raises(StoreError, match="undone"):
        Database.open(path, migrations=migrations)
    assert "colour" not in columns(path)
    Database.open(path).close()


def test_a_newer_file_is_refused_not_guessed_at(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "a.db"
    Database.open(path).close()
    Database.open(path, migrations=migrations).close()
    with pytest.raises(StoreError, match="0005 is newer than this version knows"):
        Database.open(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"this is no database, this is a text" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Database.open(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Database.open(tmp_path / "file" / "a.db")


def test_a_damaged_file_is_found_by_looking(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a.db")
    database.check()
    database.close()
    raw = bytearray((tmp_path / "a.db").read_bytes())
    raw[4096 * 3 : 4096 * 12] = b"\xa5" * (4096 * 9)
    (tmp_path / "a.db").write_bytes(raw)
    damaged = Database.peek(tmp_path / "a.db")
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        damaged.check()
    damaged.close()


def test_any_file_name_is_that_file(tmp_path: Path) -> None:
    Database.open(tmp_path / "da?ta#1 %41" / "a b.db").close()
    assert (tmp_path / "da?ta#1 %41" / "a b.db").exists()


TO_0003 = """
DROP TABLE ledger;
DROP TABLE mutes;
DROP TABLE conditions;
ALTER TABLE outbox RENAME TO outbox_new;
DROP INDEX outbox_due;
DROP INDEX outbox_target;
DROP INDEX outbox_story;
DROP INDEX outbox_digest;
CREATE TABLE outbox (
    number INTEGER NOT NULL PRIMARY KEY, id VARCHAR(20) NOT NULL UNIQUE, channel VARCHAR NOT NULL,
    recipient VARCHAR NOT NULL, rule VARCHAR NOT NULL, release VARCHAR(16) NOT NULL REFERENCES releases (id),
    change VARCHAR(27) NOT NULL, story VARCHAR(16) NOT NULL REFERENCES stories (id), about VARCHAR(16) NOT NULL,
    revision INTEGER NOT NULL, reason VARCHAR NOT NULL, message JSON NOT NULL, state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL, created DATETIME NOT NULL, next_at DATETIME, ended DATETIME, why TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (state, next_at);
INSERT INTO outbox SELECT number, id, channel, recipient, rule, release, change, story, about, revision, reason,
    message, 'pending', attempts, created, next_at, ended, why FROM outbox_new;
DROP TABLE outbox_new;
UPDATE alembic_version SET version_num = '0003';
"""
TO_0002 = """
DROP TABLE release_words;
DROP TABLE labels;
DROP INDEX releases_day;
UPDATE alembic_version SET version_num = '0002';
"""
TO_0001 = """
DROP TABLE story_keys;
ALTER TABLE releases DROP COLUMN score;
ALTER TABLE releases DROP COLUMN changes;
ALTER TABLE revisions DROP COLUMN told;
ALTER TABLE source_states DROP COLUMN newest;
ALTER TABLE polls DROP COLUMN notice;
UPDATE alembic_version SET version_num = '0001';
"""
KEYS = "SELECT key, number FROM story_keys ORDER BY key, number"
WORDS = "SELECT term, doc, col FROM temp.words ORDER BY term, doc, col"


def old_archive(path: Path, *steps: str) -> None:
    """An archive of five releases, as it was before the migrations that `steps` undo."""
    database = Database.open(path)
    lines = [
        {
            "id": str(at),
            "source": "kr/board",
            "title": f"Anti-dumping duty on steel {at}",
            "body": f"It is {at}.5%. 관세를 말했다. " * 30,
            "published": f"2026-05-1{5 - at}" if at else "",
        }
        for at in range(5)
    ]
    here = world(database, rule(any=["anti-dumping"]))
    for _ in ingest((("line", *read_line(json.dumps(one), {})) for one in lines), here, baseline=False, batch=50):
        pass
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        for step in steps:
            connection.executescript(step)


def stored(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, release_words, instance)")
        return connection.execute(query).fetchall()


def test_an_archive_from_before_stories_is_given_its_keys(tmp_path: Path) -> None:
    old_archive(tmp_path / "new.db")
    old_archive(tmp_path / "old.db", TO_0003, TO_0002, TO_0001)
    Database.open(tmp_path / "old.db").close()
    assert len(stored(tmp_path / "old.db", KEYS)) > 5 * 8
    assert stored(tmp_path / "old.db", KEYS) == stored(tmp_path / "new.db", KEYS)


def test_an_archive_from_before_the_search_is_given_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = import_module("bot.adapters.database.migrations.versions.0003_search")
    monkeypatch.setattr(search, "_BATCH", 2)
    old_archive(tmp_path / "new.db")
    old_archive(tmp_path / "old.db", TO_0003, TO_0002)
    Database.open(tmp_path / "old.db").close()
    found = stored(tmp_path / "old.db", WORDS)
    assert {"antidumping", "anti", "duty", "2.5", "관세를"} <= {term for term, _, _ in found}
    assert found == stored(tmp_path / "new.db", WORDS)


def test_the_alerts_of_an_older_archive_are_kept_and_sent(tmp_path: Path) -> None:
    old_archive(tmp_path / "old.db", TO_0003)
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        [(waiting,)] = connection.execute("SELECT count(*) FROM outbox WHERE state = 'pending'")
    database, notifier = Database.open(tmp_path / "old.db"), FakeNotifier()
    sent_by(world(database, notifier=notifier))
    assert waiting == len(notifier.sent) > 1
    with database.reading() as connection:
        assert set(connection.exec_driver_sql("SELECT DISTINCT source FROM outbox").scalars()) == {"kr/board"}
    database.close()


@pytest.mark.parametrize("change", ["UPDATE ledger SET why = ''", "DELETE FROM ledger"])
def test_nothing_in_the_ledger_can_be_changed(tmp_path: Path, change: str) -> None:
    old_archive(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        [(many,)] = connection.execute("SELECT count(*) FROM ledger")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(change)
    assert many > 0

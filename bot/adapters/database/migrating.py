"""Schema upgrades, by alembic on a connection that is already inside a transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError

HERE = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, versions: Path | None = None) -> None:
    """Run all migrations that are missing; StoreError (and a rolled-back file) if one fails."""
    config = _config(versions)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except SQLAlchemyError as error:
        raise StoreError(f"the upgrade failed and was undone; the file is as it was: {error}") from error


def refuse_newer(path: Path, found: str, versions: Path | None = None) -> None:
    """Raise StoreError if the file's schema is one this version does not know."""
    known = {script.revision for script in ScriptDirectory.from_config(_config(versions)).walk_revisions()}
    if found not in known:
        raise StoreError(
            f"{path}: schema {found} is newer than this version knows ({', '.join(sorted(known))});"
            " upgrade Tocsin, or restore an older copy of the file"
        )


def _config(versions: Path | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    folders = [HERE / "versions", *([versions] if versions else [])]
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders))
    return config

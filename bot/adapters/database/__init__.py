"""The store, over SQLAlchemy Core on SQLite."""

from bot.adapters.database.opening import Database
from bot.adapters.database.store import SqlStore

__all__ = ["Database", "SqlStore"]

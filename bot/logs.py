"""Logs: one event a line, key=value, without secrets and control characters."""

import logging
import re
from collections.abc import Collection
from urllib.parse import quote

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Chatty at INFO, and their messages hold URLs in full.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "alembic": logging.WARNING,
    "urllib3": logging.WARNING,
    "apscheduler": logging.CRITICAL,  # what goes wrong in a job is told by bot.schedule, once
}


def set_up(*, level: int, secrets: Collection[str] = ()) -> None:
    """Log to standard error, every secret masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)


class _Formatter(logging.Formatter):
    """Masks secrets, as they are and as they look in a URL, and what a terminal would obey."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        words = {form for secret in secrets for form in (secret, quote(secret, safe="")) if len(secret) >= 4}
        self._secrets = sorted(words, key=len, reverse=True)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """One line, whatever stands in the message; only our own tracebacks have more."""
        return super().formatMessage(record).replace("\n", "\\n")

    def format(self, record: logging.LogRecord) -> str:
        """Format one event."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "****")
        return _CONTROL.sub("\ufffd", text)

"""Logs: one event a line, key=value, without secrets and signs that a terminal obeys or a reader does not see."""

import logging
import re
from collections.abc import Collection

from bot.secrecy import Mask

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)
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
        self._mask = Mask(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """One line, whatever stands in the message; only our own tracebacks have more."""
        return super().formatMessage(record).replace("\n", "\\n")

    def format(self, record: logging.LogRecord) -> str:
        """Format one event. The lines of a traceback are set in: none of them passes for an event of its own."""
        event, *trace = self._mask(super().format(record)).split("\n")
        return _UNSEEN.sub("\ufffd", "\n".join([event, *(f"  {line}" for line in trace)]))

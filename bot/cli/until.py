"""The option --until: a moment, or how far ahead of now."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

LONGEST = timedelta(days=366)
_SPAN = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def moment_ahead(text: str, *, now: datetime) -> datetime:
    """The moment that `text` names: 2026-12-01, 2026-12-01T08:00 (UTC), or 2h, 3d, 1w from now.

    ValueError, with what is wrong, unless it lies ahead, and by a year at most.
    """
    until = _moment(text.strip(), now)
    if until <= now:
        raise ValueError(f"{text!r} is over; it is {now:%Y-%m-%d %H:%M} UTC")
    if until > now + LONGEST:
        raise ValueError(f"{text!r} is more than a year ahead; nothing is muted for longer")
    return until


def _moment(text: str, now: datetime) -> datetime:
    span = _SPAN.fullmatch(text.lower())
    if span is not None:
        return now + min(int(span[1]) * _UNITS[span[2]], 2 * LONGEST)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # a day at the end of time has no UTC
        hint = "write 2h, 3d, 1w, a day such as 2026-12-01 or a time such as 2026-12-01T08:00 (UTC)"
        raise ValueError(f"{text!r} is no time: {hint}") from None


class Until(click.ParamType[datetime]):
    """A moment that lies ahead."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; a usage error if it is none."""
        from bot.adapters.clock import SystemClock

        if isinstance(value, datetime):
            return value
        try:
            return moment_ahead(value, now=SystemClock().now())
        except ValueError as error:
            self.fail(str(error), param, ctx)


UNTIL = Until()

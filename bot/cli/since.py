"""The option --since: a day, or how far back from today."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import click

_SPAN = re.compile(r"(\d{1,5})([dwmy])")


def day_back(text: str, *, today: date) -> date:
    """The day that `text` names: 2026-01-31, or 30d, 6w, 3m, 1y before today; ValueError if none."""
    span = _SPAN.fullmatch(text.strip().lower())
    if span is None:
        return date.fromisoformat(text.strip())
    many, unit = int(span[1]), span[2]
    try:
        return (
            today - timedelta(days=many * (7 if unit == "w" else 1))
            if unit in "dw"
            else _months_back(today, many * (12 if unit == "y" else 1))
        )
    except (OverflowError, ValueError):
        return date.min


def _months_back(day: date, many: int) -> date:
    """The same day of an earlier month, or the last one there is."""
    year, month = divmod(day.year * 12 + day.month - 1 - many, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Since(click.ParamType[date]):
    """A day in the past."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; a usage error if it is none."""
        from bot.adapters.clock import SystemClock

        if isinstance(value, date):
            return value
        try:
            return day_back(value, today=SystemClock().now().date())
        except ValueError:
            self.fail(f"{value!r} is no span of time: write 30d, 6w, 3m, 1y or a day such as 2026-01-31", param, ctx)


SINCE = Since()

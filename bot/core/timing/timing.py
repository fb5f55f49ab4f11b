"""When a channel may be written to, as its owner wants it."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from bot.settings import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a channel may be written to; by default at any time, as often as there is something to say."""

    cadence: str = "immediate"
    """`immediate`, `hourly`, `daily 08:30` or `weekly mon 08:30`, in the zone."""
    quiet: str = ""
    """`22:00-07:00`, in the zone; empty for none."""
    zone: tzinfo = UTC
    max_per_hour: int = 0
    """Messages to one recipient in any hour; 0 for no limit."""


def timing_of(channel: Channel) -> Timing:
    """What a channel's settings say of its times."""
    return Timing(
        cadence=channel.cadence,
        quiet=channel.quiet,
        zone=ZoneInfo(channel.timezone),
        max_per_hour=channel.max_per_hour,
    )

"""When people are told: cadences, quiet hours, storms and mutes. Pure: time is an argument."""

from bot.core.timing.arranging import arrange
from bot.core.timing.cadence import next_tick
from bot.core.timing.quiet import quiet_until
from bot.core.timing.timing import Timing, timing_of

__all__ = ["Timing", "arrange", "next_tick", "quiet_until", "timing_of"]

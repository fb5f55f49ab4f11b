"""How sources do, and what the operator is told of that. Pure: time is an argument."""

from bot.core.watching.lateness import late
from bot.core.watching.machine import watch
from bot.core.watching.notices import given_up, refused, taken, unsure
from bot.core.watching.seen import Seen, seen_in
from bot.core.watching.staleness import usual_gap
from bot.core.watching.telling import deliveries

__all__ = ["Seen", "deliveries", "given_up", "late", "refused", "seen_in", "taken", "unsure", "usual_gap", "watch"]

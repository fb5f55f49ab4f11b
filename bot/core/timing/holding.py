"""Why a delivery must wait, and until when: mutes, the cadence, quiet hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from bot.core.timing.cadence import IMMEDIATE, next_tick
from bot.core.timing.quiet import quiet_until
from bot.core.timing.timing import Timing
from bot.model import Delivery, Held, Mute, Reason

_LATELY = timedelta(minutes=10)


class Hold(NamedTuple):
    """A reason to wait, and its end."""

    held: Held
    until: datetime


def hold_of(delivery: Delivery, *, timing: Timing, mutes: Sequence[Mute], now: datetime) -> Hold | None:
    """What the delivery waits for; None if it may leave. A mute holds urgent ones too: somebody asked for it."""
    muted = [mute.until for mute in mutes if mute.until > now and _mutes(mute, delivery)]
    if muted:
        return Hold(Held.MUTE, max(muted))
    if delivery.urgent:
        return None
    tick = _tick(delivery, timing, now)
    if tick > now:
        return Hold(Held.CADENCE, tick)
    quiet = quiet_until(timing.quiet, now, timing.zone)
    return Hold(Held.QUIET, quiet) if quiet is not None else None


def _mutes(mute: Mute, delivery: Delivery) -> bool:
    """True if the mute is about it; a notice to the operator can be muted by its source only."""
    match mute.kind:
        case "source":
            return bool(delivery.source) and fnmatchcase(delivery.source, mute.name)
        case "story":
            return bool(delivery.rule) and delivery.story == mute.name
        case "rule":
            return bool(delivery.rule) and delivery.rule == mute.name
    raise ValueError(f"nothing is muted by its {mute.kind!r}")


def _tick(delivery: Delivery, timing: Timing, now: datetime) -> datetime:
    """The first tick since the promise, whether or not it is over: what was missed is sent as soon as may be."""
    if timing.cadence == IMMEDIATE or delivery.reason is Reason.DIGEST:  # a digest was made at its tick
        return now
    # If the clock has been set back since the promise, how old that is cannot be told. Then a tick that is just over
    # counts: the first after the promise may be years away, and the next one from now on would be so again and again.
    since = delivery.created if delivery.created <= now else now - _LATELY
    return next_tick(timing.cadence, since, timing.zone)

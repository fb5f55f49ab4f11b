"""What becomes of all that waits for one target: it leaves by itself, in a digest, or later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.timing.holding import Hold, hold_of
from bot.core.timing.merging import chunks, comes_merged, is_whole, parts, put_together
from bot.core.timing.timing import Timing
from bot.model import Arrangement, Delivery, Held, Mute, Postponed, Waiting

_HOUR = timedelta(hours=1)
_A_WHILE = timedelta(minutes=10)


def arrange(waiting: Waiting, *, timing: Timing, mutes: Sequence[Mute], now: datetime, room: int) -> Arrangement:
    """Each delivery in exactly one part of the arrangement, all in the order of their promises.

    In this order: what is muted waits; unless urgent, what has not had its tick waits, and everything in quiet hours.
    Of the rest, what has waited comes merged, `room` alerts a digest; one alert alone comes as itself.

    If that makes more messages than the target may yet get in this hour, the urgent and then the earliest leave by
    themselves, and all others come as one summary. A summary that does not fit one message takes as many as it needs:
    only by that much is the limit ever passed. If nothing more may leave, everything waits, what is urgent too; and so
    does the rest where a message has room for one alert only, since no summary can be made of it.
    """
    due: list[Delivery] = []
    holds: dict[Hold, list[str]] = {}
    for one in waiting.deliveries:
        hold = hold_of(one, timing=timing, mutes=mutes, now=now)
        if hold is None:
            due.append(one)
        else:
            holds.setdefault(hold, []).append(one.id)
    leaving = _leaving(due, waiting, timing=timing, now=now, room=room)
    if leaving.over:
        holds[Hold(Held.STORM, _calm_at(waiting, now))] = [one.id for one in leaving.over]
    digests = [part for part in chunks(leaving.merged, room) if len(part) > 1]
    apart = {one.id for part in (*digests, leaving.over) for one in part}
    return Arrangement(
        ready=tuple(one.id for one in due if one.id not in apart),
        digests=tuple(put_together(part, waiting.target, timing=timing, now=now) for part in digests),
        postponed=tuple(Postponed(ids=tuple(ids), until=hold.until, held=hold.held) for hold, ids in holds.items()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """Of what is due, what comes merged, and what may not leave; the rest leaves by itself."""

    merged: Sequence[Delivery] = ()
    over: Sequence[Delivery] = ()


def _leaving(due: Sequence[Delivery], waiting: Waiting, *, timing: Timing, now: datetime, room: int) -> _Leaving:
    """What leaves, and how, within the limit of messages an hour."""
    merged = [one for one in due if comes_merged(one, timing)]
    messages = len(due) - len(merged) + parts(len(merged), room)
    allowance = timing.max_per_hour - len(_lately(waiting, now)) - waiting.leaving
    if not timing.max_per_hour or messages <= allowance:
        return _Leaving(merged=merged)
    if room < 2 or allowance <= sum(map(is_whole, due)):
        return _put_off(due, max(0, allowance))
    return _summed_up(due, merged, allowance=allowance, room=room)


def _put_off(due: Sequence[Delivery], allowance: int) -> _Leaving:
    """The first leave by themselves, all others wait.

    What can be no part of a summary comes before the urgent: it is no news, and would never get a place otherwise.
    """
    ranked = sorted(due, key=lambda one: (not is_whole(one), not one.urgent))
    first = {one.id for one in ranked[:allowance]}
    return _Leaving(over=[one for one in due if one.id not in first])


def _summed_up(due: Sequence[Delivery], merged: Sequence[Delivery], *, allowance: int, room: int) -> _Leaving:
    """What can be no part of a summary, the urgent and the earliest leave by themselves; the last place is its own."""
    others = [one for one in due if not is_whole(one)]
    left = allowance - (len(due) - len(others))
    # The more leave by themselves, the fewer messages the summary needs; where it needs too many, all are in it.
    places = max((n for n in range(left) if n + parts(len(others) - n, room) <= left), default=0)
    together = {one.id for one in merged}
    alone = sorted((one for one in others if one.id not in together), key=lambda one: not one.urgent)
    first = {one.id for one in alone[:places]}
    return _Leaving(merged=[one for one in others if one.id not in first])


def _lately(waiting: Waiting, now: datetime) -> list[datetime]:
    """The ends within the last hour; one that a clock since set back put far into the future counts no more."""
    return [end for end in waiting.recent if abs(now - end) < _HOUR]


def _calm_at(waiting: Waiting, now: datetime) -> datetime:
    """When the next message may leave, as far as can be told."""
    lately = _lately(waiting, now)
    return min(lately) + _HOUR if lately else now + _A_WHILE

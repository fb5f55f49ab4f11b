"""Several alerts become one message, which holds them all."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from bot.core.timing.cadence import IMMEDIATE
from bot.core.timing.timing import Timing
from bot.model import Delivery, Held, Message, Reason, Target, digest

T = TypeVar("T")


def is_whole(delivery: Delivery) -> bool:
    """True if it can be no part of another message.

    A digest is one already. And one that may have arrived is told again under its own id or not at all: by the id
    a channel knows the repeat.
    """
    return delivery.reason is Reason.DIGEST or delivery.interrupted or delivery.unsure


def comes_merged(delivery: Delivery, timing: Timing) -> bool:
    """True if it comes together with the others that are due: it has waited, or was promised so."""
    if is_whole(delivery):
        return False
    waited = delivery.held is not Held.NEW or timing.cadence != IMMEDIATE
    return bool(delivery.together) or (waited and not delivery.urgent)


def chunks(things: Sequence[T], room: int) -> Iterator[Sequence[T]]:
    """As few parts as may be of at most `room` each, in order and of like size; none is empty."""
    many = parts(len(things), room)
    for number in range(many):
        yield things[number * len(things) // many : (number + 1) * len(things) // many]


def parts(count: int, room: int) -> int:
    """How many messages so many things need."""
    return -(-count // max(1, room))


def put_together(members: Sequence[Delivery], target: Target, *, timing: Timing, now: datetime) -> Delivery:
    """One delivery that holds the others; its id depends on the target and the members alone.

    It is urgent if one of them is: else a summary of urgent alerts, tried again at night, would wait for the morning.
    """
    ids = tuple(one.id for one in members)
    why = Counter(_why(one, timing) for one in members).most_common(1)[0][0]
    return Delivery(
        channel=target.channel,
        recipient=target.recipient,
        change=digest(*ids)[:16],
        reason=Reason.DIGEST,
        about="",
        message=Message(reason=Reason.DIGEST, title="", entries=tuple(one.message for one in members), held=why),
        created=now,
        urgent=any(one.urgent for one in members),
        members=ids,
    )


def _why(member: Delivery, timing: Timing) -> str:
    """Why it comes with others: what held it, or would have, had somebody looked in time."""
    if member.held is not Held.NEW:
        return member.held.value
    if timing.cadence != IMMEDIATE and not member.urgent:
        return Held.CADENCE.value
    return "together" if member.together else Held.STORM.value

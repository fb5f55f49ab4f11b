"""Deliveries, and what waits, for the tests of arranging."""

from datetime import UTC, datetime, timedelta

from bot.core.timing import Timing, arrange
from bot.model import Arrangement, Delivery, Held, Message, Mute, Postponed, Reason, Target, Waiting

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""A Monday."""
ME = Target("me", "you@example.org")
ANY_TIME = Timing()


def alert(name: str = "a", *, rule: str = "tariffs", reason: Reason = Reason.NEW, **keys: object) -> Delivery:
    """An alert, promised a minute before START, whose story, and title, have this name."""
    return Delivery(
        **{
            "channel": ME.channel,
            "recipient": ME.recipient,
            "rule": rule,
            "source": "demo/press",
            "story": name,
            "about": name,
            "reason": reason,
            "message": Message(reason=reason, title=name),
            "created": START - timedelta(minutes=1),
            **keys,
        }
    )


def alerts(count: int, **keys: object) -> list[Delivery]:
    return [alert(f"{number:02}", **keys) for number in range(count)]


def notice(name: str = "notice", **keys: object) -> Delivery:
    return alert(name, rule="", reason=Reason.TROUBLE, **keys)


def arranged(
    deliveries: list[Delivery],
    *,
    timing: Timing = ANY_TIME,
    mutes: tuple[Mute, ...] = (),
    now: datetime = START,
    room: int = 10,
    recent: tuple[datetime, ...] = (),
    leaving: int = 0,
) -> Arrangement:
    waiting = Waiting(target=ME, deliveries=tuple(deliveries), recent=recent, leaving=leaving)
    return arrange(waiting, timing=timing, mutes=mutes, now=now, room=room)


def mute(kind: str, name: str, **span: float) -> Mute:
    return Mute(kind=kind, name=name, since=START - timedelta(days=1), until=START + timedelta(**span))


def titles(digest: Delivery) -> list[str]:
    return [entry.title for entry in digest.message.entries]


def held(deliveries: list[Delivery], why: Held, until: datetime) -> Postponed:
    return Postponed(ids=tuple(one.id for one in deliveries), until=until, held=why)


def ids(*deliveries: Delivery) -> tuple[str, ...]:
    return tuple(one.id for one in deliveries)

"""Notices as promises: they go through the same outbox as alerts."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.model import Delivery, Message, Notice, Reason, Trouble

_OF_SOURCES = frozenset({Trouble.UNREACHABLE, Trouble.LAYOUT, Trouble.STALE, Trouble.GAP, Trouble.MASS})


def deliveries(
    notices: Iterable[Notice], channel: str, recipients: Sequence[str], now: datetime
) -> tuple[Delivery, ...]:
    """One promise of each notice for each recipient of the operator's channel."""
    return tuple(_promise(notice, channel, recipient, now) for notice in notices for recipient in recipients)


def _promise(notice: Notice, channel: str, recipient: str, now: datetime) -> Delivery:
    reason = Reason.HEALED if notice.healed else Reason.TROUBLE
    source = notice.about if notice.trouble in _OF_SOURCES else ""
    return Delivery(
        channel=channel,
        recipient=recipient,
        source=source,
        change=notice.key,
        reason=reason,
        about=notice.about,
        message=Message(reason=reason, title=notice.title, lead=notice.text, source=source),
        created=now,
    )

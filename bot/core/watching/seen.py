"""What one poll says of its source."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.model import Decision, Poll, Polled, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one poll says of its source."""

    poll: Poll
    every: timedelta
    """How often the source is polled."""
    trouble: Trouble | None = None
    """Of a failed poll: UNREACHABLE, LAYOUT, or None for another reason (a bug)."""
    gap: bool = False
    """True if more may have come than was listed, and no later poll will look for it."""
    days: tuple[date, ...] = ()
    """On which the new releases were published, as far as they say."""

    @property
    def failed(self) -> bool:
        """True if nothing was read; items that could not be read on a good list are no failure of the source."""
        return self.poll.result is Polled.FAILED

    @property
    def has_news(self) -> bool:
        """True if the publisher brought something new. What a mass change brings is old, under another id."""
        return self.poll.new > 0 and not self.poll.notice


def seen_in(decision: Decision, *, every: timedelta, trouble: Trouble | None = None, gap: bool = False) -> Seen:
    """What a poll says, from what was decided of it."""
    days = tuple(one.release.published for one in decision.filed if one.release.published)
    return Seen(poll=decision.poll, every=every, trouble=trouble, gap=gap, days=days)

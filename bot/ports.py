"""What the flow needs of the world."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.plan import Audience
from bot.core.stories.judging import WINDOW
from bot.model import Decision, Delivery, Key, Message, Outcome, Poll, Related, Release, SourceState
from scrapers.model import Page, Source


class Clock(Protocol):
    """Time, and waiting for it."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward; for measuring, not for telling the time."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait; raises Stopping if the service is stopped meanwhile."""
        ...


class Fetcher(Protocol):
    """Pages from the web."""

    def fetch(self, url: str, source: Source, /, *, etag: str = "", modified: str = "") -> Page | None:
        """The page, None if it has not changed since the validators; raises FetchError."""
        ...


class Store(Protocol):
    """What is remembered. Every writing method is one transaction."""

    def state(self, source_id: str, /) -> SourceState:
        """What is remembered of a source; an empty state for a new one."""
        ...

    def glimpses(self, keys: Collection[Key], /) -> Mapping[Key, str]:
        """The listing fingerprints of those releases that are known."""
        ...

    def commit(
        self, releases: Collection[Release], decide: Callable[[Related], Decision], /, *, told_by: Collection[str] = ()
    ) -> Poll:
        """In one transaction: read what is related, ask `decide`, store its decision whole; the poll's record.

        Related is what is stored under the releases' identities, texts and titles, and their look-alikes; and what
        the rules `told_by` have told of their stories. A match by another version of a rule takes the place of what
        is stored.
        The record counts as planned what was not promised before.
        """
        ...

    def due(self, now: datetime, *, limit: int) -> Sequence[Delivery]:
        """Deliveries whose time has come; none of them claimed."""
        ...

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        """Take a delivery for `lease` seconds before sending it; False if somebody else has it."""
        ...

    def settle(self, delivery: Delivery, outcome: Outcome, now: datetime, next_at: datetime | None, /) -> None:
        """Record how the try ended; `next_at` is when to try again, None for never."""
        ...

    def forget_polls(self, before: datetime, /) -> int:
        """Drop the records of old polls, but the last of each source; how many."""
        ...


class Notifier(Protocol):
    """The way to people."""

    def send(self, channel: str, recipient: str, message: Message, /, *, delivery: str) -> Outcome:
        """Send one message to one recipient; failure is an answer, not an exception."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports, and the rules in force: the one thing that is handed around."""

    clock: Clock
    fetcher: Fetcher
    store: Store
    notifier: Notifier
    audience: Audience
    window: timedelta = WINDOW
    """How far apart repeats of one release may be."""

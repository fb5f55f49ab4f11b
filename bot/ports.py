"""What the flow needs of the world."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.promising import Audience
from bot.core.stories.judging import WINDOW
from bot.core.timing import Timing
from bot.model import (
    Arrangement,
    Condition,
    Decision,
    Delivery,
    Ending,
    Key,
    Letter,
    Message,
    Mute,
    Outcome,
    Poll,
    Postponed,
    Related,
    Release,
    Rendered,
    SourceState,
    Target,
    Waiting,
)
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
        was told of their stories (of a replay, by the rules `told_by` only). A match by another version of a rule
        takes the place of what is stored.
        The record counts as planned what was not promised before.
        """
        ...

    def condition(self, source_id: str, /) -> Condition:
        """How a source does, as it was last stored."""
        ...

    def waiting(self, now: datetime, *, limit: int) -> Sequence[Waiting]:
        """By target, what nobody has arranged yet, or whose hold is over; at most `limit` of each."""
        ...

    def mutes(self, now: datetime, /) -> Sequence[Mute]:
        """What is muted now."""
        ...

    def arrange(self, arrangements: Iterable[Arrangement], now: datetime, /) -> None:
        """Store what becomes of what waited, all in one transaction."""
        ...

    def due(self, now: datetime, *, limit: int, without: Collection[Target] = ()) -> Sequence[Delivery]:
        """At most `limit` deliveries of each target whose time has come, in the order of their promises.

        Targets that are `without` have nothing.
        """
        ...

    def claim(self, delivery: Delivery, now: datetime, *, lease: float) -> bool:
        """Take a delivery for `lease` seconds before sending it; False if somebody else has it."""
        ...

    def settle(self, delivery: Delivery, ending: Ending, now: datetime, /) -> None:
        """Record how the try ended, for all that the delivery holds."""
        ...

    def postpone(self, postponed: Postponed, now: datetime, /) -> None:
        """Let deliveries that are due wait until a later time."""
        ...

    def hurry(self, target: Target, now: datetime, /) -> None:
        """Let what has failed for a target be due at once, since the target works again."""
        ...

    def expire(
        self, target: Target, before: datetime, now: datetime, /, *, why: str, notices: Collection[Delivery]
    ) -> int:
        """Give up what was promised to a target before a time and is still pending; how many.

        The operator hears of it by the notices, if there was anything.
        """
        ...

    def reconsider(self, now: datetime, /, *, step: timedelta = timedelta(0)) -> None:
        """Look at all that is held again, since times may have changed; the clock was moved by `step`."""
        ...

    def promise(self, deliveries: Collection[Delivery], /) -> int:
        """Put promises into the outbox that belong to no poll; how many were new."""
        ...

    def forget_polls(self, before: datetime, /) -> int:
        """Drop the records of old polls, but the last of each source; how many."""
        ...


class Notifier(Protocol):
    """The way to people."""

    def room(self, channel: str, /) -> int:
        """How many alerts fit into one digest on this channel; at least 1."""
        ...

    def knows_repeats(self, channel: str, /) -> bool:
        """True if the channel takes a letter that it has seen before for the same: then sending it again is safe."""
        ...

    def write(self, channel: str, message: Message, /, *, may_repeat: bool = False) -> Rendered:
        """The message in the form of the channel; `may_repeat` says so to the reader. Never fails."""
        ...

    def send(self, channel: str, recipient: str, letter: Letter, /) -> Outcome:
        """Hand one letter to one recipient; failure is an answer, not an exception."""
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
    timings: Mapping[str, Timing] = field(default_factory=dict)
    """When each channel may be written to; one that is not named, at any time."""
    holding: frozenset[str] = frozenset()
    """The channels whose owners want nothing repeated that may have arrived."""

"""Alerts: a rule that was met, what a person is told, and the promise to tell it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.releases import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A clause of a rule that was met: where, and by which words."""

    clause: str
    field: str
    """`title`, `body`, `category` or `source`."""
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule met by a release, with the evidence."""

    release: str
    revision: int
    rule: str
    rule_version: str
    evidence: tuple[Evidence, ...]
    at: datetime


class Reason(StrEnum):
    """Why somebody is told."""

    NEW = "new"
    UPDATE = "update"
    DIGEST = "digest"
    """Several alerts in one message."""
    TROUBLE = "trouble"
    """The operator should look at something."""
    HEALED = "healed"
    """What the operator was told of is over."""
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person is told, before a channel gives it a form."""

    reason: Reason
    title: str
    rule: str = ""
    """The rule's name, as people know it; empty for digests and for notices to the operator."""
    words: tuple[str, ...] = ()
    """The matched words as they stand in the text."""
    excerpt: str = ""
    """The sentence in which they stand."""
    marks: tuple[tuple[int, int], ...] = ()
    """Spans of the matched words in the excerpt."""
    lead: str = ""
    """The beginning of the release; of a notice, all that there is to say."""
    source: str = ""
    published: str = ""
    categories: tuple[str, ...] = ()
    url: str = ""
    story: str = ""
    release: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    """Of an update: what was said before, and what is said now."""
    also: tuple[str, ...] = ()
    """The other releases of the story: title and source."""
    entries: tuple["Message", ...] = ()
    """Of a digest: the alerts that it holds, in the order of their promises."""
    held: str = ""
    """Of a digest: why they come together, by its Held value."""


class Held(StrEnum):
    """Why an alert waits, though nothing failed."""

    NEW = ""
    """Nobody has looked yet when it is to leave."""
    CADENCE = "cadence"
    QUIET = "quiet"
    MUTE = "mute"
    STORM = "storm"


class State(StrEnum):
    """Where a delivery stands."""

    HELD = "held"
    """It waits for its time, or in a digest for the digest's end."""
    PENDING = "pending"
    """To be sent as soon as `next_at` comes."""
    SENDING = "sending"
    """Claimed, until the lease ends."""
    SENT = "sent"
    AMBIGUOUS = "ambiguous"
    """It may have arrived, and the channel's owner wants it not to be repeated."""
    DEAD = "dead"
    """Given up; shown to the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A promise to tell one recipient one thing once: one row of the outbox."""

    channel: str
    recipient: str
    """The address within the channel; empty where the channel itself is one."""
    rule: str = ""
    """Id of the rule; empty for digests and for notices to the operator."""
    rule_version: str = ""
    release: str = ""
    source: str = ""
    """Id of the release's source; of a notice, the source that it is about."""
    change: str = ""
    """Of an update: the release that brings it; or the day and a fingerprint of what changed, alike on all lists. Of a
    digest or a notice: what makes it another than the one before."""
    story: str = ""
    revision: int = 1
    reason: Reason
    about: str
    """What is told only once: the story's id, or the release's where the rule asks for every release."""
    message: Message
    created: datetime
    urgent: bool = False
    """True if it passes through quiet hours and cadences."""
    together: str = ""
    """Alerts of one such mark that are due at once come as one message; empty for each by itself."""
    answers: str = ""
    """Id of the earlier delivery that told the recipient of the story."""
    held: Held = Held.NEW
    """Why it has waited."""
    attempts: int = 0
    interrupted: bool = False
    """True if a process died while it was sending this: it may have arrived."""
    unsure: bool = False
    """True if an earlier try had no clear answer: it may have arrived."""
    members: tuple[str, ...] = ()
    """Of a digest: the ids of the deliveries that it holds."""

    @property
    def id(self) -> str:
        """The same for the same promise, so that planning it again has no effect."""
        which = self.change if self.reason is not Reason.NEW else ""
        return digest(self.channel, self.recipient, self.rule, self.about, self.reason, which)[:20]

    @property
    def target(self) -> "Target":
        """Whom it is for."""
        return Target(self.channel, self.recipient)


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One recipient of one channel."""

    channel: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for one target, and what it got lately."""

    target: Target
    deliveries: tuple[Delivery, ...]
    """Whose time to be looked at has come, in the order of their promises."""
    recent: tuple[datetime, ...] = ()
    """When messages to the target ended in the last hour, the earliest first."""
    leaving: int = 0
    """How many are pending or being sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """Deliveries that wait until a time, and why."""

    ids: tuple[str, ...]
    until: datetime
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What becomes of what waits for a target: each delivery stands in exactly one part."""

    ready: tuple[str, ...] = ()
    """Ids of those that leave now, each by itself."""
    digests: tuple[Delivery, ...] = ()
    """New deliveries that hold others."""
    postponed: tuple[Postponed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message in the form of its channel."""

    subject: str
    """One line."""
    text: str
    """The whole message as plain text, within the channel's room."""
    html: str = ""
    """The same as a page; empty where the channel takes none."""

    @property
    def fingerprint(self) -> str:
        """For the ledger: which text was sent."""
        return digest(self.subject, self.text, self.html)[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is handed to a channel: one message for one recipient."""

    id: str
    """The delivery's id, the same on every try: the key by which a channel may know a repeat."""
    message: Message
    rendered: Rendered
    answers: str = ""
    """Id of the earlier letter to the recipient about the story."""


class Sending(StrEnum):
    """How one try to send ended."""

    SENT = "sent"
    RETRY = "retry"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of one try to send, with its why."""

    result: Sending
    why: str = ""
    retry_after: timedelta | None = None
    """How long the receiver asks to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one try to send ended, and what becomes of the delivery."""

    outcome: Outcome
    state: State
    """SENT, PENDING (again), AMBIGUOUS or DEAD."""
    next_at: datetime | None = None
    """When to try again; None for never."""
    fingerprint: str = ""
    """Of the text that was sent."""
    notices: tuple[Delivery, ...] = ()
    """To the operator, stored with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a rule has told somebody, or promised to tell."""

    channel: str
    recipient: str
    rule: str
    story: str
    release: str
    about: str
    id: str = ""
    """Of the delivery that carried it, or of the digest."""
    rule_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A rule, story or source whose alerts wait until an end."""

    kind: str
    """`rule`, `story` or `source`."""
    name: str
    until: datetime
    since: datetime

"""One decision: what it is made from, and all that it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.model.alerts import Delivery, Match, Told
from bot.model.polls import Condition, Poll, SourceState
from bot.model.releases import Filed, Release, Revision, Sibling


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What is stored that may bear on some releases."""

    filed: Sequence[Filed] = ()
    """What is stored under their identities, texts and titles, and their look-alikes; as it arrived."""
    near: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The look-alikes of each release, by public ids, each with the weight of the keys in common."""
    siblings: Mapping[str, Sequence[Sibling]] = field(default_factory=dict)
    """All releases of the stories of those, by story."""
    told: Sequence[Told] = ()
    """What was told of those stories: to whom a correction goes, and what a replay need not tell again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that one poll changes: stored whole, or not at all."""

    poll: Poll
    filed: tuple[Filed, ...] = ()
    revised: tuple[Filed, ...] = ()
    replaced: tuple[Revision, ...] = ()
    categorised: tuple[Release, ...] = ()
    """Releases already stored that have learnt a category from another list."""
    matches: tuple[Match, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    state: SourceState | None = None
    """None leaves what is remembered of the source as it is."""
    condition: Condition | None = None
    """None leaves it as it is."""
    notices: tuple[Delivery, ...] = ()
    """To the operator; they are not counted among the alerts."""

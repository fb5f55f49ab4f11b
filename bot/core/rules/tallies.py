"""What a backtest counts for each rule: matches by week, gained and lost, right and wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappush, heappushpop
from itertools import count
from typing import Any

from bot.model import Evidence

BARS = "▁▂▃▄▅▆▇█"
NONE = "·"
"""A column of the chart without a match."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A release in a list of a report."""

    day: date | None
    release: str | int
    title: str
    words: tuple[str, ...] = ()
    """The matched words."""


class Listed:
    """Releases, of which all are named and the newest shown."""

    def __init__(self, shown: int) -> None:
        self.ids: list[str | int] = []
        self._most, self._number = shown, count()
        self._newest: list[tuple[int, int, Shown]] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)

    def add(self, release: str | int, day: date | None, shown: Callable[[], Shown]) -> None:
        """Take a release; `shown` is asked only if it is among the newest so far."""
        self.ids.append(release)
        place = (day.toordinal() if day else 0, -next(self._number))
        if len(self._newest) < self._most:
            heappush(self._newest, (*place, shown()))
        elif self._newest and place > self._newest[0][:2]:
            heappushpop(self._newest, (*place, shown()))

    @property
    def newest(self) -> list[Shown]:
        """Those that are shown, the newest first; of one day, the first to come."""
        return [one for *_, one in sorted(self._newest, key=lambda one: one[:2], reverse=True)]


class Tally:
    """How one rule fared."""

    def __init__(self, rule: str, name: str, *, shown: int, standing: str = "") -> None:
        self.rule, self.name = rule, name
        self.standing = standing
        """`only new` or `only old` if the other version of the rules has it not."""
        self.weeks: Counter[date] = Counter()
        """Matches by the Monday of their week; those without a day are in none."""
        self.found, self.gained, self.lost, self.wrong, self.missed = (Listed(shown) for _ in range(5))
        self.right = self.labelled = 0

    @property
    def matches(self) -> int:
        """How many releases the rule matches."""
        return len(self.found)


@dataclass(frozen=True, slots=True)
class Score:
    """How often a rule was right on releases that people have labelled."""

    labelled: int = 0
    right: int = 0
    """True positives."""
    wrong: int = 0
    """False positives."""
    missed: int = 0
    """False negatives."""

    @property
    def precision(self) -> float | None:
        """The share of its matches that are right; None if it has none among what is labelled."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """The share of what it ought to match that it does match; None if it ought to match nothing."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    def record(self) -> dict[str, Any]:
        """For programs."""
        return {
            "labelled": self.labelled,
            "true_positives": self.right,
            "false_positives": self.wrong,
            "false_negatives": self.missed,
            "precision": _rounded(self.precision),
            "recall": _rounded(self.recall),
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def added(scores: Iterable[Score]) -> Score:
    """The scores of several rules as one: every label counts the same."""
    told = list(scores)
    return Score(*(sum(getattr(one, name) for one in told) for name in ("labelled", "right", "wrong", "missed")))


def words_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The matched words as they stand, each once whatever its case; what names the release if no word does."""
    told = list(evidence)
    inside = [one for one in told if one.field in {"title", "body"}] or told
    words: dict[str, str] = {}
    for one in inside:
        words.setdefault(one.text.casefold(), one.text)
    return tuple(words.values())


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Axis:
    """The weeks of a chart, some in each column so that all fit."""

    first: date
    """A Monday."""
    columns: int
    weeks: int = 1
    """In one column."""

    @classmethod
    def over(cls, first: date, last: date, *, columns: int = 52) -> "Axis":
        """From the week of `first` to that of `last` in at most so many columns."""
        start = monday(first)
        many = max(0, (monday(last) - start).days // 7) + 1
        each = -(-many // columns)
        return cls(start, -(-many // each), each)

    def bars(self, weeks: Mapping[date, int]) -> tuple[str, int]:
        """A column of a chart for each bucket, and how many matches the highest one stands for."""
        heights = [0] * self.columns
        for week, many in weeks.items():
            heights[min(self.columns - 1, max(0, (week - self.first).days // 7 // self.weeks))] += many
        peak = max(heights)
        return "".join(BARS[-(-8 * one // peak) - 1] if one else NONE for one in heights), peak

"""Rules held against releases of the past: what they match, against another version of them, against labels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from bot.core.rules.judging.explaining import evidence
from bot.core.rules.judging.subject import Subject, subject_of
from bot.core.rules.matching.index import Index
from bot.core.rules.rule import Rule
from bot.core.rules.tallies import Axis, Score, Shown, Tally, added, monday, words_of
from bot.model import Evidence, Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A release that rules are held against."""

    id: str | int
    """What the report calls it."""
    subject: Subject
    day: date | None
    """The week in which it counts; None for none."""
    labels: Mapping[str, bool] = field(default_factory=dict)
    """By rule, whether the rule ought to match."""
    all_labelled: bool = False
    """True if rules that `labels` does not name ought not to match; else nothing is known of them."""


def stored(release: Release, labels: Mapping[str, bool]) -> Tried:
    """A release of the archive; `labels` are those that people have given it."""
    return Tried(id=release.id, subject=subject_of(release), day=release.day, labels=labels)


@dataclass(frozen=True)
class Found:
    """A match; its evidence is looked for when it is asked for."""

    tried: Tried
    rule: Rule

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where the clauses that hold stand in the text."""
        return tuple(dict.fromkeys(evidence(self.rule.query, self.tried.subject)))

    def shown(self) -> Shown:
        """The release with the matched words."""
        return Shown(self.tried.day, self.tried.id, self.tried.subject.title, words_of(self.evidence))


class Backtest:
    """Takes releases one by one, holds all rules against each at once, and keeps count, not the texts."""

    def __init__(self, rules: Iterable[Rule], old: Iterable[Rule] | None = None, *, shown: int = 5) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self.compared = old is not None
        self._old = {rule.id: rule for rule in old or ()}
        self._place = {name: place for place, name in enumerate({**self.rules, **self._old})}
        self.tallies = {name: self._tally(name, shown) for name in self._place}
        self._index: Index[tuple[bool, str]] = Index()
        for is_old, some in ((False, self.rules), (True, self._old)):
            for name, rule in some.items():
                self._index.add((is_old, name), rule.query)
        self.releases = self.matched = self._all_labelled = 0
        self.first: date | None = None
        self.last: date | None = None
        self.strange: set[str] = set()
        """Names in labels that no rule has, in either version."""

    def _tally(self, name: str, shown: int) -> Tally:
        both = not self.compared or (name in self.rules and name in self._old)
        standing = "" if both else "only new" if name in self.rules else "only old"
        rule = self.rules.get(name) or self._old[name]
        return Tally(name, rule.spec.name, shown=shown, standing=standing)

    def take(self, tried: Tried) -> list[Found]:
        """Count a release in; the rules that it meets, in their order."""
        met = self._index.match(tried.subject)
        names = sorted((name for is_old, name in met if not is_old), key=self._place.__getitem__)
        found = {name: Found(tried, self.rules[name]) for name in names}
        self._count(tried, found)
        if self.compared:
            self._compare(tried, found, {name for is_old, name in met if is_old})
        if tried.labels or tried.all_labelled:
            self._judge(tried, found)
        return list(found.values())

    def _count(self, tried: Tried, found: Mapping[str, Found]) -> None:
        self.releases += 1
        self.matched += bool(found)
        if tried.day:
            self.first = min(self.first or tried.day, tried.day)
            self.last = max(self.last or tried.day, tried.day)
        for name, one in found.items():
            tally = self.tallies[name]
            tally.found.add(tried.id, tried.day, one.shown)
            if tried.day:
                tally.weeks[monday(tried.day)] += 1

    def _compare(self, tried: Tried, found: Mapping[str, Found], earlier: set[str]) -> None:
        for name in found.keys() - earlier:
            self.tallies[name].gained.add(tried.id, tried.day, found[name].shown)
        for name in earlier - found.keys():
            self.tallies[name].lost.add(tried.id, tried.day, Found(tried, self._old[name]).shown)

    def _judge(self, tried: Tried, found: Mapping[str, Found]) -> None:
        self._all_labelled += tried.all_labelled
        for name, wanted in tried.labels.items():
            if name not in self.rules:
                self.strange |= set() if name in self._old else {name}
                continue
            self.tallies[name].labelled += not tried.all_labelled
            if wanted and name in found:
                self.tallies[name].right += 1
            elif wanted:
                self.tallies[name].missed.add(tried.id, tried.day, lambda: _bare(tried))
        for name, one in found.items():
            if not tried.labels.get(name, not tried.all_labelled):
                self.tallies[name].wrong.add(tried.id, tried.day, one.shown)

    def score(self, tally: Tally) -> Score:
        """How right a rule was, as far as there are labels."""
        labelled = tally.labelled + (self._all_labelled if tally.rule in self.rules else 0)
        return Score(labelled, tally.right, len(tally.wrong), len(tally.missed))

    @property
    def total(self) -> Score:
        """How right all rules were together."""
        return added(map(self.score, self.tallies.values()))

    def axis(self) -> Axis | None:
        """The weeks of the releases, the same for all rules; None if none has a day."""
        return Axis.over(self.first, self.last) if self.first and self.last else None

    def summary(self) -> dict[str, Any]:
        """Everything that was counted, for programs."""
        tallies = list(self.tallies.values())
        total: dict[str, Any] = {"matches": sum(one.matches for one in tallies), "matched_releases": self.matched}
        if self.compared:
            total |= {name: sum(len(getattr(one, name)) for one in tallies) for name in ("gained", "lost")}
        return {
            "releases": self.releases,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "rules": {one.rule: self._record(one) for one in tallies},
            "total": {**total, **self.total.record()},
        }

    def _record(self, tally: Tally) -> dict[str, Any]:
        weeks = {week.isoformat(): tally.weeks[week] for week in sorted(tally.weeks)}
        record: dict[str, Any] = {"name": tally.name, "matches": tally.matches, "weeks": weeks}
        if self.compared:
            record |= {"standing": tally.standing or "both", "gained": len(tally.gained), "lost": len(tally.lost)}
            record |= {"gained_releases": tally.gained.ids, "lost_releases": tally.lost.ids}
        record |= self.score(tally).record()
        if self.score(tally).labelled:
            record |= {"false_positive_releases": tally.wrong.ids, "false_negative_releases": tally.missed.ids}
        return record


def _bare(tried: Tried) -> Shown:
    return Shown(tried.day, tried.id, tried.subject.title)

"""The releases among which relatives are looked for, and the choice among several."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.stories.comparing import shared_roughly
from bot.core.stories.judging import WINDOW, judge
from bot.core.stories.pair import Verdict
from bot.core.stories.profile import Profile
from bot.core.stories.signature import BEGINNING, LOOKED_AT, TELLING, is_case, kept, may_be_kin, sought, weigh
from bot.model import Filed, Relation, Release

SHORT = 200
"""Characters of a text below which only the judge can say."""
ROUGHLY = 0.45
"""The least share, roughly counted, of what may be one text."""
_RANK = {Relation.DUPLICATE: 3, Relation.SAME_STORY: 1, Relation.UPDATE: 0}


@dataclass(frozen=True, slots=True)
class Kinship:
    """How a release relates to an earlier one."""

    other: Filed
    verdict: Verdict

    @property
    def rank(self) -> tuple[int, float]:
        """What counts more: the same text, then a changed one, then another text of the event, then a later stage."""
        changed = self.verdict.relation is Relation.UPDATE and self.verdict.verbatim
        return 2 if changed else _RANK.get(self.verdict.relation, -1), self.verdict.score


class Family:
    """The releases among which relatives are looked for; grows as a batch is decided."""

    def __init__(
        self, filed: Iterable[Filed], *, near: Mapping[str, Mapping[str, float]] = {}, window: timedelta = WINDOW
    ) -> None:
        self._near, self._window = near, window
        self._by_id: dict[str, Filed] = {}
        self._profiles: dict[str, Profile] = {}
        self._by_text: dict[str, list[Filed]] = defaultdict(list)
        self._by_title: dict[tuple[str, str, date | None], list[Filed]] = defaultdict(list)
        self._by_key: dict[int, list[str]] = defaultdict(list)
        for one in filed:
            self.add(one)

    def add(self, one: Filed) -> None:
        """Let later releases find this one."""
        release = one.release
        self._by_id[release.id] = one
        self._profiles.pop(release.id, None)
        self._by_text[release.content_hash].append(one)
        self._by_title[_name(release)].append(one)
        for key in kept(release.signature, release.day):
            self._by_key[key].append(release.id)

    def kin(self, release: Release) -> Kinship | None:
        """The closest earlier relative of `release`, None if it is the first of its story."""
        found = [one for one in self._related(release) if one.verdict.relation is not Relation.DIFFERENT]
        return max(found, key=lambda one: one.rank, default=None)

    def _related(self, release: Release) -> list[Kinship]:
        copies = [one for one in self.namesakes(release) if same_document(release, one.release)]
        copies = [one for one in copies if release.body or not one.release.numbered_apart(release)]
        if copies:
            return [Kinship(copies[0], SAME_DOCUMENT)]
        mine = Profile(release)
        named = (*self._by_text[release.content_hash], *self.namesakes(release))
        known = {one.release.id: one for one in named[:LOOKED_AT]}
        found = [self._judge(one, mine) for one in known.values()]
        for other, weight in self._look_alikes(release).items():
            if other in self._by_id and other != release.id and other not in known:
                one = self._by_id[other]
                alike = weight >= TELLING and _may_be_one_text(one.release, release)
                if alike or _may_be_kin(one.release, release, weight):
                    found.append(self._judge(one, mine, alike=alike))
        return found

    def _judge(self, one: Filed, mine: Profile, *, alike: bool = True) -> Kinship:
        return Kinship(one, judge(self._profile(one), mine, window=self._window, alike=alike))

    def _look_alikes(self, release: Release) -> dict[str, float]:
        """Those of this batch and those that are stored, with the weight of the keys in common."""
        keys = sought(release.signature, release.day, self._window)
        return weigh(keys, self._by_key) | dict(self._near.get(release.id, {}))

    def _profile(self, one: Filed) -> Profile:
        if one.release.id not in self._profiles:
            self._profiles[one.release.id] = Profile(one.release)
        return self._profiles[one.release.id]

    def namesakes(self, release: Release) -> list[Filed]:
        """Those with the same title, day and publisher."""
        return self._by_title[_name(release)] if release.title_key and release.published else []

    def twins(self, release: Release) -> list[Filed]:
        """The records of the very same document on the publisher's other lists."""
        named = self._by_title[_name(release)]
        return [one for one in named if one.release.key != release.key and same_document(release, one.release)]


def _may_be_one_text(one: Release, other: Release) -> bool:
    """False if it takes no judge to see that neither text stands in the other."""
    short = min(len(one.body), len(other.body)) < SHORT
    return short or shared_roughly(one.body, other.body) >= ROUGHLY


def _may_be_kin(one: Release, release: Release, weight: float) -> bool:
    if weight >= TELLING and is_case(one.title, one.body) and is_case(release.title, release.body):
        return True
    return may_be_kin(one.title, one.body[:BEGINNING], release, publisher=one.publisher)


SAME_DOCUMENT = Verdict(
    relation=Relation.DUPLICATE,
    score=1.0,
    why="the same document on another list: board, id, title and date agree",
    verbatim=True,
)


def same_document(one: Release, other: Release) -> bool:
    """True if two records of one publisher are of the same document: never by number alone."""
    return (
        one.publisher == other.publisher
        and one.title_key == other.title_key != ""
        and one.published == other.published is not None
        and ((one.key.board, one.key.id) == (other.key.board, other.key.id) or one.content_hash == other.content_hash)
    )


def _name(release: Release) -> tuple[str, str, date | None]:
    return release.publisher, release.title_key, release.published

"""Rules as people write them, made from the words of real releases, and never-seen releases to match them against."""

import json
import math
import pickle
import random
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from benchmarks.asked import Ask, Asked, Group, asks, tokens
from benchmarks.ingesting import SENATE, made_up, real
from bot.core.rules.language.words import words_of
from bot.core.text import clean, fold, singular

Text: TypeAlias = tuple[str, str]
"""Title and body."""
Run: TypeAlias = tuple[str, ...]
"""Words side by side."""
T = TypeVar("T", bound=str | tuple[str, ...])
LEARNING = 2_800
SHORTEST, LONGEST = 250, 650
SPARE = 2_000
"""Rules beyond the largest number: to be added and removed."""
EVERYDAY = frozenset(
    """that this with from have been were will would said says also more than their they them these those which when
    what where there here into over under after before about between during through because while both each other such
    only some most many much very just than then once your ours hers must should could being does made make year years
    senator senators senate today http https html""".split()
)


@dataclass(frozen=True, slots=True)
class Workload:
    """Rules, the releases they were learned from, and others."""

    rules: list[Asked]
    learning: list[Text]
    unseen: list[Text]
    frequency: dict[str, float]
    """In how many of 10,000 releases each word stands, as our matcher counts words."""
    origin: str


def workload(many: int) -> Workload:
    """`many` rules and some to spare; the same at each call."""
    texts, origin = _texts()
    random.Random(1).shuffle(texts)  # noqa: S311 (no secret)
    learning, others = texts[:LEARNING], texts[LEARNING:]
    unseen = [text for text in others if SHORTEST <= len(text[1].split()) <= LONGEST]
    return _made(many + SPARE, learning, unseen, origin)


def plainly(load: Workload, many: int, releases: int) -> Workload:
    """The same for comparing answers: what we do beyond our peers cannot matter in these texts and rules.

    The texts have no plurals, hyphens and sentences; no rule has a word that the texts also write in parts.
    """
    plain = [[(_plain(title), _plain(body)) for title, body in half] for half in (load.learning, load.unseen)]
    learning, unseen = plain[0], plain[1][:releases]
    made = _made(2 * many, learning, unseen, load.origin)
    doubtful = _doubtful(unseen)
    clear = [rule for rule in made.rules if not any(_is_doubtful(ask, doubtful) for ask in asks(rule))]
    return replace(made, rules=clear[:many])


def _texts() -> tuple[list[Text], str]:
    lines, origin = (real(), "real releases") if SENATE.exists() else (made_up(4_000), "made-up texts (no sample here)")
    return [(clean(record["title"]), clean(record["body"])) for record in map(json.loads, lines)], origin


def _made(many: int, learning: list[Text], unseen: list[Text], origin: str) -> Workload:
    frequency: Counter[str] = Counter()
    for title, body in learning:
        words = {*words_of(title), *words_of(body)}
        frequency.update(words | set(map(singular, words)))
    writer = _Writer(learning)
    shares = {word: 10_000 * count / len(learning) for word, count in frequency.items()}
    return Workload([writer.rule() for _ in range(many)], learning, unseen, shares, origin)


def _plain(text: str) -> str:
    return " ".join(map(singular, tokens(fold(text))))


# --- rules that can be read in two ways ------------------------------------------------------------------------------


def _doubtful(texts: Iterable[Text]) -> dict[str, set[Run]]:
    """In which parts these texts write what reads as one word; for the start of one, with a *."""
    found: defaultdict[str, set[Run]] = defaultdict(set)
    for words in (field.split() for text in texts for field in text):
        for length in range(1, 5):
            for run in zip(*(words[at:] for at in range(length)), strict=False):
                joined = "".join(run)
                found[joined].add(run)
                for to in range(len(run[0]) + 1, min(len(joined), 7) + 1):
                    found[f"{joined[:to]}*"].add(run)
    return found


def _is_doubtful(ask: Ask, written: dict[str, set[Run]]) -> bool:
    """True if our matcher may also find it joined or in parts; peers never do."""
    if ask.kind == "start":
        return f"{ask.words[0]}*" in written
    runs = [ask.words] if ask.kind == "phrase" else [(word,) for word in ask.words]
    return any(written.get("".join(run), set()) - {run} for run in runs)


# --- the writer of rules ---------------------------------------------------------------------------------------------


class _Pot(Generic[T]):
    """Things to draw from, each as often as the square root of its number says."""

    def __init__(self, counted: Iterable[tuple[T, int]]) -> None:
        pairs = sorted(counted)  # sets have another order each time, and the rules shall be the same
        self._things: list[T] = [thing for thing, _ in pairs]
        self._sums = list(accumulate(math.sqrt(count) for _, count in pairs))

    def draw(self, chance: random.Random) -> T:
        """One of them."""
        return self._things[bisect(self._sums, chance.random() * self._sums[-1])]


class _Writer:
    """Writes rules with the words of the learning releases, in the shapes that people's rules have."""

    def __init__(self, learning: Sequence[Text]) -> None:
        self._chance = random.Random(7)  # noqa: S311 (no secret)
        words, pairs, triples, titles = _counts(learning)
        most, fewest, all_ = len(learning) // 20, 3, len(learning)
        telling = {word: n for word, n in words.items() if fewest <= n <= most and _is_telling(word)}
        phrases = [
            (run, n)
            for run, n in (pairs | triples).items()
            if fewest <= n <= most
            and _is_telling(run[0])
            and _is_telling(run[-1])
            and _surprise(run, n, words, all_) > 1.5
        ]
        starts = Counter(word[:length] for word in telling for length in range(4, 8) if length < len(word))
        self._words, self._phrases = _Pot(telling.items()), _Pot(phrases)
        self._pairs = _Pot((run, 1) for run, _ in phrases if len(run) == 2 and run[0] != run[1])
        self._titles = _Pot((word, n) for word, n in titles.items() if n >= 2 and _is_telling(word))
        self._starts = _Pot((start, n) for start, n in starts.items() if 3 <= n <= 40)

    def rule(self) -> Asked:
        """The next rule."""
        shapes: tuple[tuple[float, Callable[[], Asked]], ...] = (
            (0.25, self._leaf),
            (0.45, lambda: Group("and", self._leaves(2, 2, 3))),
            (0.65, lambda: Group("or", self._leaves(2, 3, 3, 4, 6))),
            (0.82, lambda: Group("and", (Group("or", self._leaves(2, 3)), *self._leaves(1, 1, 2)))),
            (0.92, lambda: Group("and", (*self._leaves(1, 2), Group("not", (self._excluded(),))))),
            (0.95, lambda: Group("and", (self._titled(), self._leaf()))),
            (0.98, self._near),
            (1.00, lambda: Group("and", (self._near(), self._leaf()))),
        )
        drawn = self._chance.random()
        return next(make() for share, make in shapes if drawn < share)

    def _leaves(self, *numbers: int) -> tuple[Ask, ...]:
        return tuple(self._leaf() for _ in range(self._chance.choice(numbers)))

    def _leaf(self) -> Ask:
        drawn = self._chance.random()
        if drawn < 0.50:
            return Ask("word", (self._words.draw(self._chance),))
        if drawn < 0.85:
            return Ask("phrase", self._phrases.draw(self._chance))
        return Ask("start", (self._starts.draw(self._chance),)) if drawn < 0.95 else self._titled()

    def _titled(self) -> Ask:
        if self._chance.random() < 0.7:
            return Ask("word", (self._titles.draw(self._chance),), title=True)
        return Ask("phrase", self._phrases.draw(self._chance), title=True)

    def _excluded(self) -> Ask:
        if self._chance.random() < 0.7:
            return Ask("word", (self._words.draw(self._chance),))
        return Ask("phrase", self._phrases.draw(self._chance))

    def _near(self) -> Ask:
        return Ask("near", self._pairs.draw(self._chance), within=self._chance.choice((3, 5, 10)))


def _counts(learning: Iterable[Text]) -> tuple[Counter[str], Counter[Run], Counter[Run], Counter[str]]:
    """In how many releases each word, pair and triple stands, and each word in a title."""
    words, pairs, triples, titles = Counter[str](), Counter[Run](), Counter[Run](), Counter[str]()
    for text in learning:
        title, body = map(tokens, text)
        titles.update(set(title))
        words.update({*title, *body})
        pairs.update({*pairwise(title), *pairwise(body)})
        triples.update(run for run in {*zip(body, body[1:], body[2:], strict=False)})
    return words, pairs, triples, titles


def _is_telling(word: str) -> bool:
    return len(word) >= 4 and word.isascii() and word.isalpha() and word not in EVERYDAY


def _surprise(run: Run, count: int, words: Counter[str], all_: int) -> float:
    """How much oftener the words stand together than by chance, as a logarithm for each join (PMI)."""
    expected = math.prod(words[word] / all_ for word in run) * all_
    return math.log(count / expected) / (len(run) - 1)


# --- for the processes that take turns -------------------------------------------------------------------------------


def save(load: Workload, folder: Path) -> None:
    """Write the workload where a process finds it."""
    (folder / "workload").write_bytes(pickle.dumps(load))


def saved(folder: Path) -> Workload:
    """The workload that `save` wrote."""
    load = pickle.loads((folder / "workload").read_bytes())  # noqa: S301 (our own file)
    assert isinstance(load, Workload)
    return load

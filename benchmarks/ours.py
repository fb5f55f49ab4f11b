"""Our matcher as one of the candidates that take turns, and the figures that only it has."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from benchmarks.asked import Asked, in_our_language
from benchmarks.hostile import RULES, TEXTS
from benchmarks.rivals import Answers
from benchmarks.workload import Text, Workload
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.parsing import BadQuery, parse
from bot.core.rules.language.tree import Query
from bot.core.rules.matching.index import Index

ENDLESS = 3.0
"""Seconds after which a match is broken off."""


class Tocsin:
    """The index over the rules, each of them parsed from its text."""

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        texts = [in_our_language(rule) for rule in rules]
        began = time.process_time()
        self._queries = [parse(text) for text in texts]
        parsed = time.process_time()
        self.index: Index[int] = Index(frequency=frequency)
        for number, query in enumerate(self._queries):
            self.index.add(number, query)
        self.facts = {"parsing": parsed - began, "building": time.process_time() - parsed}

    def match(self, texts: Sequence[Text]) -> Answers:
        """One release after another, each read and matched."""
        return [self.index.match(_subject(text)) for text in texts]

    def change(self, load: Workload, first: int, last: int) -> dict[str, Any]:
        """What it costs to add and to remove one rule: seconds of the processor, two lists.

        Each is followed by the match of a release that meets the rule, so that work put off is counted: what that
        match takes longer than the slowest of three before it.
        """
        added, removed = [], []
        for number in range(first, last):
            query = parse(in_our_language(load.rules[number]))
            text = _met(load, query)
            usual = max(self._timed_match(text) for _ in range(4))
            added.append(self._timed(partial(self.index.add, number, query), text, usual))
            removed.append(self._timed(partial(self.index.remove, number), text, usual))
            assert number not in self.index.match(_subject(text))
        return {"add": added, "remove": removed}

    def _timed(self, action: Callable[[], None], text: Text, usual: float) -> float:
        began = time.process_time()
        action()
        took = time.process_time() - began
        return took + max(0.0, self._timed_match(text) - usual)

    def _timed_match(self, text: Text) -> float:
        began = time.process_time()
        self.index.match(_subject(text))
        return time.process_time() - began


def _subject(text: Text) -> Subject:
    return Subject(title=text[0], body=text[1])


def _met(load: Workload, query: Query) -> Text:
    """A release that meets the rule; the first, if none of some hundreds does."""
    index: Index[str] = Index()
    index.add("", query)
    return next((text for text in load.learning[:500] if index.match(_subject(text))), load.learning[0])


def worst(length: int) -> dict[str, Any]:
    """Of hostile rules and texts the slowest pair: seconds that the one rule adds to the match of the text.

    What the text takes with a rule that asks for one word that it lacks counts as a pair of its own.
    """
    rules, refused = {}, []
    for name, rule in RULES.items():
        try:
            rules[name] = parse(rule)
        except BadQuery:
            refused.append(name)
    took: dict[str, float] = {}
    for about, make in TEXTS.items():
        text = make(length)
        idle = _alone(parse("zzyzx"), text)
        took[f"one word on {about}"] = idle
        took |= {f"{name} on {about}": _alone(query, text) - idle for name, query in rules.items()}
    which = max(took, key=lambda pair: took[pair])
    return {"seconds": took[which], "which": which, "pairs": len(took), "refused": refused}


def _alone(query: Query, text: str) -> float:
    """Seconds of a match with this rule only: of the first, or of a second if that one was better."""
    index: Index[int] = Index()
    index.add(0, query)
    times: list[float] = []
    while len(times) < 2 and (not times or 0.02 < times[0] < ENDLESS):
        began = time.process_time()
        with _no_longer_than(ENDLESS):
            index.match(Subject(title="", body=text))
        times.append(time.process_time() - began)
    return min(times)


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Break off what takes longer, of the processor: a rule that would hold the matcher must not hold the benchmark."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        with suppress(TimeoutError):
            yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

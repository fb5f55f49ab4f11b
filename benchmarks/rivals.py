"""What a user would take instead of our matcher: five ways to ask many rules of a text, each as well as we know how."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from benchmarks.asked import Ask, Asked, as_pattern, asks, compiled, in_fts5
from benchmarks.workload import Text

Answers: TypeAlias = Sequence[Collection[int]]
"""Of each text, the numbers of the rules that it meets."""


class Candidate(Protocol):
    """A way to match; it has loaded its rules when it is made."""

    def match(self, texts: Sequence[Text]) -> Answers:
        """Which rules each of `texts` meets."""


class Patterns:
    """A loop of compiled `re`: each rule looks for its patterns in the text, up to the first that decides."""

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        del frequency
        patterns = {ask: re.compile(as_pattern(ask)).search for ask in {ask for rule in rules for ask in asks(rule)}}
        self._rules = [compiled(rule, lambda ask: self._leaf(ask, patterns[ask])) for rule in rules]

    @staticmethod
    def _leaf(ask: Ask, search: Callable[[str], object]) -> Callable[[Any], bool]:
        if ask.title:
            return lambda text: search(text[0]) is not None
        return lambda text: search(text[1]) is not None

    def match(self, texts: Sequence[Text]) -> Answers:
        """One release after another; small letters are made once, which is faster than re.IGNORECASE."""
        small = [(title.lower(), f"{title}\x1e{body}".lower()) for title, body in texts]
        return [[number for number, rule in enumerate(self._rules) if rule(text)] for text in small]


class Substrings:
    """A loop of `in`: right only by chance, since "ran" stands in "grant"; two words near each other are only both."""

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        del frequency
        self._rules = [compiled(rule, self._leaf) for rule in rules]

    @staticmethod
    def _leaf(ask: Ask) -> Callable[[Any], bool]:
        field = 0 if ask.title else 1
        if ask.kind == "near":
            first, second = ask.words
            return lambda text: first in text[field] and second in text[field]
        wanted = " ".join(ask.words)
        return lambda text: wanted in text[field]

    def match(self, texts: Sequence[Text]) -> Answers:
        """One release after another."""
        small = [(title.lower(), f"{title}\n{body}".lower()) for title, body in texts]
        return [[number for number, rule in enumerate(self._rules) if rule(text)] for text in small]


class FullText:
    """SQLite FTS5 in memory: the round's releases are indexed, then each rule is one MATCH."""

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        del frequency
        self._questions = [(in_fts5(rule),) for rule in rules]
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize='unicode61')")

    def match(self, texts: Sequence[Text]) -> Answers:
        """All releases at once."""
        ask = self._connection.execute
        ask("DELETE FROM texts")
        self._connection.executemany("INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)", _numbered(texts))
        found: list[list[int]] = [[] for _ in texts]
        for number, question in enumerate(self._questions):
            for (row,) in ask("SELECT rowid FROM texts WHERE texts MATCH ?", question):
                found[row].append(number)
        return found


def _numbered(texts: Sequence[Text]) -> Iterable[tuple[int, str, str]]:
    return ((number, title, body) for number, (title, body) in enumerate(texts))


# --- one scan for all leaves, then the rules that these decide -------------------------------------------------------


class RuleIndex:
    """The rules by their leaves: from the leaves that stand in a text to the rules that it meets.

    A rule is filed under the leaves of which it needs one, the rarest such set; a leaf that is found asks only the
    rules that are filed under it. The n-th pattern found in the title counts as n + len(patterns) too.
    """

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        self.patterns = list(dict.fromkeys(_anywhere(ask) for rule in rules for ask in asks(rule)))
        self._numbers = {pattern: number for number, pattern in enumerate(self.patterns)}
        self._frequency = frequency
        self._met: defaultdict[int, list[int]] = defaultdict(list)
        self._asked: defaultdict[int, list[tuple[int, Callable[[object], bool]]]] = defaultdict(list)
        for number, rule in enumerate(rules):
            self._file(number, rule)

    def _file(self, number: int, rule: Asked) -> None:
        sole = isinstance(rule, Ask) or (rule.kind == "or" and all(isinstance(part, Ask) for part in rule.parts))
        check = None if sole else compiled(rule, self._leaf)
        for ask in self._needed(rule):
            leaf = self._leaf_number(ask)
            if check is None:
                self._met[leaf].append(number)
            else:
                self._asked[leaf].append((number, check))

    def _needed(self, rule: Asked) -> list[Ask]:
        """Leaves of which one stands in every text that meets the rule; empty if there are none."""
        if isinstance(rule, Ask):
            return [rule]
        if rule.kind == "not":
            return []
        sets = [self._needed(part) for part in rule.parts]
        if rule.kind == "or":
            return [ask for one in sets for ask in one]
        return min((one for one in sets if one), key=lambda one: sum(map(self._often, one)))

    def _often(self, ask: Ask) -> float:
        seen = min(self._frequency.get(word, 500 if ask.kind == "start" else 1) for word in ask.words)
        return seen / 10 if ask.title else seen

    def _leaf_number(self, ask: Ask) -> int:
        return self._numbers[_anywhere(ask)] + (len(self.patterns) if ask.title else 0)

    def _leaf(self, ask: Ask) -> Callable[[Any], bool]:
        number = self._leaf_number(ask)
        return lambda found: number in found

    def met(self, title: set[int], body: set[int]) -> set[int]:
        """The rules that are met where these patterns stand in the title and in the body."""
        found = title | body
        found.update(pattern + len(self.patterns) for pattern in title)
        rules: set[int] = set()
        for leaf in found & self._met.keys():
            rules.update(self._met[leaf])
        for leaf in found & self._asked.keys():
            rules.update(number for number, check in self._asked[leaf] if check(found))
        return rules


def _anywhere(ask: Ask) -> Ask:
    return Ask(ask.kind, ask.words, ask.within)


class Folding(dict[int, str]):
    """For str.translate: letters and digits small, all else a space; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character.lower() if character.isalnum() else " "
        return self[code]


class AhoCorasick:
    """ahocorasick_rs: all words and phrases in one pass over the words of the text, with a rule index."""

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        import ahocorasick_rs

        self._index = RuleIndex(rules, frequency)
        self._folding = Folding()
        self._owners: defaultdict[str, list[int]] = defaultdict(list)
        self._near: defaultdict[int, list[int]] = defaultdict(list)
        for number, ask in enumerate(self._index.patterns):
            if ask.kind != "near":
                self._owners[f" {' '.join(ask.words)}{'' if ask.kind == 'start' else ' '}"].append(number)
        near = {number: f" {ask.words[0]} " for number, ask in enumerate(self._index.patterns) if ask.kind == "near"}
        written = list(dict.fromkeys([*self._owners, *near.values()]))
        places = {text: place for place, text in enumerate(written)}
        for number, first in near.items():
            self._near[places[first]].append(number)
        self._numbers = [self._owners.get(text, []) for text in written]
        self._scan = ahocorasick_rs.AhoCorasick(written).find_matches_as_indexes

    def match(self, texts: Sequence[Text]) -> Answers:
        """One release after another."""
        return [self._index.met(self._found(title), self._found(body)) for title, body in texts]

    def _found(self, text: str) -> set[int]:
        words = text.translate(self._folding).split()
        hits = {hit for hit, _, _ in self._scan(f" {' '.join(words)} ", overlapping=True)}
        found = {number for hit in hits for number in self._numbers[hit]}
        for hit in hits & self._near.keys():
            found.update(number for number in self._near[hit] if _close(self._index.patterns[number], words))
        return found


def _close(ask: Ask, words: list[str]) -> bool:
    """True if the two words stand near each other."""
    first, second = ask.words
    if second not in words:
        return False
    here = [at for at, word in enumerate(words) if word == first]
    there = [at for at, word in enumerate(words) if word == second]
    return any(0 < abs(one - other) <= ask.within + 1 for one in here for other in there)


class Hyperscan:
    """hyperscan: all leaves as patterns in one scan, with a rule index; its word boundary knows ASCII only."""

    def __init__(self, rules: Sequence[Asked], frequency: Mapping[str, float]) -> None:
        import hyperscan

        self._index = RuleIndex(rules, frequency)
        self._database = hyperscan.Database()
        flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
        written = [as_pattern(ask).replace("\x1e", "").encode() for ask in self._index.patterns]
        self._database.compile(expressions=written, ids=list(range(len(written))), elements=len(written), flags=flags)

    def match(self, texts: Sequence[Text]) -> Answers:
        """One release after another."""
        return [self._index.met(self._found(title), self._found(body)) for title, body in texts]

    def _found(self, text: str) -> set[int]:
        found: set[int] = set()

        def hit(number: int, start: int, end: int, flags: int, context: object) -> None:  # noqa: ARG001
            found.add(number)

        self._database.scan(text.encode(), match_event_handler=hit)
        return found

"""Two texts side by side, token by token: what they share."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from rapidfuzz.distance import LCSseq

from bot.core.stories.changes import Changes, Opcode, Run, body_changes, swapped
from bot.core.stories.profile import Profile
from bot.core.text import HANGUL

_SYLLABLE_OR_WORD = re.compile(r"[가-힣]|[^\W가-힣]+")


@dataclass(frozen=True)
class Comparison:
    """Two releases side by side."""

    a: Profile
    b: Profile

    @cached_property
    def _body(self) -> list[Opcode]:
        return opcodes(self.a.body, self.b.body)

    @cached_property
    def shared(self) -> int:
        """How many tokens stand in both bodies, in the same order."""
        return sum(end - start for kind, start, end, _, _ in self._body if kind == "equal")

    @cached_property
    def containment(self) -> float:
        """The share of the shorter body that stands in the longer one, 0 to 1."""
        shorter = min(len(self.a.body), len(self.b.body))
        return self.shared / shorter if shorter else 0.0

    @cached_property
    def may_contain(self) -> float:
        """The most that `containment` can be, and ten times as quick: by the longest common subsequence."""
        shorter = min(len(self.a.body), len(self.b.body))
        return LCSseq.similarity(self.a.body, self.b.body) / shorter if shorter else 0.0

    @cached_property
    def body(self) -> "Changes":
        """What changed between the bodies, without what was put round them."""
        return Changes(tuple(body_changes(self.a, self.b, self._body)), self.a, self.b)

    @cached_property
    def titles_alike(self) -> bool:
        """True if the titles are one with changes, and not two."""
        found = opcodes(self.a.title, self.b.title)
        shared = sum(end - start for kind, start, end, _, _ in found if kind == "equal")
        return 2 * shared >= min(len(self.a.title), len(self.b.title))

    @cached_property
    def title(self) -> "Changes":
        """What changed between the titles; nothing if they are two."""
        if not self.titles_alike:
            return Changes((), self.a, self.b)
        runs = _runs(opcodes(self.a.title, self.b.title), self.a.title, self.b.title)
        return Changes(tuple(swapped(runs, self.a, self.b)), self.a, self.b)


def shared_roughly(a: str, b: str) -> float:
    """The share of the shorter of two plain texts that stands in the longer one, 0 to 1, without reading what it says.

    Hardly ever less than half where `Comparison.containment` is 0.6 or more, and forty times as quick.
    """
    one, other = _pieces(a), _pieces(b)
    shorter = min(len(one), len(other))
    return LCSseq.similarity(one, other) / shorter if shorter else 0.0


def _pieces(text: str) -> list[str]:
    return _SYLLABLE_OR_WORD.findall(text) if HANGUL.search(text, 0, 200) else text.casefold().split()


def opcodes(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    """What turns `a` into `b`, as difflib tells it; equal ends are taken off first, since that is quick."""
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    middle = SequenceMatcher(None, a[head : len(a) - tail], b[head : len(b) - tail], autojunk=False).get_opcodes()
    found: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    found += [(kind, a0 + head, a1 + head, b0 + head, b1 + head) for kind, a0, a1, b0, b1 in middle]
    if tail:
        found.append(("equal", len(a) - tail, len(a), len(b) - tail, len(b)))
    return found


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many tokens are equal from the beginning."""
    return next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def _runs(found: Iterable[Opcode], a: Sequence[str], b: Sequence[str]) -> list[Run]:
    return [(tuple(a[a0:a1]), tuple(b[b0:b1])) for kind, a0, a1, b0, b1 in found if kind != "equal"]

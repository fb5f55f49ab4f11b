"""A term: one word or phrase of a rule, and where it occurs."""

import unicodedata
from dataclasses import dataclass

from bot.core.rules.reading import Reading, Span, compact, words_of
from bot.core.text import HANGUL, singular

MAX_LENGTH = 200


class BadTerm(ValueError):  # noqa: N818 (a finding about a file, told as a Problem)
    """A term that can never match as written; the text says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A word or phrase, folded; `written` is how it stands in the rule."""

    written: str
    target: str
    exact: bool = False
    prefix: bool = False
    korean: bool = False
    firsts: frozenset[str] = frozenset()
    """What the first word of an occurrence can be: the first as written, or a beginning of more than one letter."""
    lasts: frozenset[str] = frozenset()
    """What its last word can be, likewise; of a prefix any."""

    def occurrences(self, reading: Reading) -> list[Span]:
        """Spans in the text, in order."""
        if self.korean:
            return reading.korean(self.target)
        return reading.occurrences(self.target, self.firsts, self.lasts, exact=self.exact, prefix=self.prefix)


def parse_term(written: str) -> Term:
    """The term that a person wrote: `word`, `a phrase`, `prefix*`, `=exact`; raises BadTerm."""
    text = unicodedata.normalize("NFC", written).strip().strip('"“”').strip()
    exact, prefix = text.startswith("="), text.endswith("*")
    text = text.removeprefix("=").removesuffix("*").strip().strip('"“”')
    if len(text) > MAX_LENGTH:
        raise BadTerm(f"a term has at most {MAX_LENGTH} characters")
    if "*" in text:
        raise BadTerm("* can only stand at the end of a term")
    term = _korean(written, text, exact=exact) if HANGUL.search(text) else _words(written, text, exact, prefix)
    if not term.target:
        raise BadTerm("there is no word in it")
    return term


def _korean(written: str, text: str, *, exact: bool) -> Term:
    if exact:
        raise BadTerm(
            "= has no meaning for Korean words, since particles follow them; use none for what you do not want"
        )
    return Term(written, compact(text), korean=True)


def _words(written: str, text: str, exact: bool, prefix: bool) -> Term:  # noqa: FBT001 (as the marks were found)
    words = words_of(text)
    folded = words if exact or prefix else [singular(word) for word in words]
    target = "".join(folded)
    firsts = frozenset(folded[:1]).union(target[:length] for length in range(2, len(target) + 1))
    lasts = frozenset(folded[-1:]).union(target[length:] for length in range(len(target) - 1))
    return Term(written, target, exact=exact, prefix=prefix, firsts=firsts, lasts=lasts)

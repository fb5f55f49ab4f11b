"""Examples: texts that a rule must hit or miss, and why one does not."""

import re
from collections.abc import Iterator
from itertools import islice

from bot.core.rules.judging.explaining import Clause, explain, is_met
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.tree import And, AtLeast, Compared, Named, Not, Or, Query
from bot.core.text import clean
from bot.errors import Finding
from bot.model import Evidence
from bot.settings import Examples

STORED = re.compile(r"[0-9a-f]{16}")
"""An example that is the id of a stored release."""


def failed_examples(query: Query, examples: Examples) -> Iterator[Finding]:
    """The texts that do not do what they promise; what a text cannot show, such as its source, is taken as met."""
    for kind, texts in (("hit", examples.hit), ("miss", examples.miss)):
        for number, text in enumerate(texts):
            if not STORED.fullmatch(text):
                what = failed_example(query, subject_of_text(text), hit=kind == "hit")
                if what:
                    yield Finding(("examples", kind, number), what)


def failed_example(query: Query, subject: Subject, *, hit: bool, complete: bool = False) -> str:
    """Why an example fails; empty if it does not. `complete` if nothing of the subject need be taken as met."""
    met = may_hold(query, subject, complete=complete)
    if met == hit:
        return ""
    told = explain(query, subject)
    if not hit:
        return f"the rule matches it{_by(told)}"
    while isinstance(query, And):  # down to the first part that fails, whatever is taken as met
        able = [may_hold(part, subject, complete=complete) for part in query.parts]
        query, told = query.parts[able.index(False)], told.parts[able.index(False)]
    return why_not(told)


def subject_of_text(text: str) -> Subject:
    """A text as a release: its first line is the title, the others are the body; one line alone is both."""
    told = clean(text)
    title, _, body = told.partition("\n")
    return Subject(title=title, body=body or told)


def may_hold(query: Query, subject: Subject, *, complete: bool = False, wanted: bool = True) -> bool:
    """True if `query` can hold (or fail, if not `wanted`), for a subject of which only title and text are known."""
    match query:
        case Not(part):
            return may_hold(part, subject, complete=complete, wanted=not wanted)
        case And(parts) | Or(parts) | AtLeast(_, parts):
            able = (True for part in parts if may_hold(part, subject, complete=complete, wanted=wanted))
            return next(islice(able, _enough(query, wanted=wanted) - 1, None), False)  # no more are asked than needed
        case Named() | Compared("published") if not complete:
            return True
        case _:
            return is_met(query, subject) == wanted


def _enough(query: And | Or | AtLeast, *, wanted: bool) -> int:
    """How many parts must hold (or fail) for the whole to hold (or fail)."""
    count = len(query.parts)
    many = count if isinstance(query, And) else 1 if isinstance(query, Or) else query.many
    return many if wanted else count - many + 1


def why_not(clause: Clause) -> str:
    """The first reason why a clause does not hold, for people."""
    if clause.joins == "all of":
        return next(why_not(part) for part in clause.parts if not part.holds)
    if clause.joins == "not":
        return f"it has what must be missing{_by(clause.parts[0])}"
    if clause.parts:
        asked = [_name(part) for part in clause.parts]
        more = f" and {len(asked) - 5} more" if len(asked) > 5 else ""
        return f"it has not {clause.text}: {', '.join(asked[:5])}{more}"
    return f"it lacks {clause.text!r}"


def _name(clause: Clause) -> str:
    """A clause in a few words."""
    if not clause.parts:
        return clause.text
    inner = ", ".join(map(_name, clause.parts[:3])) + (", …" if len(clause.parts) > 3 else "")
    return f"({clause.text} {inner})"


def _by(clause: Clause) -> str:
    """The words by which a clause holds."""
    words = list(dict.fromkeys(one.text for one in _told(clause)))
    return f": by {', '.join(map(repr, words[:3]))}" if words else ""


def _told(clause: Clause) -> Iterator[Evidence]:
    if clause.holds and clause.joins != "not":
        yield from clause.evidence
        for part in clause.parts:
            yield from _told(part)

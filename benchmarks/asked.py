"""What a rule of the benchmarks asks, in a form that belongs to no matcher: how each is told it, and who is right."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

TOKEN = re.compile(r"[^\W_]+")
APART = r"[^\w\x1e]+"
"""What stands between two words of one field, for those who search with patterns; \\x1e stands between the fields."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A word, a phrase, the start of a word, or two words near each other."""

    kind: Literal["word", "phrase", "start", "near"]
    words: tuple[str, ...]
    within: int = 0
    title: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """All parts, any part, or not the one part."""

    kind: Literal["and", "or", "not"]
    parts: tuple["Asked", ...]


Asked: TypeAlias = Ask | Group


def asks(asked: Asked) -> Iterator[Ask]:
    """All leaves, from left to right."""
    if isinstance(asked, Ask):
        yield asked
    else:
        for part in asked.parts:
            yield from asks(part)


def in_our_language(asked: Asked, *, inside: bool = False) -> str:
    """The rule as a person would write it for us."""
    if isinstance(asked, Ask):
        written = " ".join(asked.words) + ("*" if asked.kind == "start" else "")
        quoted = f'"{written}"' if len(asked.words) > 1 else written
        near = f"~{asked.within}" if asked.kind == "near" else ""
        return f"{'title:' if asked.title else ''}{quoted}{near}"
    if asked.kind == "not":
        return f"NOT {in_our_language(asked.parts[0], inside=True)}"
    joined = f" {asked.kind.upper()} ".join(in_our_language(part, inside=True) for part in asked.parts)
    return f"({joined})" if inside else joined


def as_list(asked: Asked) -> str:
    """The rule in brackets: (and (word - tariff) (near t 5 steel plate)), for the Java of Lucene."""
    if isinstance(asked, Group):
        return f"({asked.kind} {' '.join(map(as_list, asked.parts))})"
    return f"({asked.kind} {'t' if asked.title else '-'} {asked.within} {' '.join(asked.words)})"


def in_fts5(asked: Asked) -> str:
    """The rule as SQLite's MATCH wants it."""
    if isinstance(asked, Group):
        wanted = [in_fts5(part) for part in asked.parts if not _is_not(part)]
        joined = f" {asked.kind.upper()} ".join(wanted)
        for part in asked.parts:
            joined += f" NOT {in_fts5(part.parts[0])}" if isinstance(part, Group) and part.kind == "not" else ""
        return f"({joined})"
    column = "title : " if asked.title else ""
    if asked.kind == "near":
        return f"{column}NEAR({' '.join(asked.words)}, {asked.within})"
    return f'{column}"{" ".join(asked.words)}"{"*" if asked.kind == "start" else ""}'


def as_pattern(ask: Ask) -> str:
    """The leaf as a careful user of regular expressions would write it."""
    if ask.kind == "near":
        first, second = ask.words
        gap = rf"(?:{APART}\w+){{0,{ask.within}}}{APART}"
        return rf"\b{first}{gap}{second}\b|\b{second}{gap}{first}\b"
    end = "" if ask.kind == "start" else r"\b"
    return rf"\b{APART.join(ask.words)}{end}"


def compiled(asked: Asked, leaf: Callable[[Ask], Callable[[object], bool]]) -> Callable[[object], bool]:
    """One function that says whether the rule holds, of functions that say so for its leaves."""
    if isinstance(asked, Ask):
        return leaf(asked)
    parts = [compiled(part, leaf) for part in asked.parts]
    if asked.kind == "not":
        (one,) = parts
        return lambda text: not one(text)
    if asked.kind == "or":
        return lambda text: any(part(text) for part in parts)
    return lambda text: all(part(text) for part in parts)


def _is_not(asked: Asked) -> bool:
    return isinstance(asked, Group) and asked.kind == "not"


# --- who is right: slow, obvious -------------------------------------------------------------------------------------


def tokens(text: str) -> list[str]:
    """The words of a text, small."""
    return TOKEN.findall(text.lower())


def holds(asked: Asked, title: Sequence[str], body: Sequence[str]) -> bool:
    """Whether the words of a release meet the rule."""
    if isinstance(asked, Ask):
        return any(_stands(asked, words) for words in ((title,) if asked.title else (title, body)))
    found = (holds(part, title, body) for part in asked.parts)
    return not next(found) if asked.kind == "not" else all(found) if asked.kind == "and" else any(found)


def _stands(ask: Ask, words: Sequence[str]) -> bool:
    if ask.kind == "start":
        return any(word.startswith(ask.words[0]) for word in words)
    if ask.kind == "near":
        first, second = ([at for at, word in enumerate(words) if word == wanted] for wanted in ask.words)
        return any(0 < abs(here - there) <= ask.within + 1 for here in first for there in second)
    wanted = list(ask.words)
    return any(list(words[at : at + len(wanted)]) == wanted for at in range(len(words)) if words[at] == wanted[0])

"""Why a query cannot be read, for people."""

import re

QUOTES = '"“”'
_PHRASE = re.compile(r'=?["“”][^"“”]*["“”](?:~\d+)?')
_REGEX = re.compile(r"/(?:\\.|[^/\\])+/")
_FIELD = re.compile(r"\w+:\s*$")
# What other search languages know, and here would be taken for words in silence.
_ELSEWHERE = (
    (re.compile(r"[!！]\w"), "! is no NOT", "write -word"),
    (re.compile(r"['‘`´«‹「『](?!\d)[^'’`´»›」』]+$"), "these quotes do not make a phrase", 'write "customs duty"'),
    (re.compile(r"(?:NEAR|PRE|W)/\d+$"), "nearness is written otherwise", 'write "steel duty"~5'),
    (re.compile(r"[A-Za-z]+：|－\w"), "this is a full-width sign", "write : or - in half width"),
)


class BadQuery(ValueError):  # noqa: N818 (a finding about a text, told as a Problem)
    """A query that cannot be understood: what is wrong, at which character, and what might be meant."""

    def __init__(self, what: str, *, at: int = 0, hint: str = "") -> None:
        super().__init__(f"{what}; {hint}" if hint else what)
        self.what, self.at, self.hint = what, at, hint


class BrokenList(BadQuery):
    """A list is named that is wrong itself: that is told where the list stands, and not at each of its uses."""


def masked(text: str) -> str:
    """`text` with other letters for what stands in quotes or between slashes."""
    for kind in (_PHRASE, _REGEX):
        text = kind.sub(lambda found: "x" * len(found[0]), text)
    return text


def misread(text: str, at: int) -> BadQuery:
    """Why nothing could be made of `text` from the character at `at` on."""
    rest = text[at:].lstrip()
    at = len(text) - len(rest) if rest else len(text.rstrip())
    before = masked(text[:at])
    opened = _open(masked(text))
    if not rest and opened is not None:
        return BadQuery("this ( is never closed", at=opened)
    if not rest:
        return BadQuery("something is missing at the end", at=at)
    return _mark(rest, before, at) or _unended(rest, at) or _out_of_place(rest, before, at)


def refuse_other_languages(text: str, at: int) -> None:
    """Raises BadQuery for a word that means something else in other search languages."""
    for sign, what, hint in _ELSEWHERE:
        if sign.match(text):
            raise BadQuery(what, at=at, hint=f"{hint}, or put it in double quotes")


def _open(plain: str) -> int | None:
    """Where the last parenthesis stands that is not closed."""
    opened: list[int] = []
    for place, character in enumerate(plain):
        if character == "(":
            opened.append(place)
        elif character == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _mark(rest: str, before: str, at: int) -> BadQuery | None:
    """What is wrong with a mark that stands where none can."""
    if rest[0] == ")":
        inside = before.count("(") > before.count(")")
        return BadQuery("a clause is missing before this )" if inside else "this ) closes nothing", at=at)
    if rest[0] == "," and before.rstrip().endswith((",", "(")):
        return BadQuery("a clause is missing before this comma", at=at)
    if rest[0] == ",":
        return BadQuery("a comma parts the clauses of a group only", at=at, hint="as in 2 of (steel, iron, copper)")
    if rest[0] == "-" and not rest[1:2].strip():
        return BadQuery("this - stands alone", at=at, hint="write -word for NOT word, or put the words in quotes")
    if rest[0] == ":":
        return BadQuery("nothing can stand before this colon", at=at, hint='put quotes round it: "a: b"')
    return None


def _unended(rest: str, at: int) -> BadQuery | None:
    """What is wrong if `rest` begins like a phrase or a regular expression."""
    found = _PHRASE.match(rest) or _REGEX.match(rest)
    end = at + found.end() if found else at
    if found and rest.startswith("~", found.end()):
        return BadQuery("~ wants the number of words that may stand between", at=end, hint='as in "steel duty"~5')
    if found:
        hint = "case does not count as it is; (?-i) makes it count" if rest[0] == "/" else ""
        return BadQuery("a space is missing here", at=end, hint=hint)
    if rest.removeprefix("=").startswith(tuple(QUOTES)):
        return BadQuery("this quotation mark is never closed", at=at + rest.startswith("="))
    if rest[0] == "/":
        return BadQuery("this regular expression does not end", at=at, hint="it stands between two slashes")
    return None


def _out_of_place(rest: str, before: str, at: int) -> BadQuery:
    """What is wrong with a word such as AND in the wrong place."""
    field, word = _FIELD.search(before), re.match(r"-|[^\s()\",]+", rest)
    hint = f"write NOT before {field[0].strip()}" if field and rest.startswith(("NOT", "-")) else ""
    return BadQuery(f"a clause is missing before {word[0] if word else rest[0]}", at=at, hint=hint)

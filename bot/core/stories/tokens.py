"""A text as a list of tokens that are alike where two texts say the same: one spelling for dates, figures, ordinals.

A token's first character says its kind: `@` a day or a time of day, `~` a month, `#` an ordinal, `=` a number (its
value, without unit), `&` a case or document number. Other tokens are words; of Korean each syllable is one, since its
spaces are free.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice

from bot.core.stories.vocabulary import COUNTED, FURNITURE, LABEL, MONTHS, NUMBERED, SCALES, TO_THE_READER
from bot.core.text import fold, sentences

FACTS = "@~#=&"
"""The kinds of tokens that are facts."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.])(?<!\d[ ])[1-9]\d{0,2}(?:[ ]\d{3})+(?![\d.])|\d+(?:\.\d+)?)"
_TOKEN = re.compile(
    rf"""
      (?P<dmy>\b\d{{1,2}}[/.]\d{{1,2}}[/.](?:19|20)\d\d\b)
    | (?P<iso>\b(?:19|20)\d\d\s?[-./]\s?\d{{1,2}}\s?[-./]\s?\d{{1,2}}\b\.?)
    | (?P<year2>(?<![\d.])'?\d\d\.\s?(?:1[0-2]|0?[1-9])\.\s?(?:3[01]|[12]\d|0?[1-9])(?!\d)\.?)
    | (?P<short>(?<![\d.])(?:1[0-2]|[1-9])\.\s?(?:3[01]|[12]\d|0?[1-9])(?:일|\.?\s?(?=\([월화수목금토일]\))|\.\s?(?=[가-힣)~∼〜\]])))
    | (?P<case>제\s?(?:19|20)?\d\d\s?-\s?\d+\s?호|\b(?:[acfg]-\d{{3}}-\d{{3}}|\d{{3}}-ta-\d+(?:-\d+)?|\(?(?:eu|ec|eec)\)?\s(?:no\s)?\d{{2,4}}/\d{{2,4}}
        |(?:19|20)\d\d-\d{{3,6}}\b|(?!19|20)\d{{4}}[ ]\d\d(?:[ ]\d\d){{0,3}}(?!\d|[.,]\d|\s?%)|(?:제\s?)?\d{{4}}\.\d\d(?:\.\d\d)*(?:[.-]\d{{2,4}})?(?=\D|$)(?:\s?호)?|[a-z]{{1,4}}\d{{2,}}[a-z\d/-]*|[a-z]{{1,3}}-\d{{2,}}[\w-]*))
    | (?P<time>\b\d{{1,2}}(?:[:.]\d\d)?\s?[ap]\.?m\b\.?|\b\d{{1,2}}:\d\d(?!\d)(?:\s?[ap]\.?m\b\.?)?|(?:(?:오전|오후)\s?\d{{1,2}}시|(?<![\d.,])\d{{1,2}}시(?![가-힣])|(?<![\d.,])\d{{1,2}}시(?=에|부터|까지))(?:\s?\d{{1,2}}분)?)
    | (?P<day>(?:(?:19|20)\d\d년\s?)?\d{{1,2}}월\s?\d{{1,2}}일
        |\b(?:{_MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?!\s?%)(?:,?\s(?:19|20)\d\d\b)?
        |\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH})\b\.?(?:,?\s(?:19|20)\d\d\b)?)
    | (?P<month>\b\d{{1,2}}월|\b(?!(?:may|march|mar|sep|dec|jan)\b)(?:{_MONTH})\b|\b(?:in|for|since|until|of|last|this)\s(?:may|march)\b|\b(?:may|march)(?=\s(?:19|20)\d\d))
    | (?P<kday>(?:(?:다음\s?|내|지난\s?|전)달\s?)?(?<![\d.,])\d{{1,2}}일(?![가-힣]*간))
    | (?P<ordinal>\b\d+(?:st|nd|rd|th)\b|제\s?\d+|\b\d+(?:차|회|기|분기|호)|\b(?:{"|".join(NUMBERED)})\b)
    | (?P<sum>(?:{_NUMBER}\s?(?:[천백십][조억만]?|[조억만])\s?)+(?:{_NUMBER}(?=\s?(?:원|달러|불|톤|대|명|개|건)))?)
    | (?P<number>\d+,\d{{1,2}}(?=\s?%|\s(?:per|million|billion))|{_NUMBER})(?P<scale>[\s-]?(?:thousand|million|mn|mln|billion|bn|bln|trillion)\b)?
    | (?P<tens>\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?\b)
    | (?P<word>[^\W\d_가-힣ㄱ-ㆎ\u1100-\u11ff]+)
    | (?P<syllable>[가-힣])
    """,
    re.VERBOSE,
)
_NUMBERS = re.compile(
    rf"(?P<sum>(?:{_NUMBER}\s?(?:[천백십][조억만]?|[조억만])\s?)+(?:{_NUMBER}(?=\s?(?:원|달러|불|톤|대|명|개|건)))?)"
    rf"|(?<![\d./-])(?P<number>{_NUMBER})(?![./-]\d)(?P<scale>[\s-]?(?:thousand|million|mn|mln|billion|bn|bln|trillion)\b)?"
)
_ADDEND = re.compile(rf"({_NUMBER})\s?([천백십]?)\s?([조억만]?)")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_MILLIONS = re.compile(r"([$€£]\s?\d[\d.,]*)\s?m\b")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile("[a-z]+")
_SPECIAL = frozenset(MONTHS) | frozenset(NUMBERED) | frozenset(COUNTED)
_DIGITS = re.compile(r"\d+")
_NUMERO = re.compile(r"\bnos?\.?\s(?=\d)")
_INITIALS = re.compile(r"\b((?:[a-z]\.){2,})")
_AFTER = 16
"""Characters after a day in which a bare day of the month is one of the same month: 10월 15일(목)부터 18일(일)까지."""
_BROKEN = 45
"""Characters from which a line without an end may have been broken by a mail."""
_SENTENCE = re.compile(r"[.!?。]['\"”’)\]]*\s*$|(?:[다요]|[가-힣][음함임됨])\s*$")
_QUOTED = re.compile(r"^(?:>\s?)+")
_ONLY_A_DAY = re.compile(
    rf"(?:\W|\d|(?i:{_MONTH}|st|nd|rd|th|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|day|of|[년월일화수목금토]|요일|오전|오후|시|분))*"
)
_DATELINE = re.compile(
    r"^\s*(?:[A-Z][\w .,'’-]{2,40}?[,(]?\s?(?:\(?[A-Z][\w .]{2,30}\)|[A-Z][a-z]{2,8}\.?\s\d{1,2}[^a-z]{0,30}?)?\s?(?:--|—|–)\s"
    r"|[(\[][가-힣·]{2,10}\s?=\s?[^)\]]{2,20}[)\]]\s?(?:[가-힣]{2,4}\s기자\s?=?)?\s?)"
)


def bare_title(title: str) -> str:
    """The title without the labels before it."""
    while (found := LABEL.match(title)) and found.end() < len(title):
        title = title[found.end() :]
    return title


def dateless(line: str) -> str:
    """A first line without the place and day before it."""
    return _DATELINE.sub("", line, count=1)


def title_tokens(title: str) -> list[str]:
    """The tokens of a title without the labels before it."""
    return tokens(bare_title(title))


def join_initials(folded: str) -> str:
    """Folded text with U.S. as one word, US$ as $, €3m in words, and without the No. before a number."""
    joined = _INITIALS.sub(lambda found: found[1].replace(".", ""), folded).replace("us$", "$")
    return _MILLIONS.sub(r"\1 million", _NUMERO.sub("", joined))


def tokens(text: str, *, written: date | None = None) -> list[str]:
    """The tokens of a text, in order; a bare day of the month (24일) belongs to the month in which it was `written`."""
    folded = join_initials(fold(text))
    if folded.isascii() and not _DIGIT.search(folded):
        words = _LETTERS.findall(folded)
        if _SPECIAL.isdisjoint(words):
            return words
    return list(_in_context(folded, written))


def _in_context(folded: str, written: date | None) -> Iterator[str]:
    """The tokens; a bare day of the month belongs to that of the day named just before it."""
    named, until = written, -_AFTER
    for found in _TOKEN.finditer(folded):
        near = found.start() - until < _AFTER
        for token in _read(found, named if near else written):
            if token[0] == "@" and token[3] == "-":
                named, until = date(2000, int(token[1:3]) % 12 or 12, 1), found.end()
            yield token


def numbers_in(folded: str) -> set[str]:
    """The tokens of the numbers in a folded text; of days and codes, nothing that makes sense."""
    words = folded.split()
    chunks = [
        f"{word} {after}"
        for word, after in zip(words, [*words[1:], ""], strict=True)
        if not word.isalpha() and _DIGIT.search(word)
    ]
    return {_number_of(found) for chunk in chunks for found in islice(_NUMBERS.finditer(chunk), 2)}


def _number_of(found: re.Match[str]) -> str:
    if found["sum"]:
        return _number(_korean_sum(found[0]))
    return _number(_value(found["number"], (found["scale"] or "").strip(" -")))


def _read(found: re.Match[str], written: date | None) -> Iterator[str]:
    kind, text = found.lastgroup, found[0]
    if kind in {"word", "syllable"}:
        yield f"={COUNTED[text]}" if text in COUNTED else text
    elif kind == "tens":
        ten, *unit = re.split("[- ]", text)
        yield f"={COUNTED[ten] + (COUNTED.get(unit[0], 1) if unit else 0)}"
    elif kind in {"number", "scale"}:
        yield _number(_value(found["number"], (found["scale"] or "").strip(" -\n")))
    elif kind == "sum":
        yield _number(_korean_sum(text))
    elif kind == "case":
        yield "&" + re.sub(r"\W|^제|호$", "", text)
    elif kind == "time":
        yield _time(text)
    elif kind == "ordinal":
        yield f"#{NUMBERED.get(text) or int(_DIGITS.findall(text)[0])}"
    else:
        yield from _days(kind or "", text, written)


def _time(text: str) -> str:
    hour, minute = (*map(int, _DIGITS.findall(text)), 0)[:2]
    if ("p" in text or "오후" in text) and hour < 12:
        hour += 12
    return f"@{hour:02}:{minute:02}"


def _days(kind: str, text: str, written: date | None) -> Iterator[str]:
    figures = [int(one) for one in _DIGITS.findall(text)]
    years = [one for one in figures if one > 31]
    small = [one for one in figures if one <= 31]
    if kind == "year2":
        small = small[1:]
    if kind == "dmy" and len(small) == 2:
        small = _nearest(small, years[0], written)
    named = next((MONTHS[word] for word in re.findall("[a-z]+", text) if word in MONTHS), None)
    if named is not None:
        small.insert(0, named)
    elif kind == "kday" and written is not None:
        ahead = 1 if text[0] in "다내" else -1 if text[0] in "지전" else 0
        small.insert(0, (written.month - 1 + ahead) % 12 + 1)
    yield from (f"={year}" for year in years)
    if kind == "month":
        yield f"~{small[0]:02}"
    elif len(small) == 2:
        yield f"@{small[0]:02}-{small[1]:02}"
    else:
        yield from (f"={one}" for one in small)


def _nearest(two: list[int], year: int, written: date | None) -> list[int]:
    """Month and day of 5/6/2026, in the order that is possible, or else nearer to the day it was `written`."""
    possible = [day for one, other in (two[::-1], two) if (day := day_of(year, one, other))]
    if not possible:
        return two
    nearest = min(possible, key=lambda day: abs(day - written)) if written else possible[0]
    return [nearest.month, nearest.day]


def day_of(year: int, month: int, day: int) -> date | None:
    """The day, if there is one."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _value(digits: str, scale: str = "") -> float:
    """58.2 billion and 582억 are one value, and so are 7.5 and 7,5."""
    if _DECIMAL_COMMA.fullmatch(digits):
        digits = digits.replace(",", ".")
    return float(digits.replace(",", "").replace(" ", "")) * SCALES.get(scale, 1)


def _korean_sum(text: str) -> float:
    """3천 200억 and 3,200억 are one value."""
    total = part = 0.0
    for digits, small, big in _ADDEND.findall(text):
        part += _value(digits, small)
        if big:
            total, part = total + part * SCALES[big], 0.0
    return total + part


def _number(value: float) -> str:
    return f"={value:.12g}"


def pieces_of(text: str) -> list[str]:
    """The lines of a text, those that a mail broke joined again; the sentences of those that hold many."""
    found: list[str] = []
    for line in _unbroken([_QUOTED.sub("", line) for line in text.split("\n")]):
        bare = dateless(line)
        if len(bare) < 120:
            found.append(bare)
        else:
            found += [bare[start:end] for start, end in sentences(bare)]
    return [piece for piece in found if piece]


def told_in(pieces: list[str]) -> list[str]:
    """The pieces without what stands round a release on any site; all of them if nothing else is there."""
    told = [piece for piece in pieces if not is_furniture(piece)]
    while told and is_edge(told[0]) and any(not is_edge(one) for one in told):
        told.pop(0)
    while told and is_edge(told[-1]) and any(not is_edge(one) for one in told):
        told.pop()
    return told or pieces


@lru_cache(maxsize=2048)  # each piece is asked about several times
def is_furniture(piece: str) -> bool:
    """True if a line or sentence is a contact, a credit, navigation, a word to the reader."""
    return (len(piece) < 100 and FURNITURE.search(piece) is not None) or (
        len(piece) < 300 and TO_THE_READER.search(piece) is not None
    )


def is_sentence(piece: str) -> bool:
    """True if a line or sentence ends as sentences do."""
    return _SENTENCE.search(piece) is not None


def _unbroken(lines: list[str]) -> Iterator[str]:
    """The lines, with those that a mail broke joined again."""
    whole = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        whole = f"{whole} {line}" if whole else line
        if not _is_broken(line, after):
            yield whole
            whole = ""


def _is_broken(line: str, after: str) -> bool:
    """True if `line` goes on in the next one."""
    if len(line) < _BROKEN or not after or is_sentence(line) or is_furniture(line) or is_furniture(after):
        return False
    return after[0].islower() or not is_edge(line)


def is_edge(line: str) -> bool:
    """True if a line cannot be a sentence: at the edges of a text it is a heading, a place, a day, a signature."""
    if _ONLY_A_DAY.fullmatch(line):
        return True
    return len(line.split()) <= 9 and len(line) < 70 and not is_sentence(line)

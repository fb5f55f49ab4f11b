"""What is read of a release to tell it from others: its tokens, facts, stages, countries, and the words it is about."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from itertools import pairwise

from bot.core.stories.tokens import (
    FACTS,
    bare_title,
    dateless,
    is_furniture,
    join_initials,
    numbers_in,
    pieces_of,
    title_tokens,
    tokens,
    told_in,
)
from bot.core.stories.vocabulary import (
    CORRECTION,
    COUNTRIES,
    LABEL,
    MEASURES,
    STAGES,
    VERSION,
    other_names,
    speaks_of_trade,
)
from bot.core.stories.weights import FAINT, FORMULA, SILENT, STOP, pairs, stem
from bot.core.text import SINGULAR, fold, sentences
from bot.model import Release

_LATIN_WORD = re.compile(r"[^\W\d_가-힣]+(?:\.[a-z]\.)?")
_HANGUL = re.compile("[가-힣]{2,}")
_TWO_WORDS = frozenset(name for name in COUNTRIES if name.isascii() and " " in name)
_PARTS_OF_NAMES = frozenset(name.split()[-1] for name in _TWO_WORDS)
_OTHER = other_names()
_US = frozenset(("US", "USA", "U.S", "U.S.A"))
_NAME = re.compile(r"(?<![.!?:\"“]\s)(?<=\s)[(\"“‘']?([A-Z][\w’'-]+)")
_CAPITALS = re.compile(r"\b[A-Z]{2,6}\b")
_BEGINNING = 2000
"""Characters in which the first sentences stand, whatever stands before them."""
_LEAD, _LONG = 500, 45
"""Characters in which a release says what it is about, and of a first line that is no heading."""


class Profile:
    """A release as the judge sees it; each property is read when it is first asked for."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.day: date = release.day

    @cached_property
    def text(self) -> str:
        """The body without what stands round it on a page."""
        return "\n".join(told_in(self._pieces))

    @cached_property
    def _pieces(self) -> list[str]:
        return pieces_of(self.release.body)

    @cached_property
    def size(self) -> int:
        """How many tokens the text has; of Korean, half as many as syllables."""
        many = sum(len(part) for piece, part in self.parts if not is_furniture(piece))
        return many // 2 if self.is_korean else many

    @cached_property
    def title(self) -> list[str]:
        """The tokens of the title, without labels."""
        return title_tokens(self.release.title)

    @cached_property
    def units(self) -> frozenset[str]:
        """The words of title and text, singular; Korean ones with their particles."""
        return frozenset(SINGULAR[one] for one in (*self.title, *self.body)) | frozenset(
            re.findall("[가-힣]+", fold(self.release.body))
        )

    @cached_property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The lines and sentences of the text, each with its tokens; not a title that is said again before them."""
        found = [(piece, tokens(piece, written=self.day)) for piece in self._pieces]
        if self.is_cut and found and found[-1][1]:
            found[-1] = (found[-1][0], found[-1][1][:-1])  # the last word may be half of one
        return found[1:] if len(found) > 1 and found[0][1] == self.title else found

    @cached_property
    def body(self) -> list[str]:
        """The tokens of the text."""
        return [token for _, part in self.parts for token in part]

    @cached_property
    def lead_text(self) -> str:
        """The first sentences."""
        lines = self.release.body[:_BEGINNING].split("\n")
        first = next((at for at, line in enumerate(lines) if len(line) >= _LONG and not is_furniture(line)), 0)
        told = dateless(" ".join(lines[first:]))[:_LEAD]
        spans = sentences(told)
        return told[: spans[1][1]] if len(spans) > 2 else told

    @cached_property
    def _folded(self) -> str:
        return join_initials(fold(f"{self.release.title} | {self.release.body}"))

    @cached_property
    def _words(self) -> list[str]:
        """All words of title and body that are not Korean, folded."""
        return _LATIN_WORD.findall(self._folded)

    @cached_property
    def lead(self) -> list[str]:
        """The tokens of the first sentences."""
        return tokens(self.lead_text, written=self.day)

    @cached_property
    def is_korean(self) -> bool:
        """True if most of the text is Hangul."""
        whole = self.title + self.body
        return sum("가" <= token <= "힣" for token in whole) * 2 > len(whole)

    @cached_property
    def has_hangul(self) -> bool:
        """True if title and beginning are Korean."""
        beginning = f"{self.release.title} {self.release.body[:300]}"
        return 4 * sum("가" <= one <= "힣" for one in beginning) > len(beginning)

    @cached_property
    def facts(self) -> frozenset[str]:
        """Days, months, ordinals, numbers of title and text, without the day and the year of publication."""
        return frozenset(one for one in (*self.title, *self.body) if one[0] in FACTS) - self.dating

    @cached_property
    def dating(self) -> frozenset[str]:
        """The tokens that say nothing but when the text was published."""
        day = self.day
        return frozenset(
            {f"@{day:%m-%d}", f"={day.year}", f"={day.month}.{day.day:02}".rstrip("0"), f"={day.month}.{day.day}"}
        )

    @cached_property
    def months(self) -> frozenset[str]:
        """The tokens of this and of last month."""
        return frozenset({f"~{self.day.month:02}", f"~{(self.day.month - 2) % 12 + 1:02}"})

    @cached_property
    def pins(self) -> bool:
        """True if it names a figure or a day: what pins a text to one event."""
        return any(one[0] in "@#&" or is_telling(one) for one in self.facts if one[0] != "~")

    @cached_property
    def is_cut(self) -> bool:
        """True of a teaser that breaks off."""
        return self.release.body.rstrip(" ])").endswith(("…", "...", "‥"))

    @cached_property
    def is_one_sentence(self) -> bool:
        """True if there is no more than one."""
        return len(sentences(self.text.replace("\n", " "))) <= 1

    @cached_property
    def figures(self) -> frozenset[str]:
        """The numbers that hardly occur by chance: rates with decimals, amounts; no years, no small counts."""
        return frozenset(one for one in numbers_in(self._folded) if is_telling(one)) - self.dating

    @cached_property
    def terms(self) -> frozenset[str]:
        """What the release is made of: words, or pairs of syllables, without facts and the formulas of the trade."""
        return _terms(self._words, self._folded)

    @cached_property
    def title_terms(self) -> frozenset[str]:
        """The terms of the title."""
        return terms(bare_title(self.release.title))

    @cached_property
    def title_tells(self) -> bool:
        """True if the title alone tells the event: words, countries or facts that not every release has."""
        facts = [one for one in self.title if one[0] in FACTS]
        return len(self.title_terms - FAINT) + len(countries_in(self.release.title)) + len(facts) >= 2

    @cached_property
    def lead_terms(self) -> frozenset[str]:
        """The terms of title and first sentences."""
        return self.title_terms | terms(self.lead_text)

    @cached_property
    def subject(self) -> frozenset[str]:
        """What the title is about: its terms without countries."""
        return self.title_terms - _COUNTRY_WORDS

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of persons, firms and places, as far as capitals show them."""
        text = f"{self.release.title}\n{self.text}"
        found = (fold(one.group(1)).removesuffix("'s") for one in _NAME.finditer(self.text if self.text else text))
        return frozenset(found) - STOP - FORMULA - _COUNTRY_WORDS

    @cached_property
    def version(self) -> str:
        """The mark of a later version of a report, in the title; empty if there is none."""
        found = VERSION.search(self.release.title)
        return found[0] if found else ""

    @cached_property
    def abbreviations(self) -> frozenset[str]:
        """The words that stand in capitals: of agencies, mostly."""
        return frozenset(one.lower() for one in _CAPITALS.findall(f"{self.release.title}\n{self.release.body}"))

    @cached_property
    def title_stages(self) -> frozenset[str]:
        """The stages that the title names."""
        return stages_in(self.release.title)

    @cached_property
    def stages(self) -> frozenset[str]:
        """The stages that the title names, or else the first sentences."""
        return self.title_stages or stages_in(self.lead_text)

    @cached_property
    def stage(self) -> str:
        """The stage that the title names first; empty if it names none."""
        return first_stage(self.release.title)

    @cached_property
    def near_stages(self) -> frozenset[str]:
        """The stages of title and first sentences."""
        return self.title_stages | stages_in(self.lead_text)

    @cached_property
    def is_about_trade(self) -> bool:
        """True if it speaks of trade."""
        return speaks_of_trade(self._folded)

    @cached_property
    def measures(self) -> frozenset[str]:
        """The trade remedies that the title names, or else the first sentences."""
        return measures_in(self.release.title) or measures_in(self.lead_text)

    @cached_property
    def countries(self) -> frozenset[str]:
        """The countries that the title names, or else the first sentences."""
        return countries_in(self.release.title) or countries_in(self.lead_text)

    @cached_property
    def all_countries(self) -> frozenset[str]:
        """All countries of title and text."""
        return _countries(self._words, self._folded, f"{self.release.title}\n{self.release.body}")

    @cached_property
    def corrects(self) -> bool:
        """True if it calls itself a correction."""
        label = LABEL.match(self.release.title)
        return bool(CORRECTION.search(label[0] if label else "") or CORRECTION.search(self.release.title)) or bool(
            re.match(r"\W*(?:correct|corrig|errat|정정|바로\s*잡)", self.release.body, re.IGNORECASE)
        )


def is_telling(number: str) -> bool:
    """True of a number token whose value hardly occurs twice by chance."""
    value = float(number[1:])
    return value != int(value) or (value >= 32 and not 1900 <= value <= 2100 and value % 100 != 0) or value >= 1e5


def countries_in(text: str) -> frozenset[str]:
    """The codes of the countries that a text names."""
    folded = fold(text)
    return _countries(_LATIN_WORD.findall(folded), folded, text)


def _marks(text: str) -> Iterator[str]:
    """The words in capitals, where "us" is a country and not we."""
    if "U" in text:
        yield from (word.strip("().,;:'’s\"“”-") for word in text.split() if word.lstrip("(\"“‘'")[:1] == "U")


def _countries(words: list[str], folded: str, text: str) -> frozenset[str]:
    found = {COUNTRIES[word] for word in COUNTRIES.keys() & words}
    if not _PARTS_OF_NAMES.isdisjoint(words):
        found |= {COUNTRIES[pair] for pair in _TWO_WORDS & set(map(" ".join, pairwise(words)))}
    if not text.isascii():
        found |= {COUNTRIES[one[0]] for one in _OTHER.finditer(folded)}
    return frozenset(found | {"US"} if _US.intersection(_marks(text)) else found)


def first_stage(text: str) -> str:
    """The stage that a text names first; empty if it names none."""
    found = [(match.start(), name) for name, pattern in STAGES if (match := pattern.search(text))]
    return min(found)[1] if found else ""


def measures_in(text: str) -> frozenset[str]:
    """The trade remedies that a text names."""
    return frozenset(name for name, pattern in MEASURES if pattern.search(text))


def stages_in(text: str) -> frozenset[str]:
    """The stages of a case that a text names."""
    return frozenset(name for name, pattern in STAGES if pattern.search(text))


def terms(text: str) -> frozenset[str]:
    """The words of a text, singular; of Korean words, without their particles, each two neighbouring syllables."""
    folded = join_initials(fold(text))
    return _terms(_LATIN_WORD.findall(folded), folded)


def _terms(words: list[str], folded: str) -> frozenset[str]:
    found = {SINGULAR[word] for word in set(words) if len(word) > 1}
    if not folded.isascii():
        for word in set(_HANGUL.findall(folded)):
            found |= pairs(stem(word))
    return frozenset(found) - SILENT


_COUNTRY_WORDS = frozenset(term for name in COUNTRIES for term in terms(name))

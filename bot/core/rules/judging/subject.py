"""A release as rules see it: what stands in its fields, each read once however many rules ask."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from bot.core.rules.judging.reading import Reading
from bot.core.rules.language.tree import Attribute, Place, tight
from bot.model import Release

_NUMBER = r"\d[\d,]*+(?:\.\d++)?+"
# A percentage: 25%, 25 percent, 25퍼센트, and both ends of a range: 11.37~26.81%, 10-15 percent, 10 to 15 percent.
_PERCENT = re.compile(
    rf"(?<![\d.,])(?:({_NUMBER})\s?(?:[~∼～〜–—-]|to\b)\s?)?+({_NUMBER})\s?(?:[%％﹪]|per ?cent\b|퍼센트|프로\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The fields that rules ask about."""

    title: str = ""
    body: str = ""
    attributes: Mapping[Attribute, tuple[str, ...]] = field(default_factory=dict)
    published: date | None = None

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """The words of title and body."""
        return {"title": Reading(self.title), "body": Reading(self.body)}

    def texts(self, place: Place) -> Iterator[tuple[str, str]]:
        """The fields that `place` names, with what stands in them."""
        for name, text in (("title", self.title), ("body", self.body)):
            if place in {"", name}:
                yield name, text

    def in_place(self, place: Place) -> Iterator[Reading]:
        """The words of the fields that `place` names."""
        return (self.readings[name] for name, _ in self.texts(place))

    @cached_property
    def words(self) -> int:
        """How many words title and body have."""
        return sum(len(reading.words) for reading in self.readings.values())

    @cached_property
    def percentages(self) -> tuple[tuple[str, int, int, float], ...]:
        """The percentages named in title and body: field, start, end, value."""
        return tuple(
            (name, *found.span(), float(number.replace(",", "")))
            for name, text in self.texts("")
            for found in _PERCENT.finditer(text)
            for number in found.groups()
            if number
        )


def subject_of(release: Release) -> Subject:
    """The release as rules see it."""
    return Subject(
        title=release.title,
        body=release.body,
        attributes={
            "category": release.categories,
            "source": (release.key.source,),
            "language": (release.language,),
            "url": (release.url,),
        },
        published=release.published,
    )


def named_so(value: str, name: str, attribute: Attribute) -> bool:
    """True if `value` is called `name`, in which * stands for anything; a url without one need only contain it."""
    wanted = f"*{name}*" if attribute == "url" and "*" not in name else name
    return _pattern(wanted).fullmatch(tight(value)) is not None


@lru_cache(maxsize=10_000)
def _pattern(name: str) -> re.Pattern[str]:
    """Without anything after a * that could be tried in two ways: one lazy step a star, each made final."""
    first, *rest = (re.escape(part) for part in tight(name).split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)

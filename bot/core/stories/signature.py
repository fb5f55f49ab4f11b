"""The keys under which a release's look-alikes are found: likeness only brings two together, the judge decides.

- Near keys, of which one is enough, within a window of days: eight bands of four minima each of a one-permutation
  MinHash with 32 bins, over masked runs of three words (of six syllables, in Korean), so that two texts that share
  three quarters of them share a band with a probability above 0.95 (Li, Owen, Zhang: One Permutation Hashing, 2012;
  empty bins borrow from the next: Shrivastava, Li, 2014); the masked title; and the masked first words, so that a
  caption finds the release that it begins.
- About keys, of which it takes two, within a few days: the rare figures, and the words that a release is about, so that
  other texts of one event meet.
- Case keys, of which one is enough, for ever: pairs of those words, of releases about a trade measure, so that a final
  determination finds the preliminary one.

Fewer keys are kept than are sought: what one text says in its title the other may say further down.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import TypeVar

from bot.core.stories.tokens import bare_title, dateless
from bot.core.stories.vocabulary import CASE, MONTHS, speaks_of_trade
from bot.core.stories.weights import says_little, stem
from bot.core.text import fold_character
from bot.model import Release, Signature

T = TypeVar("T")
BINS, BAND = 32, 4
_KEY_BITS = 48
"""Of a key's hash, its lowest bit set if it is weak; the time stands before it, in a signed integer of 64 bits."""
_NEAR_DAYS, _ABOUT_DAYS = 64, 4
_EPOCH = date(1900, 1, 1)
ABOUT, KEPT = 24, 10
"""Words that a release is about, and of them those under which it is kept."""
PAIRED, KEPT_PAIRS = 12, 10
"""Words of which pairs are made, and the first pairs, those of the first five words."""
TELLING = 8.0
"""The weight of a key that is enough: two releases are one text but for changes, or of one case."""
LOOKED_AT, WEAK = 8, 2
"""Look-alikes that are judged at the most, and those of them that share weak keys only."""
BEGINNING = 600
"""Characters of a text in which it is looked whether it may be kin."""
_HASH_BITS = 48
_MASK = (1 << _HASH_BITS) - 1
_BIN_BITS = _HASH_BITS - 5
_FIRST = 12
_LONG = 60
"""Characters of a first line that is no heading."""
_FIGURE = re.compile(r"\d[\d.,]*\d")


class _Parting(dict[int, str]):
    """What becomes of each character where a text is parted into words: folded, each Korean syllable a word."""

    def __missing__(self, code: int) -> str:
        character = fold_character(chr(code))
        if "가" <= character <= "힣":
            self[code] = f" {character} "
        else:
            self[code] = "".join(one if one.isalnum() else " " for one in character)
        return self[code]


class _Hashes(dict[str, int]):
    """The hash of each word, 48 bits; figures and months have one, so that the same form with others is found."""

    def __missing__(self, word: str) -> int:
        if len(self) >= 200_000:  # hostile text never ends; a language does
            self.clear()
        self[word] = _hash("0" if word.isdigit() or word in MONTHS else word)
        return self[word]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH_BITS // 8).digest(), "big")


class _Spacing(dict[int, str]):
    """The same, but that Korean words are left whole."""

    def __missing__(self, code: int) -> str:
        self[code] = "".join(one if one.isalnum() else " " for one in fold_character(chr(code)))
        return self[code]


_PARTING = _Parting()
_SPACING = _Spacing()
_HASHES = _Hashes()


def signature(title: str, body: str) -> Signature:
    """The keys of a plain title and text, the most telling first."""
    head = bare_title(title)
    words = _hashes(body)
    run = 6 if any("가" <= character <= "힣" for character in body[:40]) else 3
    near = [_key("band", *band) for band in bands(words, run)] if len(words) > run else []
    near += [_key("title", *_hashes(head))] if head else []
    beginning = _hashes(_beginning(body))[:_FIRST]
    near += [_key("first", *beginning)] if len(beginning) == _FIRST else []
    if not speaks_of_trade(f"{head} {body}".casefold()):
        return Signature(near=tuple(near))  # the judge takes other matters for one only if the text is one
    figures = [_hash(figure) for figure in _rare_figures(f"{head} {body[:1500]}")]
    about = [_hash(word) for word in _about(head, body)]
    return Signature(
        near=tuple(near),
        about=tuple(_key("about", one) | 1 for one in (*figures, *about)),
        case=tuple(_case_keys(about)) if is_case(head, body) else (),
    )


def kept(signature: Signature, day: date) -> list[int]:
    """The keys under which a release of `day` is kept."""
    since = (day - _EPOCH).days
    return [
        *(_at(since // _NEAR_DAYS, key) for key in signature.near),
        *(_at(since // _ABOUT_DAYS, key) for key in signature.about[:KEPT]),
        *signature.case[:KEPT_PAIRS],
    ]


def sought(signature: Signature, day: date, window: timedelta) -> list[int]:
    """The keys under which its look-alikes are kept: within `window`, of other texts within days, cases for ever."""
    since = (day - _EPOCH).days
    return [
        *(_at(time, key) for time in _times(since, window.days, _NEAR_DAYS) for key in signature.near),
        *(_at(time, key) for time in _times(since, _ABOUT_DAYS, _ABOUT_DAYS) for key in signature.about),
        *signature.case,
    ]


def weigh(keys: Iterable[int], holders: Mapping[int, Sequence[T]]) -> dict[T, float]:
    """Who shares the most of `keys`, those first; a weak key weighs half, and a little more the fewer have it."""
    weights: dict[T, float] = defaultdict(float)
    for key in keys:
        found = holders.get(key, ())
        weight = 0.5 + 0.1 / len(found) if found and key & 1 else TELLING
        for one in found:
            weights[one] += weight
    ranked = sorted((one for one, weight in weights.items() if weight >= 1), key=lambda one: -weights[one])
    return {one: weights[one] for at, one in enumerate(ranked[:LOOKED_AT]) if at < WEAK or weights[one] >= TELLING}


def may_be_kin(title: str, beginning: str, release: Release, *, publisher: str) -> bool:
    """False of another text that the judge need not see.

    Neither it nor `release` says what the other's title does, or both are full texts of one publisher.
    """
    if publisher == release.publisher and min(len(beginning), len(release.body)) >= BEGINNING:
        return False
    return _said_there(title, f"{release.title} {release.body}") or _said_there(release.title, f"{title} {beginning}")


def _said_there(title: str, text: str) -> bool:
    """True if a text has more than a third of the words that a title is about."""
    words, small = _telling(bare_title(title)), text.casefold()
    return 3 * sum(word in small for word in words) > len(words)


def _times(since: int, reach: int, length: int) -> range:
    return range(max(0, since - reach) // length, (since + reach) // length + 1)


def _at(time: int, key: int) -> int:
    return ((1 + time) << _KEY_BITS) | key


def _case_keys(about: Sequence[int]) -> Iterator[int]:
    """Pairs of words, those of the first words first."""
    for later in range(1, min(len(about), PAIRED)):
        for earlier in range(later):
            yield _key("case", *sorted((about[earlier], about[later])))


def is_case(title: str, body: str) -> bool:
    """True of a release about a trade measure: its next stage may come years later."""
    return CASE.search(f"{title} {body[:400]}") is not None


def _hashes(text: str) -> list[int]:
    return list(map(_HASHES.__getitem__, text.translate(_PARTING).split()))


def bands(words: Sequence[int], run: int) -> Iterator[tuple[int, ...]]:
    """The bands of the minima of the runs of `run` words, given by their hashes."""
    minima = _minima(sorted(_runs(words, run) or [words[0]]))
    for start in range(0, BINS, BAND):
        yield (start, *minima[start : start + BAND])


def _runs(words: Sequence[int], run: int) -> list[int]:
    """The hashes of those runs that begin with an odd word: a polynomial, so that it is the same on every Python."""
    if run == 3:
        return [(a * 5 + b * 3 + c) & _MASK for a, b, c in zip(words, words[1:], words[2:], strict=False) if a & 1]
    ahead = zip(*(words[start:] for start in range(run)), strict=False)
    return [(a * 17 + b * 13 + c * 11 + d * 7 + e * 5 + f) & _MASK for a, b, c, d, e, f in ahead if a & 1]


def _minima(ordered: Sequence[int]) -> list[int]:
    """The least hash of each bin; an empty bin has that of the next one that is not."""
    found: list[int | None] = []
    for number in range(BINS):
        at = bisect_left(ordered, number << _BIN_BITS)
        inside = at < len(ordered) and ordered[at] >> _BIN_BITS == number
        found.append(ordered[at] if inside else None)
    after = next(one for one in found if one is not None)
    for number in reversed(range(BINS)):
        one = found[number]
        after = one if one is not None else after
        found[number] = after
    return [one for one in found if one is not None]


def _beginning(body: str) -> str:
    """What the first line begins with that is no heading."""
    line = next((line for line in body.split("\n", 12) if len(line) >= _LONG), "")
    return dateless(line[:250])


def _rare_figures(text: str) -> list[str]:
    """The first figures that hardly occur by chance: of three digits or more, no years."""
    found = (one.replace(",", "") for one in _FIGURE.findall(text))
    rare = (one for one in found if len(one.replace(".", "")) >= 3 and not ("1900" <= one <= "2100" and len(one) == 4))
    return list(dict.fromkeys(rare))[:4]


def _about(title: str, body: str) -> list[str]:
    """The words that a release is about: of title and beginning those that come back most often."""
    titled, about = set(_telling(title)), set(_telling(body[:400]))
    small = body.casefold()
    ranked = sorted(titled | about, key=lambda word: (-(word in titled) - small.count(word), -len(word), word))
    return ranked[:ABOUT]


def _telling(text: str) -> list[str]:
    """The words of a text that say what it is about, without endings."""
    words = map(stem, text.translate(_SPACING).split())
    return [word for word in words if len(word) > 1 and not word.isdigit() and not says_little(word)]


def _key(kind: str, *parts: int) -> int:
    digest = blake2b(":".join(map(str, (kind, *parts))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _KEY_BITS) & ~1

"""The slow and obvious judge of queries: it tries every run of words, every start and every choice.

It shares with the matcher what a word is (bot/core/rules/language/words.py) and the tree, and nothing else.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise, product

from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.term import Term
from bot.core.rules.language.tree import And, AtLeast, Compared, Leaf, Named, Near, Not, Or, Pattern, Query, Word
from bot.core.rules.language.words import read_piece, words_of
from bot.core.text import HANGUL, fold, singular
from bot.model import Evidence

PLACES = 5
PARTICLES = set(
    "은 는 이 가 을 를 의 에 와 과 도 만 로 으로 나 이나 랑 이랑 며 이며 고 이고 든 이든 야 이야 서 에서 에게 께 한테 까지"
    " 부터 보다 처럼 만큼 마다 조차 마저 밖에 뿐 대로 같이 으로서 로서 으로써 로써 으로부터 로부터 에서는 에는 에도 에만"
    " 까지는 까지도 부터는 와는 과는 와의 과의 로의 으로의 에의 에서의 으로는 로는 으로도 로도 만의 만을 만이 들 들은 들이"
    " 들을 들의 등 등을 등이 등의 등에 및 라 이라 라는 이라는 라고 이라고 란 이란 인 인데 이다 다 입니다 였다 이었다"
    " 에서도 에서만 에게는 에게도 였던 이었던 라며 이라며 라면 이라면 인가 까지만".split()
)
BEGINNINGS = set(
    "anti counter non semi multi micro mini macro sub super inter trans over under pre post pro tri"
    " self mid ultra extra intra quasi pseudo neo eco bio electro photo petro hydro auto agro nano".split()
)
FUNCTION_WORDS = set(
    "the and for may can not are was has had but per its our all any one two new who how why his her out off too use"
    " now did yes let get got say see via you she him they them that this with from into onto have been were will"
    " than then when what which their there some such only also very".split()
)


@dataclass(frozen=True)
class Token:
    """A word of a text, and what stands between it and the next."""

    word: str
    start: int
    end: int
    hyphen: bool
    """Nothing but a hyphen."""
    stop: bool
    """A thought ends."""
    glue: bool
    """Nothing that parts a Korean compound."""


def tokens_of(text: str) -> list[Token]:
    """The words of a text."""
    found: list[Token] = []

    def loosen(*, stop: bool, part: bool) -> None:
        if found:
            last = found.pop()
            found.append(Token(last.word, last.start, last.end, last.hyphen, last.stop or stop, last.glue and not part))

    for piece in re.finditer(r"\n|\S+", text):
        if piece[0] == "\n":
            loosen(stop=True, part=True)
            continue
        read = read_piece(piece[0])
        loosen(stop=read.opens, part=read.loose)
        for number, (word, (start, end)) in enumerate(zip(read.words, read.spans, strict=True)):
            inside = number < len(read.words) - 1
            found.append(
                Token(
                    word,
                    piece.start() + start,
                    piece.start() + end,
                    inside and read.hyphens[number],
                    read.stops[number],
                    read.glued[number],
                )
            )
    return found


# --- terms ------------------------------------------------------------------------------------------------------


def runs(term: Term, tokens: list[Token]) -> list[tuple[int, int, int]]:
    """Where a term occurs: the first word, the last word, the letter of the text at which it ends."""
    found = []
    for first in range(len(tokens)):
        if term.korean:
            found += [(first, *end) for end in sorted(korean_ends(term, tokens, first))[:1]]
        else:
            found += [(first, *end) for end in sorted(english_ends(term, tokens, first))[-1:]]
    return found


def english_ends(term: Term, tokens: list[Token], first: int) -> Iterator[tuple[int, int]]:
    wanted = ways(term)
    longest = 2 * max(map(len, wanted))
    for last in range(first, min(first + longest, len(tokens))):
        run = tokens[first : last + 1]
        if not any(token.stop for token in run[:-1]) and any(same(term, way, run) for way in wanted):
            yield last, tokens[last].end


def ways(term: Term) -> list[list[str]]:
    """As it is written, with neighbours as one word in any blocks of up to three; or with one word as two."""
    words = words_of(unicodedata.normalize("NFC", term.written))
    found = [[one_word(term, block, last=block is blocks[-1]) for block in blocks] for blocks in blocks_of(term, words)]
    plain = found[0]
    for place in range(len(plain) - term.prefix):
        for cut in range(len(plain[place])):
            first, second = plain[place][:cut], plain[place][cut:]
            if len(first) >= 3 and len(second) >= 3 and (first in BEGINNINGS or two_words(term, first, second)):
                shown = first if term.exact else singular(first)
                found.append([*plain[:place], shown, second, *plain[place + 1 :]])
    return found


def blocks_of(term: Term, words: list[str]) -> list[list[list[str]]]:
    """All ways to cut the words into blocks of up to three; of more than five words those with one block, or the pieces."""
    apart = [[word] for word in words]
    cuts = [
        [words[start:end] for start, end in pairwise([0, *chosen, len(words)])]
        for many in range(len(words))
        for chosen in combinations(range(1, len(words)), many)
    ]
    found = [blocks for blocks in cuts if all(len(block) <= 3 for block in blocks)]
    if len(words) > 5:
        pieces = [words_of(piece) for piece in unicodedata.normalize("NFC", term.written).strip('="').split()]
        whole = [piece for piece in pieces if piece]
        found = [blocks for blocks in found if sum(len(block) > 1 for block in blocks) <= 1 or blocks == whole]
    return [apart, *(blocks for blocks in found if blocks != apart)]


def one_word(term: Term, block: list[str], *, last: bool) -> str:
    word = "".join(block)
    return word if term.exact or (term.prefix and last) else singular(word)


def two_words(term: Term, first: str, second: str) -> bool:
    alone = len(term.words) == 1
    return alone and len(first) >= 3 and (first + second).isalpha() and not FUNCTION_WORDS & {first, second}


def same(term: Term, way: list[str], run: list[Token]) -> bool:
    """True if the run is the way, with hyphens read as nothing wherever that helps."""
    return any(
        len(group) == len(way)
        and all(
            equal(term, wanted, words, last=number == len(way) - 1)
            for number, (wanted, words) in enumerate(zip(way, group, strict=True))
        )
        for group in groups(run)
    )


def groups(run: list[Token]) -> Iterator[list[list[str]]]:
    """The run as words, each alone or as one with the next after a hyphen."""
    if not run:
        yield []
        return
    for rest in groups(run[1:]):
        yield [[run[0].word], *rest]
    if len(run) > 1 and run[0].hyphen:
        for rest in groups(run[2:]):
            yield [[run[0].word, run[1].word], *rest]


def equal(term: Term, wanted: str, words: list[str], *, last: bool) -> bool:
    if term.prefix and last:  # beyond the hyphen only if the beginning reaches so far
        return "".join(words).startswith(wanted) and len("".join(words[:-1])) < len(wanted)
    whole = "".join(words)
    return (whole if term.exact else singular(whole)) == wanted


def korean_ends(term: Term, tokens: list[Token], first: int) -> Iterator[tuple[int, int]]:
    letters = "".join(term.words)
    spaces = {len("".join(term.words[:number])) for number in range(1, len(term.words))}
    if not HANGUL.match(letters) and tokens[first].word != term.begins:
        return

    def read(place: int, done: int, *, skipped: bool = False) -> Iterator[tuple[int, int]]:
        """The ends when `done` letters are said before the word at `place`."""
        token, rest = tokens[place], letters[done:]
        if token.word.startswith(rest) and may_follow(term, letters, token.word[len(rest) :]):
            whole = token.end - token.start == len(token.word)
            yield place, token.start + len(rest) if whole else token.end
        if not token.glue or place + 1 == len(tokens):
            return
        for taken in range(1, len(token.word) + 1):
            said, after = token.word[:taken], token.word[taken:]
            particle = after in PARTICLES and done + taken in spaces
            if taken < len(rest) and rest.startswith(said) and (not after or particle):
                yield from read(place + 1, done + taken)
        own = place > 0 and tokens[place - 1].end == token.start
        if done in spaces and token.word in PARTICLES and own and not skipped:  # KTC가 건의 is three words
            yield from read(place + 1, done, skipped=True)

    yield from read(first, 0)


def may_follow(term: Term, letters: str, after: str) -> bool:
    """True if a word may go on so after the term; a number or a Latin word ends where the term ends."""
    if not after:
        return True
    return after in PARTICLES if term.exact else HANGUL.match(letters[-1]) is not None


# --- clauses ----------------------------------------------------------------------------------------------------


def evidence_of(leaf: Leaf, subject: Subject) -> list[Evidence]:
    """Where a clause is met; empty if it is not."""
    match leaf:
        case Named() | Compared("published") | Compared("words"):
            return [told(leaf, field, value, 0, len(value)) for field, value in value_of(leaf, subject)]
        case Compared(_, operator, wanted):
            return in_fields(leaf, "", subject, lambda text: percentages(text, operator, wanted))
        case Pattern(regex, place):
            return in_fields(leaf, place, subject, lambda text: searched(regex.written, text))
        case Word(term, place):
            return in_fields(leaf, place, subject, lambda text: spans_of(term, text))
        case Near(terms, within, place):
            return in_fields(leaf, place, subject, lambda text: stretches(terms, within, text))
    raise AssertionError(leaf)


def value_of(leaf: Named | Compared, subject: Subject) -> list[tuple[str, str]]:
    """The attribute of the release that is asked for, with its name, if it is as it must be."""
    match leaf:
        case Named(attribute, name):
            wanted, anywhere = tight(name), attribute == "url" and "*" not in name
            values = subject.attributes.get(attribute, ())
            return [(attribute, one) for one in values if fits(tight(one), wanted, anywhere=anywhere)][:1]
        case Compared("published", operator, first, last):
            day = subject.published
            return [("published", str(day))] if day and on_day(day, operator, first, last or first) else []
        case Compared(_, operator, wanted):
            many = len(tokens_of(subject.title)) + len(tokens_of(subject.body))
            return [("words", str(many))] if compares(many, operator, wanted) else []
    raise AssertionError(leaf)


def told(leaf, field, text, start, end):
    return Evidence(clause=leaf.label or str(leaf), field=field, start=start, end=end, text=text[start:end])


def in_fields(leaf, place, subject, spans):
    return [
        told(leaf, field, text, start, end)
        for field, text in (("title", subject.title), ("body", subject.body))
        if place in {"", field}
        for start, end in spans(text)[:PLACES]
    ]


def spans_of(term, text):
    tokens = tokens_of(text)
    return [(tokens[first].start, end) for first, _, end in runs(term, tokens)]


def stretches(terms, within, text):
    """From each word at which one of the terms begins the shortest stretch that holds all terms and few other words."""
    tokens, shortest = tokens_of(text), {}
    said = {word for term in terms for begin, end, _ in runs(term, tokens) for word in range(begin, end + 1)}
    for chosen in product(*(runs(term, tokens) for term in terms)):
        first, last = min(one[0] for one in chosen), max(one[1] for one in chosen)
        if len(set(range(first, last + 1)) - said) <= within:
            shortest[first] = min(last, shortest.get(first, last))
    return [(tokens[first].start, tokens[last].end) for first, last in sorted(shortest.items())]


def searched(pattern, text):
    return [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]


def percentages(text, operator, wanted):
    number = r"\d[\d,]*(?:\.\d+)?(?!\d)"
    signs = rf"(?<![\d.,])(?:({number})\s?(?:[~∼～〜–—-]|to\b)\s?)?({number})\s?(?:[%％﹪]|per ?cent\b|퍼센트|프로\b)"
    found = re.finditer(signs, text, re.IGNORECASE)
    fits = lambda told: told is not None and compares(float(told.replace(",", "")), operator, wanted)  # noqa: E731
    return [one.span() for one in found if fits(one[1]) or fits(one[2])]


def compares(value, operator, wanted):
    return {
        "=": value == wanted,
        ">": value > wanted,
        ">=": value >= wanted,
        "<": value < wanted,
        "<=": value <= wanted,
    }[operator]


def on_day(day: date, operator: str, first: date, last: date) -> bool:
    """A month or a year is all of its days."""
    return {
        "=": first <= day <= last,
        ">": day > last,
        ">=": day >= first,
        "<": day < first,
        "<=": day <= last,
    }[operator]


def tight(name):
    return "/".join(part.strip() for part in fold(name).split("/"))


def fits(value: str, name: str, *, anywhere: bool = False) -> bool:
    """True if `value` is `name`, in which * stands for anything."""
    if anywhere:
        return name in value
    if not name:
        return not value
    if name[0] == "*":
        return any(fits(value[place:], name[1:]) for place in range(len(value) + 1))
    return value[:1] == name[0] and fits(value[1:], name[1:])


# --- queries ----------------------------------------------------------------------------------------------------


def true_for(query: Query, subject: Subject) -> bool:
    """Whether a release is what the query asks for."""
    match query:
        case And(parts):
            return False not in [true_for(part, subject) for part in parts]
        case Or(parts):
            return True in [true_for(part, subject) for part in parts]
        case AtLeast(many, parts):
            return [true_for(part, subject) for part in parts].count(True) >= many
        case Not(part):
            return not true_for(part, subject)
    return evidence_of(query, subject) != []


def proof(query: Query, subject: Subject) -> list[Evidence]:
    """Why: the places of all clauses that hold and stand under no NOT, and under no part that does not hold."""
    match query:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            return [one for part in parts if true_for(part, subject) for one in proof(part, subject)]
        case Not():
            return []
    return evidence_of(query, subject)

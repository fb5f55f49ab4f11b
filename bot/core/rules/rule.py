"""A rule, ready to be held against releases."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import translate
from functools import lru_cache

from bot.core.rules.reading import Reading
from bot.core.rules.term import BadTerm, Term, parse_term
from bot.core.text import clean, fold
from bot.errors import Problem
from bot.model import Evidence, Match, Release, digest
from bot.settings import RuleSpec

# As many places as a person would look at; the rest adds nothing to the why.
MAX_PLACES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule whose words are folded; `spec` is what people wrote."""

    spec: RuleSpec
    any: tuple[Term, ...]
    all: tuple[Term, ...]
    none: tuple[Term, ...]
    version: str
    """Hash of the rule's meaning: the same as long as it matches the same."""

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.spec.id


def compile_rule(spec: RuleSpec, *, file: str) -> tuple[Rule | None, list[Problem]]:
    """The rule that `spec` means, or None and everything that is wrong with it."""
    problems: list[Problem] = []
    clauses = {name: _terms(spec, name, file, problems) for name in ("any", "all", "none")}
    if problems:
        return None, problems
    meaning = spec.model_dump_json(include={"any", "all", "none", "categories", "sources"})
    return Rule(spec=spec, version=digest(meaning)[:12], **clauses), _failed_examples(spec, clauses, file)


def _terms(spec: RuleSpec, clause: str, file: str, problems: list[Problem]) -> tuple[Term, ...]:
    terms = []
    for written in getattr(spec, clause):
        try:
            terms.append(parse_term(written))
        except BadTerm as error:
            problems.append(Problem(file, f'rule "{spec.id}", {clause}', f"{written!r}: {error}"))
    return tuple(terms)


class RuleSet:
    """The rules in force, with an index by which a release finds the few terms that it may contain."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_word: defaultdict[str, list[Term]] = defaultdict(list)
        self._by_beginning: defaultdict[str, list[Term]] = defaultdict(list)
        self._heads: set[str] = set()
        self._by_letter: defaultdict[str, list[Term]] = defaultdict(list)
        self._loose: list[Term] = []
        for rule in self.rules:
            for term in (*rule.any, *rule.all, *rule.none):
                self._file(term)

    def _file(self, term: Term) -> None:
        """An occurrence is the target as one word, or begins with two words that make up its beginning."""
        if term.korean:
            self._by_letter[term.target[0]].append(term)
        elif term.prefix or term.exact:
            self._loose.append(term)
        else:
            self._by_word[term.target].append(term)
            for length in range(2, len(term.target) + 1):
                self._by_beginning[term.target[:length]].append(term)
                self._heads.add(term.target[: length - 1])

    def matches(self, release: Release, *, at: datetime, revision: int = 1) -> list[tuple[Rule, Match]]:
        """The rules that the release meets, each with its match."""
        if not self.rules:
            return []
        reader = _Reader(release, self)
        found = ((rule, _match(rule, reader, at=at, revision=revision)) for rule in self.rules)
        return [(rule, one) for rule, one in found if one is not None]

    def possible(self, reading: Reading) -> set[Term]:
        """The terms that may occur in a text; no other does."""
        terms = {term for word in self._by_word.keys() & reading.present for term in self._by_word[word]}
        for beginning in self._by_beginning.keys() & reading.pairs(self._heads):
            terms.update(term for term in self._by_beginning[beginning] if not term.lasts.isdisjoint(reading.present))
        terms.update(term for term in self._loose if reading.may_begin(term.target, term.firsts))
        if reading.is_korean:
            text = reading.compact
            near = (term for letter in self._by_letter.keys() & set(text) for term in self._by_letter[letter])
            terms.update(term for term in near if term.target in text)
        return terms


class _Reader:
    """The fields of a release, each read once however many rules look at them."""

    def __init__(self, release: Release, rules: RuleSet) -> None:
        self.release = release
        fields = {"title": Reading(release.title), "body": Reading(release.body)}
        self._fields = {name: (reading, rules.possible(reading)) for name, reading in fields.items()}
        self.possible = {term for _, terms in self._fields.values() for term in terms}

    def find(self, term: Term, clause: str) -> list[Evidence]:
        """Where `term` occurs, title first."""
        return [
            Evidence(clause=clause, field=field, start=start, end=end, text=reading.text[start:end])
            for field, (reading, possible) in self._fields.items()
            if term in possible
            for start, end in term.occurrences(reading)[:MAX_PLACES]
        ]

    def occurs(self, term: Term) -> bool:
        """True if `term` stands anywhere in the release."""
        return any(term in possible and term.occurrences(reading) for reading, possible in self._fields.values())


def _match(rule: Rule, reader: _Reader, *, at: datetime, revision: int) -> Match | None:
    """The match of `rule` with the release, with its evidence; None if a clause is not met."""
    evidence = _place_met(rule.spec, reader.release)
    if evidence is None or any(term not in reader.possible for term in rule.all):
        return None
    found_any = [reader.find(term, f"any: {term.written}") for term in rule.any if term in reader.possible]
    found_all = [reader.find(term, f"all: {term.written}") for term in rule.all]
    if not all(found_all) or (rule.any and not any(found_any)):
        return None
    if any(reader.occurs(term) for term in rule.none if term in reader.possible):
        return None
    met = tuple(one for found in (evidence, *found_all, *found_any) for one in found)
    return Match(
        release=reader.release.id, revision=revision, rule=rule.id, rule_version=rule.version, evidence=met, at=at
    )


def _place_met(spec: RuleSpec, release: Release) -> list[Evidence] | None:
    """Evidence for `sources` and `categories`; None if one of them is asked for and not met."""
    met = []
    for field, wanted, given in (
        ("source", spec.sources, (release.key.source,)),
        ("category", spec.categories, release.categories),
    ):
        if wanted:
            hit = next(((w, g) for w in wanted for g in given if _fits(g, w)), None)
            if hit is None:
                return None
            met.append(Evidence(clause=f"{field}: {hit[0]}", field=field, start=0, end=len(hit[1]), text=hit[1]))
    return met


def _fits(name: str, pattern: str) -> bool:
    """True if `name` is `pattern`, where * stands for anything; case and spaces round a slash do not count."""
    return _compiled(pattern).fullmatch(_tight(name)) is not None


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(_tight(pattern)))


@lru_cache(maxsize=10_000)
def _tight(name: str) -> str:
    return re.sub(r"\s*/\s*", "/", fold(name))


def _failed_examples(spec: RuleSpec, clauses: dict[str, tuple[Term, ...]], file: str) -> list[Problem]:
    """The examples that do not do what they promise; categories and sources are taken as met."""
    problems = []
    for kind, texts in (("hit", spec.examples.hit), ("miss", spec.examples.miss)):
        for text in texts:
            why = _missed(clauses, text)
            if (kind == "hit") == bool(why):
                what = why if kind == "hit" else "the rule matches it"
                problems.append(Problem(file, f'rule "{spec.id}", examples.{kind}', f"{text!r}: {what}"))
    return problems


def _missed(clauses: dict[str, tuple[Term, ...]], text: str) -> str:
    """Why `text` does not meet the clauses; empty if it does."""
    reading = Reading(clean(text))
    for term in clauses["none"]:
        if term.occurrences(reading):
            return f"it contains {term.written!r}, which stands under none"
    for term in clauses["all"]:
        if not term.occurrences(reading):
            return f"it lacks {term.written!r}, which stands under all"
    if clauses["any"] and not any(term.occurrences(reading) for term in clauses["any"]):
        return "it contains none of the words under any"
    return ""

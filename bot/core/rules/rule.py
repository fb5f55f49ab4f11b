"""A rule, ready to be held against releases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.rules.judging.examples import failed_examples
from bot.core.rules.judging.explaining import evidence
from bot.core.rules.judging.subject import subject_of
from bot.core.rules.language.misread import BrokenList
from bot.core.rules.language.parsing import BadQuery, Lists, parse, parse_entry
from bot.core.rules.language.tree import Attribute, Leaf, Named, Query, all_of, any_of, mapped, negation, tight
from bot.core.rules.matching.index import Index
from bot.errors import Finding
from bot.model import Match, Release, digest
from bot.settings import RuleSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule whose words are understood; `spec` is what people wrote."""

    spec: RuleSpec
    query: Query
    version: str
    """Hash of the rule's meaning: the same as long as it matches the same."""

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.spec.id


def compile_rule(spec: RuleSpec, lists: Lists | None = None) -> tuple[Rule | None, list[Finding]]:
    """The rule that `spec` means, or None, and everything that is wrong with it; paths begin inside the rule."""
    reader = _Reader({} if lists is None else lists)
    query = reader.query(spec)
    if query is None or reader.findings or reader.names_broken_list:
        return None, reader.findings
    rule = Rule(spec=spec, query=query, version=digest(str(query))[:12])
    return rule, list(failed_examples(query, spec.examples))


class _Reader:
    """Reads the clauses of a rule, and notes what cannot be read."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self.findings: list[Finding] = []
        self.names_broken_list = False

    def query(self, spec: RuleSpec) -> Query | None:
        """All that the rule asks for; None if nothing could be read."""
        parts = [*self._named(spec.categories, "category"), *self._named(spec.sources, "source")]
        parts += self._when(spec.when)
        parts += self._entries("all", spec.all)
        parts += [any_of(some) for some in [self._entries("any", spec.any)] if some]
        parts += [negation(any_of(some)) for some in [self._entries("none", spec.none)] if some]
        return all_of(parts) if parts else None

    def _named(self, names: tuple[str, ...], attribute: Attribute) -> Iterator[Query]:
        if names:
            yield any_of([Named(attribute, tight(name), label=f"{attribute}: {name}") for name in names])

    def _when(self, text: str) -> Iterator[Query]:
        if text:
            try:
                yield parse(text, self._lists)
            except BadQuery as error:
                self._note(error, "when")

    def _entries(self, clause: str, written: tuple[str, ...]) -> list[Query]:
        found = []
        for number, text in enumerate(written):
            try:
                found.append(mapped(parse_entry(text, self._lists), lambda leaf: _labelled(leaf, clause)))
            except BadQuery as error:
                self._note(error, clause, number)
        return found

    def _note(self, error: BadQuery, *path: str | int) -> None:
        if isinstance(error, BrokenList):
            self.names_broken_list = True
        else:
            self.findings.append(Finding(path, error.what, error.hint, error.at))


def _labelled(leaf: Leaf, clause: str) -> Query:
    return leaf if leaf.label.startswith("@") else replace(leaf, label=f"{clause}: {leaf.label}")


class RuleSet:
    """The rules in force, held against a release all at once."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._order = {rule.id: (place, rule) for place, rule in enumerate(self.rules)}
        self._index: Index[str] = Index()
        for rule in self.rules:
            self._index.add(rule.id, rule.query)

    def matches(self, release: Release, *, at: datetime, revision: int = 1) -> list[tuple[Rule, Match]]:
        """The rules that the release meets, each with its match, in the order of the rules."""
        subject = subject_of(release)
        met = sorted(self._order[one] for one in self._index.match(subject))
        return [
            (
                rule,
                Match(
                    release=release.id,
                    revision=revision,
                    rule=rule.id,
                    rule_version=rule.version,
                    evidence=tuple(dict.fromkeys(evidence(rule.query, subject))),
                    at=at,
                ),
            )
            for _, rule in met
        ]

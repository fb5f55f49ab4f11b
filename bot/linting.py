"""Warnings about rules and terms.toml, each with its place in its file."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bot.core.rules.judging.examples import STORED, failed_example
from bot.core.rules.judging.subject import subject_of
from bot.core.rules.language.parsing import Lists
from bot.core.rules.review.lint import Remark, Terms, lint
from bot.core.rules.review.naming import Naming, unknown_categories, unknown_languages, unknown_sources
from bot.core.rules.rule import Rule
from bot.errors import Finding, Problem
from bot.files import TomlFile, read_toml
from bot.model import Release
from scrapers.model import Source


class Written(Protocol):
    """Where a rule is written."""

    @property
    def file(self) -> TomlFile:
        """The file."""

    @property
    def number(self) -> int:
        """Its number in the file, from 0."""


def lint_warnings(rules: Sequence[tuple[Rule, Written]], terms: Path, lists: Lists, *, starter: Path) -> list[Problem]:
    """What is hardly meant in `rules` and the file `terms`; what stands in `starter` alike is there to choose from."""
    written = read_toml(terms, []) if terms.exists() else None
    given = written.data.get("terms", {}) if written else {}
    offered = _same_lists(given, starter) if written else ()
    homes = {rule.id: home for rule, home in rules}
    remarks = lint([rule for rule, _ in rules], Terms(written=given, lists=lists, offered=offered))
    return list(_placed(remarks, homes, written))


def name_warnings(
    rules: Sequence[Rule],
    homes: Mapping[str, Written],
    sources: Mapping[str, Source],
    enabled: Iterable[Source],
    stored: Mapping[str, Collection[str]],
) -> list[Problem]:
    """Sources that nobody knows, and languages and categories that none has: by its file, or in what is `stored`."""
    known = {one.id: Naming(frozenset(one.categories), has_others=_names_more(one)) for one in enabled}
    for source, names in stored.items():
        told = known.get(source, Naming(frozenset()))
        known[source] = Naming(told.names | set(names))
    languages = {"en", *(one.language for one in sources.values())}  # an ingest is English
    found = [
        *unknown_sources(rules, {*sources, *stored}),
        *unknown_languages(rules, languages),
        *unknown_categories(rules, known),
    ]
    return list(_placed((Remark(rule_id, finding) for rule_id, finding in found), homes, None))


def stored_examples(
    rules: Iterable[Rule], homes: Mapping[str, Written], find: Callable[[str], Release | None]
) -> tuple[list[Problem], list[Problem]]:
    """Problems and warnings of examples that are ids of stored releases: not what they promise, and not there."""
    wrong: list[Remark] = []
    gone: list[Remark] = []
    for rule in rules:
        for kind, texts in (("hit", rule.spec.examples.hit), ("miss", rule.spec.examples.miss)):
            for number, text in enumerate(texts):
                if STORED.fullmatch(text):
                    release, path = find(text), ("examples", kind, number)
                    if release is None:
                        what = "no release of this id is stored, so the example was not run"
                        gone.append(Remark(rule.id, Finding(path, what)))
                    elif why := failed_example(rule.query, subject_of(release), hit=kind == "hit", complete=True):
                        wrong.append(Remark(rule.id, Finding(path, f"{why} ({release.title})")))
    return list(_placed(wrong, homes, None)), list(_placed(gone, homes, None))


def _names_more(source: Source) -> bool:
    """True if the pages of a source name categories, so that its file does not tell which there are."""
    steps = [step for step in (source.listing, source.detail) if step is not None]
    return any(step.extract == "feed" or step.category is not None for step in steps)


def _same_lists(given: Mapping[str, Sequence[str]], starter: Path) -> set[str]:
    """The lists that are much as they were shipped, in this version or an earlier one."""
    shipped = tomllib.loads(starter.read_text(encoding="utf-8")).get("terms", {}) if starter.exists() else {}
    return {name for name, texts in given.items() if _is_much_like(set(texts), set(shipped.get(name, ())))}


def _is_much_like(one: set[str], other: set[str]) -> bool:
    return 2 * len(one & other) >= len(one | other)


def _placed(remarks: Iterable[Remark], homes: Mapping[str, Written], terms: TomlFile | None) -> Iterator[Problem]:
    """Warnings with file, line and column; those of one file together."""
    found: dict[str, tuple[TomlFile, list[Finding]]] = {}
    for one in remarks:
        home = homes.get(one.rule)
        file = home.file if home else terms
        if file is not None:
            path = ("rule", home.number, *one.finding.path) if home else one.finding.path
            found.setdefault(file.name, (file, []))[1].append(replace(one.finding, path=path))
    for file, findings in found.values():
        yield from file.problems(findings)

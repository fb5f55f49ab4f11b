"""Names in rules behind which there is nothing: sources that are not there, categories and languages that none has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.rules.judging.subject import named_so
from bot.core.rules.language.tree import Attribute, Named, leaves, tight
from bot.core.rules.rule import Rule
from bot.errors import Finding


@dataclass(frozen=True, slots=True)
class Naming:
    """The categories of a source, as far as they are known."""

    names: frozenset[str]
    has_others: bool = False
    """True if it may have others, too."""


def unknown_categories(rules: Iterable[Rule], known: Mapping[str, Naming]) -> Iterator[tuple[str, Finding]]:
    """The categories that rules in force name and no source can have, each with the id of its rule."""
    for rule in rules:
        relevant = list(_of_its_sources(rule, known))
        if rule.spec.enabled and relevant and not any(one.has_others for one in relevant):
            names = sorted({name for one in relevant for name in one.names})
            for leaf in _unknown(rule, "category", names):
                yield rule.id, _finding(rule, leaf, names, "no source has the category")


def unknown_sources(rules: Iterable[Rule], known: Iterable[str]) -> Iterator[tuple[str, Finding]]:
    """The sources that rules in force name in the language and nobody knows, each with the id of its rule."""
    return _unknown_in(rules, "source", sorted(known), "no source is called")


def unknown_languages(rules: Iterable[Rule], known: Iterable[str]) -> Iterator[tuple[str, Finding]]:
    """The languages that rules in force name and no source has, each with the id of its rule."""
    return _unknown_in(rules, "language", sorted(known), "no source has the language")


def _unknown_in(
    rules: Iterable[Rule], attribute: Attribute, names: Sequence[str], what: str
) -> Iterator[tuple[str, Finding]]:
    for rule in rules:
        for leaf in _unknown(rule, attribute, names) if rule.spec.enabled else ():
            yield rule.id, _finding(rule, leaf, names, what)


def _unknown(rule: Rule, attribute: Attribute, names: Sequence[str]) -> Iterator[Named]:
    for leaf in dict.fromkeys(leaves(rule.query)):
        if isinstance(leaf, Named) and leaf.attribute == attribute and not _is_known(leaf, names):
            yield leaf


def _of_its_sources(rule: Rule, known: Mapping[str, Naming]) -> Iterator[Naming]:
    """The sources from which a rule takes releases."""
    patterns = rule.spec.sources
    for source, naming in known.items():
        if not patterns or any(named_so(source, pattern, "source") for pattern in patterns):
            yield naming


def _is_known(leaf: Named, names: Sequence[str]) -> bool:
    return any(named_so(name, leaf.name, leaf.attribute) for name in names)


def _finding(rule: Rule, leaf: Named, names: Sequence[str], what: str) -> Finding:
    written = leaf.label.partition(": ")[2] or leaf.name
    path: tuple[str | int, ...] = ("when",)
    at: int | None = rule.spec.when.find(written)
    if written in rule.spec.categories:
        path, at = ("categories", rule.spec.categories.index(written)), None
    near = get_close_matches(leaf.name, [tight(name) for name in names], n=1)
    meant = next((name for name in names if near and tight(name) == near[0]), "")
    others = f"there are: {', '.join(names)}" if names else "there are none at all"
    hint = f'did you mean "{meant}"?' if meant else others
    return Finding(path, f"{what} {written!r}", hint, at if at and at >= 0 else None)

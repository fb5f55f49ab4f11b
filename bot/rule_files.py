"""The folder of rules: each rule with its home, and the lists of words that rules name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot import secrecy
from bot.core.rules.language.lists import AllBroken, compile_lists
from bot.core.rules.language.parsing import Lists
from bot.core.rules.language.tree import BROKEN, Query
from bot.core.rules.rule import Rule, compile_rule
from bot.errors import Finding, Problem
from bot.files import TomlFile, read, read_toml, readable_items, validated
from bot.settings import Examples, RuleFile, RuleSpec, TermsFile

TERMS = "terms.toml"
"""The file of the rules folder that holds lists of words, and no rules."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a rule is written."""

    file: TomlFile
    number: int
    """Its number in the file, from 0."""

    def problem(self, *keys: str | int, what: str, hint: str = "") -> Problem:
        """Something wrong with the rule, at the value under `keys`."""
        return self.file.problems([Finding(("rule", self.number, *keys), what, hint)])[0]


def load_rules(
    folder: Path,
    problems: list[Problem],
    lists: Lists | None = None,
    specs: list[tuple[RuleSpec, Home]] | None = None,
) -> list[tuple[Rule, Home]]:
    """The rules of all files in the folder, each with its home; ids are unique among them.

    `lists` are those of its terms.toml, if they are read already. What people wrote is added to `specs`, of rules that
    are wrong as much as can be read.
    """
    if not folder.is_dir():
        problems.append(Problem(str(folder), "", "there is no such rules folder", "`tocsin init` writes one"))
        return []
    lists = load_lists(folder, problems) if lists is None else lists
    rules: list[tuple[Rule, Home]] = []
    known: dict[str, Home] = {}
    for file in rule_files(folder):
        rules += _rules_of(file, lists, known, problems, [] if specs is None else specs)
    return rules


def load_lists(folder: Path, problems: list[Problem]) -> dict[str, Query]:
    """The lists of words that rules may name, those that are wrong as BROKEN; none if there is no terms.toml."""
    if not (folder / TERMS).exists():
        return {}
    found = read(folder / TERMS, TermsFile, problems, secrecy=secrecy.RULES)
    if found is None:
        return AllBroken()
    lists, wrong = compile_lists(found[1].terms)
    problems += found[0].problems(wrong)
    return {**dict.fromkeys(found[1].terms, BROKEN), **lists}


def rule_files(folder: Path) -> list[Path]:
    """The files of rules in the folder; the file of lists of words is none."""
    return sorted(file for file in folder.rglob("*.toml") if file != folder / TERMS)


def _rules_of(
    file: Path, lists: Lists, known: dict[str, Home], problems: list[Problem], specs: list[tuple[RuleSpec, Home]]
) -> Iterator[tuple[Rule, Home]]:
    """The rules of one file, also beside rules that are wrong; `known` is where the ids so far are."""
    written = read_toml(file, problems, secrecy=secrecy.RULES)
    if written is None:
        return
    validated(written, RuleFile, problems)
    for number, spec, is_right in readable_items(written, "rule", RuleSpec, stand_ins=_STAND_INS):
        home = Home(written, number)
        specs.append((spec, home))
        rule, wrong = compile_rule(spec if is_right else spec.model_copy(update={"examples": Examples()}), lists)
        problems += written.problems(replace(one, path=("rule", number, *one.path)) for one in wrong)
        if is_right and spec.id in known:
            problems.append(home.problem("id", what=f"this id is used in {known[spec.id].file.name} too"))
        if is_right:
            known[spec.id] = home
        if is_right and rule is not None:
            yield rule, home


_STAND_INS = {"id": "none", "name": "none", "to": ["none"], "all": ["none"]}


def placed(file: str, text: str, findings: Iterable[Finding]) -> list[Problem]:
    """The findings about one rule file or terms.toml, each with its place; `text` can be read as TOML."""
    import tomllib

    return TomlFile(file, text, tomllib.loads(text)).problems(findings)

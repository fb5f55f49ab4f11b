"""Commands about rules: list, check, test, backtest."""

import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import click

from bot.cli.backtesting import backtest
from bot.cli.options import InOrder, Session, as_json, pass_session

if TYPE_CHECKING:
    from bot.core.rules.rule import Rule
    from bot.errors import Problem
    from bot.loading import Loaded


@click.group(cls=InOrder)
def rules() -> None:
    """Look at rules, check and try them.

    \b
    Examples:
      tocsin rules list
      tocsin rules test tariffs "US raises tariff on steel"
    """


@rules.command("list")
@as_json
@pass_session
def list_rules(session: Session, as_json: bool) -> None:  # noqa: FBT001
    """List rules: on or off, and whom they tell.

    The version is a hash of what the rule means: it stays the same as long as the rule matches the same. "urgent"
    stands beside a rule that passes through quiet hours and cadences.

    \b
    Example:
      tocsin rules list --json
    """
    from bot.cli.output import print_json, print_table

    loaded = load_rules(session)
    lines = _lines(loaded)
    if as_json:
        print_json(_record(rule, loaded, lines[rule.id]) for rule in loaded.rules)
        return
    rows = [
        (
            rule.id,
            ("on" if rule.spec.enabled else "off") + (", urgent" if rule.spec.urgent else ""),
            ", ".join(rule.spec.to),
            rule.version,
            f"{rule.spec.name}\n{loaded.homes[rule.id].file.name}:{lines[rule.id]}",
        )
        for rule in loaded.rules
    ]
    print_table(["rule", "", "to", "version", "title"], rows, empty="there are no rules")


def _record(rule: "Rule", loaded: "Loaded", line: int) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.spec.name,
        "version": rule.version,
        "enabled": rule.spec.enabled,
        "to": rule.spec.to,
        "alert": rule.spec.alert,
        "urgent": rule.spec.urgent,
        "file": loaded.homes[rule.id].file.name,
        "line": line,
    }


def _lines(loaded: "Loaded") -> dict[str, int]:
    """The line in which each rule's id stands."""
    from bot.errors import Finding

    files = {home.file.name: home.file for home in loaded.homes.values()}
    by_file: defaultdict[str, list[str]] = defaultdict(list)
    for rule_id, home in loaded.homes.items():
        by_file[home.file.name].append(rule_id)
    found: dict[str, int] = {}
    for name, ids in by_file.items():
        places = files[name].problems(Finding(("rule", loaded.homes[one].number, "id"), "") for one in ids)
        found.update({one: place.line for one, place in zip(ids, places, strict=True)})
    return found


@rules.command("check")
@click.option("--strict", is_flag=True, help="Exit 1 if there are warnings.")
@as_json
@pass_session
def check_rules(session: Session, strict: bool, as_json: bool) -> None:  # noqa: FBT001
    """Check rules and lists of words only.

    Prints every problem and every warning with its line, and runs the rules' examples. Exit 2 if something must be
    mended, 1 with --strict if something is hardly meant.

    \b
    Example:
      tocsin rules check --strict
    """
    from bot.cli.complaining import complain_of, warn_of
    from bot.errors import ConfigError

    loaded: Loaded | None = None
    warnings: list[Problem] = []
    try:
        loaded = load_rules(session)
        problems, found = remarks(loaded)
        warnings = [one for one in found if one.file != loaded.file]  # config.toml is the business of `tocsin check`
    except ConfigError as error:
        problems = list(error.problems)
    if as_json:
        _print_remarks(problems, warnings)
    else:
        complain_of(problems)
        warn_of(warnings)
        if loaded is not None and not problems:
            click.echo(_summary(loaded, len(warnings)))
    if problems or (strict and warnings):
        sys.exit(2 if problems else 1)


def _summary(loaded: "Loaded", warnings: int) -> str:
    on = sum(rule.spec.enabled for rule in loaded.rules)
    examples = sum(len(rule.spec.examples.hit) + len(rule.spec.examples.miss) for rule in loaded.rules)
    doubts = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    return f"No problems{doubts}: {len(loaded.rules)} rules, {on} of them on; {examples} examples hold."


def _print_remarks(problems: "list[Problem]", warnings: "list[Problem]") -> None:
    from dataclasses import asdict

    from bot.cli.output import print_json

    print_json({"severity": "error", **asdict(one)} for one in problems)
    print_json({"severity": "warning", **asdict(one)} for one in warnings)


def load_rules(session: Session) -> "Loaded":
    """Rules, sources and settings, with no need of the channels' secrets; raises ConfigError."""
    from bot.loading import reload

    return reload(session.load(reading=True))


def remarks(loaded: "Loaded") -> "tuple[list[Problem], list[Problem]]":
    """Problems and warnings of the rules, those among them that only the archive can tell."""
    from bot.errors import Problem, StoreError
    from bot.linting import name_warnings, stored_examples

    wrong: list[Problem] = []
    more: list[Problem] = []
    stored: dict[str, set[str]] = {}
    if loaded.database.exists():
        from bot.app import open_archive  # SQLAlchemy is heavy

        try:
            with open_archive(loaded) as archive:
                wrong, more = stored_examples(loaded.rules, loaded.homes, archive.release)
                stored = archive.categories()
        except StoreError as error:
            more = [Problem(str(loaded.database), "", f"examples that are stored were not run: {error}")]
    named = name_warnings(loaded.rules, loaded.homes, loaded.sources, loaded.enabled, stored)
    return wrong, [*loaded.warnings, *named, *more]


@rules.command("test")
@click.argument("rule")
@click.argument("text")
@click.option("--title", default=None, help="The title; else it is the first line of the text.")
@as_json
@pass_session
def test_rule(session: Session, rule: str, text: str, title: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Hold a rule against a text.

    TEXT is the text, or - for standard input. Shows each clause, true or false, with the words. Exit 0 if the rule
    meets it, 1 if not. What a text cannot show, such as its source, is taken as met.

    \b
    Examples:
      tocsin rules test tariffs "US raises tariff on steel"
      tocsin rules test tariffs - < release.txt
    """
    from bot.core.rules.judging.examples import may_hold, subject_of_text
    from bot.core.rules.judging.explaining import explain
    from bot.core.rules.judging.subject import Subject
    from bot.core.text import clean

    chosen = find_rule(load_rules(session), rule)
    told = sys.stdin.read() if text == "-" else text
    subject = subject_of_text(told) if title is None else Subject(title=clean(title), body=clean(told))
    met, clause = may_hold(chosen.query, subject), explain(chosen.query, subject)
    if as_json:
        from bot.cli.clauses import record
        from bot.cli.output import print_json

        print_json([{"rule": chosen.id, "version": chosen.version, "hit": met, "clauses": record(clause)}])
    else:
        from bot.cli.clauses import print_tree, screen

        console = screen()
        colour = "green" if met else "red"
        console.print(f"[bold {colour}]{'hit' if met else 'miss'}[/]  {chosen.id}  [dim]{chosen.version}[/]")
        print_tree(console, clause, subject, complete=False)
    if not met:
        sys.exit(1)


rules.add_command(backtest)


def find_rule(loaded: "Loaded", name: str) -> "Rule":
    """The rule called `name`; a usage error with a guess if there is none."""
    from difflib import get_close_matches

    known = {rule.id: rule for rule in loaded.rules}
    if name in known:
        return known[name]
    meant = get_close_matches(name, known, n=1)
    hint = f'did you mean "{meant[0]}"?' if meant else "`tocsin rules list` lists them"
    raise click.UsageError(f"there is no rule called {name!r}; {hint}")

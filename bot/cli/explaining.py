"""The command that says why a release was told, or why not."""

from typing import TYPE_CHECKING, Any

import click

from bot.cli.options import Session, as_json, find_release, pass_session

if TYPE_CHECKING:
    from rich.console import Console

    from bot.adapters.database.deliveries import Record
    from bot.core.fate import Dossier, Fate
    from bot.core.rules.judging.explaining import Clause
    from bot.core.rules.judging.subject import Subject
    from bot.core.rules.rule import Rule

_COLOURS = {"sent": "green", "not": "red"}
"""By the first word of what is told."""


@click.command()
@click.argument("release")
@click.argument("rule", required=False)
@click.option("--all", "whole", is_flag=True, help="The whole tree of the rules that are not met, too.")
@as_json
@pass_session
def explain(session: Session, release: str, rule: str | None, whole: bool, as_json: bool) -> None:  # noqa: FBT001
    """Tell why a release was told, or why not.

    RELEASE is the id of a stored release, or its beginning. For the rule, or for every rule that is switched on, each
    clause is shown, true or false, with the words in their sentence; and what became of the alert: sent, waiting and
    why, gone with a digest, folded into a story, or kept silent.

    \b
    Examples:
      tocsin explain ae0dcfb0
      tocsin explain ae0dcfb0 tariffs --json
    """
    from bot.app import open_archive
    from bot.cli.output import print_json
    from bot.cli.ruling import find_rule, load_rules
    from bot.core.rules.judging.subject import subject_of

    loaded = load_rules(session)
    asked = [find_rule(loaded, rule)] if rule else None
    with open_archive(loaded) as archive:
        dossier = archive.dossier(find_release(archive, release).id)
    assert dossier is not None, "releases are never taken out of the archive"  # noqa: S101
    subject = subject_of(dossier.filed.release)
    kept = {one.rule for one in dossier.matches}
    chosen = asked or [one for one in loaded.rules if one.spec.enabled or one.id in kept]
    told = [_judge(one, dossier, subject) for one in chosen]
    if as_json:
        print_json(_record(dossier, *one) for one in told)
    else:
        _show(dossier, subject, told, whole=whole or rule is not None)


def _judge(rule: "Rule", dossier: "Dossier", subject: "Subject") -> "tuple[Rule, Clause, Fate]":
    from bot.core.fate import fate
    from bot.core.rules.judging.explaining import explain as explained

    clause = explained(rule.query, subject)
    return rule, clause, fate(rule, dossier, holds=clause.holds)


def _record(dossier: "Dossier", rule: "Rule", clause: "Clause", fate: "Fate") -> "Record":
    """All that is told of one rule, for programs."""
    from dataclasses import asdict

    from bot.cli.clauses import record

    recorded: list[dict[str, Any]] = [
        {
            "version": one.rule_version,
            "revision": one.revision,
            "at": one.at,
            "evidence": [asdict(e) for e in one.evidence],
        }
        for one in fate.recorded
    ]
    return {
        "release": dossier.filed.release.id,
        "rule": rule.id,
        "version": rule.version,
        "enabled": rule.spec.enabled,
        "urgent": rule.spec.urgent,
        "holds": clause.holds,
        "alert": {"state": fate.state, "why": list(fate.lines), "deliveries": list(fate.deliveries)},
        "recorded": recorded,
        "clauses": record(clause),
    }


def _show(dossier: "Dossier", subject: "Subject", told: "list[tuple[Rule, Clause, Fate]]", *, whole: bool) -> None:
    """First the rules that the release meets or has met; the others in one line each, unless the `whole` is asked."""
    from bot.cli.clauses import screen

    console = screen()
    _show_release(console, dossier)
    met = [one for one in told if one[1].holds or one[2].recorded]
    others = [one for one in told if one not in met]
    for rule, clause, fate in [*met, *(others if whole else [])]:
        _show_rule(console, rule, clause, fate, subject)
    if others and not whole:
        console.print()
        for rule, clause, _ in others:
            _show_reason(console, rule, clause, subject)
    if not told:
        console.print("No rule is switched on.")


def _show_release(console: "Console", dossier: "Dossier") -> None:
    from rich.text import Text

    from bot.cli.output import cell

    filed = dossier.filed
    release = filed.release
    console.print(Text(cell(release.title), style="bold"), soft_wrap=True)
    facts = (release.id, cell(release.published), release.key.source, cell("; ".join(release.categories)))
    console.print(Text(" · ".join(filter(None, facts)), style="dim"), soft_wrap=True)
    if filed.related_to:
        console.print(Text(f"{filed.relation} of {filed.related_to}: {cell(filed.why)}", style="cyan"), soft_wrap=True)


def _show_rule(console: "Console", rule: "Rule", clause: "Clause", fate: "Fate", subject: "Subject") -> None:
    from rich.text import Text

    from bot.cli.clauses import mark, print_tree
    from bot.cli.output import cell

    console.print()
    head = mark(clause.holds, console).append(rule.id, style="bold").append(f"  {cell(rule.spec.name)}")
    head.append("  urgent", style="bold red") if rule.spec.urgent else None
    console.print(head.append(f"  {rule.version}", style="dim"), soft_wrap=True)
    for line in fate.lines:
        console.print(Text(f"  → {cell(line)}", style=_COLOURS.get(line.partition(" ")[0], "yellow")), soft_wrap=True)
    print_tree(console, clause, subject)


def _show_reason(console: "Console", rule: "Rule", clause: "Clause", subject: "Subject") -> None:
    """Why a rule is not met, in one line."""
    from bot.cli.clauses import mark, reason
    from bot.cli.output import cell

    told = (
        mark(clause.holds, console)
        .append(rule.id, style="bold")
        .append(f"  {cell(reason(clause, subject))}", style="dim")
    )
    console.print(told, no_wrap=True, overflow="ellipsis")

"""The command that shows a message as a channel would get it: render."""

from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, find_channel, find_release, pass_session

if TYPE_CHECKING:
    from bot.adapters.database.archive import Archive
    from bot.core.rules.rule import Rule
    from bot.loading import Loaded
    from bot.model import Filed, Match, Message, Rendered


@click.command()
@click.argument("channel")
@click.argument("release")
@click.option("--rule", metavar="ID", help="The rule that tells of it; else the first that meets it.")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML part instead.")
@click.option("--update", is_flag=True, help="As the update of what was told before.")
@as_json
@pass_session
def render(
    session: Session,
    channel: str,
    release: str,
    rule: str | None,
    as_html: bool,  # noqa: FBT001
    update: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show a message, send nothing.

    Shows what CHANNEL would get of RELEASE, the id of a stored one or its beginning: with the channel's form,
    language and template. If no rule meets the release, that is said, and it is shown without any.

    \b
    Examples:
      tocsin render me ae0dcfb0
      tocsin render trade-desk ae0dcfb0 --rule tariffs --update --html > mail.html
    """
    from bot.app import open_archive
    from bot.channels import open_channels
    from bot.cli.ruling import find_rule
    from bot.errors import ConfigError

    loaded = session.load()
    session.log(loaded)
    find_channel(loaded, channel)
    asked = find_rule(loaded, rule) if rule else None
    channels = open_channels(loaded)
    if wrong := [one for one in channels.problems() if one.place == f"channels.{channel}"]:
        raise ConfigError(wrong)
    with open_archive(loaded) as archive:
        message = _message(archive, find_release(archive, release).id, _rules(loaded, channel, asked), update=update)
    rendered = channels.write(channel, message)
    if as_json:
        _print(channel, message, rendered)
    elif as_html:
        _print_html(channel, rendered)
    else:
        _show(rendered, headed=channels.form(channel).title_limit > 0)


def _rules(loaded: "Loaded", channel: str, asked: "Rule | None") -> "list[Rule]":
    """The rule that was asked for, or all that are on, those first that tell this channel."""
    if asked is not None:
        return [asked]
    return sorted((one for one in loaded.rules if one.spec.enabled), key=lambda one: channel not in one.spec.to)


def _message(archive: "Archive", release: str, rules: "list[Rule]", *, update: bool) -> "Message":
    """What would be told of a stored release."""
    from bot.core.promising import with_others
    from bot.core.render import message
    from bot.model import Delivery, Reason

    dossier = archive.dossier(release)
    assert dossier is not None, "releases are never taken out of the archive"  # noqa: S101
    filed = dossier.filed
    name, match = _match(filed, rules)
    reason = Reason.UPDATE if update else Reason.NEW
    told = message(filed, match, name, reason=reason, changes=_changes(archive, filed) if update else ())
    promise = Delivery(
        channel="", recipient="", release=release, reason=reason, about="", message=told, created=match.at
    )
    return with_others(promise, archive.siblings(filed.story)).message


def _match(filed: "Filed", rules: "list[Rule]") -> "tuple[str, Match]":
    """The name of the first rule that the release meets, and its match; without words, said so, if it meets none."""
    from bot.adapters.clock import SystemClock
    from bot.core.promising import without_words
    from bot.core.rules.rule import RuleSet

    now = SystemClock().now()
    for rule in rules:
        for _, match in RuleSet([rule]).matches(filed.release, at=now, revision=filed.revision):
            return rule.spec.name, match
    if len(rules) == 1:
        click.echo(f"the release does not meet the rule {rules[0].id!r}; shown without words", err=True)
        return rules[0].spec.name, without_words(rules[0].id, rules[0].version, filed, now)
    click.echo("no rule that is on meets the release; shown without a rule", err=True)
    return "", without_words("", "", filed, now)


def _changes(archive: "Archive", filed: "Filed") -> tuple[tuple[str, str], ...]:
    """What the release changed in its story, or what its page changed last; said so if it is nothing."""
    from dataclasses import replace

    from bot.core.stories.diffing import changed_sentences

    if filed.changes:
        return filed.changes
    earlier = archive.revisions([filed.release.id]).get(filed.release.id, [])
    if earlier:
        before = replace(filed.release, title=earlier[-1]["title"], body=earlier[-1]["body"])
        return changed_sentences(before, filed.release)
    click.echo("no change of this release is stored; shown as an update without one", err=True)
    return ()


def _print(channel: str, message: "Message", rendered: "Rendered") -> None:
    from dataclasses import asdict

    from bot.cli.output import print_json

    told = {"channel": channel, "release": message.release, "rule": message.rule, "reason": message.reason}
    print_json([{**told, **asdict(rendered), "fingerprint": rendered.fingerprint}])


def _print_html(channel: str, rendered: "Rendered") -> None:
    from bot.cli.output import cell

    if not rendered.html:
        raise click.ClickException(f"channel {channel!r} takes no HTML")
    click.echo(cell(rendered.html))


def _show(rendered: "Rendered", *, headed: bool) -> None:
    """The text, and above it the subject, if the channel shows one (else the text begins with the title)."""
    from bot.cli.output import cell

    if headed:
        click.secho(f"Subject: {cell(rendered.subject)}\n", bold=True)
    click.echo(cell(rendered.text))

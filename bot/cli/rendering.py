"""The command that shows a message as a channel would get it: render."""

from typing import TYPE_CHECKING

import click

from bot.cli.options import Session, as_json, find_channel, find_release, pass_session

if TYPE_CHECKING:
    from bot.adapters.database.archive import Archive
    from bot.core.rules.rule import Rule
    from bot.loading import Loaded
    from bot.model import Message, Rendered


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
    from dataclasses import replace

    from bot.adapters.clock import SystemClock
    from bot.core.previewing import preview

    dossier = archive.dossier(release)
    assert dossier is not None, "releases are never taken out of the archive"  # noqa: S101
    filed = dossier.filed
    texts = archive.revisions([release]).get(release, [])
    before = replace(filed.release, title=texts[-1]["title"], body=texts[-1]["body"]) if texts else None
    siblings = archive.siblings(filed.story)
    shown = preview(filed, rules, siblings=siblings, now=SystemClock().now(), update=update, before=before)
    for note in shown.notes:
        click.echo(note, err=True)
    return shown.message


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

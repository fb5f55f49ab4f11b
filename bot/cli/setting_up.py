"""Commands for setting up: init, check, notify, completion."""

import click

from bot.cli.options import Session, find_channel, pass_session


@click.command()
@click.argument("folder", type=click.Path(file_okay=False), default=".")
@click.option("--contact", default="", help="Your mail or web address, sent to the hosts that are polled.")
def init(folder: str, contact: str) -> None:
    """Write a config and rules to start from.

    FOLDER gets config.toml, rules/ and schemas/ (for editors that complete and check); nothing is overwritten.

    \b
    Example:
      tocsin init my-alerts --contact you@example.org
      cd my-alerts && tocsin check && tocsin once
    """
    from pathlib import Path

    from bot.starting import write_starter

    try:
        written = write_starter(Path(folder), contact=contact)
    except FileExistsError as error:
        raise click.ClickException(f"{error} is there already; nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: cannot be written: {error.strerror}") from None
    for path in written:
        click.echo(f"wrote {path}")
    click.echo("Next: put a channel into config.toml, then `tocsin check` and `tocsin once`.")


@click.command()
@pass_session
def check(session: Session) -> None:
    """Check config, sources, rules and channels.

    Loads everything, resolves every channel and its template, runs the rules' examples, and prints all problems at
    once. Exit 0 if all is well, 2 if something must be mended.

    \b
    Example:
      tocsin --config my-alerts/config.toml check
    """
    from bot.channels import channel_problems
    from bot.cli.complaining import warn_of
    from bot.cli.ruling import remarks
    from bot.errors import ConfigError

    loaded = session.load()
    problems, warnings = remarks(loaded)
    problems += channel_problems(loaded)
    if problems:
        raise ConfigError(problems)
    warn_of(warnings)
    on = sum(rule.spec.enabled for rule in loaded.rules)
    examples = sum(len(rule.spec.examples.hit) + len(rule.spec.examples.miss) for rule in loaded.rules)
    click.echo(
        f"All is well: {len(loaded.enabled)} sources of {len(loaded.sources)}, {on} rules of {len(loaded.rules)}"
        f" ({examples} examples hold), {len(loaded.settings.channels)} channels."
    )


@click.command()
@click.argument("channel")
@pass_session
def notify(session: Session, channel: str) -> None:
    """Send a test message to a channel.

    Each of its recipients gets one; exit 1 if one of them cannot be reached.

    \b
    Example:
      tocsin notify me
    """
    from bot.adapters.clock import SystemClock
    from bot.channels import open_channels
    from bot.cli.output import cell
    from bot.model import Letter, Message, Reason, Sending

    loaded = session.load()
    session.log(loaded)
    recipients = find_channel(loaded, channel).recipients or ("",)
    message = Message(
        reason=Reason.TEST,
        title="Tocsin can reach you here",
        rule="A test",
        lead="If you read this, the channel works. 이 글이 보이면 채널이 동작합니다.",
        source="tocsin notify",
    )
    channels, now, failed = open_channels(loaded), SystemClock().now(), False
    rendered = channels.write(channel, message)
    for recipient in recipients:
        letter = Letter(id=f"test-{channel}-{now:%Y%m%d%H%M%S%f}", message=message, rendered=rendered)
        outcome = channels.send(channel, recipient, letter)
        failed |= outcome.result is not Sending.SENT
        click.echo(cell(f"{channel} {recipient}: {outcome.result}" + (f" ({outcome.why})" if outcome.why else "")))
    if failed:
        raise SystemExit(1)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a shell's completion script.

    \b
    Example:
      tocsin completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    from bot.cli import cli

    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"no completion for {shell}")
    click.echo(found(cli, {}, "tocsin", "_TOCSIN_COMPLETE").source())

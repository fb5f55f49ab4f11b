"""The command line: thin commands over the app. Heavy imports stand inside the commands, so that --help is quick."""

import io
import sys

import click

from bot import __version__
from bot.cli.auditing import audit
from bot.cli.checking import health
from bot.cli.demonstrating import demo
from bot.cli.explaining import explain
from bot.cli.muting import mute, mutes, unmute
from bot.cli.options import InOrder, Session
from bot.cli.outgoing import outbox
from bot.cli.reading import polls, releases, sources, stories
from bot.cli.relating import relate
from bot.cli.rendering import render
from bot.cli.ruling import rules
from bot.cli.scraping import backfill, ingest, sample, try_source
from bot.cli.searching import label, search
from bot.cli.serving import once, run
from bot.cli.setting_up import check, completion, init, notify


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tocsin")
@click.option(
    "--config", type=click.Path(dir_okay=False), envvar="TOCSIN_CONFIG", default="config.toml", show_default=True
)
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
@click.pass_context
def cli(ctx: click.Context, config: str, verbose: bool) -> None:  # noqa: FBT001 (click passes flags by name)
    """Alerts on tariffs and trade remedies, from a ministry's page to your chat or mailbox.

    Start with `tocsin demo`; then `tocsin init`, `tocsin check`, `tocsin once`, and `tocsin run` for good.
    """
    ctx.obj = Session(config=config, verbose=verbose)


for _command in (demo, init, check, once, notify, run, rules, releases, search, explain, label, stories, relate):
    cli.add_command(_command)
for _command in (render, outbox, mute, mutes, unmute, audit, sources, polls, try_source, sample, backfill, ingest):
    cli.add_command(_command)
for _command in (health, completion):
    cli.add_command(_command)


def main() -> None:
    """Run a command; exit 0 done, 1 ran but something failed, 2 usage or configuration."""
    from bot.cli.complaining import complain, complain_of
    from bot.errors import BotError, ConfigError
    from scrapers.errors import LayoutError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Hangul shows a mark, not a traceback
    try:
        cli()
    except ConfigError as error:
        complain_of(error.problems)
        sys.exit(2)
    except (BotError, LayoutError) as error:
        complain([str(error)])
        sys.exit(1)

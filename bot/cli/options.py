"""What all commands share: the session, and the options that mean the same everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.adapters.database.archive import Archive
    from bot.loading import Loaded
    from bot.model import Release
    from bot.settings import Channel
    from scrapers.model import Source


class InOrder(click.Group):
    """A group that lists its commands in the order of a newcomer's day."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Names in the order of their registration."""
        return list(self.commands)


@dataclass(frozen=True, slots=True)
class Session:
    """The options before the command."""

    config: str
    verbose: bool

    def load(self, *, reading: bool = False) -> "Loaded":
        """What people have written; raises ConfigError. `reading` leaves rules and channels out."""
        from pathlib import Path

        from bot.loading import environment, load

        return load(Path(self.config), environment(), reading=reading)

    def log(self, loaded: "Loaded", *, service: bool = False) -> None:
        """Log to standard error, secrets masked: a service tells what it does, a command only what goes wrong."""
        import logging

        from bot.logs import set_up
        from bot.secrecy import secrets_in

        usual = logging.INFO if service else logging.WARNING
        secrets = {one for url in (*loaded.secrets.values(), loaded.ping_url) for one in secrets_in(url)}
        set_up(level=logging.DEBUG if self.verbose else usual, secrets=secrets)


pass_session = click.make_pass_decorator(Session)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


def limited(default: int) -> Callable[[Any], Any]:
    """The option -n, --limit."""
    return click.option(
        "-n", "--limit", type=click.IntRange(1, 1_000_000_000), default=default, show_default=True, help="At most."
    )


def find_source(loaded: "Loaded", name: str) -> "Source":
    """The source called `name`; a usage error with a guess if there is none."""
    from difflib import get_close_matches

    if name in loaded.sources:
        return loaded.sources[name]
    meant = get_close_matches(name, loaded.sources, n=1)
    hint = f'did you mean "{meant[0]}"?' if meant else "`tocsin sources` lists them"
    raise click.UsageError(f"there is no source called {name!r}; {hint}")


def find_channel(loaded: "Loaded", name: str) -> "Channel":
    """The channel called `name`; a usage error with a guess if there is none."""
    from difflib import get_close_matches

    channels = loaded.settings.channels
    if name in channels:
        return channels[name]
    meant = get_close_matches(name, channels, n=1)
    hint = f'did you mean "{meant[0]}"?' if meant else f"there are: {', '.join(channels) or 'none'}"
    raise click.UsageError(f"config.toml has no channel {name!r}; {hint}")


def find_release(archive: "Archive", name: str) -> "Release":
    """The stored release whose id is `name`, or begins so; a usage error if that is not one."""
    from bot.cli.output import cell

    found = archive.beginning(name) if name else []
    exact = [one for one in found if one["id"] == name] or found
    if len(exact) > 1:
        listed = "".join(f"\n  {one['id']}  {cell(one['title'])[:70]}" for one in found[:5])
        what = f"more than one release has an id that begins with {name!r}; did you mean one of these?{listed}"
        raise click.UsageError(what)
    release = archive.release(exact[0]["id"]) if exact else None
    if release is None:
        raise click.UsageError(f"no release has an id that begins with {name!r}; `tocsin releases` lists them")
    return release

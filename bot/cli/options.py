"""What all commands share: the session, and the options that mean the same everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.loading import Loaded
    from scrapers.model import Source


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

        usual = logging.INFO if service else logging.WARNING
        set_up(level=logging.DEBUG if self.verbose else usual, secrets=loaded.secrets.values())


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

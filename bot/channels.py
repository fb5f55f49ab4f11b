"""The channels of config.toml with their templates: what is needed for sending, and no database."""

from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.channels import Channels
from bot.adapters.clock import SystemClock
from bot.errors import ConfigError, Finding, Problem
from bot.loading import Loaded

if TYPE_CHECKING:
    from bot.templating import Template


def open_channels(loaded: Loaded) -> Channels:
    """The channels of config.toml, with their templates; raises ConfigError if one of these is wrong."""
    channels, problems = _channels(loaded)
    if problems:
        raise ConfigError(problems)
    return channels


def channel_problems(loaded: Loaded) -> list[Problem]:
    """Everything that keeps channels from being used as they are written."""
    channels, problems = _channels(loaded)
    return problems + channels.problems()


def _channels(loaded: Loaded) -> tuple[Channels, list[Problem]]:
    """The channels, and what is wrong with their templates."""
    settings, problems = loaded.settings, list[Problem]()
    templates = _templates(loaded, problems)
    channels = Channels(
        settings.channels,
        loaded.secrets,
        settings.delivery,
        file=loaded.file,
        templates=templates,
        now=SystemClock().now,
    )
    return channels, problems


def _templates(loaded: Loaded, problems: list[Problem]) -> "dict[str, Template]":
    """The channels' own templates by channel; what is wrong with them is added to `problems`, once a file."""
    wanted = {name: one.template for name, one in loaded.settings.channels.items() if one.template is not None}
    found: dict[str, Template | None] = {}
    for name, file in wanted.items():
        if file not in found:
            found[file] = _template(loaded, name, file, problems)
    return {name: template for name, file in wanted.items() if (template := found[file]) is not None}


def _template(loaded: Loaded, channel: str, file: str, problems: list[Problem]) -> "Template | None":
    from bot.templating import load_template  # jinja2 is heavy

    path = Path(loaded.file).parent / file
    if not path.is_file():
        what, hint = f"there is no such file: {file}", "it is looked for beside config.toml"
        problems += loaded.problems(Finding(("channels", channel, "template"), what, hint))
        return None
    try:
        return load_template(path)
    except ConfigError as error:
        problems += error.problems
        return None

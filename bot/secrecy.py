"""What is secret in the files that people edit, and where the channels' URLs come from."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from bot.errors import Finding, Problem
from bot.files import Secrecy, TomlFile, is_known, names_at
from bot.places import Path as KeyPath
from bot.settings import Channel, Settings


def channel_urls(
    written: TomlFile,
    channels: Mapping[str, Channel],
    home: Path,
    environment: Mapping[str, str],
    problems: list[Problem],
) -> dict[str, str]:
    """The URL of each channel, from wherever it is kept."""
    secrets, wrong = {}, []
    for name, channel in channels.items():
        if channel.url is not None:
            secrets[name] = channel.url.get_secret_value()
        elif channel.url_env is not None:
            secrets[name] = environment.get(channel.url_env, "")
            if not secrets[name]:
                wrong.append(_no_secret(name, "url_env", channel.url_env))
        elif channel.url_file is not None:
            try:
                secrets[name] = (home / channel.url_file).read_text(encoding="utf-8").strip()
            except (OSError, ValueError):
                wrong.append(_no_secret(name, "url_file", channel.url_file))
    problems += written.problems(wrong)
    return secrets


def _no_secret(channel: str, key: str, name: str) -> Finding:
    """Why there is no URL; `name` is not repeated if it looks as if it were the URL."""
    path = ("channels", channel, key)
    if "://" in name:
        kind = "an environment variable" if key == "url_env" else "a file"
        return Finding(path, f"this must be the name of {kind}", "the URL itself goes under `url`")
    if key == "url_env":
        return Finding(path, f"the environment variable {name} is not set", "set it, or write another name")
    return Finding(path, f"the file cannot be read: {name}", "it holds the URL, as UTF-8; relative to config.toml")


def _is_secret_setting(path: KeyPath) -> bool:
    """True for what may be a channel's URL: also under a name that is written wrong."""
    if path[0] == "channels":
        return len(path) < 3 or path[2] not in {"url_env", "url_file", "recipients"}
    if is_known(Settings, path):
        return False
    above = path[:-1]
    meant = get_close_matches(str(path[-1]), names_at(Settings, above), n=1) if is_known(Settings, above) else []
    return not meant or meant == ["channels"]  # `contct` is a slip; `password` may be one


CONFIG = Secrecy(values=_is_secret_setting, words=re.compile("://"), ahead=re.compile(r"chan|url", re.IGNORECASE))
SOURCE = Secrecy(values=lambda path: path[0] == "headers", ahead=re.compile("headers"))
RULES = Secrecy(words=re.compile("://"))
"""Somebody may have put a channel's URL where its name belongs."""

"""What is secret in the files that people edit, where the secret addresses come from, and how they are masked."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from bot.errors import Finding, Problem
from bot.files import Secrecy, TomlFile, is_known, names_at
from bot.places import Path as KeyPath
from bot.settings import Channel, Operator, Section, Settings


def channel_urls(
    written: TomlFile,
    channels: Mapping[str, Channel],
    home: Path,
    environment: Mapping[str, str],
    problems: list[Problem],
) -> dict[str, str]:
    """The URL of each channel, from wherever it is kept."""
    keeper = _Keeper(home, environment)
    found = {name: keeper.take(one, "url", ("channels", name)) for name, one in channels.items()}
    problems += written.problems(keeper.wrong)
    return {name: url for name, url in found.items() if url is not None}


def ping_url(
    written: TomlFile, operator: Operator, home: Path, environment: Mapping[str, str], problems: list[Problem]
) -> str:
    """The address that is asked for while all is well, from wherever it is kept; empty if there is none."""
    keeper = _Keeper(home, environment)
    url = keeper.take(operator, "ping_url", ("operator",))
    wrong = keeper.wrong or ([] if url is None or _is_address(url) else [_no_address(operator)])
    problems += written.problems(wrong)
    return "" if wrong or url is None else url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket without its end
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _no_address(operator: Operator) -> Finding:
    """What is given is no address, and is not repeated."""
    key = next(one for one in ("ping_url", "ping_url_env", "ping_url_file") if getattr(operator, one) is not None)
    return Finding(("operator", key), "this gives no address to ask for", "it begins with https://")


class _Keeper:
    """Fetches secrets that stand in a setting, in the environment or in a file, and notes which are not there."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self._home, self._environment = home, environment
        self.wrong: list[Finding] = []

    def take(self, section: Section, key: str, path: KeyPath) -> str | None:
        """The secret under `key`, `key`_env or `key`_file of a section; None if none of them is given, or cannot be."""
        own, variable, file = (getattr(section, f"{key}{end}") for end in ("", "_env", "_file"))
        if own is not None:
            return str(own.get_secret_value())
        if variable is not None:
            return self._look_up((*path, f"{key}_env"), variable)
        return None if file is None else self._read((*path, f"{key}_file"), file)

    def _look_up(self, path: KeyPath, name: str) -> str | None:
        found = self._environment.get(name)
        if not found:
            self._note(path, name)
        return found or None

    def _read(self, path: KeyPath, name: str) -> str | None:
        try:
            return (self._home / name).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            self._note(path, name)
            return None

    def _note(self, path: KeyPath, name: str) -> None:
        """Why there is no secret; `name` is not repeated if it looks as if it were the secret."""
        key = str(path[-1])
        if "://" in name:
            kind = "an environment variable" if key.endswith("_env") else "a file"
            hint = f"the URL itself goes under `{key.removesuffix('_env').removesuffix('_file')}`"
            self.wrong.append(Finding(path, f"this must be the name of {kind}", hint))
        elif key.endswith("_env"):
            what = f"the environment variable {name} is not set"
            self.wrong.append(Finding(path, what, "set it, or write another name"))
        else:
            what, hint = f"the file cannot be read: {name}", "it holds the URL, as UTF-8; relative to config.toml"
            self.wrong.append(Finding(path, what, hint))


_PLAIN = {
    "channels": Channel.model_fields.keys() - {"url"},
    "operator": Operator.model_fields.keys() - {"ping_url"},
}
"""Sections that hold secrets: what is none there."""


def _is_secret_setting(path: KeyPath) -> bool:
    """True for what may be a channel's URL, or the operator's: also under a name that is written wrong."""
    section = path[0]
    if section in _PLAIN:
        depth = 2 if section == "channels" else 1  # channels have names
        return len(path) <= depth or path[depth] not in _PLAIN[section]
    if is_known(Settings, path):
        return False
    above = path[:-1]
    meant = get_close_matches(str(path[-1]), names_at(Settings, above), n=1) if is_known(Settings, above) else []
    return not meant or meant[0] in _PLAIN  # `contct` is a slip; `password` may be one


CONFIG = Secrecy(
    values=_is_secret_setting, words=re.compile("://"), ahead=re.compile(r"chan|oper|ping|url", re.IGNORECASE)
)
SOURCE = Secrecy(values=lambda path: path[0] == "headers", ahead=re.compile("headers"))
RULES = Secrecy(words=re.compile("://"))
"""Somebody may have put a channel's URL where its name belongs."""


# --- masking ------------------------------------------------------------------------------------------------------

_PLAIN_KEYS = frozenset({"from", "to", "cc", "bcc", "reply", "name", "mode", "format", "verify", "rto", "cto"})
"""Of a URL's query: what stands under them is no secret."""
_KEYS = frozenset({"secret", "pass", "password", "token", "key"})
"""What stands under them always is one."""
_SERVER = re.compile(r"[\w-]+(\.[\w-]+)+")
_SHORT, _TOO_SHORT = 8, 3
"""Characters: what is shorter than the first is masked where it stands alone, than the second nowhere."""


class Mask:
    """Takes secrets out of a text: as they are, and as they look in a URL."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for one in secrets for form in (one, quote(one, safe=""), unquote(one))}
        words = sorted((form for form in forms if len(form) >= _TOO_SHORT), key=len, reverse=True)
        self._secret = re.compile("|".join(map(_found_as, words))) if words else None

    def __call__(self, text: str) -> str:
        """`text` with stars in the place of every secret."""
        return self._secret.sub("****", text) if self._secret else text


def _found_as(word: str) -> str:
    """The pattern of a secret: a short one may also be a part of other words, which stay readable."""
    return re.escape(word) if len(word) >= _SHORT else rf"(?<![^\W_]){re.escape(word)}(?![^\W_])"


def secrets_in(url: str) -> set[str]:
    """A URL and what is secret in it: the password, and whatever may be a token; no name of a server, no address."""
    rest, _, query = url.partition("://")[2].partition("?")
    place, _, path = rest.partition("/")
    login, _, server = place.rpartition("@")
    asked = [(key, value) for key, _, value in (pair.partition("=") for pair in query.split("&"))]
    told = [value for key, value in asked if key not in _PLAIN_KEYS]
    name = [] if _SERVER.fullmatch(server.partition(":")[0]) else [server]
    pieces = [*told, *(piece for part in (login, *name, path, *told) for piece in re.split("[/:@]", part))]
    tokens = {piece for piece in pieces if len(piece) >= _SHORT and piece != "{recipient}"}
    keys = {value for key, value in asked if key in _KEYS}
    return {url, *tokens, *keys, *login_forms(*(unquote(one) for one in login.partition(":")[::2]))} - {""}


def login_forms(user: str, password: str) -> set[str]:
    """A password, and how it goes over the wire in base64: alone, for HTTP's Basic and for SMTP's PLAIN."""
    if not password:
        return set()
    told = (password, f"{user}:{password}", f"\0{user}\0{password}")
    return {password, *(b64encode(one.encode(errors="replace")).decode().rstrip("=") for one in told)}

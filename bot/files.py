"""One TOML file that people edit: its values as a model, and what is wrong with it, each thing with its place."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from bot.errors import Finding, Problem
from bot.places import Path as KeyPath
from bot.places import Places, find_places
from bot.settings import SAID_PLAINLY

ModelT = TypeVar("ModelT", bound=BaseModel)
_NEVER = re.compile(r"(?!)")
Stamps = Mapping[str, tuple[int, ...]]
"""What tells a file that was changed from one that was not, by its path."""


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Which lines of a kind of file are never shown."""

    values: Callable[[KeyPath], bool] = lambda _: False
    """True for the path of a secret: no line that it touches is shown. Lists and tables are asked item by item."""
    words: re.Pattern[str] = _NEVER
    """Nor is a line in which this is found."""
    ahead: re.Pattern[str] = _NEVER
    """A file that is not TOML has no paths: no line is shown after this is found."""


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file as it was read."""

    name: str
    text: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    secrecy: Secrecy = Secrecy()

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """The findings, each with its place in the text."""
        found = list(findings)
        places = find_places(self.text) if found else Places("", {})
        return [self._problem(one, places) for one in found]

    def _problem(self, finding: Finding, places: Places) -> Problem:
        at = places.find(finding.path, key=finding.key, offset=finding.offset)
        line, column = places.line_of(at) if at is not None else (0, 0)
        shown = "" if at is None or self._is_secret(places, line) else places.text.split("\n")[line - 1]
        place = label(finding.path, self.data)
        return Problem(self.name, place, finding.what, finding.hint, line=line, column=column, source=shown)

    def _is_secret(self, places: Places, line: int) -> bool:
        if self.secrecy.words.search(places.text.split("\n")[line - 1]):
            return True
        leaves = ((path, span) for path, span in places.spans.items() if places.text[span.start] not in "[{")
        secret = [span for path, span in leaves if self.secrecy.values(path)]
        return any(places.line_of(one.key)[0] <= line <= places.line_of(one.end)[0] for one in secret)


def read(
    file: Path,
    model: type[ModelT],
    problems: list[Problem],
    *,
    extra: Mapping[str, Any] | None = None,
    secrecy: Secrecy | None = None,
) -> tuple[TomlFile, ModelT] | None:
    """The file, and its values as `model`; None if it is wrong, with what is wrong added to `problems`.

    `extra` are values that do not stand in the file.
    """
    written = read_toml(file, problems, secrecy=secrecy)
    values = validated(written, model, problems, extra=extra) if written else None
    return (written, values) if written and values else None


def validated(
    written: TomlFile, model: type[ModelT], problems: list[Problem], *, extra: Mapping[str, Any] | None = None
) -> ModelT | None:
    """The values of a file as `model`; None if they are wrong, with what is wrong added to `problems`."""
    try:
        return model.model_validate({**written.data, **(extra or {})})
    except ValidationError as error:
        problems += written.problems(_findings(error, model, written.data))
        return None


def readable_items(
    written: TomlFile, key: str, model: type[ModelT], *, stand_ins: Mapping[str, Any]
) -> Iterator[tuple[int, ModelT, bool]]:
    """Of a list of tables each with its number, and whether it is right by itself; of a wrong one what is right of it.

    Keys of `stand_ins` that are wrong or missing have these values, but for lists, which are empty then.
    """
    tables = written.data.get(key)
    for number, values in enumerate(tables if isinstance(tables, list) else ()):
        try:
            yield number, model.model_validate(values), True
        except ValidationError as error:
            wrong = {one["loc"][0] for one in error.errors() if one["loc"]}
            right = {name: one for name, one in values.items() if name not in wrong} if isinstance(values, dict) else {}
            empty = {name: () for name, one in stand_ins.items() if isinstance(one, list) and name not in right}
            with suppress(ValidationError):
                yield number, model.model_validate({**stand_ins, **right}).model_copy(update=empty), False


def read_toml(file: Path, problems: list[Problem], *, secrecy: Secrecy | None = None) -> TomlFile | None:
    """The file without a model; None if it cannot be read, or is not TOML."""
    secrecy = secrecy or Secrecy()
    body = b""
    try:
        body = file.read_bytes()
        text = body.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return TomlFile(str(file), text, tomllib.loads(text), secrecy)
    except FileNotFoundError:
        problems.append(Problem(str(file), "", "there is no such file", "`tocsin init` writes one to start from"))
    except OSError as error:
        problems.append(Problem(str(file), "", f"it cannot be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        problems.append(_not_utf8(file, body, error, secrecy))
    except tomllib.TOMLDecodeError as error:
        problems.append(_not_toml(file, text, error, secrecy))
    except RecursionError:
        problems.append(Problem(str(file), "", "it is nested too deeply"))
    return None


def stamp(file: Path, folders: Iterable[Path] = ()) -> Stamps:
    """Size, times and number of the file and of every TOML file in the folders; and which of the folders are there."""
    stamps: dict[str, tuple[int, ...]] = {str(folder): () for folder in folders if folder.is_dir()}
    for path in (file, *(found for folder in stamps for found in Path(folder).rglob("*.toml"))):
        with suppress(OSError):  # gone meanwhile, or never there
            found = path.stat()
            stamps[str(path)] = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    return stamps


def _not_utf8(file: Path, body: bytes, error: UnicodeDecodeError, secrecy: Secrecy) -> Problem:
    at = len(body) - len(error.object) + error.start  # the decoder has taken a byte order mark off
    before = body[:at].decode("utf-8-sig")
    text = before + body[at:].decode("utf-8", errors="replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    what = f"not UTF-8: there is the byte 0x{body[at]:02x}"
    return _in_line(file, text, what, "save the file with the encoding UTF-8", (line, column), secrecy)


def _not_toml(file: Path, text: str, error: tomllib.TOMLDecodeError, secrecy: Secrecy) -> Problem:
    what, _, place = str(error).rpartition(" (at ")
    numbers = [int(number) for number in re.findall(r"\d+", place)]
    if len(numbers) != 2:  # "at end of document"
        ended = text.rstrip()
        numbers = [ended.count("\n") + 1, len(ended) - ended.rfind("\n")]
    hint = next((hint for message, hint in _REMEDIES.items() if what.startswith(message)), "")
    return _in_line(file, text, f"not TOML: {what.strip()}", hint, (numbers[0], numbers[1]), secrecy)


def _in_line(file: Path, text: str, what: str, hint: str, place: tuple[int, int], secrecy: Secrecy) -> Problem:
    """A problem of a file that has no values yet."""
    line, column = place
    lines = text.split("\n")
    secret = secrecy.words.search(lines[line - 1]) or secrecy.ahead.search("\n".join(lines[:line]))
    return Problem(str(file), "", what, hint, line=line, column=column, source="" if secret else lines[line - 1])


_REMEDIES = {
    "Invalid value": 'write a text in straight quotes: "one"',
    "Invalid statement": "write `key = value`, or a [table]; a key with other signs than letters, digits, - and _"
    " stands in quotes",
    "Invalid initial character for a key part": "a key has letters, digits, - and _; write others in quotes",
    "Expected '=' after a key": "write `key = value`",
    "Expected newline or end of document": "is a quote inside a text? Then write the text in quotes of the other kind",
    "Expected ']'": "close the bracket",
    "Unclosed": "close the bracket; items stand apart by commas",
    "Unterminated string": "close the quotes",
    'Expected "\'"': "close the quotes",
    "Illegal character '\\n'": "close the quotes in the same line, or write three of them on both sides",
    "Unescaped '\\'": "write the text in single quotes, or each \\ twice",
    "Cannot overwrite a value": "this key is there already; keep one of the two",
    "Cannot declare": "this table is there already; keep one of the two",
}


def _findings(error: ValidationError, model: type[BaseModel], data: Any) -> Iterator[Finding]:
    for one in error.errors(include_url=False):
        # "too short" of a list whose items were refused one by one is no news
        if one["type"] != "too_short" or not one["input"]:
            yield _finding(one, model, data)


def _finding(error: Any, model: type[BaseModel], data: Any) -> Finding:
    """A pydantic error as a person would say it, with a guess at what was meant; values are not repeated."""
    location = error["loc"]
    path = _path_in_file(location, data, missing=error["type"] == "missing")
    if error["type"] == "extra_forbidden":
        known = sorted({name for one in _models_at(model, location[:-1]) for name in one.model_fields} - {"id"})
        meant = get_close_matches(str(location[-1]), known, n=1)
        hint = f'did you mean "{meant[0]}"?' if meant else f"known here: {', '.join(known)}"
        return Finding(path, "unknown key", hint, key=True)
    if location == ("rule",) and error["type"] in {"tuple_type", "missing", "too_short"}:
        return Finding(path, "there is no rule in it", "a rule begins with a line [[rule]], in two pairs of brackets")
    asked = SAID_PLAINLY.get(error.get("ctx", {}).get("pattern", ""))
    plain = asked or _PLAINLY.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return Finding(path, plain, key=location[-1:] == ("[key]",))


_PLAINLY = {
    "tuple_type": 'must be a list, such as ["one", "two"]',
    "string_pattern_mismatch": "write small letters, digits, - _ . and /",
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "bool_parsing": "must be true or false",
}


def _path_in_file(location: Sequence[str | int], data: Any, *, missing: bool) -> KeyPath:
    """Pydantic's path without what does not stand in the file, such as the kind of a step."""
    path, here = [], data
    for number, part in enumerate(location):
        is_last = number == len(location) - 1
        if _holds(here, part):
            path.append(part)
            here = here[part]
        elif is_last and (missing or not path):
            path.append(part)
    return tuple(path)


def label(path: KeyPath, data: Any) -> str:
    """A path as people read it: a table of a list by its id, other items by their number from 1."""
    groups: list[list[str]] = [[]]
    here = data
    for part in path:
        here = here[part] if _holds(here, part) else None
        if isinstance(part, int) and isinstance(here, dict) and groups[-1]:
            name = f'"{here["id"]}"' if isinstance(here.get("id"), str) else str(part + 1)
            groups[-1][-1] += f" {name}"
            groups.append([])
        else:
            groups[-1].append(str(part + 1 if isinstance(part, int) else part))
    return ", ".join(".".join(group) for group in groups if group)


def _holds(here: Any, part: str | int) -> bool:
    if isinstance(here, list) and isinstance(part, int):
        return part < len(here)
    return isinstance(here, dict) and part in here


def is_known(model: type[BaseModel], path: KeyPath) -> bool:
    """True if every key of `path` is one of the model's, or the name of an entry."""
    return all(
        isinstance(part, int) or not (names := names_at(model, path[:number])) or part in names
        for number, part in enumerate(path)
    )


def names_at(model: type[BaseModel], location: KeyPath) -> set[str]:
    """The keys that may stand at `location`; none if a single value stands there."""
    return {name for one in _models_at(model, location) for name in one.model_fields}


def _models_at(model: type[BaseModel], location: Sequence[str | int]) -> set[type[BaseModel]]:
    """The models whose keys may stand at `location`."""
    models = {model}
    for part in location:
        fields = [one.model_fields[part] for one in models if isinstance(part, str) and part in one.model_fields]
        if fields:
            models = {found for one in fields for found in _models_in(one.annotation)}
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)

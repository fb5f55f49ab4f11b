"""Files that people edit → settings, sources and rules: strict, with all problems at once."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

import scrapers
from bot.core.rules.rule import Rule, compile_rule
from bot.errors import ConfigError, Problem
from bot.settings import SAID_PLAINLY, Channel, RuleFile, Settings
from scrapers.extractors import problems as source_problems
from scrapers.model import Source

ModelT = TypeVar("ModelT", bound=BaseModel)
SHIPPED = Path(scrapers.__file__).parent / "sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Everything that people have written, checked."""

    file: str
    settings: Settings
    data: Path
    rules_folder: Path
    sources: Mapping[str, Source]
    """All known sources by id."""
    enabled: tuple[Source, ...]
    rules: tuple[Rule, ...]
    """All rules; only those with `spec.enabled` are in force."""
    secrets: Mapping[str, str] = field(repr=False)
    """The URL of each channel."""
    warnings: tuple[Problem, ...] = ()


def load(config: Path, environment: Mapping[str, str], *, reading: bool = False) -> Loaded:
    """Settings, sources and rules; raises ConfigError with everything that is wrong.

    `reading` is for commands that only look at what is stored: rules and channels are left out, right or wrong.
    """
    problems: list[Problem] = []
    read = _read(config, Settings, problems)
    settings = read or Settings()
    home = config.parent
    sources = load_sources([home / folder for folder in settings.sources.folders], problems)
    rules_folder = home / environment.get("TOCSIN_RULES", settings.rules)
    rules = [] if reading else load_rules(rules_folder, problems)
    channels = {} if reading else settings.channels
    secrets = _secrets(channels, home, environment, problems, file=str(config))
    enabled = _enabled(settings, sources, problems, file=str(config))
    if read is not None:
        problems += _dangling(rules, settings.channels, sources)
    if problems:
        raise ConfigError(problems)
    return Loaded(
        file=str(config),
        settings=settings,
        data=home / environment.get("TOCSIN_DATA", settings.data),
        rules_folder=rules_folder,
        sources=sources,
        enabled=enabled,
        rules=tuple(rule for rule, _ in rules),
        secrets=secrets,
        warnings=tuple(_warnings(settings, [rule for rule, _ in rules], file=str(config))),
    )


def environment() -> Mapping[str, str]:
    """The process's environment."""
    return os.environ


def load_sources(folders: Sequence[Path], problems: list[Problem]) -> dict[str, Source]:
    """The shipped sources and those in `folders` by id; an own file replaces a shipped one of the same id."""
    found = {}
    for folder in (SHIPPED, *folders):
        if not folder.is_dir():
            problems.append(Problem(str(folder), "", "there is no such folder of sources"))
        for file in sorted(folder.rglob("*.toml")):
            source = load_source(file, file.relative_to(folder).with_suffix("").as_posix(), problems)
            if source is not None:
                found[source.id] = source
    return found


def load_source(file: Path, source_id: str, problems: list[Problem]) -> Source | None:
    """One source file; None if it is wrong, with what is wrong added to `problems`."""
    source = _read(file, Source, problems, extra={"id": source_id})
    wrong = [Problem(str(file), "", found) for found in source_problems(source)] if source else []
    problems += wrong
    return None if wrong else source


def load_rules(folder: Path, problems: list[Problem]) -> list[tuple[Rule, str]]:
    """The rules of all files in the folder, each with its file; ids are unique among them."""
    if not folder.is_dir():
        problems.append(Problem(str(folder), "", "there is no such rules folder", "`tocsin init` writes one"))
        return []
    rules: list[tuple[Rule, str]] = []
    homes: dict[str, str] = {}
    for file in sorted(folder.rglob("*.toml")):
        for spec in (_read(file, RuleFile, problems) or RuleFile.model_construct(rule=())).rule:
            rule, wrong = compile_rule(spec, file=str(file))
            problems += wrong
            if spec.id in homes:
                problems.append(Problem(str(file), f'rule "{spec.id}"', f"this id is used in {homes[spec.id]} too"))
            homes[spec.id] = str(file)
            if rule is not None:
                rules.append((rule, str(file)))
    return rules


def _read(
    file: Path, model: type[ModelT], problems: list[Problem], extra: Mapping[str, Any] | None = None
) -> ModelT | None:
    """The file as `model`, None if it is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        return model.model_validate({**data, **(extra or {})})
    except FileNotFoundError:
        problems.append(Problem(str(file), "", "there is no such file", "`tocsin init` writes one to start from"))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(str(file), "", f"it cannot be read: {error}"))
    except tomllib.TOMLDecodeError as error:
        problems.append(_syntax(file, error))
    except ValidationError as error:
        found = error.errors(include_url=False)
        # "too short" of a list whose items were refused one by one is no news
        problems += [
            _problem(file, one, model, data) for one in found if one["type"] != "too_short" or not one["input"]
        ]
    return None


def _syntax(file: Path, error: tomllib.TOMLDecodeError) -> Problem:
    place = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
    what = re.sub(r" \(at .*\)", "", str(error))
    return Problem(str(file), place[1] if place else "", f"not TOML: {what}")


def _problem(file: Path, error: Any, model: type[BaseModel], data: Any) -> Problem:
    """A pydantic error as a person would say it, with a guess at what was meant; values are not repeated."""
    location = error["loc"]
    if error["type"] == "extra_forbidden":
        known = sorted({name for one in _models_at(model, location[:-1]) for name in one.model_fields} - {"id"})
        meant = get_close_matches(str(location[-1]), known, n=1)
        hint = f'did you mean "{meant[0]}"?' if meant else f"known here: {', '.join(known)}"
        return Problem(str(file), _place(location, data), "unknown key", hint)
    asked = SAID_PLAINLY.get(error.get("ctx", {}).get("pattern", ""))
    plain = asked or _PLAINLY.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return Problem(str(file), _place(location, data), plain)


_PLAINLY = {
    "tuple_type": 'must be a list, such as ["one", "two"]',
    "string_pattern_mismatch": "write small letters, digits, - _ . and /",
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "bool_parsing": "must be true or false",
}


def _place(location: Sequence[str | int], data: Any) -> str:
    """The path to a key as it stands in the file; a rule is named by its id, other list items are counted from 1."""
    parts, here = [], data
    for part in location:
        inside = here[part] if _holds(here, part) else None
        named = isinstance(inside, dict) and isinstance(inside.get("id"), str) and isinstance(part, int)
        if isinstance(here, dict) and inside is None and part in {"html", "json", "feed"}:
            continue  # the kind of a step, not a key
        parts.append(f'"{inside["id"]}"' if named and inside else str(part + 1 if isinstance(part, int) else part))
        here = inside
    return ".".join(parts)


def _holds(here: Any, part: str | int) -> bool:
    if isinstance(here, list) and isinstance(part, int):
        return part < len(here)
    return isinstance(here, dict) and part in here


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


def _secrets(
    channels: Mapping[str, Channel],
    home: Path,
    environment: Mapping[str, str],
    problems: list[Problem],
    *,
    file: str,
) -> dict[str, str]:
    """The URL of each channel, from wherever it is kept."""
    secrets = {}
    for name, channel in channels.items():
        place = f"channels.{name}"
        if channel.url is not None:
            secrets[name] = channel.url.get_secret_value()
        elif channel.url_env is not None:
            secrets[name] = environment.get(channel.url_env, "")
            if not secrets[name]:
                what = f"the environment variable {channel.url_env} is not set"
                problems.append(Problem(file, f"{place}.url_env", what))
        elif channel.url_file is not None:
            try:
                secrets[name] = (home / channel.url_file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(Problem(file, f"{place}.url_file", f"the file cannot be read: {error}"))
    return secrets


def _enabled(
    settings: Settings, sources: Mapping[str, Source], problems: list[Problem], *, file: str
) -> tuple[Source, ...]:
    chosen: dict[str, Source] = {}
    for pattern in settings.sources.enabled:
        fitting = {name: one for name, one in sources.items() if fnmatchcase(name, pattern)}
        if not fitting:
            problems.append(
                Problem(file, "sources.enabled", f"no source is called {pattern!r}", _meant(pattern, sources))
            )
        chosen.update(fitting)
    return tuple(chosen.values())


def _dangling(
    rules: Sequence[tuple[Rule, str]], channels: Mapping[str, Channel], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    """Names in rules behind which there is nothing."""
    for rule, file in rules:
        for name in rule.spec.to:
            if name not in channels:
                what = f"config.toml has no channel {name!r}"
                yield Problem(file, f'rule "{rule.id}", to', what, _meant(name, channels))
        for pattern in rule.spec.sources:
            if not any(fnmatchcase(name, pattern) for name in sources):
                what = f"no source is called {pattern!r}"
                yield Problem(file, f'rule "{rule.id}", sources', what, _meant(pattern, sources))


def _meant(name: str, known: Mapping[str, Any]) -> str:
    meant = get_close_matches(name, known, n=1)
    return f'did you mean "{meant[0]}"?' if meant else f"known: {', '.join(sorted(known)) or 'none'}"


def _warnings(settings: Settings, rules: Sequence[Rule], *, file: str) -> Iterator[Problem]:
    """What is allowed, but hardly meant."""
    if not any(rule.spec.enabled for rule in rules):
        yield Problem(file, "rules", "no rule is switched on, so nobody will be told anything")
    if not settings.fetch.contact:
        hint = "write a mail or web address, so that a host can reach you before it blocks you"
        yield Problem(file, "fetch.contact", "is empty", hint)

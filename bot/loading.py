"""Files that people edit → settings, sources and rules: strict, with all problems at once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import scrapers
from bot import secrecy
from bot.core.rules.rule import Rule
from bot.errors import ConfigError, Finding, Problem
from bot.files import Stamps, TomlFile, read, read_toml, stamp
from bot.linting import lint_warnings
from bot.places import Path as KeyPath
from bot.rule_files import TERMS, Home, load_lists, load_rules
from bot.settings import Channel, RuleSpec, Settings
from bot.starting import starter_rules
from scrapers.extractors import problems as source_problems
from scrapers.model import Source

SHIPPED = Path(scrapers.__file__).parent / "sources"
DATABASE = "tocsin.db"


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
    ping_url: str = field(default="", repr=False)
    """The address that is asked for while all is well; a secret, too. Empty for none."""
    homes: Mapping[str, Home] = field(default_factory=dict, repr=False)
    """Where each rule is written, by its id."""
    warnings: tuple[Problem, ...] = ()
    written: TomlFile | None = field(default=None, repr=False)
    """config.toml as it was read."""
    stamps: Stamps = field(default_factory=dict, repr=False)
    """The files as they were just before they were read."""

    @property
    def database(self) -> Path:
        """Where the database stands, if there is one."""
        return self.data / DATABASE

    def problems(self, *findings: Finding) -> list[Problem]:
        """The findings about config.toml, each with its place."""
        written = self.written or TomlFile(self.file, "", {})
        return written.problems(findings)


def load(config: Path, environment: Mapping[str, str], *, reading: bool = False) -> Loaded:
    """Settings, sources and rules; raises ConfigError with everything that is wrong.

    `reading` is for commands that only look at what is stored: rules and channels are left out, right or wrong.
    """
    problems: list[Problem] = []
    home, stamps = config.parent, stamp(config)
    found = read(config, Settings, problems, secrecy=secrecy.CONFIG)
    written, settings = found or (TomlFile(str(config), "", {}), Settings())
    rules_folder = home / environment.get("TOCSIN_RULES", settings.rules)
    secrets, ping_url = dict[str, str](), ""
    if not reading:
        secrets = secrecy.channel_urls(written, settings.channels, home, environment, problems)
        ping_url = secrecy.ping_url(written, settings.operator, home, environment, problems)
        problems += written.problems(_unknown_operator(settings))
    bare = Loaded(
        file=str(config),
        settings=settings,
        data=home / environment.get("TOCSIN_DATA", settings.data),
        rules_folder=rules_folder,
        sources={},
        enabled=(),
        rules=(),
        secrets=secrets,
        ping_url=ping_url,
        written=written,
        stamps=stamps,
    )
    return _fill(bare, problems, reading=reading, complete=found is not None)


def reload(loaded: Loaded) -> Loaded:
    """The rules and sources as they are now, with the settings and secrets of `loaded`; raises ConfigError."""
    return _fill(replace(loaded, stamps={}), [])


def data_folder(config: Path, environment: Mapping[str, str]) -> Path:
    """Where the database stands, whatever is wrong with rules and sources; raises ConfigError."""
    problems: list[Problem] = []
    found = read(config, Settings, problems, secrecy=secrecy.CONFIG)
    if found is None:
        raise ConfigError(problems)
    return config.parent / environment.get("TOCSIN_DATA", found[1].data)


def stamps_now(loaded: Loaded) -> Stamps:
    """The files as they are now, to compare with `loaded.stamps`."""
    return stamp(Path(loaded.file), (SHIPPED, *_own_sources(loaded), loaded.rules_folder))


def _fill(bare: Loaded, problems: list[Problem], *, reading: bool = False, complete: bool = True) -> Loaded:
    """`bare` with the rules and sources of its folders; nothing that names a setting is asked if not `complete`."""
    stamps = stamps_now(bare)
    sources = load_sources(_own_sources(bare), problems)
    lists = {} if reading else load_lists(bare.rules_folder, problems)
    specs: list[tuple[RuleSpec, Home]] = []
    rules = [] if reading else load_rules(bare.rules_folder, problems, lists, specs)
    enabled = _enabled(bare, sources, problems)
    if complete:
        problems += _dangling(specs, bare.settings.channels, sources)
    if problems:
        raise ConfigError(problems)
    chosen = [rule for rule, _ in rules]
    terms, starter = bare.rules_folder / TERMS, starter_rules() / TERMS
    hardly_meant = [] if reading else lint_warnings(rules, terms, lists, starter=starter)
    return replace(
        bare,
        sources=sources,
        enabled=enabled,
        rules=tuple(chosen),
        homes={rule.id: home for rule, home in rules},
        warnings=(*bare.problems(*_warnings(bare.settings, chosen)), *hardly_meant),
        stamps={**stamps, **bare.stamps},
    )


def _own_sources(loaded: Loaded) -> list[Path]:
    return [Path(loaded.file).parent / folder for folder in loaded.settings.sources.folders]


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
    found = read(file, Source, problems, extra={"id": source_id}, secrecy=secrecy.SOURCE)
    if found is None:
        return None
    written, source = found
    wrong = written.problems(_in_source(what, written.data) for what in source_problems(source))
    problems += wrong
    return None if wrong else source


def _in_source(what: str, data: Mapping[str, Any]) -> Finding:
    """What an extractor says of a step, "listing: 'li[[' is …", with the value that it quotes as the place."""
    name, _, rest = what.partition(": ")
    quoted = (path for path, text in _texts((name,), data.get(name)) if rest.startswith(repr(text)))
    return Finding(next(quoted, (name,)), rest)


def _texts(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from _texts((*path, key), one)


def located(problem: Problem) -> Problem:
    """A problem of config.toml that was found by somebody who has no text, with its place: `channels.me`."""
    if problem.line or not problem.place:
        return problem
    written = read_toml(Path(problem.file), [], secrecy=secrecy.CONFIG)
    finding = Finding(tuple(problem.place.split(".")), problem.what, problem.hint)
    return written.problems([finding])[0] if written else problem


def _enabled(bare: Loaded, sources: Mapping[str, Source], problems: list[Problem]) -> tuple[Source, ...]:
    chosen: dict[str, Source] = {}
    wrong = []
    for number, pattern in enumerate(bare.settings.sources.enabled):
        fitting = {name: one for name, one in sources.items() if fnmatchcase(name, pattern)}
        if not fitting:
            what = f"no source is called {pattern!r}"
            wrong.append(Finding(("sources", "enabled", number), what, _meant(pattern, sources)))
        chosen.update(fitting)
    problems += bare.problems(*wrong)
    return tuple(chosen.values())


def _dangling(
    specs: Sequence[tuple[RuleSpec, Home]], channels: Mapping[str, Channel], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    """Names in rules behind which there is nothing."""
    for spec, home in specs:
        for number, name in enumerate(spec.to):
            if name not in channels:
                what = f"config.toml has no channel {name!r}"
                yield home.problem("to", number, what=what, hint=_meant(name, channels))
        for number, pattern in enumerate(spec.sources):
            if not any(fnmatchcase(name, pattern) for name in sources):
                what = f"no source is called {pattern!r}"
                yield home.problem("sources", number, what=what, hint=_meant(pattern, sources))


def _unknown_operator(settings: Settings) -> Iterator[Finding]:
    """The operator's channel, if there is none of this name."""
    name = settings.operator.channel
    if name is not None and name not in settings.channels:
        hint = _meant(name, settings.channels)
        yield Finding(("operator", "channel"), f"config.toml has no channel {name!r}", hint)


def _meant(name: str, known: Mapping[str, Any]) -> str:
    meant = get_close_matches(name, known, n=1)
    return f'did you mean "{meant[0]}"?' if meant else f"known: {', '.join(sorted(known)) or 'none'}"


def _warnings(settings: Settings, rules: Sequence[Rule]) -> Iterator[Finding]:
    """What is allowed, but hardly meant."""
    if not any(rule.spec.enabled for rule in rules):
        yield Finding(("rules",), "no rule is switched on, so nobody will be told anything")
    if not settings.fetch.contact:
        hint = "write a mail or web address, so that a host can reach you before it blocks you"
        yield Finding(("fetch", "contact"), "is empty", hint)

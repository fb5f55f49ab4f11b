"""What the documents say is so: commands, keys, rules, tests, targets and links are those of the code."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import click
import pytest
from pydantic import BaseModel, ValidationError

from benchmarks.pairs import matrix
from bot.cli import cli
from bot.core.rules.judging.examples import subject_of_text
from bot.core.rules.judging.explaining import holds
from bot.core.rules.judging.reading import Reading
from bot.core.rules.language.lists import compile_lists
from bot.core.rules.language.parsing import BadQuery, Lists
from bot.core.rules.language.parsing import parse as parse_query
from bot.core.rules.language.term import parse_term
from bot.core.rules.rule import compile_rule
from bot.errors import Problem
from bot.rule_files import load_lists, load_rules
from bot.settings import RuleFile, RuleSpec, Settings, TermsFile
from scrapers.model import FeedStep, HtmlStep, JsonStep, Retry, Source, Text
from tests.stories.pairs import confusion, files

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "rules").glob("*.md")])
NAMES = [str(file.relative_to(ROOT)) for file in DOCS]
OPERATIONS, RULES, SOURCES = ("docs/operations.md", "docs/rules.md", "docs/sources.md")
KNOWN_HOSTS = {
    "english.motir.go.kr",
    "github.com",
    "keepachangelog.com",
    "trade.example.org",
    "www.federalregister.gov",
}

# --- reading a document -----------------------------------------------------------------------------------------


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def section(text: str, heading: str) -> str:
    """What stands under a heading, down to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading!r}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables, without heads and rules."""
    lines = [line for line in prose(text).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [one for one in cells if one[0].startswith("`")]


def first_cells(text: str) -> set[str]:
    """What stands as code in the first cells of the tables."""
    return {code for row in rows(text) for code in re.findall(r"`([^`]+)`", row[0])}


def code_spans(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(text))


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# --- what the code has ------------------------------------------------------------------------------------------


def commands() -> set[str]:
    found = set()
    for name, command in cli.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            found.add(name)
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}" for inner in command.commands}
    return found


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted keys of a model; the entries of a table of models stand under NAME."""
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        if inner:
            under = f"{prefix}{name}.NAME." if get_origin(field.annotation) is dict else f"{prefix}{name}."
            yield from keys_of(inner[0], under)
        else:
            yield prefix + name


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


# --- commands, keys, the matrix ----------------------------------------------------------------------------------


def test_every_command_has_its_row() -> None:
    written = {re.split(r" [\[A-Z\-]", code)[0] for code in first_cells(section(text_of(OPERATIONS), "Commands"))}
    assert written == commands()
    assert {"outbox retry", "outbox", "rules backtest"} <= written


def test_the_matrix_of_the_labelled_pairs_is_todays() -> None:
    """`python -m benchmarks.pairs` prints it."""
    for row in matrix(confusion(*files("test"))):
        assert row in text_of("docs/stories.md").splitlines()


def test_every_setting_has_its_row() -> None:
    assert first_cells(section(text_of(OPERATIONS), "Settings")) == set(keys_of(Settings))


def test_every_key_of_a_rule_has_its_row() -> None:
    assert first_cells(section(text_of(RULES), "Keys of a rule")) == set(keys_of(RuleSpec))


@pytest.mark.parametrize(
    ("heading", "model", "less"),
    [
        ("Keys of a source", Source, {"id"}),
        ("Keys of retry", Retry, set()),
        ("Keys of an HTML step", HtmlStep, set()),
        ("Keys of a text", Text, set()),
        ("Keys of a JSON step", JsonStep, set()),
        ("Keys of a feed step", FeedStep, set()),
    ],
)
def test_every_key_of_a_source_has_its_row(heading: str, model: type[BaseModel], less: set[str]) -> None:
    assert first_cells(section(text_of(SOURCES), heading)) == set(model.model_fields) - less


def test_the_walk_finds_keys_at_every_depth() -> None:
    """The negative control of the tables: what is walked is what a file may hold."""
    assert {"data", "fetch.contact", "channels.NAME.url_env"} <= set(keys_of(Settings))
    assert {"id", "examples.hit"} <= set(keys_of(RuleSpec))
    table = "# T\n\n| key | what |\n|---|---|\n| `a`, `b.c` | x |\n| no code | y |\n\n```\n| `z` | |\n```\n"
    assert first_cells(section(table, "T")) == {"a", "b.c"}
    with pytest.raises(AssertionError, match="no heading"):
        section(table, "U")


def test_every_shipped_source_has_its_row() -> None:
    folder = ROOT / "scrapers" / "sources"
    shipped = {file.relative_to(folder).with_suffix("").as_posix() for file in folder.rglob("*.toml")}
    assert first_cells(section(text_of(SOURCES), "Shipped sources")) == shipped


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *groups["build"], *groups["dev"]]
    [page] = [name for name in NAMES if "/0011-" in name]
    reasons = text_of(page)
    assert [one for one in wanted if re.split(r"[^\w-]", one)[0] not in reasons] == []


# --- command lines ----------------------------------------------------------------------------------------------


def command_lines(text: str) -> list[list[str]]:
    """The arguments of each `tocsin …` in the shell blocks and in running text."""
    shell = "\n".join(blocks(text, "sh")).replace("\\\n", " ")
    spans = [code for code in code_spans(text) if re.fullmatch(r"tocsin [^\[…|A-Z]+", code)]
    return [words for line in [*shell.splitlines(), *spans] for words in calls(line)]


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of Tocsin in one line of shell, behind docker or by itself."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    simple: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("();<>|&"):
            yield from arguments(simple)
            simple = []
        else:
            simple.append(word)


def arguments(words: list[str]) -> Iterator[list[str]]:
    by_docker = words[:1] == ["docker"] and ("run" in words or ("exec" in words and words.count("tocsin") > 1))
    if words[:1] == ["tocsin"]:
        yield words[1:]
    elif by_docker and "tocsin" in words:
        last = len(words) - 1 - words[::-1].index("tocsin")
        if words[last + 1 :]:  # else the image's own command
            yield words[last + 1 :]


def parse(words: list[str]) -> None:
    """Parse a command line as the command would, without running it; raises click.UsageError."""
    command: click.Command = cli
    parent: click.Context | None = None
    while True:
        try:
            context = command.make_context(command.name, list(words), parent=parent)
        except click.exceptions.Exit:  # --help, --version
            return
        except click.BadParameter as error:
            if not isinstance(getattr(error.param, "type", None), click.Path | click.File):
                raise
            return  # a file that the reader has, and we do not
        rest = [*context._protected_args, *context.args] if isinstance(command, click.Group) else []
        if not rest:
            return
        assert isinstance(command, click.Group)
        _, found, words = command.resolve_command(context, rest)
        assert found is not None
        command, parent = found, context


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_can_be_typed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in command_lines(text_of(name)):
        try:
            parse(words)
        except click.UsageError as error:
            pytest.fail(f"{name}: tocsin {shlex.join(words)}: {error.format_message()}")


@pytest.mark.parametrize(
    "line",
    [
        "tocsin chek",
        "tocsin once --not-send",
        "tocsin outbox retri --dead",
        "tocsin outbox --state undead",
        "tocsin notify",
        "cd x && tocsin nothing",
        "docker compose run --rm tocsin chek",
        "docker exec tocsin tocsin nothing",
    ],
)
def test_a_wrong_command_line_is_noticed(line: str) -> None:
    [words] = command_lines(f"```sh\n{line}  # why\n```\n")
    with pytest.raises(click.UsageError):
        parse(words)


def test_right_command_lines_are_let_through() -> None:
    text = "```sh\ntocsin --config x.toml outbox retry --dead && tocsin once kr/x --no-send\ndocker build -t tocsin .\n"
    text += "tocsin completion bash >> ~/.bashrc\ntocsin ingest a.jsonl\n```\n`tocsin polls`, `tocsin init [DIR]`\n"
    found = command_lines(text)
    assert [words[0] for words in found] == ["--config", "once", "completion", "ingest", "polls"]
    for words in found:
        parse(words)


def test_there_are_command_lines_at_all() -> None:
    assert len(command_lines(text_of("README.md"))) > 10


# --- make, tests, links, hosts ----------------------------------------------------------------------------------


def make_targets(text: str) -> set[str]:
    """The targets of `make …` in running text and at the beginning of a line of a shell block."""
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    found = (re.match(r"make ([a-z][\w-]*)", code) for code in [*code_spans(text), *lines])
    return {one[1] for one in found if one}


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_is_there(name: str) -> None:
    there = set(re.findall(r"^([a-z][\w-]*):", text_of("Makefile"), re.MULTILINE))
    assert make_targets(text_of(name)) <= there
    assert make_targets("`make nothing`\n```sh\nmake neither   # x\n```\n") == {"nothing", "neither"}


@pytest.mark.parametrize("name", NAMES)
def test_every_test_that_is_named_is_there(name: str) -> None:
    for file, test in named_tests(text_of(name)):
        assert (ROOT / file).is_file(), file
        assert f"def {test}(" in text_of(file), f"{name} names {file}::{test}"


def named_tests(text: str) -> list[tuple[str, ...]]:
    return re.findall(r"(tests/[\w/]+\.py)::(\w+)", text)


def test_promises_name_their_tests() -> None:
    promises = section(text_of("README.md"), "What it promises today")
    lines = [line for line in promises.splitlines() if line.startswith("| ")][1:]
    assert len(lines) > 8
    assert [line for line in lines if not named_tests(line)] == []


def broken_links(text: str, home: Path) -> list[str]:
    """Relative links that lead to no file, or to no heading of it."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = home / path if path else None
        there = (
            text
            if file is None
            else file.read_text(encoding="utf-8")
            if file.suffix == ".md" and file.is_file()
            else ""
        )
        if (file is not None and not file.exists()) or (anchor and anchor not in anchors(there)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    assert broken_links(text_of(name), (ROOT / name).parent) == []


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("## Some heading\n")
    text = (
        "# Top\n[a](b.md) [b](c.md) ![c](d.svg) [d](b.md#some-heading) [e](b.md#none) [f](#top) [g](#no) [h](https://x)"
    )
    assert broken_links(text, tmp_path) == ["c.md", "d.svg", "b.md#none", "#no"]


_REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|crates|quay|ghcr|docker)\.(?:org|com|io)\b", re.IGNORECASE)


def strange_places(text: str) -> list[str]:
    """Hosts that we do not mean to send people to, package registries, and paths of one machine."""
    hosts = [host for host in re.findall(r"https?://([\w.-]+)", text) if host not in KNOWN_HOSTS]
    return [*hosts, *_REGISTRY.findall(text), *re.findall(r"(?<![\w.])/(?:work|home|root)\b\S*", text)]


@pytest.mark.parametrize("name", NAMES)
def test_documents_name_no_strange_place(name: str) -> None:
    assert strange_places(text_of(name)) == []


@pytest.mark.parametrize(
    "text", ["see https://mirror.example/simple", "from PyPI.org", "in /work/main", "`/home/me/x`"]
)
def test_a_strange_place_is_noticed(text: str) -> None:
    assert strange_places(text)
    assert not strange_places("https://github.com/x, framework/main, ./work")


# --- examples ---------------------------------------------------------------------------------------------------


@cache
def starter_lists() -> Lists:
    """What stands behind the @names that the documents use."""
    problems: list[Problem] = []
    lists = load_lists(ROOT / "rules", problems)
    assert problems == []
    return lists


def wrong_toml(text: str) -> list[str]:
    """What is wrong with a block of TOML: settings, rules with their examples, lists of words, or a source."""
    try:
        data = tomllib.loads(text)
        if "rule" in data:
            specs = RuleFile.model_validate(data).rule
            return [str(finding) for spec in specs for finding in compile_rule(spec, starter_lists())[1]]
        if "terms" in data:
            own = TermsFile.model_validate(data).terms
            shipped = tomllib.loads(text_of("rules/terms.toml"))["terms"]
            return [str(finding) for finding in compile_lists({**shipped, **own})[1]]
        if "listing" in data:
            Source.model_validate({**data, "id": "doc"})
        else:
            Settings.model_validate(data)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        return [str(error)]
    return []


@pytest.mark.parametrize("name", NAMES)
def test_every_toml_example_is_right(name: str) -> None:
    assert [wrong for block in blocks(text_of(name), "toml") for wrong in wrong_toml(block)] == []


@pytest.mark.parametrize(
    "text",
    [
        "a = ",
        "[fetch]\ncontct = 1",
        '[[rule]]\nid = "a"\nname = "A"\nto = ["me"]\nany = ["x"]\nexamples.hit = ["y"]',
        '[[rule]]\nid = "a"\nname = "A"\nto = ["me"]\nwhen = "@nothing"',
        '[terms]\na = ["@nothing"]',
        '[terms]\na = "x"',
        '[listing]\nextract = "html"',
    ],
)
def test_a_wrong_example_is_noticed(text: str) -> None:
    assert wrong_toml(text)


def code_of(cell: str) -> str:
    """The code in a cell of a table; several pieces are lines of one text."""
    return "\n".join(re.findall(r"`([^`]+)`", cell)).replace("\\|", "|")


def cases(heading: str, width: int) -> list[list[str]]:
    """The rows of that many cells under a heading of the page about rules."""
    return [row for row in rows(section(text_of(RULES), heading)) if len(row) == width]


def found_in(term: str, text: str) -> list[str]:
    """What a term finds in a text."""
    reading, parsed = Reading(text), parse_term(term)
    spans = [reading.span(parsed, run) for run in reading.runs(parsed)]
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(("term", "text", "found"), cases("How terms match", 3))
def test_terms_match_as_the_table_says(term: str, text: str, found: str) -> None:
    assert found_in(code_of(term), text) == ([] if found == "no" else [found])


def is_met(query: str, text: str) -> bool:
    return holds(parse_query(query, starter_lists()), subject_of_text(text))


@pytest.mark.parametrize(("query", "text", "met"), cases("The language", 3))
def test_queries_are_met_as_the_table_says(query: str, text: str, met: str) -> None:
    assert is_met(code_of(query), text) == (met == "yes")


def test_every_way_to_write_a_clause_can_be_read() -> None:
    written = [code for row in cases("The language", 2) for code in code_of(row[0]).split("\n")]
    assert len(written) > 20
    for one in written:
        parse_query(one, starter_lists())
    with pytest.raises(BadQuery):
        parse_query("titel:a")


def complaints(keys: str, folder: Path) -> list[str]:
    """What is said of a file with one rule that has these keys, and usual ones for the rest."""
    usual = {"id": '"mine"', "name": '"Mine"', "to": '["me"]'}
    more = "".join(f"{key} = {value}\n" for key, value in usual.items() if not re.search(rf"(?m)^{key} ", keys))
    (folder / "mine.toml").write_text(f"[[rule]]\n{more}{keys}\n", encoding="utf-8")
    problems: list[Problem] = []
    load_rules(folder, problems, starter_lists())
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(("mistake", "message"), cases("Mistakes and their messages", 2))
def test_a_mistake_has_its_message(mistake: str, message: str, tmp_path: Path) -> None:
    found = complaints(code_of(mistake), tmp_path)
    assert any(code_of(message) in one for one in found), found


def test_the_tables_about_rules_are_read(tmp_path: Path) -> None:
    """The negative control of the tables: they are there, both ways of each, and what is right is not complained of."""
    terms, queries = cases("How terms match", 3), cases("The language", 3)
    assert (len(terms) > 40, len(queries) > 15, len(cases("Mistakes and their messages", 2)) > 15) == (True, True, True)
    assert {"no"} < {row[2] for row in terms}
    assert {row[2] for row in queries} == {"yes", "no"}
    assert (found_in("tin", "tinplate"), found_in("tin", "of tin")) == ([], ["tin"])
    assert (is_met("a OR b", "b"), is_met("a b", "b")) == (True, False)
    assert code_of("`a \\| b`, `c`") == "a | b\nc"
    assert complaints('any = ["tariff"]', tmp_path) == []


def test_decisions_are_numbered_and_say_why() -> None:
    pages = [Path(name) for name in NAMES if name.startswith("docs/decisions/")]
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = text_of(str(page))
        assert text.startswith(f"# {int(page.name[:4])}. ")
        assert all(word in text for word in ("**What.**", "**Why.**", "**Instead of what.**")), page

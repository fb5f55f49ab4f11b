"""Reading a template's file: everything that is wrong in it at once, each thing with its line."""

from collections import Counter
from itertools import product
from pathlib import Path
from traceback import extract_tb

import jinja2
from jinja2 import meta, nodes

from bot.core.render.form import Form
from bot.errors import ConfigError, Problem
from bot.model import Message, Reason
from bot.templating.markup import LINKS, misplaced
from bot.templating.samples import forms, samples
from bot.templating.sandbox import Charging, Sandbox, refused
from bot.templating.template import PARTS, PartError, Template
from bot.templating.values import values_of

LARGEST = 20_000
"""Bytes of a file."""
_ENOUGH = 20
"""Failures after which a template is tried no further."""
_NAMES = frozenset(values_of(Message(reason=Reason.NEW, title=""), Form(kind="mail"), "text"))


def load_template(path: Path) -> Template:
    """The template in a file, tried on messages of every kind; raises ConfigError."""
    source = _source(path)
    reader = _Reader(str(path), source)
    template = Template(str(path), reader.parts())
    if not reader.problems:
        reader.try_out(template)
    if not reader.problems:
        reader.look_for_links()
    if reader.problems:
        raise ConfigError(reader.problems)
    return template


def _source(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(str(path), "", f"cannot be read: {error.strerror or error}")]) from None
    if len(raw) > LARGEST:
        raise ConfigError([Problem(str(path), "", f"has {len(raw)} bytes; a template has at most {LARGEST}")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = Problem(str(path), "", "is not UTF-8", "save the file with the encoding UTF-8", line=line, column=1)
        raise ConfigError([problem]) from None


class _Reader:
    """Compiles the parts of one file and gathers what is wrong."""

    def __init__(self, file: str, source: str) -> None:
        self.file, self.source = file, source
        self.problems: list[Problem] = []
        self.linkless: dict[str, int] = {}
        """Parts without a link, and their lines."""

    def parts(self) -> dict[str, jinja2.Template]:
        """The parts that can be used."""
        found: dict[str, jinja2.Template] = {}
        for part, sandbox in ((part, Sandbox(autoescape=part == "html")) for part in PARTS):
            try:
                body = self._body(sandbox.parse(self.source, filename=self.file), part)
                if body is not None and not self._problems_of(body, part):
                    found[part] = _compiled(sandbox, body, self.file)
            except jinja2.TemplateSyntaxError as error:
                self.add(error.lineno, str(error.message))
            except (RecursionError, SyntaxError, MemoryError, OverflowError):
                self.add(1, "is nested too deeply")
            except ValueError:  # Python's own limit for what a number may look like
                self.add(self._longest_line(), "has a number that is too long")
        if not self.source.strip():
            self.add(1, "is empty", "write a text, or take the template out of config.toml for the usual form")
        return found

    def _longest_line(self) -> int:
        lines = self.source.split("\n")
        return lines.index(max(lines, key=len)) + 1

    def _body(self, tree: nodes.Template, part: str) -> nodes.Template | None:
        """One part as a template of its own; a file without blocks is all text."""
        blocks = [one for one in tree.body if isinstance(one, nodes.Block)]
        if not blocks:
            return tree if part == "text" else None
        if part == PARTS[0]:
            self._look_around(tree, blocks)
        own = [one for one in blocks if one.name == part]
        return nodes.Template(own[0].body, lineno=own[0].lineno, environment=tree.environment) if own else None

    def _look_around(self, tree: nodes.Template, blocks: list[nodes.Block]) -> None:
        """Note blocks with other names, second ones, and what stands outside of all blocks."""
        for number, block in enumerate(blocks):
            if block.name in {one.name for one in blocks[:number]}:
                self.add(block.lineno, f"there is a block {block.name} already", "keep one of the two", block.name)
            if block.name not in PARTS:
                self.add(block.lineno, f"there is no part {block.name!r}", f"blocks are {', '.join(PARTS)}", block.name)
        for one in tree.body:
            if not isinstance(one, nodes.Block) and not _is_blank(one):
                self.add(one.lineno, "stands outside of the blocks", f"put it into one of {', '.join(PARTS)}")

    def _problems_of(self, body: nodes.Template, part: str) -> bool:
        """True if the part cannot be used; its problems are noted."""
        before = len(self.problems)
        for line, what in refused(body):
            self.add(line, what)
        for name in sorted(meta.find_undeclared_variables(body) - _NAMES):
            lines = [one.lineno for one in body.find_all(nodes.Name) if one.name == name]
            self.add(
                min(lines, default=1), f"there is no value {name!r}", f"there are: {', '.join(sorted(_NAMES))}", name
            )
        for line, what in misplaced(body) if part == "html" and len(self.problems) == before else ():
            self.add(line, what)
        named = {one.name for one in body.find_all(nodes.Name)} | {one.attr for one in body.find_all(nodes.Getattr)}
        if part != "subject" and not named & LINKS:
            self.linkless[part] = body.lineno
        return len(self.problems) > before

    def look_for_links(self) -> None:
        """Note the parts by which nobody could find the release."""
        for part, line in self.linkless.items():
            self.add(line, f"the {part} has no link", "write {{ link }}, so that people can read the release")

    def try_out(self, template: Template) -> None:
        """Note what goes wrong when messages of every kind are written on every kind of channel."""
        failures: Counter[tuple[int, str]] = Counter()
        for form, (message, may_repeat), part in product(forms(), samples(), template.parts):
            try:
                template.write(part, message, form, may_repeat=may_repeat)
            except PartError as error:
                line, what = _line(error.__cause__, self.file), str(error)
                failures[line, what] += 1
                if failures[line, what] == 1:
                    self.add(line, f"{what} (in a message of the kind {message.reason})")
            if failures.total() >= _ENOUGH:
                return

    def add(self, line: int, what: str, hint: str = "", word: str = "") -> None:
        """Note a problem once."""
        lines = self.source.split("\n")
        shown = lines[line - 1] if 0 < line <= len(lines) else ""
        column = max(shown.find(word), 0) + 1
        problem = Problem(self.file, "", what, hint, line=line, column=column, source=shown)
        if problem not in self.problems:
            self.problems.append(problem)


def _is_blank(one: nodes.Node) -> bool:
    return isinstance(one, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in one.nodes
    )


def _compiled(sandbox: Sandbox, body: nodes.Template, file: str) -> jinja2.Template:
    tree = Charging().visit(body).set_environment(sandbox)
    return jinja2.Template.from_code(sandbox, sandbox.compile(tree, filename=file), {})


def _line(error: BaseException | None, file: str) -> int:
    """The line of a template in which an error arose; Jinja2 puts it into the traceback."""
    found = [place.lineno for place in extract_tb(error.__traceback__ if error else None) if place.filename == file]
    return found[-1] if found and found[-1] else 1

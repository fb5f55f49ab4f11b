"""The little language of templates: values, tests, filters and loops, in Jinja2's sandbox and with bounded work.

What is not on the list below is refused when the file is read, with its line: calls, macros, includes, multiplication,
the switching off of escapes. So nothing in a template can reach Python, and no expression makes much out of little.
Every operation is charged to the budget of one rendering, by the length of what it makes and the size of a loop's body.
What is left unbounded is bounded elsewhere: sources have 20 KB, values come from messages of bounded length.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from bot.core.render.cutting import cut

WORK = 300_000
"""Steps and characters for one rendering of one block."""
LONGEST = 64 * 1024
"""Characters of anything that an expression makes, and of a whole block."""
BUDGET = "the budget"
"""The name of the budget in a context; no template can write it."""
_LOOP = {"index", "index0", "revindex", "revindex0", "first", "last", "length"}
_TESTS = {"defined", "undefined", "none", "string", "number", "even", "odd", "divisibleby", "in"}
_TESTS |= {"eq", "equalto", "==", "ne", "!=", "lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">="}
_ALLOWED = (
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.Assign,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Add,
    nodes.Sub,
    nodes.Neg,
    nodes.Pos,
    nodes.Concat,
    nodes.Filter,
    nodes.Test,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Tuple,
    nodes.List,
    nodes.Keyword,
)
_SAID = {
    nodes.Call: "calls are not part of templates; use a filter, such as {{ title|upper }}",
    nodes.Mul: "only + and - are part of templates",
    nodes.Scope: "escapes cannot be switched off",
    nodes.Block: "a block cannot stand inside a block",
}
_JOINED, _EACH, _READ = "~", "for", "=="
"""Filters that stand for the joining of texts, the steps of loops, the reading of values; no template can name them."""


@dataclass(slots=True)
class Budget:
    """How much one rendering may still do."""

    left: int = WORK

    def spend(self, amount: int) -> None:
        """Take some of it; raises SecurityError if it is used up."""
        self.left -= amount
        if self.left < 0:
            raise SecurityError("the template does too much")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox without attributes, callables and arithmetic that a message has no use for."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(
            autoescape=autoescape, undefined=StrictUndefined, loader=None, trim_blocks=True, finalize=_written
        )
        self.globals.clear()
        self.filters = {**_FILTERS, **({"e": _escaped, "escape": _escaped} if autoescape else {})}
        self.tests = {name: test for name, test in self.tests.items() if name in _TESTS}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 (Jinja2's)
        """Only what tells where a loop is; the values are in mappings."""
        return isinstance(obj, LoopContext) and attr in _LOOP

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 (Jinja2's)
        """Nothing is called."""
        return False

    def wrap_str_format(self, value: Any) -> None:  # noqa: ARG002 (Jinja2's)
        """Nor is the format method of texts."""
        return

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Add and subtract small numbers."""
        if operator not in {"+", "-"} or not all(isinstance(one, int) and abs(one) < 10**9 for one in (left, right)):
            raise SecurityError(f"{operator} is for small numbers only; join texts with ~")
        return super().call_binop(context, operator, left, right)


def _written(value: Any) -> Any:
    """What a template puts out: texts and numbers; a list would show Python's brackets."""
    if isinstance(value, str | int | Undefined):
        return value
    raise SecurityError("only texts and numbers can be shown; write {% for … %}, or join a list")


def refused(tree: nodes.Node, line: int = 1) -> Iterator[tuple[int, str]]:
    """Line and reason of everything in a block that is not part of templates."""
    for child in tree.iter_child_nodes():
        at = child.lineno or line
        if not isinstance(child, _ALLOWED):
            named = (said for kind, said in _SAID.items() if isinstance(child, kind))
            yield at, next(named, f"{type(child).__name__.lower()} is not part of templates")
        elif isinstance(child, nodes.For) and child.recursive:
            yield at, "a loop cannot be recursive"
        elif isinstance(child, nodes.Name) and child.name in {"self", "super"}:
            yield at, f"{child.name} is not part of templates"
        else:
            yield from refused(child, at)


class Charging(NodeTransformer):
    """Sends what makes long texts or many steps through filters that charge for it."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 (Jinja2's)
        """`a ~ b`."""
        self.generic_visit(node)
        return _filter(_JOINED, nodes.List(node.nodes, lineno=node.lineno), node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 (Jinja2's)
        """`for a in b`: each step costs what its body holds."""
        size = sum(1 for part in (*node.body, *([node.test] if node.test else [])) for _ in part.find_all(nodes.Node))
        self.generic_visit(node)
        node.iter = _filter(_EACH, node.iter, node.lineno, nodes.Const(size + 10, lineno=node.lineno))
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 (Jinja2's)
        """`a == b`, `a in b`: both are read to their ends."""
        self.generic_visit(node)
        node.expr = _filter(_READ, node.expr, node.lineno)
        for one in node.ops:
            one.expr = _filter(_READ, one.expr, node.lineno)
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802 (Jinja2's)
        """`a is in(b)`, which compares too; whether something is defined is only asked of a name."""
        self.generic_visit(node)
        if node.args:
            node.node = _filter(_READ, node.node, node.lineno)
            node.args = [_filter(_READ, one, node.lineno) for one in node.args]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 (Jinja2's)
        """`a[1:]` makes another text or list."""
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _filter(_READ, node.node, node.lineno)
        return node


def _filter(name: str, value: nodes.Node, line: int, *arguments: nodes.Node) -> nodes.Filter:
    return nodes.Filter(value, name, list(arguments), [], None, None, lineno=line)


# --- filters ------------------------------------------------------------------------------------------------------


def _charged(work: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that pays for what it reads and makes; it takes and gives plain text, which is escaped as any other."""

    @pass_context
    @wraps(work)
    def run(context: Context, value: Any, *arguments: Any, **named: Any) -> Any:
        budget: Budget = context[BUDGET]
        budget.spend(_size(value))
        made = work(_plain(value), *(_plain(one) for one in arguments), **named)
        budget.spend(_size(made))
        return made

    return run


def _plain(value: Any) -> Any:
    return str.__str__(value) if isinstance(value, Markup) else value


def _size(value: Any) -> int:
    return len(value) + 1 if isinstance(value, str | tuple | list) else 1


def _text(value: Any) -> str:
    """A value as text; raises for one that is undefined, and for a list."""
    if isinstance(value, str | int | float | Undefined):
        return str(value)
    raise SecurityError("this filter is for texts; join a list first")


def _join(values: Sequence[Any], between: str = "") -> str:
    if isinstance(values, str):
        raise SecurityError("join is for lists")
    texts = [_text(one) for one in values]
    _check(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _replace(value: Any, old: str, new: str) -> str:
    text = _text(value)
    _check(len(text) + text.count(_text(old)) * len(_text(new)))
    return text.replace(old, new)


def _check(length: int) -> None:
    if length > LONGEST:
        raise SecurityError(f"a text of {length} characters is too long")


def _default(value: Any, other: Any = "") -> Any:
    return other if isinstance(value, Undefined) or not value else value


@pass_context
def _joined(context: Context, values: Sequence[Any]) -> str:
    """`a ~ b`: what is marked up stays so, and what is not is escaped beside it."""
    texts = [one if isinstance(one, Markup) else _text(one) for one in values]
    length = sum(map(len, texts))
    _check(length)
    context[BUDGET].spend(length + 1)
    return Markup("").join(texts) if any(isinstance(one, Markup) for one in texts) else "".join(texts)


@pass_context
def _each(context: Context, values: Any, cost: int) -> tuple[Any, ...]:
    if not isinstance(values, tuple | list):
        raise SecurityError("a loop goes over a list, such as entries, changes, words, categories or also")
    context[BUDGET].spend(len(values) * cost)
    return tuple(values)


@pass_context
def _read(context: Context, value: Any) -> Any:
    _charge(value, context[BUDGET])
    return value


def _charge(value: Any, budget: Budget) -> None:
    """Pay for all that is in a value: lists in lists may be short to write and long to read."""
    budget.spend(_size(value) + 4)
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ():
        _charge(one, budget)


@pass_context
def _escaped(context: Context, value: Any) -> Markup:
    context[BUDGET].spend(_size(value))
    return value if isinstance(value, Markup) else escape(_text(value))


def _unique(values: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(one if isinstance(one, int) else _text(one) for one in values))


_FILTERS: dict[str, Callable[..., Any]] = {
    _JOINED: _joined,
    _EACH: _each,
    _READ: _read,
    "count": _charged(len),
    "cut": _charged(lambda value, room: cut(_text(value), room)),
    "default": _charged(_default),
    "first": _charged(lambda values: values[0] if values else ""),
    "join": _charged(_join),
    "last": _charged(lambda values: values[-1] if values else ""),
    "length": _charged(len),
    "lower": _charged(lambda value: _text(value).lower()),
    "replace": _charged(_replace),
    "reverse": _charged(lambda values: values[::-1]),
    "sort": _charged(lambda values: sorted(values, key=_text)),
    "trim": _charged(lambda value: _text(value).strip()),
    "unique": _charged(_unique),
    "upper": _charged(lambda value: _text(value).upper()),
}

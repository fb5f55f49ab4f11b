"""Where the values of a template stand in its HTML: escapes hold in a text and between quotes, and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jinja2 import nodes

LINKS = {"link", "url"}
"""Values that are an address to the web, or empty."""
_OPENING = frozenset({"href", "src", "action", "formaction", "data", "background", "poster", "srcset", "xlink:href"})
"""Attributes that say where something leads, or from where it is fetched."""
_OBEYED = ("on", "style", "srcdoc")
"""Beginnings of the names of attributes that are read as a language of their own."""
_RAW = {"script", "style"}
_QUOTES = {'"': "between double quotes", "'": "between single quotes"}
_BRANCHES = 64


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reader of HTML is."""

    state: str = "text"
    """`text`, `open` (behind `<`), `tag`, `inside`, `name`, `named`, `value`, `bare`, a quote, `raw` or `comment`."""
    tag: str = ""
    name: str = ""
    """Of the attribute."""

    def after(self, text: str) -> "_Place":
        """Where it is behind that text."""
        place = self
        for sign in text:
            place = place._next(sign)
        return place

    def _next(self, sign: str) -> "_Place":
        match self.state:
            case "text":
                return replace(self, state="open", tag="") if sign == "<" else self
            case "open":
                starts = sign.isalpha() or sign in "/!?"
                return replace(self, state="tag", tag=sign) if starts else replace(self, state="text")
            case "raw" | "comment":
                return self._hidden(sign)
            case '"' | "'":
                return replace(self, state="inside") if sign == self.state else self
        return self._closed() if sign == ">" else self._in_tag(sign)

    def _closed(self) -> "_Place":
        return replace(self, state="raw", name="") if self.tag in _RAW else _Place()

    def _hidden(self, sign: str) -> "_Place":
        """Until the end of a comment, a script or a style sheet, of which `name` holds the last signs."""
        end = "-->" if self.state == "comment" else f"</{self.tag}"
        seen = (self.name + sign.lower())[-len(end) :]
        if seen == end:
            return _Place() if self.state == "comment" else _Place("inside", f"/{self.tag}")
        return replace(self, name=seen)

    def _in_tag(self, sign: str) -> "_Place":
        if self.state == "tag" and not sign.isspace() and (sign != "/" or self.tag == "/"):
            tag = self.tag + sign.lower()
            return _Place("comment") if tag == "!--" else replace(self, tag=tag)
        if self.state in {"value", "bare"}:
            return self._in_value(sign)
        if self.state in {"name", "named"} and sign == "=":
            return replace(self, state="value")
        if sign.isspace():
            return replace(self, state="named" if self.state in {"name", "named"} else "inside")
        if sign == "/":
            return replace(self, state="inside")
        return replace(self, state="name", name=(self.name if self.state == "name" else "") + sign.lower())

    def _in_value(self, sign: str) -> "_Place":
        if sign.isspace():
            return replace(self, state="inside") if self.state == "bare" else self
        return replace(self, state=sign if self.state == "value" and sign in _QUOTES else "bare")

    def refuses(self, value: nodes.Expr) -> str:
        """Why that value cannot stand here; empty if it can."""
        if self.state in {"text", "comment"}:
            return ""
        if self.state == "raw":
            return f"no value can stand in <{self.tag}>, where escapes do not hold"
        if self.state not in _QUOTES:
            return 'a value in a tag stands between quotes: <a title="{{ title }}">'
        if self.name.startswith(_OBEYED):
            return f"no value can stand in {self.name}, where escapes do not hold"
        if self.name in _OPENING and not _is_link(value):
            return f"in {self.name} only link or url can stand: other values may lead anywhere"
        return ""


def _is_link(value: nodes.Node) -> bool:
    """True if the value can only be one of the addresses, or what the operator has written."""
    match value:
        case nodes.Name():
            return value.name in LINKS
        case nodes.Getattr():
            return value.attr in LINKS
        case nodes.CondExpr():
            return all(one is None or _is_link(one) for one in (value.expr1, value.expr2))
        case nodes.Or():
            return _is_link(value.left) and _is_link(value.right)
        case nodes.Filter():
            return value.name in {"e", "escape"} and value.node is not None and _is_link(value.node)
    return isinstance(value, nodes.Const)


def misplaced(body: nodes.Template) -> Iterator[tuple[int, str]]:
    """Line and reason of each value that stands where it would be more than text."""
    for one in body.find_all(nodes.Name):
        if one.ctx == "store" and one.name in LINKS:
            yield one.lineno, f"{one.name} cannot be given another value"
    found: list[tuple[int, str]] = []
    _read(body.body, {_Place()}, found)
    yield from found


def _read(told: Sequence[nodes.Node], places: set[_Place], found: list[tuple[int, str]]) -> set[_Place]:
    """Where a reader may be behind these parts of a template; each branch is read from where it begins."""
    for one in told:
        if isinstance(one, nodes.Output):
            places = _shown(one.nodes, places, found)
        elif isinstance(one, nodes.If):
            arms = (one.body, *(arm.body for arm in one.elif_), one.else_)
            places = set().union(*(_read(arm, places, found) for arm in arms))
        elif isinstance(one, nodes.For):
            places = _read(one.body, places, found) | _read(one.else_, places, found)
        if len(places) > _BRANCHES:
            found.append((one.lineno, "there are too many ways in which the tags may be open here"))
            return {_Place()}
    return places


def _shown(parts: Iterable[nodes.Node], places: set[_Place], found: list[tuple[int, str]]) -> set[_Place]:
    for one in parts:
        if isinstance(one, nodes.TemplateData):
            places = {place.after(one.data) for place in places}
        elif isinstance(one, nodes.Expr):
            found += [(one.lineno, why) for why in sorted({place.refuses(one) for place in places} - {""})]
            places = {replace(place, state="bare") if place.state == "value" else place for place in places}
    return places

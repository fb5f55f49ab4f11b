"""Drafts out of an HTML page, by CSS selectors (selectolax, lexbor)."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scrapers.errors import LayoutError
from scrapers.model import Draft, HtmlStep, Page, Text

# lexbor's time grows with the square of the depth and of the attributes of a tag: half a megabyte of nested
# lists can hold it for a minute. Real pages stay far below these bounds.
MAX_DEPTH = 512
MAX_ATTRIBUTES = 1000

# A tag with its attributes; a quoted value may hold a bracket. Possessive, so that nothing is tried twice.
_TAG = re.compile(rb"""<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])((?:[^"'<>]|"[^"]*"|'[^']*')*+)""")
_QUOTED = re.compile(rb""""[^"]*"|'[^']*'""")
_RAW = re.compile(rb"<(?:(script|style)\b|!--)", re.IGNORECASE)
# These have no content, or end by themselves where the next one begins: however many, they do not nest.
_FLAT = frozenset(
    b"area base br col embed hr img input link meta source track wbr"
    b" li p td th tr dt dd option tbody thead tfoot".split()
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_BLOCKS = frozenset(
    "p br div li ul ol tr td th table h1 h2 h3 h4 h5 h6 section article blockquote dt dd pre".split()  # noqa: SIM905
)
_UNSHOWN = frozenset({"script", "style", "template"})


def extract(page: Page, step: HtmlStep) -> Iterator[Draft]:
    """The items of `page` in their order, an empty id where none was found; LayoutError without the container."""
    _refuse_bomb(page)
    try:
        tree = LexborHTMLParser(_decode(page))
        if step.container and tree.css_first(step.container) is None:
            raise LayoutError(f"nothing matches the container {step.container!r}")
        for node in tree.css(step.item):
            if step.skip is None or node.css_first(step.skip) is None:
                yield _draft(node, step, page)
    except SelectolaxError as error:
        raise LayoutError(f"a selector of the source file is not CSS: {error}") from None


def _draft(node: LexborNode, step: HtmlStep, page: Page) -> Draft:
    groups = _identity(node, step.id)
    category = _read(node, step.category)
    return Draft(
        id=groups.get("id", ""),
        board=groups.get("board", ""),
        url=_url(node, step, groups, page),
        title=_read(node, step.title),
        body=_read(node, step.body),
        published=_read(node, step.published),
        categories=(category,) if category else (),
    )


def _identity(node: LexborNode, text: Text | None) -> dict[str, str]:
    """The id (and the board, if the pattern names it) of an item; nothing if it is not where it should be."""
    for raw in _candidates(node, text) if text else ():
        found = re.search(text.pattern or r"(.+)", raw) if text else None
        if found:
            named = {name: value for name, value in found.groupdict().items() if value}
            return named if "id" in named else {"id": _value(found)}
    return {}


def _candidates(node: LexborNode, text: Text) -> Iterator[str]:
    """All texts in which the value may stand: each attribute of each element that the selector finds."""
    for element in node.css(text.css) if text.css else [node]:
        if not text.attributes:
            yield _text(element)
        for name in text.attributes:
            yield element.attributes.get(name) or ""


def _read(node: LexborNode, text: Text | None) -> str:
    """The value of a field, empty if it is not there."""
    element = node if text is None or text.css is None else node.css_first(text.css)
    if text is None or element is None:
        return ""
    for selector in text.remove:
        for child in element.css(selector):
            child.decompose()
    if text.attributes:
        values = (element.attributes.get(name) for name in text.attributes)
        raw = next((value for value in values if value), "")
    else:
        raw = _text(element)
    if text.pattern is None:
        return raw
    found = re.search(text.pattern, raw)
    return _value(found) if found else ""


def _value(found: re.Match[str]) -> str:
    return (found[1] if found.re.groups else found[0]) or ""


def _text(element: LexborNode) -> str:
    """The element's text, a line for each block, so that words of neighbouring blocks do not grow together."""
    parts: list[str] = []
    ahead: list[LexborNode | str] = [element]
    while ahead:
        node = ahead.pop()
        if isinstance(node, str):
            parts.append(node)
        elif node.is_text_node:
            parts.append(node.text_content or "")
        elif node.tag not in _UNSHOWN:
            edge = ["\n"] if node.tag in _BLOCKS else []
            ahead += edge
            ahead += reversed(list(node.iter(include_text=True)))
            ahead += edge
    return "".join(parts).strip()


def _url(node: LexborNode, step: HtmlStep, groups: dict[str, str], page: Page) -> str:
    if step.url is None:
        link = node.css_first("a[href]")
        href = link.attributes.get("href") if link else None
        return _joined(page.url, href or "")
    board = groups.get("board", "")
    template = step.url if isinstance(step.url, str) else step.url.get(board, step.url.get("*", ""))
    return template.replace("{id}", groups.get("id", "")).replace("{board}", board)


def _joined(base: str, href: str) -> str:
    """The address that a link means, empty if it is none."""
    try:
        return urljoin(base, href) if href and not href.startswith("javascript:") else ""
    except ValueError:
        return ""


def _decode(page: Page) -> str:
    """The page's text: charset of the header, else of a meta element, else UTF-8; EUC-KR means windows-949."""
    declared = re.search(r"charset\s*=\s*[\"']?([\w-]+)", page.content_type, re.IGNORECASE)
    meta = _CHARSET.search(page.body[:4096])
    name = declared[1] if declared else meta[1].decode("ascii") if meta else "utf-8"
    if name.lower() in {"euc-kr", "ks_c_5601-1987", "euc_kr"}:
        name = "cp949"
    try:
        return page.body.decode(name)
    except (LookupError, UnicodeError):
        return page.body.decode("utf-8", errors="replace")


def _refuse_bomb(page: Page) -> None:
    """Raise LayoutError for markup built to hold the parser; linear in the page's size."""
    opened: Counter[bytes] = Counter()
    for closing, name, rest in (tag for part in _markup(page.body) for tag in _TAG.findall(part)):
        if len(rest) > 2 * MAX_ATTRIBUTES and _attributes(rest) > MAX_ATTRIBUTES:
            raise LayoutError(f"an element has more than {MAX_ATTRIBUTES} attributes; the page was not parsed")
        tag = name.lower()
        if not closing and tag not in _FLAT:
            opened[tag] += 1
            if opened.total() > MAX_DEPTH:
                raise LayoutError(f"elements are nested more than {MAX_DEPTH} deep; the page was not parsed")
        elif closing and opened[tag] > 0:
            opened[tag] -= 1


def _attributes(rest: bytes) -> int:
    bare = _QUOTED.sub(b"", rest)
    return max(len(bare.split()), bare.count(b"="))


def _markup(body: bytes) -> Iterator[bytes]:
    """The parts of a page that are markup: what stands in scripts, styles and comments is none.

    Inside a drawing (svg) or formula, script and style are elements like others, so there nothing is left out.
    """
    lower, at = body.lower(), 0
    foreign = b"<svg" in lower or b"<math" in lower
    while found := _RAW.search(lower, at):
        yield body[at : found.start()]
        at = found.end()
        if found[1]:
            at = at if foreign else lower.find(b"</" + found[1], at)
        elif not lower.startswith((b">", b"->"), at):  # not one of the two empty comments
            at = lower.find(b"-->", at)
        if at < 0:
            return
    yield body[at:]


def problems(step: HtmlStep) -> Iterator[str]:
    """What is wrong with the selectors of a step, without a page."""
    texts = [step.id, step.title, step.body, step.published, step.category]
    written = [step.item, step.container, step.skip, *(text.css for text in texts if text)]
    written += [selector for text in texts if text for selector in text.remove]
    tree = LexborHTMLParser("<p></p>")
    for selector in filter(None, written):
        try:
            tree.css(selector)
        except SelectolaxError:
            yield f"{selector!r} is not a CSS selector"

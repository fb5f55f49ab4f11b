"""Drafts out of an HTML page, by CSS selectors (selectolax, lexbor)."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scrapers.errors import LayoutError
from scrapers.markup import refuse_bomb
from scrapers.model import Draft, HtmlStep, Page, Text

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
# What a label means in pages (https://encoding.spec.whatwg.org/#names-and-labels): Korean pages say euc-kr and mean
# windows-949, western ones say iso-8859-1 and mean windows-1252. Others are taken for UTF-8.
_KOREAN = ("euc-kr", "euc_kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949", "x-windows-949", "cp949")
_WESTERN = ("iso-8859-1", "latin1", "ascii", "us-ascii", "windows-1252", "cp1252")
_AS_NAMED = ("utf-8", "utf-16le", "utf-16be", "shift_jis", "euc-jp", "gb2312", "gbk", "gb18030", "big5", "iso-8859-15")
_CHARSETS = dict.fromkeys(_KOREAN, "cp949") | dict.fromkeys(_WESTERN, "cp1252") | {name: name for name in _AS_NAMED}
_BLOCKS = frozenset(
    "p br hr div li ul ol dl dt dd tr td th table caption h1 h2 h3 h4 h5 h6 section article header footer main aside"
    " nav address blockquote figure figcaption form fieldset center details summary option pre textarea button".split()
)
_UNSHOWN = frozenset({"script", "style", "template", "svg", "iframe"})


def extract(page: Page, step: HtmlStep) -> Iterator[Draft]:
    """The items of `page` in their order, an empty id where none was found; LayoutError without the container."""
    text = _decode(page)
    refuse_bomb(text)
    try:
        tree = LexborHTMLParser(text)
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
    """The page's text: by the header's charset, else a meta element's, else UTF-8; wrong bytes become marks."""
    declared = re.search(r"charset\s*=\s*[\"']?([\w-]+)", page.content_type, re.IGNORECASE)
    meta = _META.search(page.body[:4096])
    label = declared[1] if declared else meta[1].decode("ascii") if meta else "utf-8"
    name = _CHARSETS.get(label.lower(), "utf-8")
    for strict in (name, "utf-8"):
        try:
            return page.body.decode(strict)
        except UnicodeError:
            continue
    return page.body.decode(name, errors="replace")


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

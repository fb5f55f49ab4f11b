"""A message as an HTML mail: one column, fit for a phone, in light and dark, with nothing to fetch."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from bot.core.render.cutting import cut
from bot.core.render.dialects import marked_in_html
from bot.core.render.grouping import Group, Item, grouped, items_of
from bot.core.render.links import web_link
from bot.core.render.parts import (
    also_told,
    changes_left,
    facts,
    headline,
    held_told,
    label,
    shown_changes,
    shown_lead,
    shows_excerpt,
    subject,
    why,
)
from bot.core.render.phrases import Language, phrase
from bot.model import Message, Reason

# Programs that drop the style sheet still see the styles in the elements: one column, 16 pixels, dark on light.
_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "body{word-break:keep-all}"
    "h1{font-size:22px;line-height:1.3;margin:0 0 12px}"
    "h2{font-size:18px;line-height:1.35;margin:0 0 6px}"
    "p{margin:0 0 14px}"
    "ol{margin:0 0 22px;padding-left:26px}"
    "li{margin:0 0 8px}"
    "a{color:#0b57d0}"
    ".q{color:#57606a}"
    ".w{color:#7a4b00}"
    ".l{display:inline-block;margin:0 0 8px;padding:1px 10px;border-radius:6px;background:#7a4b00;color:#fff;"
    "font-weight:600}"
    ".u{font-size:16px;overflow-wrap:anywhere;word-break:break-word}"
    ".e{border-left:4px solid #d99a00;padding-left:14px}"
    ".r{border-top:1px solid #d0d7de;margin:0;padding:20px 0 6px;font-weight:600}"
    ".c{border-left:4px solid #b3261e;padding-left:14px}"
    ".i{border-top:1px solid #d0d7de;padding:20px 0 6px}"
    ".g{border-top:1px solid #d0d7de;border-left:4px solid #d0d7de;padding:16px 0 6px 12px}"
    ".g .i{border-top:0;padding:0 0 10px}"
    "@media (prefers-color-scheme:dark){"
    "body,.m{background:#14171a!important;color:#e8eaed!important}"
    "a{color:#8ab4f8!important}.q{color:#a8b0b8!important}.w{color:#f0c36d!important}"
    ".b{background:#8ab4f8!important;color:#14171a!important}.l{background:#f0c36d;color:#14171a}"
    ".i,.g,.r{border-color:#3a4047!important}}"
)
_BODY = "margin:0;padding:0;background:#ffffff;color:#1f2328"
_COLUMN = (
    "max-width:600px;margin:0 auto;padding:20px 16px;overflow-wrap:anywhere;"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR',sans-serif"
)
_BUTTON = (
    "display:inline-block;padding:13px 22px;border-radius:8px;background:#0b57d0;color:#ffffff;"
    "font-weight:600;text-decoration:none"
)
_HIDDEN = "display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px"
_PREHEADER = 140
_WHOLE = 102_000
"""Bytes of a page: of a longer one a well-known reader shows the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detail:
    """How much a digest says of each release; lengths in characters."""

    excerpt: bool = True
    changes: int = 12
    change: int = 600
    lead: int = 4000
    title: int = 1000
    why: int = 1000
    facts: bool = True
    address: bool = True
    """True if the link shows its address in full, and not the host alone."""


_DETAILS = (
    _Detail(),
    _Detail(excerpt=False, changes=3, change=200, lead=600),
    _Detail(excerpt=False, changes=1, change=80, lead=120, title=120, why=120),
    _Detail(excerpt=False, changes=0, lead=0, title=50, why=0, facts=False, address=False),
)
"""From all to a list of links: the first is taken by which the page is whole."""


def page(message: Message, language: Language, *, may_repeat: bool) -> str:
    """The page; every text in it is escaped, and no address is asked for until somebody follows a link."""
    if message.reason is not Reason.DIGEST:
        return _page(message, _alert(message, language), language, may_repeat=may_repeat)
    pages = (_page(message, _digest(message, language, one), language, may_repeat=may_repeat) for one in _DETAILS)
    whole = ""
    for whole in pages:
        if len(whole.encode(errors="replace")) <= _WHOLE:
            break
    return whole


def _page(message: Message, inside: Iterator[str], language: Language, *, may_repeat: bool) -> str:
    repeat = _paragraph(phrase("repeat", language), "q") if may_repeat else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(subject(message, language))}</title><style>{_STYLE}</style></head>"
        f'<body style="{_BODY}"><div style="{_HIDDEN}">{escape(_preheader(message, language))}</div>'
        f'<div class="m" style="{_COLUMN}">{repeat}{"".join(inside)}</div></body></html>'
    )


def _preheader(message: Message, language: Language) -> str:
    """What a list of mails shows beside the subject."""
    if message.reason is Reason.DIGEST:
        return cut("; ".join(one.title for one in message.entries[:_PREHEADER]), _PREHEADER)
    return cut(" · ".join(filter(None, (why(message, language), message.lead or message.excerpt))), _PREHEADER)


def _paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; nothing for no text."""
    sort = f' class="{kind}"' if kind else ""
    return f"<p{sort}>{_lines(text)}</p>" if text else ""


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


# --- one alert or notice ------------------------------------------------------------------------------------------


def _alert(message: Message, language: Language) -> Iterator[str]:
    yield _paragraph(label(message, language), "l")
    yield f"<h1>{_title(message, language)}</h1>"
    if message.rule:
        yield _paragraph(phrase("why", language, why=why(message, language)), "w")
    yield from _changes(message, language, _DETAILS[0])
    yield _excerpt(message)
    yield _paragraph(shown_lead(message))
    yield _paragraph(facts(message), "q")
    yield _paragraph(also_told(message, language), "q")
    yield _button(message, language)


def _title(message: Message, language: Language) -> str:
    """The title as it is, its words marked if they stand nowhere else."""
    if message.excerpt == message.title and message.marks:
        return marked_in_html(message.title, message.marks, escape)
    return escape(message.title or phrase("untitled", language))


def _excerpt(message: Message) -> str:
    if not shows_excerpt(message):
        return ""
    return f'<p class="e">{marked_in_html(message.excerpt, message.marks, escape)}</p>'


def _changes(message: Message, language: Language, detail: _Detail) -> Iterator[str]:
    """What was said, and what is said now."""
    for before, after in shown_changes(message, detail.change, detail.changes):
        sides = (
            _side("before" if after else "deleted", before, "s", language) if before else "",
            _side("now", after, "b", language) if after else "",
        )
        yield f'<p class="c">{"<br>".join(filter(None, sides))}</p>'
    yield _paragraph(changes_left(message, language, detail.changes), "q")


def _side(key: str, text: str, element: str, language: Language) -> str:
    head, _, tail = phrase(key, language, text="\0").partition("\0")
    sort = ' class="q"' if element == "s" else ""
    return f"<span{sort}>{escape(head)}<{element}>{escape(text)}</{element}>{escape(tail)}</span>"


def _button(message: Message, language: Language) -> str:
    """The link as a button, and below it in full, so that everybody sees where it leads."""
    link = web_link(message.url)
    if link is None:
        return _unsafe(message, language)
    url, told = escape(link.url), escape(phrase("read", language))
    return (
        f'<p style="margin:20px 0 8px"><a class="b" style="{_BUTTON}" href="{url}">{told}</a></p>'
        f'<p class="u q"><b>{escape(link.host)}</b><br><a href="{url}">{url}</a></p>'
    )


# --- a digest -----------------------------------------------------------------------------------------------------


def _digest(message: Message, language: Language, detail: _Detail) -> Iterator[str]:
    groups = grouped(message)
    yield f"<h1>{escape(headline(message, language))}</h1>"
    yield _paragraph(held_told(message, language), "q")
    if len(items_of(groups)) > 1:
        yield f"<h2>{escape(phrase('contents', language))}</h2><ol>"
        yield from (_content(item, language, detail) for item in items_of(groups))
        yield "</ol>"
    yield from (_group(group, language, detail) for group in groups)


def _content(item: Item, language: Language, detail: _Detail) -> str:
    title = escape(cut(headline(item.message, language), detail.title))
    if not detail.why:
        return f'<li><a href="#a{item.number}">{title}</a></li>'
    rules = escape(", ".join(dict.fromkeys(one.rule for one in item.alerts if one.rule)))
    return (
        f'<li><a href="#a{item.number}">{title}</a>'
        + (f'<br><span class="q">{rules}</span>' if rules else "")
        + "</li>"
    )


def _group(group: Group, language: Language, detail: _Detail) -> str:
    rule = _paragraph(phrase("rule", language, rule=group.rule), "r") if group.rule else ""
    items = "".join(_item(item, language, detail) for item in group.items)
    if len(group.items) == 1:
        return rule + items
    story = _paragraph(phrase("story", language, count=len(group.items)), "q")
    return f'{rule}<div class="g">{story}{items}</div>'


def _item(item: Item, language: Language, detail: _Detail) -> str:
    message, told = item.message, cut(item.why(language), detail.why)
    parts = (
        f'<div class="i" id="a{item.number}">',
        f"<h2>{item.number}. {escape(cut(headline(message, language), detail.title))}</h2>",
        _paragraph(phrase("why", language, why=told) if told else "", "w"),
        *_changes(message, language, detail),
        _excerpt(message) if detail.excerpt else "",
        "" if message.rule else _paragraph(cut(message.lead, detail.lead)),
        _paragraph(facts(message) if detail.facts else "", "q"),
        _address(message, language, detail),
    )
    return "".join((*parts, "</div>"))


def _address(message: Message, language: Language, detail: _Detail) -> str:
    """The link of a release in a digest."""
    link = web_link(message.url)
    if link is None:
        return _unsafe(message, language)
    return f'<p class="u"><a href="{escape(link.url)}">{escape(link.url if detail.address else link.host)}</a></p>'


def _unsafe(message: Message, language: Language) -> str:
    """Why there is no link, if the release has an address that is none to show."""
    return _paragraph(phrase("link.unsafe", language), "q") if message.url else ""

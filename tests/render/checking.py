"""What would act in a mail, a chat or on a screen: found by parsers and patterns of its own, not by our escapes."""

import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

from bot.core.render.page import _STYLE

PAGE = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "name", "content"},
    "title": set(),
    "style": set(),
    "body": {"style"},
    "div": {"style", "class", "id"},
    "h1": set(),
    "h2": set(),
    "p": {"style", "class"},
    "span": {"class"},
    "a": {"class", "style", "href"},
    "b": set(),
    "s": set(),
    "br": set(),
    "ol": set(),
    "li": set(),
}
SNIPPET = {"html": set(), "head": set(), "body": set(), "b": set(), "s": set(), "br": set(), "a": {"href"}}
CHAT = {
    "a mention": re.compile(r"@\w|<[@!#]|<https?:[^>]*\|"),
    "a Markdown link": re.compile(r"\]\s*\(|\]\s*\[|\]:"),
    "an element": re.compile(r"<[a-z!/?]", re.IGNORECASE),
    "another scheme": re.compile(r"(?i)\b(?!https?:)[a-z][a-z0-9+.-]*://|(?:javascript|vbscript):|data:[a-z]+/"),
    "a sign of Markdown": re.compile(r"[`~|\\\[\]]|(?m:^\s*(?:#{1,6}\s|>|[-+*=]\s|---|===))|__\w"),
    "an entity": re.compile(r"&#?\w+;"),
    "a command": re.compile(r"(?<![\w/])/\w"),
}
LINKED = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|(?<![@\w.-])evil\.example")
"""What programs make links of, though nobody wrote one."""
_RUN = re.compile("[\u0300-\u036f]{6}")
_NONE = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_OUR_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")


def unseen(text: str) -> list[str]:
    """Signs that nobody sees, or that a terminal obeys; a joiner between two pictures is none."""
    found = []
    for at, one in enumerate(text):
        kind = unicodedata.category(one)
        joins = one == "\u200d" and {unicodedata.category(c) for c in (text[at - 1], text[at + 1])} <= {
            "So",
            "Mn",
            "Sk",
        }
        if (kind in {"Cc", "Cf", "Cs", "Co"} and one != "\n" and not joins) or one in "\u034f\u115f\u1160\u3164\uffa0":
            found.append(f"U+{ord(one):04X}")
    return found + (["a run of marks"] if _RUN.search(text) else []) + (["no character"] if _NONE.search(text) else [])


def active_in_chat(text: str, *links: str) -> list[str]:
    """What a chat would read as markup, or as a call to somebody; our own bold and `links` apart."""
    bare = _OUR_BOLD.sub(r"\1", text)
    for link in links:
        bare = bare.replace(f"<{link}>", "").replace(link, "")
    found = linked_in_text(text, *links) + [what for what, pattern in CHAT.items() if pattern.search(bare)]
    return found + (["emphasis"] if "*" in bare else []) + unseen(text)


def linked_in_text(text: str, *links: str) -> list[str]:
    """Addresses that a program would link by itself; `links` apart."""
    for link in links:
        text = text.replace(link, "")
    return [f"a bare link {found[0]}" for found in LINKED.finditer(text)]


def active_in_html(html: str, allowed: dict[str, set[str]] = PAGE) -> list[str]:
    """Elements and attributes that are not ours, addresses that are none of the web, and anything to be fetched."""
    tree = LexborHTMLParser(html)
    assert tree.root is not None
    texts = [node.text_content or "" for node in tree.root.traverse(include_text=True) if node.tag == "-text"]
    links = [node.text() for node in tree.css("a")]
    found = unseen(html) + linked_in_text("\n".join(one for one in texts if one not in links and one != _STYLE))
    for node in tree.root.traverse(include_text=False):
        if node.tag in {"-comment", "!doctype", "-doctype"}:
            found += ["a comment"] if "comment" in node.tag else []
        elif node.tag not in allowed:
            found.append(f"<{node.tag}>")
        else:
            found += [f"{node.tag} {name}" for name in node.attributes if name not in allowed[node.tag]]
            found += _bad_values(node.tag, node.attributes, node.text())
    return found


def _bad_values(tag: str, attributes: dict[str, str | None], text: str) -> list[str]:
    href, style = attributes.get("href"), attributes.get("style") or ""
    found = []
    if href is not None and not re.fullmatch(r"https?://[^\s@<>\"\\/]+/?[^\s<>\"\\]*|#a\d+", href):
        found.append(f"href {href}")
    if "url(" in style or "expression" in style:
        found.append(f"style {style}")
    return found + ([f"style sheet {text[:40]}"] if tag == "style" and text != _STYLE else [])


def links_in(html: str) -> set[str]:
    """The addresses to which an HTML text leads."""
    return {href for node in LexborHTMLParser(html).css("a") if (href := node.attributes.get("href"))}

"""A look at HTML before it is parsed: markup built to hold the parser is refused.

lexbor's time grows with the square of the depth and of the attributes of a tag: half a megabyte of nested lists can
hold it for a minute. Real pages stay far below these bounds.
"""

import re
from collections.abc import Set as AbstractSet

from scrapers.errors import LayoutError

MAX_DEPTH = 512
MAX_ATTRIBUTES = 1000

# One token at a time, as a browser reads them: a comment, or a tag with its attributes (a quoted value may hold
# brackets). Possessive, so that nothing is tried twice.
_TOKEN = re.compile(
    r"""<!--(?:-?>|[\s\S]*?(?:--!?>|\Z))"""
    r"""|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*+)"""
    r"""(?P<rest>(?:[\s/]++|[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>][^\s>]*+)?)?|=)*+)>?"""
)
_VOID = frozenset("area base basefont bgsound br col embed frame hr img input link meta param source track wbr".split())
_TEXT = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
_FOREIGN = frozenset({"svg", "math"})
# A new one of these ends the last one of its kind, if no element that bounds it stands between.
_ENDED_BY = {
    **{name: frozenset({name}) for name in "li p tr option optgroup a button nobr colgroup".split()},
    **{name: frozenset(kin.split()) for kin in ("dt dd", "td th", "rp rt") for name in kin.split()},
    **{name: frozenset({"tbody", "thead", "tfoot", "colgroup"}) for name in ("tbody", "thead", "tfoot")},
}
_BOUNDS = frozenset("ul ol dl table div section article body html select ruby svg math button object".split())
_LOOK_BACK = 32
"""How far an end is looked for: what is wrong deeper down is counted as open, which errs on the safe side."""


def refuse_bomb(text: str) -> None:
    """Raise LayoutError for markup built to hold the parser; linear in the text's size."""
    opened: list[str] = []
    at = 0
    while token := _TOKEN.search(text, at):
        at = token.end()
        if token["name"] is None:
            continue
        name = token["name"].lower()
        if token["close"]:
            _end(opened, {name}, bounded=False)
            continue
        if len(token["rest"]) > MAX_ATTRIBUTES and _attributes(token["rest"]) > MAX_ATTRIBUTES:
            raise LayoutError(f"an element has more than {MAX_ATTRIBUTES} attributes; the page was not parsed")
        foreign = not _FOREIGN.isdisjoint(opened[-_LOOK_BACK:])
        if name in _TEXT and not foreign:
            end = re.compile(f"</{re.escape(name)}", re.IGNORECASE).search(text, at)
            at = end.start() if end else len(text)
        elif name not in _VOID and not (foreign and token["rest"].endswith("/")):
            _end(opened, _ENDED_BY.get(name, frozenset()), bounded=True)
            opened.append(name)
            if len(opened) > MAX_DEPTH:
                raise LayoutError(f"elements are nested more than {MAX_DEPTH} deep; the page was not parsed")


def _end(opened: list[str], names: AbstractSet[str], *, bounded: bool) -> None:
    """End the last open element of these names, and what is still open in it; nothing if a bound stands before it."""
    for back in range(1, min(_LOOK_BACK, len(opened)) + 1):
        if opened[-back] in names:
            del opened[-back:]
            return
        if bounded and opened[-back] in _BOUNDS:
            return


def _attributes(rest: str) -> int:
    bare = re.sub(r"""\"[^\"]*\"|'[^']*'""", "", rest)
    return max(len(bare.split()), bare.count("="))

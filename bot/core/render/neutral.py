"""Scraped text is never markup: what would act in a mail, a chat, a terminal or a spreadsheet is made harmless.

A sign that a chat would obey gives way to its full-width twin (`@everyone` → `＠everyone`, `[x](y)` → `［x］(y)`). The
alternatives are worse: a backslash means something else in every dialect of Markdown and doubles when a library escapes
once more, an invisible sign in between is invisible to the reader too, and some services take it out again. A twin is
one character for one character, is read at a glance, and nothing turns it back.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.core.render.cutting import Spans, cut, differing, window
from bot.model import Message, Reason

_MOST_MARKS = 4
"""Combining marks on one letter; more of them run over the lines above and below."""
_LONG = 4000
"""Characters of a message's longest fields; what the planning makes is far shorter."""
_CHANGE = 800
"""Characters of each side that are cleaned; some fewer are shown."""
_FAR = 100_000
"""Characters in which the difference is looked for."""
_TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # ECMA-48: colours, the cursor …
    r"|\x1b[\]PX^_][^\x07\x1b]{0,200}(?:\x07|\x1b\\)"  # … titles, links, the clipboard
    r"|\x03\d{0,2}(?:,\d{1,2})?|\x04(?:[0-9A-Fa-f]{6})?"  # colours of IRC
)
_LINE_BREAKS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BLANKS = re.compile("[ \t\x1f\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]+")
_PICTURE = re.compile("[\u00a9\u00ae\u203c-\u3299\ufe0e\ufe0f\U0001f000-\U0001faff]")
_UNSEEN = re.compile(  # no control characters by their category, but they show nothing, or hide something
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufdd0-\ufdef\ufe00-\ufe0d\uffa0\ufff0-\ufff8\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(
    r"[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u3001-\u3029\u3131-\u3163\u4e00-\u9fff\uac00-\ud7a3]*\Z"
)
"""What most texts are made of: all of it is seen."""


def line(text: str) -> str:
    """`text` in one line, without what is not seen."""
    return flat(text).strip()


def lines(text: str) -> str:
    """`text` without what is not seen, line by line."""
    return "\n".join(filter(None, (line(one) for one in _LINE_BREAKS.split(text))))


def flat(text: str) -> str:
    """A piece of a line without what is not seen; the spaces at its ends stay."""
    if _PLAIN.match(text) and "  " not in text:
        return text
    return _BLANKS.sub(" ", _seen(_BLANKS.sub(" ", _LINE_BREAKS.sub(" ", _TERMINAL.sub("", text)))))


def _seen(text: str) -> str:
    """`text` without control, bidi and zero-width signs; a joiner stays where it makes one picture of two.

    The same for what chooses the picture's colour; Hangul needs none of them. Half characters become a sign of loss.
    """
    kept: list[str] = []
    marks = 0
    for at, one in enumerate(text):
        kind = unicodedata.category(one)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if kind == "Cs":
            kept.append("\ufffd")
        elif marks <= _MOST_MARKS and _is_seen(one, kind, "".join(kept[-1:]), text[at + 1 : at + 2]):
            kept.append(one)
    return "".join(kept)


def _is_seen(one: str, kind: str, before: str, after: str) -> bool:
    if one == "\u200d":
        return bool(_PICTURE.match(before) and _PICTURE.match(after))
    if one in "\ufe0e\ufe0f":
        return bool(_PICTURE.match(before) or before in {*"0123456789#*"})
    return kind not in {"Cc", "Cf", "Co"} and not _UNSEEN.match(one)


def harmless(message: Message) -> Message:
    """The message without what is not seen, each field in one line of bounded length; a notice may have more lines."""
    excerpt, marks = window(*_pieced(message.excerpt[: 2 * _LONG], message.marks), _LONG)
    notice = message.reason in {Reason.TROUBLE, Reason.HEALED, Reason.TEST}
    return replace(
        message,
        title=_short(message.title, 1000),
        rule=_short(message.rule),
        words=_all_short(message.words),
        excerpt=unlinked(excerpt),
        marks=marks,
        lead=_short(message.lead, _LONG, lines if notice else line),
        source=_short(message.source),
        published=_short(message.published),
        categories=_all_short(message.categories),
        changes=tuple(_changed(*change) for change in message.changes),
        also=_all_short(message.also),
        entries=tuple(harmless(one) for one in message.entries),
    )


def _short(text: str, length: int = 200, clean: Callable[[str], str] = line) -> str:
    """A field of bounded length; what is far beyond it is not looked at, since a release may be of any size."""
    return unlinked(cut(clean(text[: 2 * length]), length))


def _changed(before: str, after: str) -> tuple[str, str]:
    """A change, as much of it as is shown at most."""
    before, after = differing(before[:_FAR], after[:_FAR], _CHANGE)
    return unlinked(line(before)), unlinked(line(after))


def _all_short(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, (_short(one) for one in texts)))


def _pieced(text: str, marks: Spans) -> tuple[str, Spans]:
    """A text in one line, with its marks where their words now stand."""
    shown, kept, at = "", [], 0
    for start, end in sorted(marks):
        if at <= start < end <= len(text):
            shown += flat(text[at:start])
            begin = len(shown)
            shown += flat(text[start:end])
            kept.append((begin, len(shown)))
            at = end
    shown += flat(text[at:])
    indent = len(shown) - len(shown.lstrip())
    return shown.strip(), tuple((max(0, start - indent), end - indent) for start, end in kept)


# --- addresses ----------------------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}):(?=//)")
_FILES = "csv|db|docx?|html?|hwpx?|json|log|pdf|pptx?|toml|txt|xlsx?|xml"
"""What files are called; nothing on the web ends like that."""
_SITE = re.compile(
    r"(?<![A-Za-z0-9_.@-])(?!\d{1,2}\.[A-Za-z]+(?![\w.-]))"  # not "1.KTC", the first item of a list
    rf"(?:[\w-]{{1,63}}\.)+(?!(?:{_FILES})(?![A-Za-z0-9_-]))"
    r"(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{1,59})(?![A-Za-z0-9_-])"
)


def unlinked(text: str) -> str:
    """`text` in which no program finds an address to link: `https：//evil．example`. It stays as long as it is.

    Both signs, since some programs link what begins with a scheme, and others whatever ends like a name of a host. An
    address behind an @ stays: what it opens is a letter, and chats get another @.
    """
    if "." not in text and "://" not in text:
        return text
    return _SITE.sub(lambda found: found[0].replace(".", "．"), _ADDRESS.sub(r"\1：", text))


# --- chats --------------------------------------------------------------------------------------------------------

_SCHEME = re.compile(r"(?i)\b(javascript|vbscript|data|mailto|tel|sms):(?=\S)")
_COMMAND = re.compile(r"(?<![\w/])/(?=\w)")
_MENTION_SIGNS = str.maketrans({"@": "＠", "#": "＃"})
_MARKDOWN_SIGNS = str.maketrans(
    {
        "<": "＜",
        ">": "＞",
        "[": "［",
        "]": "］",
        "*": "＊",
        "~": "～",
        "`": "｀",
        "|": "｜",
        "\\": "＼",
    }
)
_UNDERLINE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_AT_THE_START = re.compile(r"(?m)^([-+=])(?=[-+=\s]|$)")
_WIDE = {"-": "－", "+": "＋", "=": "＝"}


def unmentioning(text: str) -> str:
    """`text` in which a chat finds nobody to call, no command and no link."""
    quiet = unlinked(text.translate(_MENTION_SIGNS))
    return _COMMAND.sub("／", _SCHEME.sub(r"\1：", quiet))


def unmarked(text: str) -> str:
    """`text` in which a chat finds neither that nor anything of Markdown, in whatever dialect."""
    plain = _UNDERLINE.sub("＿", unmentioning(text).translate(_MARKDOWN_SIGNS))
    return _AT_THE_START.sub(lambda found: _WIDE[found[1]], _ENTITY.sub("＆", plain))


# --- spreadsheets -------------------------------------------------------------------------------------------------

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")


def cell(text: str) -> str:
    """`text` for a cell of a CSV file: a spreadsheet takes it for text and not for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text

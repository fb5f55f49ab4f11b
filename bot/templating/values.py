"""What a template may show: the message's parts, harmless for the kind of text in which they will stand."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from markupsafe import Markup

from bot.core.render.dialects import marked_in_html, text_dialect
from bot.core.render.form import Form
from bot.core.render.grouping import grouped, items_of
from bot.core.render.links import web_link
from bot.core.render.neutral import harmless, unmentioning
from bot.core.render.parts import also_told, digest_title, facts, headline, held_told, label, why
from bot.core.render.phrases import PHRASES, Language, phrase
from bot.model import Message, Reason

Values = Mapping[str, Any]


def values_of(message: Message, form: Form, part: str, *, may_repeat: bool = False) -> Values:
    """The values for a template's part: `subject`, `text` or `html`. In HTML the sandbox escapes them besides."""
    clean = harmless(message)
    found = _values(clean, form, part)
    entries = [alert for item in items_of(grouped(clean)) for alert in item.alerts]
    return {
        **found,
        "entries": tuple(_values(one, form, part) for one in entries),
        "together": held_told(clean, form.language) if clean.reason is Reason.DIGEST else "",
        "repeat": phrase("repeat", form.language) if may_repeat else "",
        "phrases": _phrases(form.language),
        "language": form.language,
    }


def _phrases(language: Language) -> dict[str, str]:
    """The fixed phrases that have nothing to fill in."""
    said = {key.replace(".", "_"): phrases[language] for key, phrases in PHRASES.items()}
    return {key: text for key, text in said.items() if "{" not in text}


def _values(message: Message, form: Form, part: str) -> dict[str, Any]:
    shown, language = _shower(form, part), form.language
    return {
        **_plain(message, shown),
        **_lists(message, shown),
        **_addresses(message, form),
        "reason": message.reason.value,
        "label": shown(label(message, language)),
        "headline": shown(headline(message, language)),
        "title": shown(digest_title(message, language) if message.reason is Reason.DIGEST else message.title),
        "why": shown(why(message, language)),
        "marked": _marked(message, shown) if part == "html" else shown(message.excerpt),
        "facts": shown(facts(message)),
        "others": shown(also_told(message, language)),
    }


def _plain(message: Message, shown: Callable[[str], str]) -> dict[str, str]:
    """What stands in the message as it is."""
    names = ("rule", "excerpt", "lead", "source", "published", "story", "release", "held")
    return {name: shown(getattr(message, name)) for name in names}


def _lists(message: Message, shown: Callable[[str], str]) -> dict[str, Any]:
    return {
        **{name: tuple(shown(one) for one in getattr(message, name)) for name in ("words", "categories", "also")},
        "changes": tuple({"before": shown(before), "after": shown(after)} for before, after in message.changes),
    }


def _addresses(message: Message, form: Form) -> dict[str, str]:
    link = web_link(message.url)
    url = "" if link is None else link.in_chat if form.kind in {"chat", "html-chat"} else link.url
    return {"url": url, "link": url, "host": link.host if link else ""}


def _shower(form: Form, part: str) -> Callable[[str], str]:
    """What makes a text harmless in this part of the message."""
    if part != "html":
        return text_dialect(form).plain
    return (lambda text: text) if form.kind == "mail" else unmentioning


def _marked(message: Message, shown: Callable[[str], str]) -> Markup:
    """The excerpt with its matched words in bold; escaped already."""
    return Markup(marked_in_html(message.excerpt, message.marks, lambda text: escape(shown(text))))  # noqa: S704

"""What a message says, part by part: its title, why it came, its facts, what changed."""

from collections import Counter
from collections.abc import Iterable

from bot.core.render.cutting import cut, differing
from bot.core.render.phrases import PHRASES, Language, counted, phrase
from bot.core.render.terms import gloss
from bot.model import Held, Message, Reason

SUBJECT = 180
"""Characters of a subject: longer ones are cut by the readers' programs, and refused by some servers."""
_WORDS = 6
_ALSO = 3
"""Other releases of the story that are named."""
_RULES = 4
"""Rules that the title of a digest names."""
_CHANGES = 12
_CHANGE = 600
"""Changes of an update that are told, and characters of each side."""


def subject(message: Message, language: Language = "en", *, limit: int = SUBJECT) -> str:
    """One line, fit for a mail's subject."""
    return cut(headline(message, language), min(limit, SUBJECT) if limit > 0 else SUBJECT)


def headline(message: Message, language: Language = "en") -> str:
    """The title with what kind of message it heads; the title itself stands as it is."""
    if message.reason is Reason.DIGEST:
        return digest_title(message, language)
    title = " ".join(message.title.split()) or phrase("untitled", language)
    return phrase(f"title.{message.reason}", language, title=title)


def digest_title(message: Message, language: Language = "en") -> str:
    """How many alerts a digest holds, and of which rules."""
    if not message.entries:
        return message.title
    rules = Counter(one.rule for one in message.entries if one.rule)
    named = [phrase("rule.count", language, rule=rule, count=count) for rule, count in rules.most_common(_RULES)]
    if len(rules) > _RULES:
        named.append(phrase("rules.more", language, count=len(rules) - _RULES))
    told = ", ".join(named) or message.title
    return counted("alerts", language, len(message.entries), rules=told).removesuffix(": ")


def label(message: Message, language: Language = "en") -> str:
    """What kind of message it is, in one word; empty for a plain alert and a digest."""
    return PHRASES.get(f"label.{message.reason}", {}).get(language, "")


def why(message: Message, language: Language = "en") -> str:
    """One line that says why the message came; a legal term of the other language is explained."""
    quoted = ", ".join(_quoted(word, language) for word in message.words[:_WORDS])
    more = " …" if len(message.words) > _WORDS else ""
    return ": ".join(filter(None, (message.rule, quoted + more)))


def _quoted(word: str, language: Language) -> str:
    meaning = gloss(word, language)
    return f"“{word}” ({meaning})" if meaning else f"“{word}”"


def facts(message: Message) -> str:
    """Source, day and categories in one line."""
    return " · ".join(filter(None, (message.source, message.published, ", ".join(message.categories))))


def also_told(message: Message, language: Language = "en") -> str:
    """The other releases of the story: how many, and the first of them."""
    if not message.also:
        return ""
    named = "; ".join(message.also[:_ALSO]) + ("; …" if len(message.also) > _ALSO else "")
    return counted("also", language, len(message.also), named=named)


def held_told(message: Message, language: Language = "en") -> str:
    """Why the alerts of a digest come together."""
    known = message.held if message.held in set(Held) else ""
    return phrase(f"held.{known or 'together'}", language)


def shows_excerpt(message: Message) -> bool:
    """True if there is an excerpt, and it has not been read already in the title or in what changed."""
    changed = any(message.excerpt in after for _, after in message.changes)
    return bool(message.excerpt) and not changed and message.excerpt != message.title


def shown_lead(message: Message) -> str:
    """The lead without the sentence that stands above it as the excerpt."""
    lead, excerpt = message.lead, message.excerpt.rstrip(" …") if shows_excerpt(message) else ""
    if not excerpt:
        return lead
    if excerpt.startswith(lead.rstrip(" …")):
        return ""
    before, _, after = lead.partition(excerpt)
    return lead if not after and before == lead else " … ".join(filter(None, (before.strip(), after.strip(" …"))))


def shown_changes(message: Message, length: int = _CHANGE, most: int = _CHANGES) -> Iterable[tuple[str, str]]:
    """What was said and what is said now, cut so that the difference is seen."""
    return [differing(before, after, length) for before, after in message.changes[:most]]


def changes_left(message: Message, language: Language = "en", most: int = _CHANGES) -> str:
    """How many changes are not shown."""
    left = len(message.changes) - most
    return phrase("changes.more", language, count=left) if left > 0 else ""

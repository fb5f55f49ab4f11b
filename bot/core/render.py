"""What a person reads: a match as a message, and a message as subject, plain text and HTML."""

from collections import defaultdict
from collections.abc import Iterable
from html import escape

from bot.core.rules.rule import Rule
from bot.core.text import sentence_at
from bot.model import Evidence, Filed, Match, Message, Reason

LEAD = 320
SUBJECT = 180
EXCERPT = 500
ALSO = 3
"""Other releases of the story that are named."""
_LABELS = {
    Reason.NEW: "",
    Reason.UPDATE: "Update",
    Reason.TEST: "Test",
}


def message(
    filed: Filed,
    found: Match,
    rule: Rule,
    *,
    reason: Reason = Reason.NEW,
    changes: tuple[tuple[str, str], ...] = (),
) -> Message:
    """The message that tells of `found`; `changes` are what an update changed, before and after."""
    release = filed.release
    words = _apart(one for one in found.evidence if one.field in {"title", "body"})
    excerpt, marks = _excerpt(release.title, release.body, words)
    return Message(
        reason=reason,
        title=release.title,
        rule=rule.spec.name,
        words=_different(words),
        excerpt=excerpt,
        marks=marks,
        lead=_cut(release.body, LEAD),
        source=release.source_name,
        published=release.published.isoformat() if release.published else "",
        categories=release.categories,
        url=release.url,
        story=filed.story,
        release=release.id,
        changes=changes,
    )


def _apart(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence in the order of the text, title first, without words that overlap earlier or longer ones."""
    kept: list[Evidence] = []
    for one in sorted(evidence, key=lambda one: (one.field != "title", one.start, -one.end)):
        if not kept or kept[-1].field != one.field or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _different(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The matched words as they stand, each once whatever its case."""
    words: dict[str, str] = {}
    for one in evidence:
        words.setdefault(one.text.casefold(), one.text)
    return tuple(words.values())


def _excerpt(title: str, body: str, words: list[Evidence]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The sentence with the most different matched words (of the body if any stand there), and their spans in it."""
    inside = [one for one in words if one.field == "body"] or words
    if not inside:
        return "", ()
    text = body if inside[0].field == "body" else title
    by_sentence: defaultdict[tuple[int, int], list[Evidence]] = defaultdict(list)
    for one in inside:
        by_sentence[sentence_at(text, one.start)].append(one)
    (start, end), told = max(by_sentence.items(), key=lambda item: len({one.text.casefold() for one in item[1]}))
    if end - start > EXCERPT:  # a sentence without an end: the words and what stands round them
        start, end = max(start, told[0].start - EXCERPT // 2), min(end, told[0].end + EXCERPT // 2)
    spans = [(one.start - start, one.end - start) for one in told if start <= one.start and one.end <= end]
    return text[start:end], tuple(spans)


def _cut(text: str, length: int) -> str:
    """The beginning of `text`, whole words and at most `length` characters."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    head = text[:length]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(",;:") + " …"


def subject(message: Message) -> str:
    """One line, fit for a mail's subject."""
    label = _LABELS[message.reason]
    return _cut(f"{label}: {message.title}" if label else message.title, SUBJECT)


def why(message: Message) -> str:
    """One line that says why the message came."""
    quoted = ", ".join(f"“{word}”" for word in message.words[:6])
    return f"{message.rule}: {quoted}" if quoted else message.rule


def facts(message: Message) -> str:
    """Source, day and categories in one line."""
    return " · ".join(filter(None, (message.source, message.published, ", ".join(message.categories))))


def shows_excerpt(message: Message) -> bool:
    """True if there is an excerpt, and it has not been read already in what changed."""
    return bool(message.excerpt) and not any(message.excerpt in after for _, after in message.changes)


def plain_text(message: Message) -> str:
    """The message as plain text, without its subject."""
    excerpt = message.excerpt if shows_excerpt(message) else ""
    lead = "" if message.lead.startswith(message.excerpt.rstrip(" …")) and message.excerpt else message.lead
    parts = (f"Why: {why(message)}", *_changes_told(message), excerpt, lead, facts(message))
    parts = (*parts, also_told(message), message.url)
    return "\n\n".join(part for part in parts if part)


def _changes_told(message: Message) -> list[str]:
    """Each change in two lines: what was said, and what is said now."""
    return [
        "\n".join(filter(None, (before and f"Before: {before}", after and f"Now: {after}")))
        for before, after in message.changes
    ]


def also_told(message: Message) -> str:
    """The other releases of the story: how many, and the first of them."""
    if not message.also:
        return ""
    many = len(message.also)
    named = "; ".join(message.also[:ALSO]) + ("; …" if many > ALSO else "")
    return f"Also: {many} more release{'s' if many > 1 else ''}: {named}"


def html(message: Message) -> str:
    """The message as a small HTML page that reads well on a phone; every text in it is escaped."""
    lead = f'<p style="color:#444">{escape(message.lead)}</p>' if message.lead else ""
    link = _link(message.url)
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        '<body style="margin:0;padding:16px;font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff">'
        '<div style="max-width:600px;margin:0 auto">'
        f'<p style="margin:0;color:#8a5a00;font-size:14px">{escape(why(message))}</p>'
        f'<h1 style="font-size:20px;line-height:1.3;margin:4px 0 12px">{escape(subject(message))}</h1>'
        f"{_changes_shown(message)}{_excerpt_shown(message)}{lead}"
        f'<p style="color:#666;font-size:14px">{escape(facts(message))}</p>{_also_shown(message)}{link}'
        "</div></body></html>"
    )


def _changes_shown(message: Message) -> str:
    return "".join(
        '<p style="border-left:3px solid #b3261e;padding-left:12px">'
        + (f'<span style="color:#666"><s>{escape(before)}</s></span>' if before else "")
        + ("<br>" if before and after else "")
        + (f"<b>{escape(after)}</b>" if after else "")
        + "</p>"
        for before, after in message.changes
    )


def _excerpt_shown(message: Message) -> str:
    if not shows_excerpt(message):
        return ""
    return f'<p style="border-left:3px solid #e0a100;padding-left:12px">{_marked(message)}</p>'


def _also_shown(message: Message) -> str:
    told = also_told(message)
    return f'<p style="color:#666;font-size:14px">{escape(told)}</p>' if told else ""


def _marked(message: Message) -> str:
    parts, at = [], 0
    for start, end in message.marks:
        parts += [escape(message.excerpt[at:start]), f"<b>{escape(message.excerpt[start:end])}</b>"]
        at = end
    return "".join([*parts, escape(message.excerpt[at:])])


def _link(url: str) -> str:
    """A link, if it is one to the web; scraped text gets no other scheme."""
    if not url.startswith(("https://", "http://")):
        return ""
    return (
        f'<p><a href="{escape(url)}" style="color:#0645ad">Read the release</a><br>'
        f'<span style="overflow-wrap:anywhere;color:#666;font-size:14px">{escape(url)}</span></p>'
    )

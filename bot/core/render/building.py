"""A match as a message: what there is to say, before a channel gives it a form."""

from collections import defaultdict
from collections.abc import Iterable

from bot.core.render.cutting import cut
from bot.core.text import sentence_at
from bot.model import Evidence, Filed, Match, Message, Reason

LEAD = 320
EXCERPT = 500


def message(
    filed: Filed,
    found: Match,
    rule: str,
    *,
    reason: Reason = Reason.NEW,
    changes: tuple[tuple[str, str], ...] = (),
) -> Message:
    """The message that tells of `found`, by the rule of that name; `changes` are an update's, before and after."""
    release = filed.release
    words = _apart(one for one in found.evidence if one.field in {"title", "body"})
    excerpt, marks = _excerpt(release.title, release.body, words)
    return Message(
        reason=reason,
        title=release.title,
        rule=rule,
        words=_different(words),
        excerpt=excerpt,
        marks=marks,
        lead=cut(" ".join(release.body.split()), LEAD),
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

"""Releases as JSON lines: how `tocsin ingest`, `relate` and `rules backtest` read what others have collected."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from bot.core.normalise import BadDraft, normalise
from bot.core.rules.backtesting import Tried
from bot.core.rules.judging.subject import subject_of
from bot.model import Release, digest
from scrapers.identity import canonical_url, item_id
from scrapers.model import Draft, FeedStep, Source

DEFAULT_SOURCE = "ingest"


class BadLine(ValueError):  # noqa: N818 (a finding about a line, told with its number)
    """A line is no release; the text says why."""


def read_line(
    line: str | bytes, sources: Mapping[str, Source], *, default: str = DEFAULT_SOURCE
) -> tuple[Draft, Source]:
    """The draft in one line of JSON, and the source it belongs to; raises BadLine.

    Keys: url, title, body, published (ISO 8601), category (a text or a list), source, and optionally id and board.
    Other keys are left alone, so that what `tocsin releases --json` prints can be read back.
    """
    return _read(_record(line), sources, default)


def read_tried(line: str | bytes, sources: Mapping[str, Source], *, now: datetime) -> Tried:
    """The release in one line of JSON, to hold rules against it; raises BadLine.

    Keys as in `read_line`, and optionally labels: the ids of all rules that ought to match. The release is called as
    `id` says, in the form it has there, else by the id under which it would be stored.
    """
    record = _record(line)
    try:
        release = normalise(*_read(record, sources, DEFAULT_SOURCE), now=now, compared=False)
    except BadDraft as error:
        raise BadLine(str(error)) from None
    labels = record.get("labels")
    if labels is not None and not (isinstance(labels, list) and all(isinstance(one, str) for one in labels)):
        raise BadLine("labels must be a list of rule ids")
    return Tried(
        id=record["id"] if _text(record, "id") else release.id,
        subject=subject_of(release),
        day=release.published,
        labels=dict.fromkeys(labels or (), True),
        all_labelled=labels is not None,
    )


def _read(record: Mapping[str, Any], sources: Mapping[str, Source], default: str) -> tuple[Draft, Source]:
    source = _source(_text(record, "source") or default, sources)
    url, (board, identity) = _text(record, "url"), _identity(record, source)
    draft = Draft(
        id=identity,
        board=board,
        url=url,
        title=_text(record, "title"),
        body=_text(record, "body"),
        published=_text(record, "published"),
        categories=_categories(record),
    )
    if not (draft.title.strip() or draft.body.strip()):
        raise BadLine("it has neither a title nor a body")
    return draft, source


def read_pair(line: str | bytes, *, now: datetime) -> tuple[Release, Release]:
    """The two releases in one line of JSON, `{"a": {…}, "b": {…}}`; raises BadLine.

    Keys of each: title, date (ISO 8601) and text, of which title or text must be there; source and url if known.
    If only one of them has a date, the other is taken to be of the same day.
    """
    record = _record(line)
    a, b = _one_of_pair(record, "a", now), _one_of_pair(record, "b", now)
    return replace(a, published=a.published or b.published), replace(b, published=b.published or a.published)


def _one_of_pair(pair: Mapping[str, Any], name: str, now: datetime) -> Release:
    record = pair.get(name)
    if not isinstance(record, dict):
        raise BadLine(f"{name} must be an object with title, date and text")
    url = _text(record, "url")
    draft = Draft(
        id=canonical_url(url) or name,
        url=url,
        title=_text(record, "title"),
        body=_text(record, "text") or _text(record, "body"),
        published=_text(record, "date") or _text(record, "published"),
    )
    try:
        release = normalise(draft, _own("pair"), now=now)
    except BadDraft as error:
        raise BadLine(f"{name}: {error}") from None
    return replace(release, publisher=_text(record, "source") or urlsplit(url).hostname or "")


def _record(line: str | bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise BadLine(f"a JSON object was expected, not a {type(record).__name__}")
    return record


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadLine(f"{name} must be a text, not a {type(value).__name__}")
    text = str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")  # no half characters


def _categories(record: Mapping[str, Any]) -> tuple[str, ...]:
    value = record.get("category")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(_text({"category": one}, "category") for one in value)
    return tuple(part.strip() for part in _text(record, "category").split(";") if part.strip())


def _identity(record: Mapping[str, Any], source: Source) -> tuple[str, str]:
    """(board, id): as given, else as the URL means it, else the URL itself, else the content."""
    board, given, url = _text(record, "board"), _text(record, "external_id"), _text(record, "url")
    given = given or _text(record, "id")
    if given:
        return board, given
    if url:
        meant = item_id(url, source)
        return (board or meant[0], meant[1]) if meant else (board, canonical_url(url, source))
    return board, digest(_text(record, "title"), _text(record, "body"), _text(record, "published"))[:32]


def _source(name: str, sources: Mapping[str, Source]) -> Source:
    known = sources.get(name)
    return _own(name) if known is None else _reads_iso(known)


@lru_cache(maxsize=1000)
def _own(name: str) -> Source:
    """A source of which nothing is known but its name."""
    try:
        return Source(
            id=name,
            name=name,
            url="https://ingest.invalid/",
            hosts=("ingest.invalid",),
            dates=("iso",),
            listing=FeedStep(extract="feed"),
        )
    except ValueError:
        raise BadLine(f"source {name!r}: write small letters, digits, - _ . and /") from None


def _reads_iso(source: Source) -> Source:
    """The source, reading ISO 8601 dates beside its own."""
    if "iso" in source.dates:
        return source
    return source.model_copy(update={"dates": ("iso", *source.dates)})

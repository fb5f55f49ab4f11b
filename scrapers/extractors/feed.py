"""Drafts out of an RSS, Atom or JSON feed."""

import calendar
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser

from scrapers.errors import LayoutError
from scrapers.model import Draft, FeedStep, Page

# No feed needs entities of its own; they are how XML bombs are built.
_ENTITY = re.compile(rb"<!(?:ENTITY|DOCTYPE[^<>\[]*\[)", re.IGNORECASE)


def extract(page: Page, step: FeedStep) -> Iterator[Draft]:  # noqa: ARG001 (a feed needs no selectors)
    """The entries in their order, dates ISO 8601, an empty id where there is none; LayoutError if it is no feed."""
    if page.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _json_feed(page)
    if _ENTITY.search(page.body):
        raise LayoutError("the feed declares entities of its own; it was not parsed")
    return _xml_feed(page)


def _xml_feed(page: Page) -> Iterator[Draft]:
    feed = feedparser.parse(
        page.body, response_headers={"content-type": page.content_type} if page.content_type else {}
    )
    if not feed.get("version"):
        raise LayoutError("this is neither RSS nor Atom")
    if feed.bozo and not feed.entries:
        raise LayoutError(f"the feed is broken: {feed.get('bozo_exception')}")
    for entry in feed.entries:
        yield _entry(entry)


def _entry(entry: Any) -> Draft:
    contents = [part.get("value", "") for part in entry.get("content", [])]
    return Draft(
        id=entry.get("id") or entry.get("link") or "",
        url=entry.get("link", ""),
        title=entry.get("title", ""),
        body=max([*contents, entry.get("summary", "")], key=len),
        published=_iso(entry.get("published_parsed") or entry.get("updated_parsed")),
        categories=tuple(tag["term"] for tag in entry.get("tags", []) if tag.get("term")),
    )


def _iso(moment: Any) -> str:
    return datetime.fromtimestamp(calendar.timegm(moment), UTC).isoformat() if moment else ""


def _json_feed(page: Page) -> Iterator[Draft]:
    """JSON Feed 1 and 1.1: https://www.jsonfeed.org/version/1.1/ ."""
    try:
        feed = json.loads(page.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"the feed is not JSON: {error}") from None
    if "jsonfeed.org" not in str(feed.get("version")) or not isinstance(feed.get("items"), list):
        raise LayoutError("this is JSON, but not a JSON Feed (no version, or no items)")
    for item in feed["items"]:
        yield _item(item)


def _item(item: Any) -> Draft:
    if not isinstance(item, dict):
        raise LayoutError("an item of the JSON Feed is no object")
    return Draft(
        id=str(item.get("id") or ""),
        url=str(item.get("url") or item.get("external_url") or ""),
        title=str(item.get("title") or ""),
        body=str(item.get("content_html") or item.get("content_text") or item.get("summary") or ""),
        published=str(item.get("date_published") or item.get("date_modified") or ""),
        categories=tuple(str(tag) for tag in tags) if isinstance(tags := item.get("tags"), list) else (),
    )


def problems(step: FeedStep) -> Iterator[str]:  # noqa: ARG001
    """What is wrong with a step, without a page: there is nothing in it."""
    yield from ()

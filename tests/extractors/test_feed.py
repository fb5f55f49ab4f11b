import json

import pytest

from scrapers.errors import LayoutError
from scrapers.extractors import extract
from scrapers.model import Draft, FeedStep, Page

RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title>
<item><title>Duties &amp; quotas</title><link>https://f.example/1</link><guid>tag:1</guid>
<description>&lt;p&gt;On steel.&lt;/p&gt;</description><category>Trade</category>
<pubDate>Mon, 02 Nov 2026 09:00:00 +0900</pubDate></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
<entry><title>무역구제</title><id>https://f.example/2</id><link href="https://f.example/2"/>
<updated>2026-11-02T00:00:00Z</updated><summary>요약</summary><content type="html">본문은 더 길다</content></entry></feed>"""


def read(body: str | bytes) -> list[Draft]:
    raw = body.encode() if isinstance(body, str) else body
    return list(extract(Page(url="https://f.example/feed", body=raw), FeedStep(extract="feed")))


def test_rss() -> None:
    assert read(RSS) == [
        Draft(
            id="tag:1",
            url="https://f.example/1",
            title="Duties & quotas",
            body="<p>On steel.</p>",
            published="2026-11-02T00:00:00+00:00",
            categories=("Trade",),
        )
    ]


def test_atom_takes_the_longer_text() -> None:
    [entry] = read(ATOM)
    assert (entry.title, entry.body, entry.published) == ("무역구제", "본문은 더 길다", "2026-11-02T00:00:00+00:00")


def test_json_feed() -> None:
    item = {"id": 3, "url": "https://f.example/3", "title": "T", "content_text": "B", "date_published": "2026-11-02"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [item]}
    assert read(json.dumps(feed)) == [
        Draft(id="3", url="https://f.example/3", title="T", body="B", published="2026-11-02")
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<html><body>gone</body></html>", "neither RSS nor Atom"),
        ("", "neither RSS nor Atom"),
        ('{"items": []}', "not a JSON Feed"),
        ("{broken", "not JSON"),
        ('<!DOCTYPE r [<!ENTITY a "aaaa">]><rss version="2.0"/>', "entities of its own"),
    ],
)
def test_what_is_no_feed_is_a_changed_layout(body: str, why: str) -> None:
    with pytest.raises(LayoutError, match=why):
        read(body)


def test_a_feed_cut_in_the_middle_gives_what_is_whole_and_an_item_without_an_id() -> None:
    assert [draft.id for draft in read(RSS.replace("</channel></rss>", "<item><title>half"))] == ["tag:1", ""]


def test_odd_tags_are_left_out() -> None:
    feed = {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "T", "tags": 5}]}
    assert read(json.dumps(feed))[0].categories == ()


def test_many_doctypes_are_looked_through_once() -> None:
    """Quadratic once: five megabytes would have held the whole bot for half an hour."""
    with pytest.raises(LayoutError):
        read("<!DOCTYPE " * 500_000)

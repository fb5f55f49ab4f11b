"""The HTML mail: one column for a phone, light and dark, nothing to fetch, readable without its style sheet."""

import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.core.render import render
from bot.model import Message
from tests.render.checking import active_in_html, links_in
from tests.render.sampling import ALERT, KOREAN, MAIL, TARIFF, TROUBLE, UPDATE, digest

ALL = [ALERT, UPDATE, KOREAN, TROUBLE, digest(ALERT, TARIFF, UPDATE, KOREAN)]


@pytest.mark.parametrize("message", ALL, ids=lambda one: one.reason)
def test_a_page_has_our_elements_only_and_fetches_nothing(message: Message) -> None:
    html = render(message, MAIL).html
    assert active_in_html(html) == []
    assert not re.search(r"src=|url\(|@import|<link|<script", html)


@pytest.mark.parametrize("message", ALL, ids=lambda one: one.reason)
def test_a_page_fits_a_phone_in_light_and_dark(message: Message) -> None:
    html = render(message, MAIL).html
    assert "width=device-width" in html
    assert "max-width:600px" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme:dark" in html
    sizes = [int(size) for size in re.findall(r"font(?:-size)?:(\d+)px", html)]
    assert [size for size in sizes if size < 16] == [1], "the line that only lists of mails show"


def test_the_preheader_says_why_before_the_page_begins() -> None:
    tree = LexborHTMLParser(render(ALERT, MAIL).html)
    first = tree.css_first("body > div")
    assert first is not None
    assert "display:none" in (first.attributes["style"] or "")
    assert first.text().startswith("Anti-dumping on steel: “anti-dumping duties”")


def test_the_link_is_a_button_and_stands_below_in_full() -> None:
    html = render(ALERT, MAIL).html
    tree = LexborHTMLParser(html)
    button, bare = tree.css("a")
    assert button.text() == "Read the release"
    assert bare.text() == ALERT.url
    assert links_in(html) == {ALERT.url}


def test_the_matched_words_are_bold_in_their_sentence() -> None:
    tree = LexborHTMLParser(render(ALERT, MAIL).html)
    assert [node.text() for node in tree.css("p.e b")] == ["anti-dumping duties", "steel plate"]
    title = replace(ALERT, title="New duties on steel", excerpt="New duties on steel", marks=((4, 10),))
    assert "New <b>duties</b> on steel</h1>" in render(title, MAIL).html


def test_the_page_says_its_language_and_the_title_stays_as_it_is() -> None:
    html = render(ALERT, replace(MAIL, language="ko")).html
    assert '<html lang="ko">' in html
    assert "원문 보기" in html
    assert f"<h1>{ALERT.title}</h1>" in html

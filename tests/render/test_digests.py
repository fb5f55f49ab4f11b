"""Digests: grouped, with contents, every link within the room."""

import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.core.render import Form, harmless, render, room
from bot.core.render.page import page
from bot.core.render.phrases import PHRASES
from bot.model import Message, Reason
from tests.render.checking import links_in
from tests.render.sampling import (
    ALERT,
    CHATS,
    FORMS,
    KOREAN,
    MAIL,
    SMS,
    TARIFF,
    TELEGRAM,
    TROUBLE,
    UPDATE,
    digest,
    many,
)

SMALL = tuple(Form(kind="chat", limit=limit) for limit in (160, 300, 600, 1000, 1024, 4000, 10_000))


@pytest.mark.parametrize("form", [*FORMS, *SMALL], ids=str)
def test_every_link_of_a_full_digest_is_there(form: Form) -> None:
    told = many(room(form))
    rendered = render(told, form, may_repeat=True)
    urls = [one.url for one in told.entries]
    assert [url for url in urls if url not in rendered.text] == []
    assert form.limit == 0 or len(rendered.text) <= form.limit
    if rendered.html:
        assert set(urls) <= links_in(rendered.html)
    assert rendered.html or form.markup != "html"


@pytest.mark.parametrize("form", SMALL, ids=str)
def test_long_links_come_before_everything_else(form: Form) -> None:
    told = many(room(form), url=min(260, form.limit - 30))
    text = render(told, form).text
    assert all(one.url in text for one in told.entries)
    assert len(text) <= form.limit


def test_what_has_no_room_is_counted_and_never_silently_dropped() -> None:
    told = many(20, url=400)
    for form in (CHATS[2], TELEGRAM):
        text = render(told, form).text
        shown = sum(one.url in text for one in told.entries)
        assert 0 < shown < 20
        assert f"{20 - shown} more do not fit here; see: tocsin outbox" in text
        assert len(text) <= form.limit


def test_the_title_counts_alerts_by_rule_and_the_text_says_why_together() -> None:
    told = digest(ALERT, KOREAN, TARIFF, UPDATE)
    rendered = render(told, MAIL)
    assert rendered.subject == "4 alerts: Anti-dumping on steel 2, 철강 반덤핑 1, Tariffs 1"
    assert rendered.text.startswith("What has come since the last regular message.")
    assert (
        render(told, replace(MAIL, language="ko")).subject
        == "알림 4건: Anti-dumping on steel 2건, 철강 반덤핑 1건, Tariffs 1건"
    )
    assert render(digest(ALERT), MAIL).subject == "1 alert: Anti-dumping on steel 1"


@pytest.mark.parametrize("held", ["", "cadence", "quiet", "mute", "storm", "together", "unheard of"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_reason_to_come_together_has_a_phrase(held: str, language: str) -> None:
    form = Form(kind="screen", language=language)
    [_, said, *_] = render(digest(ALERT, TARIFF, held=held), form).text.split("\n")
    assert said == PHRASES.get(f"held.{held}", PHRASES["held.together"])[form.language]


def test_alerts_of_a_story_stand_together_and_those_of_a_release_are_one_item() -> None:
    again = replace(ALERT, rule="Tariffs", words=("duties",))
    rendered = render(digest(ALERT, TARIFF, again, UPDATE), MAIL)
    assert rendered.subject.startswith("4 alerts: Anti-dumping on steel 2, Tariffs 2")
    contents, *parts = rendered.text.split("\n\n")[1:]
    assert re.findall(r"^\d\. \w+", contents, re.MULTILINE) == ["1. KTC", "2. Update", "3. The"]
    assert parts[0] == "— Rule: Anti-dumping on steel —"
    assert parts[1] == "— One story, 2 releases —"
    assert "“steel plate”; Tariffs: “duties”" in parts[2]
    assert parts[3].startswith("2. Update: KTC")
    assert "Before: The duty on plate is 11.24%." in parts[3]
    assert parts[4] == "— Rule: Tariffs —"
    assert parts[5].startswith("3. The tariff")


def mixed(count: int) -> Message:
    """Alerts of two rules that come in turns, each of its own story."""
    entries = many(count).entries
    return digest(*(replace(one, rule="BA"[at % 2]) for at, one in enumerate(entries)))


@pytest.mark.parametrize("form", [one for one in (*FORMS, *SMALL) if room(one) >= 6], ids=str)
def test_alerts_of_a_rule_stand_together_under_its_name(form: Form) -> None:
    rendered = render(mixed(6), form)
    order = ["Release 0", "Release 2", "Release 4", "Release 1", "Release 3", "Release 5"]
    if form.limit == 0 or form.limit > 3000:
        rule = PHRASES["rule"][form.language]
        order = [rule.format(rule="B"), *order[:3], rule.format(rule="A"), *order[3:]]
    for text in filter(None, (rendered.text, rendered.html)):
        places = [text.rfind(one) for one in order]  # above stand the contents
        assert places == sorted(places)
        assert -1 not in places


def test_one_rule_needs_no_heading_and_notices_come_before_the_rules() -> None:
    assert "Rule:" not in render(many(3), MAIL).text + render(many(3), MAIL).html
    text = render(digest(ALERT, TARIFF, TROUBLE), TELEGRAM).text
    places = [
        text.index(one) for one in ("1. Trouble", "— Rule: Anti-dumping on steel —", "2. KTC", "— Rule: Tariffs —")
    ]
    assert places == sorted(places)


def test_a_story_has_its_heading_in_chats_too() -> None:
    told = digest(ALERT, replace(ALERT, title="Another release", release="r9", url="https://press.example/9"))
    for form in (CHATS[2], TELEGRAM):
        rendered = render(told, form)
        assert "— One story, 2 releases —" in (rendered.html or rendered.text)


def test_the_contents_of_a_mail_lead_to_its_parts() -> None:
    tree = LexborHTMLParser(render(digest(ALERT, TARIFF, KOREAN), MAIL).html)
    targets = [node.attributes["href"] for node in tree.css("ol a")]
    assert targets == ["#a1", "#a2", "#a3"]
    assert all(tree.css_first(target) is not None for target in targets if target)
    assert "Tariffs" in tree.css("ol li")[1].text()


def test_one_alert_needs_no_contents() -> None:
    rendered = render(digest(ALERT), MAIL)
    assert "Contents" not in rendered.text
    assert "Contents" not in rendered.html


def test_a_short_message_only_counts_and_hints() -> None:
    for told in (digest(ALERT, TARIFF), many(200)):
        text = render(told, SMS).text
        assert len(text) <= 160
        assert text.startswith(f"{len(told.entries)} alerts: ")
        assert text.endswith("All: tocsin outbox")
        assert "1) " in text
        assert "https" not in text


def test_notices_tell_their_text_in_a_digest_too() -> None:
    told = digest(TROUBLE, replace(TROUBLE, title="us/fr: broken"))
    rendered = render(told, MAIL)
    assert rendered.subject == "2 alerts"
    assert "The host says 503." in rendered.text
    assert "Nothing for 3 hours.<br>The host says 503." in rendered.html


def test_a_digest_without_entries_is_told_by_its_title() -> None:
    empty = replace(digest(), title="Nothing to tell")
    assert render(empty, MAIL).subject == "Nothing to tell"
    assert render(empty, CHATS[0]).text == "Nothing to tell"


def test_a_large_mail_stays_under_what_a_reader_cuts_off() -> None:
    korean = "무역위원회가 중국산 후판에 대한 덤핑방지관세의 부과를 건의하였다. " * 3
    big = tuple((f"{korean} {n} 11.24%", f"{korean} {n} 12.14%") for n in range(12))
    for told in (
        many(100),
        digest(*(replace(one, title=korean, excerpt=korean * 3) for one in many(79).entries)),
        digest(*(replace(one, reason=Reason.UPDATE, title=korean, changes=big) for one in many(79).entries)),
        digest(
            *(replace(one, title="<&>" * 300, rule="규칙 " * 60, words=("낱말" * 90,) * 6) for one in many(120).entries)
        ),
    ):
        whole = page(harmless(told), "ko", may_repeat=True)
        assert len(whole.encode()) <= 102_000
        assert {one.url for one in told.entries} <= links_in(whole)
    assert len(page(many(5), "ko", may_repeat=False)) > 5 * 1000, "and a small one says all"
    assert many(5).entries[0].excerpt[:20] in page(many(5), "ko", may_repeat=False).replace("<b>", "")

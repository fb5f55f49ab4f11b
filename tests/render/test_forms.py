"""Every form within its room: what is kept, what is cut, and where."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.render import Form, render, room, subject, why
from bot.model import Message, Reason
from tests.render.checking import SNIPPET, active_in_html, links_in
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

LONG = replace(
    ALERT,
    title="Title " * 60,
    lead="A sentence of the lead. " * 200,
    excerpt="Words and " * 60 + "anti-dumping duties" + " and more" * 60,
    marks=((600, 619),),
    also=("Another release " * 10,) * 9,
)


def test_an_alert_says_what_why_and_where() -> None:
    rendered = render(ALERT, MAIL)
    assert rendered.subject == ALERT.title
    assert rendered.text.split("\n\n") == [
        "Why: Anti-dumping on steel: “anti-dumping duties”, “steel plate”",
        ALERT.excerpt,
        ALERT.lead,
        "Trade ministry · 2026-11-02 · Trade/Investment",
        ALERT.url,
    ]


def test_where_there_is_no_subject_the_text_begins_with_the_title() -> None:
    for form in (CHATS[0], TELEGRAM, SMS, Form(kind="screen")):
        assert render(TARIFF, form).text.startswith(TARIFF.title)
    assert render(TARIFF, CHATS[2]).text.startswith(f"**{TARIFF.title}**")
    assert TARIFF.title not in render(TARIFF, CHATS[1]).text


def test_a_subject_that_was_cut_is_whole_in_the_text() -> None:
    form = Form(kind="webhook", title_limit=40)
    rendered = render(ALERT, form)
    assert len(rendered.subject) <= 40
    assert rendered.text.startswith(ALERT.title)


@pytest.mark.parametrize("form", [*FORMS, SMS], ids=str)
@pytest.mark.parametrize(
    "message", [ALERT, UPDATE, KOREAN, TROUBLE, LONG, replace(LONG, url="")], ids=lambda m: m.title[:9]
)
def test_everything_is_within_its_room_and_the_link_is_kept(form: Form, message: Message) -> None:
    rendered = render(message, form, may_repeat=True)
    assert form.limit == 0 or max(len(rendered.text), len(rendered.html)) <= form.limit
    assert len(rendered.subject) <= (form.title_limit or 180)
    assert message.url in rendered.text
    if rendered.html and message.url:
        assert links_in(rendered.html) == {message.url}


@given(
    limit=st.integers(120, 2500),
    title=st.text(max_size=400),
    lead=st.text(max_size=2000),
    path=st.integers(0, 90),
    kind=st.sampled_from(["chat", "html-chat", "sms", "webhook"]),
    repeat=st.booleans(),
    units=st.sampled_from(["characters", "utf16", "bytes"]),
)
def test_no_text_is_longer_than_its_room(
    limit: int, title: str, lead: str, path: int, kind: str, repeat: bool, units: str
) -> None:
    limit += 180 if kind == "html-chat" else 0  # an element and the address in it
    form = Form(kind=kind, limit=limit, markup="html" if kind == "html-chat" else "markdown")
    form = replace(form, units=units)
    message = replace(
        UPDATE, title=title, lead=lead, excerpt=lead[:500], marks=(), url="https://p.example/" + "x" * path
    )
    for told in (message, digest(message, replace(message, story="2"))):
        rendered = render(told, form, may_repeat=repeat)
        for text in (rendered.text, rendered.html):
            size = {"characters": len(text), "utf16": len(text.encode("utf-16-le")) // 2, "bytes": len(text.encode())}
            assert form.size(text) == size[units] <= limit
        assert kind != "html-chat" or not active_in_html(rendered.html, SNIPPET)
        assert message.url in rendered.text or told is not message


def test_a_link_that_is_longer_than_the_room_stands_first_and_the_text_says_so() -> None:
    url = "https://press.example/" + "x" * 400
    for form in (SMS, CHATS[0]):
        lines = render(replace(ALERT, url=url), form).text.split("\n")
        assert lines[0] == url
        assert lines[1].startswith("KTC recommends")
        assert lines[2] == "(the link alone is longer than this channel's messages)"


def test_long_text_is_cut_at_a_sentence() -> None:
    text = render(replace(ALERT, excerpt="", marks=(), lead="One whole sentence stands here. " * 40), CHATS[1]).text
    [lead] = [part for part in text.split("\n\n") if part.startswith("One whole")]
    assert lead.endswith("stands here. …")


def test_the_matched_words_stay_in_a_sentence_that_is_cut() -> None:
    text = render(replace(LONG, title="Short", lead="", also=()), CHATS[0]).text
    assert "anti-dumping duties and" in text
    assert "… " in text
    html = render(replace(LONG, lead="", also=()), Form(kind="html-chat", limit=700, markup="html")).html
    assert "<b>anti-dumping duties</b>" in html


def test_an_update_says_what_was_and_what_is() -> None:
    rendered = render(UPDATE, MAIL)
    assert rendered.subject.startswith("Update: KTC")
    assert "Before: The duty on plate is 11.24%.\nNow: The duty on plate is 12.14%." in rendered.text
    assert "<s>The duty on plate is 11.24%.</s>" in rendered.html
    assert "<b>The duty on plate is 12.14%.</b>" in rendered.html
    assert "Now: It takes effect in December." in rendered.text


def test_an_update_shows_where_the_two_differ_however_long_they_are() -> None:
    same = "The commission explained at length what it had looked at and for how long and with whom and why, and that "
    change = (same * 3 + "the duty is 11.24% from now on.", same * 3 + "the duty is 12.14% from now on.")
    for form in (CHATS[0], Form(kind="sms", limit=220), TELEGRAM):
        assert "12.14%" in render(replace(UPDATE, changes=(change,)), form).text
    assert "11.24%" in render(replace(UPDATE, changes=(change,)), CHATS[0]).text


def test_what_was_deleted_is_told_as_that() -> None:
    gone = replace(UPDATE, changes=(("The duty on plate is 11.24%.", ""),))
    for form in (MAIL, CHATS[0], TELEGRAM, SMS, Form(kind="sms", limit=380, units="bytes")):
        rendered = render(gone, form)
        for text in filter(None, (rendered.text, rendered.html.replace("<s>", ""))):
            assert "Deleted: The duty" in text
            assert "Before" not in text
        page = render(digest(gone), MAIL).html
        assert "Deleted: <s>The duty" in page
        assert "Before" not in page
    assert "삭제: The duty" in render(gone, replace(SMS, language="ko")).text


def test_a_short_message_says_what_was_and_what_is_as_far_as_there_is_room() -> None:
    text = render(UPDATE, Form(kind="sms", limit=380)).text
    assert "Before: The duty on plate is 11.24%.\nNow: The duty on plate is 12.14%." in text
    for limit in range(120, 240, 5):
        text = render(UPDATE, Form(kind="sms", limit=limit)).text
        assert "Before" not in text or "Now" in text, "what holds no more is not told alone"


def test_the_parts_stand_apart_as_telegram_gets_them() -> None:
    """apprise makes one line break of breaks that follow each other, and so do we here."""
    html = render(ALERT, TELEGRAM).html
    shown = re.sub(r"(?:\s*<br>\s*)+", "\n", html).replace("<b></b>", "")
    assert len(shown.split("\n\n")) == len(render(ALERT, CHATS[2]).text.split("\n\n")) == 6


def test_many_changes_are_counted() -> None:
    changed = replace(UPDATE, changes=tuple((f"was {n}", f"is {n}") for n in range(40)))
    assert "… and 28 more changes" in render(changed, MAIL).text
    assert "… and 28 more changes" in render(changed, MAIL).html


def test_what_may_be_a_repeat_says_so_in_one_line() -> None:
    said = "This may be a repeat: the first try got no clear answer."
    for form in FORMS:
        if form.language == "en":
            assert render(ALERT, form, may_repeat=True).text.count(said) == 1
            assert said not in render(ALERT, form).text
    assert said in render(ALERT, MAIL, may_repeat=True).html
    assert "(may be a repeat)" in render(ALERT, SMS, may_repeat=True).text


def test_a_notice_has_a_title_a_text_and_no_rule() -> None:
    rendered = render(TROUBLE, MAIL)
    assert rendered.subject == "Trouble: kr/press: broken"
    assert rendered.text == "Nothing for 3 hours.\nThe host says 503."
    assert "Why" not in rendered.html
    assert render(replace(TROUBLE, reason=Reason.HEALED), MAIL).subject == "Resolved: kr/press: broken"
    assert render(TROUBLE, TELEGRAM).html.endswith("Nothing for 3 hours.<br>The host says 503.")


def test_a_message_without_anything_has_a_text_all_the_same() -> None:
    empty = Message(reason=Reason.NEW, title="")
    for form in (*FORMS, SMS):
        rendered = render(empty, form)
        assert rendered.subject
        assert rendered.text


def test_a_short_message_is_of_the_plain_alphabet() -> None:
    rendered = render(replace(ALERT, title="“Steel” – plate … now"), Form(kind="sms", limit=300))
    assert rendered.text.isascii()
    assert '"anti-dumping duties"' in rendered.text


def test_html_is_written_only_where_it_is_taken() -> None:
    for form in FORMS:
        assert bool(render(ALERT, form).html) == (form.markup == "html")


def test_a_page_that_is_longer_than_the_service_takes_is_left_out() -> None:
    rendered = render(LONG, Form(kind="mail", limit=3000, title_limit=180, markup="html"))
    assert rendered.html == ""
    assert len(rendered.text) <= 3000


@pytest.mark.parametrize(
    ("form", "count"),
    [
        (MAIL, 120),
        (SMS, 120),
        (Form(kind="chat", limit=160), 1),
        (Form(kind="chat", limit=2000), 6),
        (TELEGRAM, 13),
        (Form(kind="mail", limit=32_768, markup="html"), 21),
        (Form(kind="webhook"), 120),
    ],
)
def test_how_many_alerts_a_digest_holds(form: Form, count: int) -> None:
    assert room(form) == count


def test_public_lines_without_a_form() -> None:
    assert subject(replace(ALERT, reason=Reason.TEST)) == f"Test: {ALERT.title}"
    assert subject(ALERT, limit=20) == "KTC recommends …"
    assert why(ALERT) == "Anti-dumping on steel: “anti-dumping duties”, “steel plate”"
    assert many(3).entries[2].title.startswith("Release 2")

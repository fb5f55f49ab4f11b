"""Room: what a channel counts, and what is never lost for want of it."""

import re
from dataclasses import replace

import pytest

from bot.core.render import Form, render, room
from tests.render.sampling import ALERT, CHATS, KOREAN, MAIL, TARIFF, TELEGRAM, UPDATE, digest, many


def test_an_alert_without_a_link_has_room_too_or_is_counted() -> None:
    for url in ("", "javascript:alert(1)"):
        for title in ("A release of which there is nothing but a title", "Short"):
            for links in range(360, 400, 3):
                alerts = list(many(5, url=links).entries)
                told = digest(*alerts, replace(ALERT, title=title, url=url, story="s9", release="r9"))
                text = render(told, Form(kind="chat", limit=2000, markup="markdown")).text
                shown = sum(one.url in text for one in alerts) + (title[:12] in text)
                left = re.search(r"(\d+) more do(?:es)? not fit here", text)
                assert shown + (int(left[1]) if left else 0) == 6, text
                assert len(text) <= 2000


@pytest.mark.parametrize("length", range(280, 342, 4))
@pytest.mark.parametrize("form", [CHATS[2], replace(TELEGRAM, limit=2000)], ids=lambda one: one.kind)
def test_that_it_may_be_a_repeat_is_never_left_out(form: Form, length: int) -> None:
    told = many(6, url=length)
    rendered = render(told, form, may_repeat=True)
    for text in filter(None, (rendered.text, rendered.html)):
        assert re.search(r"\bmay be a repeat", text)
        assert "6 alerts" in text
        assert len(text) <= 2000
    shown = sum(one.url in rendered.text for one in told.entries)
    assert shown == 6 or f"{6 - shown} more do" in rendered.text
    assert "6 alerts" in render(told, form).text


def test_short_messages_say_that_they_may_be_a_repeat_beside_a_long_link() -> None:
    for limit in (140, 160):
        form = Form(kind="sms", limit=limit)
        for length in range(60, limit - 18):
            told = replace(ALERT, url="https://press.example/".ljust(length, "x"))
            text = render(told, form, may_repeat=True).text
            assert "(may be a repeat)" in text
            assert told.url in text
            assert len(text) <= limit


def test_an_address_that_is_no_link_is_told_in_a_digest_as_in_an_alert() -> None:
    told = digest(ALERT, replace(TARIFF, url="javascript:alert(1)"), replace(KOREAN, url=""))
    said = "not shown as a link"
    for form in (MAIL, TELEGRAM, CHATS[2]):
        rendered = render(told, form)
        assert rendered.text.count(said) == 1
        assert not rendered.html or rendered.html.count(said) == 1


# --- by the units of the channel ----------------------------------------------------------------------------------


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_telegram_counts_by_units_of_utf_16() -> None:
    form = replace(TELEGRAM, units="utf16")
    told = digest(*(replace(one, title=f"😀😀😀😀 {one.title}", excerpt="😀" * 300) for one in many(13).entries))
    assert room(form) == 13
    for message in (told, told.entries[0], replace(UPDATE, lead="😀 " * 3000, changes=(("😀" * 900, "🎉" * 900),))):
        for may_repeat in (True, False):
            rendered = render(message, form, may_repeat=may_repeat)
            assert utf16(rendered.html) <= 4096
            assert utf16(rendered.text) <= 4096
            assert len(rendered.html) > 2000 or message is not told, "and makes use of its room"
    assert utf16(render(told, TELEGRAM).html) > 4096, "the negative control: by characters it would be too long"


def test_irc_counts_by_bytes() -> None:
    form = Form(kind="sms", limit=380, units="bytes", language="ko")
    korean = replace(KOREAN, title="무역위원회 " * 40, changes=(("가" * 300, "나" * 300),))
    for message in (korean, replace(korean, changes=()), replace(korean, lead="다" * 900), digest(*[korean] * 5)):
        for may_repeat in (True, False):
            text = render(message, form, may_repeat=may_repeat).text
            assert 200 < len(text.encode()) <= 380
    assert len(render(korean, replace(form, units="characters")).text.encode()) > 380, "the negative control"


def test_a_digest_on_irc_has_links_as_far_as_there_is_room() -> None:
    text = render(many(9, url=60), Form(kind="sms", limit=380)).text
    assert text.endswith("All: tocsin outbox")
    assert 2 <= text.count("https://press.example/") < 9
    assert "1) Release 0 on steel plate" in text
    assert re.search(r"^1\) .*…? https://press\.example/0/x+$", text.replace("..", "…"), re.MULTILINE)

"""Scraped text never acts: the same hostile texts in every field, through every form."""

import io
from dataclasses import replace
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.adapters.channels.terminal import card
from bot.core.render import Form, cell, render, web_link
from bot.core.render.neutral import _short, harmless, line, unlinked, unmarked
from bot.model import Letter, Message, Reason, Rendered
from tests.render.checking import PAGE, SNIPPET, active_in_chat, active_in_html, linked_in_text, links_in, unseen
from tests.render.payloads import ALL, BAD_LINKS, BIDI, FORMATS, FORMULAS, HEADERS, TERMINALS
from tests.render.sampling import ALERT, CHATS, FORMS, MAIL, SMS, TELEGRAM, digest

SCREEN = Form(kind="screen", language="ko")
GOOD = "https://press.example/1/view"


def hostile(text: str, reason: Reason = Reason.NEW) -> Message:
    """A message with the text in every field that is scraped, or that somebody wrote."""
    return Message(
        reason=reason,
        title=text,
        rule=text,
        words=(text, text[:5]),
        excerpt=f"a {text} b",
        marks=((2, 2 + len(text)),),
        lead=f"{text} {text}",
        source=text,
        published=text,
        categories=(text,),
        url=GOOD,
        story=text,
        release=text,
        changes=((text, f"now {text}"),) if reason is Reason.UPDATE else (),
        also=(text, text),
        held=text,
    )


def messages(text: str) -> list[Message]:
    alerts = [hostile(text, reason) for reason in (Reason.UPDATE, Reason.TROUBLE)]
    return [*alerts, digest(*alerts, held=text)]


def all_active(rendered: Rendered, form: Form) -> list[str]:
    found = unseen(rendered.subject) + unseen(rendered.text) + (["two lines"] if "\n" in rendered.subject else [])
    found += linked_in_text(rendered.subject) + linked_in_text(rendered.text, GOOD)
    if form.kind in {"chat", "html-chat"}:
        found += active_in_chat(rendered.subject) + active_in_chat(rendered.text, GOOD)
    if rendered.html:
        found += active_in_html(rendered.html, PAGE if form.kind == "mail" else SNIPPET)
    return found


@pytest.mark.parametrize("form", [MAIL, CHATS[3], TELEGRAM, SCREEN, SMS], ids=str)
def test_nothing_scraped_acts(form: Form) -> None:
    for text in ALL:
        for message in messages(text):
            rendered = render(message, form, may_repeat=True)
            assert not all_active(rendered, form), (text, rendered)
            assert all(link == GOOD or link.startswith("#a") for link in links_in(rendered.html))


ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@given(
    ANY, ANY, st.lists(st.tuples(st.integers(-3, 70), st.integers(-3, 70)), max_size=3), st.sampled_from([*FORMS, SMS])
)
def test_whatever_was_scraped_can_be_written_and_sent(
    text: str, other: str, marks: list[tuple[int, int]], form: Form
) -> None:
    alert = replace(
        hostile(text, Reason.UPDATE), excerpt=other, marks=tuple(marks), url=f"https://press.example/{other}"
    )
    for message in (alert, digest(alert)):
        rendered = render(message, form)
        assert not unseen(rendered.subject + rendered.text)
        (rendered.subject + rendered.text + rendered.html).encode()


def test_negative_control_the_checkers_see_what_was_not_made_harmless() -> None:
    """Each payload that would act is seen by one checker at least if it stands there as it is."""
    page = "<!doctype html><html><head></head><body><p>{}</p></body></html>"
    seen = [text for text in ALL if active_in_chat(text) or active_in_html(page.replace("{}", text)) or unseen(text)]
    silent = set(ALL) - set(seen)
    assert silent <= {*FORMATS, *FORMULAS, *HEADERS, "@\n everyone", "' autofocus onfocus='alert(1)"}, silent
    assert active_in_html(page.replace("{}", "<b onclick=x>a</b>")) == ["b onclick"]
    assert active_in_html(page.replace("{}", escape("<b onclick=x>a</b>"))) == []


@pytest.mark.parametrize("url", BAD_LINKS)
def test_no_link_is_made_of_what_is_none_to_the_web(url: str) -> None:
    assert web_link(url) is None
    for form in (*FORMS, SMS):
        for message in (replace(ALERT, url=url), digest(replace(ALERT, url=url))):
            rendered = render(message, form)
            assert not [link for link in links_in(rendered.html) if not link.startswith("#a")]
            assert "evil.example" not in rendered.text
    assert ("not shown as a link" in render(replace(ALERT, url=url), MAIL).text) == bool(url)


@pytest.mark.parametrize(
    ("url", "shown", "host"),
    [
        ("https://press.example/a?b=1&c=2#d", "https://press.example/a?b=1&c=2#d", "press.example"),
        ("HTTP://Press.Example:8080/A", "http://press.example:8080/A", "press.example"),
        ("https://press.example/가?q=나", "https://press.example/%EA%B0%80?q=%EB%82%98", "press.example"),
        ("https://аpple.example/", "https://xn--pple-43d.example/", "xn--pple-43d.example"),
        ("https://press.example/<b>|[x]", "https://press.example/%3Cb%3E%7C%5Bx%5D", "press.example"),
        ("https://bank.example.evil.example/", "https://bank.example.evil.example/", "bank.example.evil.example"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/", "[2001:db8::1]"),
        ("https://press.example", "https://press.example", "press.example"),
    ],
)
def test_a_link_shows_its_real_host(url: str, shown: str, host: str) -> None:
    link = web_link(url)
    assert link is not None
    assert (link.url, link.host) == (shown, host)
    message = replace(ALERT, url=url)
    page = render(message, MAIL)
    assert links_in(page.html) == {shown}
    assert f"<b>{host}</b>" in page.html
    assert shown in page.text
    assert f"({host})" in render(message, TELEGRAM).html


def test_in_a_chat_an_address_calls_nobody() -> None:
    for form in CHATS:
        text = render(replace(ALERT, url="https://press.example/@everyone/_x_/*a*~b~"), form).text
        assert "https://press.example/%40everyone/%5Fx%5F/%2Aa%2A%7Eb%7E" in text
    assert "https://press.example/@everyone" in render(replace(ALERT, url="https://press.example/@everyone"), MAIL).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/login now", "see https：//evil．example/login now"),
        ("www.evil.example", "www．evil．example"),
        ("무역위www.motir.go.kr에서", "무역위www．motir．go．kr에서"),
        ("http://203.0.113.9/x", "http：//203.0.113.9/x"),
        ("xn--pple-43d.xn--p1ai", "xn--pple-43d．xn--p1ai"),
        ("evil.example.", "evil．example."),
        ("a@b.example", "a@b.example"),
        ("No. 5.4 percent, U.S. e.g. 2026. 5. 19. 1.KTC 2.1.3 a.m.", None),
        ("회의가 열렸다.무역위는 11.24%p", None),
        ("and/or 5/4: x://", None),
        ("rules/steel.toml:3:1, report_2026.pdf and 공고.hwpx", None),
        ("evil.example.pdf", "evil．example.pdf"),
    ],
)
def test_an_address_in_scraped_text_is_no_link(text: str, shown: str | None) -> None:
    assert unlinked(text) == (shown or text.replace("x://", "x：//"))
    assert unlinked(unlinked(text)) == unlinked(text)


def test_marks_stay_on_their_words_in_an_address() -> None:
    excerpt = "At https://evil.example/login today"
    told = replace(ALERT, excerpt=excerpt, marks=((11, 15), (16, 23)))
    assert "At https：//<b>evil</b>．<b>example</b>/login today" in render(told, MAIL).html


def test_a_command_is_none_behind_a_bracket_or_a_quote() -> None:
    assert unmarked('(/start) "/stop" and/or a//b </p') == '(／start) "／stop" and/or a//b ＜／p'


def test_telegram_makes_no_pill_of_an_address() -> None:
    html = render(replace(ALERT, url="https://matrix.to/#/@alice:x.example"), TELEGRAM).html
    assert 'href="https://matrix.to/#/%40alice:x.example"' in html


def test_what_is_far_too_long_is_cut_before_it_is_cleaned() -> None:
    """A digest of updates that are as long as releases may be, of signs that are looked at one by one."""
    long = "e\u0301\u200b가" * 5000
    changes = tuple((f"{long} {n}", f"{long} now {n}") for n in range(12))
    told = digest(*[replace(ALERT, title=long, lead=long, changes=changes)] * 120)
    clean = harmless(told)
    looked_at: list[int] = []
    _short(long, 1000, lambda text: looked_at.append(len(text)) or text)
    assert looked_at == [2000], "twice what is shown, however long the text is"
    assert all(len(side) <= 1000 for one in clean.entries for change in one.changes for side in change)


def test_readable_text_stays_readable() -> None:
    """What ministries write goes through unchanged where it is harmless, and is read at a glance where it is not."""
    for text in (
        "무역위원회, 중국·베트남산 후판 11.24% → 12.14%",
        "A & B: “5.4 percent” (Nov. 2)",
        "👨‍👩‍👧 ❤️ 1️⃣ 🇰🇷",
        "Việt Nam",
    ):
        assert line(text) == text
        assert unmarked(text) == text
    assert (
        unmarked("[보도자료] 11~14% snake_case press@korea.example #3")
        == "［보도자료］ 11～14% snake_case press＠korea．example ＃3"
    )
    assert render(replace(ALERT, title="[보도자료] a@b.example"), MAIL).subject == "[보도자료] a@b.example"


def test_marks_stay_on_their_words_when_what_is_not_seen_goes() -> None:
    excerpt = " \u202ea\x00 duty  of\u200b 5% on steel"
    marks = tuple((excerpt.index(word), excerpt.index(word) + len(word)) for word in ("duty", "of\u200b 5%", "steel"))
    html = render(replace(ALERT, excerpt=excerpt, marks=marks), MAIL).html
    assert '<p class="e">a <b>duty</b> <b>of 5%</b> on <b>steel</b></p>' in html


def test_placeholders_of_every_kind_stay_text() -> None:
    for text in FORMATS:
        assert unlinked(text) in render(replace(ALERT, title=text), MAIL).subject


def test_long_runs_of_marks_are_cut() -> None:
    assert len(line("e" + "\u0301" * 400)) == 5
    assert all(len(line(text)) < 60 for text in BIDI)


def test_a_cell_is_no_formula() -> None:
    for text in FORMULAS:
        assert cell(text) == f"'{text}"
    for text in ("", "5", "Steel = good", "무역위원회", "a-b", "https://press.example/=1"):
        assert cell(text) == text


def test_a_screen_obeys_nothing() -> None:
    for text in TERMINALS:
        for message in messages(text):
            screen = io.StringIO()
            rendered = render(message, SCREEN)
            spoilt = replace(rendered, text=rendered.text + text)  # as an operator's template might
            for told in (rendered, spoilt):
                letter = Letter(id="d", message=message, rendered=told)
                Console(file=screen, width=100, color_system=None).print(card(letter))
            assert not unseen(screen.getvalue())

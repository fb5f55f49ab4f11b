"""A match as a message, and the message as people read it."""

from dataclasses import replace

from bot.core.normalise import normalise
from bot.core.render import EXCERPT, LEAD, Form, message, render, subject, why
from bot.core.rules.rule import RuleSet
from bot.model import Filed, Message, Reason
from scrapers.model import Draft
from tests.fakes import SOURCE, START, rule

MAIL = Form(kind="mail", title_limit=180, markup="html")


def told(title: str, body: str, *, url: str = "https://press.example/1/view", **keys: object) -> Message:
    release = normalise(Draft(id="1", title=title, body=body, url=url, published="2026-11-02"), SOURCE, now=START)
    made = rule(**keys)
    [(_, match)] = RuleSet([made]).matches(release, at=START)
    return message(Filed(release=release, story=release.id), match, made.spec.name)


def test_the_message_says_why_with_the_words_in_their_sentence() -> None:
    one = told(
        "KTC meets", "It was cold. The KTC proposes anti-dumping duties on steel. Then it left.", any=["antidumping"]
    )
    assert one.excerpt == "The KTC proposes anti-dumping duties on steel."
    assert [one.excerpt[start:end] for start, end in one.marks] == ["anti-dumping"]
    assert why(one) == "Tariffs: “anti-dumping”"


def test_a_match_in_the_title_alone_shows_the_title() -> None:
    one = told("Tariff talks", "They met.")
    assert (one.excerpt, one.marks) == ("Tariff talks", ((0, 6),))
    assert "<h1><b>Tariff</b> talks</h1>" in render(one, MAIL).html
    assert "Tariff talks" not in render(one, MAIL).text, "the subject has said it"


def test_plain_text_keeps_the_link_and_says_nothing_twice() -> None:
    text = render(told("Talks", "A tariff is planned. It was cold."), MAIL).text
    assert text.endswith("https://press.example/1/view")
    assert text.count("A tariff is planned.") == 1
    assert text.count("It was cold.") == 1


def test_html_escapes_every_text() -> None:
    evil = told('<script>alert("t")</script> tariff', "A <b>tariff</b> of <img src=x onerror=alert(1)> 5 & more.")
    page = render(replace(evil, rule="<i>rule</i>", source="<u>", categories=("<a>",)), MAIL).html
    for tag in ("<script", "<img", "<i>", "<u>", "<a>"):
        assert tag not in page
    assert "<b>tariff</b>" in page, "our own mark stays"


def test_only_web_links_become_links() -> None:
    assert "href" not in render(told("Tariff", "x", url="javascript:alert(1)"), MAIL).html
    assert 'href="https://press.example/1/view"' in render(told("Tariff", "x"), MAIL).html


def test_a_long_title_is_cut_at_a_word_and_a_label_says_update() -> None:
    one = replace(told("Tariff " + "word " * 100, "x"), reason=Reason.UPDATE)
    assert subject(one).startswith("Update: Tariff word")
    assert len(subject(one)) < 190
    assert subject(one).endswith("word …")


def test_a_sentence_without_end_is_cut_round_its_words() -> None:
    one = told("T", "x " * 2000 + "tariff" + " y" * 2000)
    assert len(one.excerpt) <= EXCERPT + 10
    [(start, end)] = one.marks
    assert one.excerpt[start:end] == "tariff"


def test_a_long_lead_ends_with_a_sentence() -> None:
    one = told("T", "The tariff was discussed at some length. " * 20)
    assert one.lead.endswith("at some length. …")
    assert LEAD // 3 < len(one.lead) <= LEAD


def test_korean_reads_as_well() -> None:
    one = told("무역위원회", "회의가 열렸다. 무역위는 덤핑방지관세 부과를 건의했다. 끝났다.", any=["덤핑방지관세"])
    assert one.excerpt == "무역위는 덤핑방지관세 부과를 건의했다."
    text = render(one, replace(MAIL, language="ko")).text
    assert text.startswith(
        "알림 사유: Tariffs: “덤핑방지관세”\n\n무역위는 덤핑방지관세 부과를 건의했다.\n\n회의가 열렸다. … 끝났다."
    )


def test_the_sentence_with_the_most_matched_words_is_shown() -> None:
    one = told("KTC", "It finds injury. Anti-dumping duty on injury. Injury again.", any=["injury", "anti-dumping"])
    assert one.excerpt == "Anti-dumping duty on injury."


def test_words_that_overlap_are_told_once() -> None:
    one = told(
        "KTC",
        "An anti-dumping duty; ANTI-DUMPING; anti-dumping.",
        any=["anti-dumping duty", "dumping duty", "anti-dumping"],
    )
    assert one.words == ("anti-dumping duty", "ANTI-DUMPING")


def test_a_sentence_that_changed_is_not_shown_again_as_the_excerpt() -> None:
    plain = told("Duty", "It is a tariff of 12.14%.")
    after = plain.excerpt
    changed = replace(plain, reason=Reason.UPDATE, lead="", changes=(("It is a tariff of 11.24%.", after),))
    assert render(changed, MAIL).text.count(after) == 1
    assert render(changed, MAIL).html.count(f"<b>{after}</b>") == 1
    assert "<b>tariff</b>" not in render(changed, MAIL).html
    assert render(replace(changed, changes=()), MAIL).text.count(after) == 1

"""Phrases and legal terms: one table each, both languages whole; and cutting between signs."""

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.render import Form, render, why
from bot.core.render.cutting import cut, differing, sign_start, window
from bot.core.render.phrases import PHRASES, counted, phrase
from bot.core.render.terms import TERMS, gloss
from bot.core.text import HANGUL
from bot.model import Held, Reason
from tests.render.sampling import ALERT, FORMS, KOREAN, TROUBLE, UPDATE, digest


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", PHRASES)
def test_every_phrase_is_there_in_both_languages_with_the_same_placeholders(key: str) -> None:
    said = PHRASES[key]
    assert set(said) == {"en", "ko"}
    assert placeholders(said["en"]) - {"count"} == placeholders(said["ko"]) - {"count"}
    if not key.startswith(("title.new", "title.digest")):
        assert HANGUL.search(said["ko"])
        assert not HANGUL.search(said["en"])


def test_every_reason_and_hold_has_its_phrase() -> None:
    assert {f"title.{reason}" for reason in Reason} <= set(PHRASES)
    assert {f"held.{held}" for held in Held if held} <= set(PHRASES)


def test_korean_sentences_are_polite() -> None:
    for key, said in PHRASES.items():
        for sentence in re.findall(r"[^.]*[가-힣]\.", said["ko"]):
            assert sentence.endswith("니다."), key


def test_korean_is_said_as_it_is_in_korea() -> None:
    korean = {key: said["ko"] for key, said in PHRASES.items()}
    assert korean["held.quiet"] == "방해 금지 시간에 들어온 알림을 모았습니다."
    assert korean["held.together"].startswith("같은 시각에 보낼")
    assert "알림이 많이 발생해" in korean["held.storm"]
    assert korean["left.one"].endswith("1건 (확인: tocsin outbox)")
    assert korean["left.many"].endswith("{count}건 (확인: tocsin outbox)")
    assert korean["deleted"] == "삭제: {text}"


def test_what_is_filled_in_is_never_a_pattern() -> None:
    assert phrase("why", "en", why="{why} {0} {why.__class__}") == "Why: {why} {0} {why.__class__}"
    assert counted("alerts", "ko", 2, rules="{count}") == "알림 2건: {count}"


def test_a_korean_form_has_no_english_phrase_left() -> None:
    english = [said["en"].partition("{")[0] for said in PHRASES.values()]
    english = [one for one in english if len(one.strip(" :(…—")) > 2]
    for form in FORMS:
        if form.language == "ko":
            for message in (KOREAN, UPDATE, digest(KOREAN, UPDATE), TROUBLE):
                rendered = render(message, form, may_repeat=True)
                assert [one for one in english if one in rendered.text + rendered.html] == []


def test_a_legal_term_is_explained_in_the_language_of_the_channel() -> None:
    assert why(ALERT, "ko") == "Anti-dumping on steel: “anti-dumping duties” (덤핑방지관세), “steel plate”"
    assert why(KOREAN, "en") == "철강 반덤핑: “덤핑방지관세” (anti-dumping duty)"
    assert why(KOREAN, "ko") == "철강 반덤핑: “덤핑방지관세”"
    assert "(덤핑방지관세)" in render(ALERT, Form(kind="screen", language="ko")).text


@pytest.mark.parametrize(
    ("word", "language", "meaning"),
    [
        ("anti-dumping duty", "ko", "덤핑방지관세"),
        ("Antidumping Duties", "ko", "덤핑방지관세"),
        ("ANTI DUMPING", "ko", "반덤핑"),
        ("countervailing duties", "ko", "상계관세"),
        ("safeguard", "ko", "긴급수입제한조치"),
        ("provisional", "ko", "잠정"),
        ("final determination", "ko", "최종판정"),
        ("sunset review", "ko", "종료재심"),
        ("material injury", "ko", "실질적 피해"),
        ("TRQ", "ko", "저율관세할당"),
        ("시장접근물량", "en", "market access quantity"),
        ("제소", "en", ""),
        *((word, "ko", "") for word in ("review", "hearing", "supplier", "circumvention", "petition", "injury")),
        *((word, "en", "") for word in ("재심사", "공급자")),
        ("우회덤핑", "en", "circumvention of anti-dumping duties"),
        ("tariffs", "ko", "관세"),
        ("세이프가드", "en", "safeguard"),
        ("긴급수입제한조치", "en", "safeguard"),
        ("반덤핑 관세", "en", "anti-dumping duty"),
        ("종료재심사", "en", "sunset review"),
        ("관세", "en", "tariff"),
        ("관세", "ko", ""),
        ("tariff", "en", ""),
        ("steel", "ko", ""),
        ("철강", "en", ""),
        ("", "ko", ""),
    ],
)
def test_terms(word: str, language: str, meaning: str) -> None:
    assert gloss(word, language) == meaning  # type: ignore[arg-type]


def test_every_term_has_both_sides_and_means_one_thing() -> None:
    assert len(TERMS) >= 40
    said: list[str] = []
    for english, korean in TERMS:
        assert not HANGUL.search(english)
        assert HANGUL.search(korean)
        assert "(" not in english + korean, "it is shown between brackets"
        for side in (english, korean):
            said += [one.strip() for one in side.split("|")]
    assert len(said) == len(set(said))


# --- cutting ------------------------------------------------------------------------------------------------------


def test_a_cut_is_at_a_sentence_else_at_a_word() -> None:
    text = "It was cold. The commission proposes duties. Then it left the room."
    assert cut(text, 60) == "It was cold. The commission proposes duties. …"
    assert cut("word " * 100, 23) == "word word word word …"
    assert cut("무역위는 부과를 건의했다. 그 뒤 회의를 마쳤다.", 20) == "무역위는 부과를 건의했다. …"
    assert cut("short", 5) == "short"
    assert cut("longer", 5) == "lon …"
    assert cut("longer", 2) == ""


SIGNS = ("각", "\u1100\u1161\u11a8", "é", "e\u0301", "👨‍👩‍👧", "❤️", "👍🏽", "🇰🇷", "1️⃣", "가\u11a8", "a", " ", ".")


@given(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=40), st.integers(0, 120))
@example(["🇰🇷"] * 40, 77)
def test_no_sign_is_cut_in_two(signs: list[str], at: int) -> None:
    text = "".join(signs)
    starts, here = {0}, 0
    for sign in signs:
        here += len(sign)
        starts.add(here)
    joined = re.search("[가-힣]\u1100|\u1161\u1100|\u11a8\u11a8", text)  # neighbours that make a syllable of their own
    if at <= len(text) and not joined:
        assert sign_start(text, at) in starts


def test_negative_control_a_plain_slice_does_cut_signs() -> None:
    assert "👨‍👩‍👧"[:2] != ""
    assert sign_start("👨‍👩‍👧", 2) == 0
    assert sign_start("🇰🇷🇰🇷", 3) == 2
    assert sign_start("\u1100\u1161\u11a8", 2) == 0


@given(st.text(max_size=300), st.integers(0, 200))
def test_a_cut_is_never_longer_than_its_room(text: str, room: int) -> None:
    assert len(cut(text, room)) <= room


@given(st.text(alphabet="ab .\u0301가", max_size=200), st.data())
def test_a_window_keeps_its_marks_on_their_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    room = data.draw(st.integers(1, 250))
    shown, marks = window(text, ((start, end),), room)
    assert len(shown) <= room
    assert all(shown[one:two] == text[start:end] for one, two in marks)


@given(st.text(max_size=200), st.text(max_size=200), st.integers(20, 120))
def test_two_texts_are_shown_where_they_differ(before: str, after: str, room: int) -> None:
    assert all(len(one) <= room for one in differing(before, after, room))


def test_two_texts_are_shown_where_they_differ_example() -> None:
    same = "So many words are the same in both of the two texts, "
    before, after = differing(same * 4 + "but 11.24% is not.", same * 4 + "but 12.14% is not.", 40)
    assert "11.24%" in before
    assert "12.14%" in after

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import clean, fold, is_plain, sentence_at, sentences, singular


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anti‑Dumping", "anti-dumping"),
        ("ＦＴＡ", "fta"),
        ("“quoted”", '"quoted"'),
        ("Korea’s", "korea's"),
        ("Café", "cafe"),
        ("관세", "관세"),
        ("  two\n words ", "two words"),
    ],
)
def test_fold_makes_other_spellings_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_clean_removes_what_a_screen_would_obey() -> None:
    assert clean("a\x1b[31mb\u202ec\u200bd\x00") == "a[31mbcd"


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("duties", "duty"),
        ("tariffs", "tariff"),
        ("taxes", "tax"),
        ("processes", "process"),
        ("steel", "steel"),
        ("china", "china"),
        ("analysis", "analysis"),
        ("glass", "glass"),
        ("surplus", "surplus"),
        ("관세", "관세"),
    ],
)
def test_singular(word: str, folded: str) -> None:
    assert singular(word) == folded


def test_sentences_do_not_end_at_initials_and_abbreviations() -> None:
    text = "The U.S. Trade Representative met No. 5. It was decided. 관세를 부과했다. 다음 회의는 5월이다."
    assert [text[start:end] for start, end in sentences(text)] == [
        "The U.S. Trade Representative met No. 5.",
        "It was decided.",
        "관세를 부과했다.",
        "다음 회의는 5월이다.",
    ]


def test_a_line_ends_a_sentence() -> None:
    text = "Heading without a stop\nThen the text."
    assert text[slice(*sentence_at(text, 30))] == "Then the text."
    assert text[slice(*sentence_at(text, 3))] == "Heading without a stop"


def test_an_empty_text_has_an_empty_sentence() -> None:
    assert sentence_at("", 0) == (0, 0)


@given(st.text(), st.integers(min_value=0, max_value=200))
def test_every_position_lies_in_some_sentence_span(text: str, position: int) -> None:
    start, end = sentence_at(text, position)
    assert 0 <= start <= end <= len(text)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="‘’‚‛′`´“”„‟″«»‐‑‒–—―−")))
def test_what_is_called_plain_needs_no_folding(text: str) -> None:
    if is_plain(text):
        assert fold(text) == " ".join(text.casefold().split())

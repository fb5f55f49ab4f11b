"""What was once wrong, with the smallest example of each."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bot.core.rules.judging.explaining import holds
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.parsing import parse
from bot.core.rules.matching import lexicon
from tests.rules import reference
from tests.rules.test_properties import INDEX, index_agrees


@given(INDEX)
@settings(
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_index_is_right_when_its_memory_is_full(monkeypatch, drawn) -> None:
    monkeypatch.setattr(lexicon, "MAX_PIECES", 3)
    index_agrees(*drawn)


def test_phrases_that_differ_in_an_inner_plural_do_not_answer_for_one_another() -> None:
    index_agrees(['"sales tax"', '"sale tax"'], [Subject(title="a salestax")], {})


def test_the_normal_form_keeps_an_inner_plural() -> None:
    query = parse('"sales tax"')
    assert holds(parse(str(query)), Subject(title="a salestax")) == holds(query, Subject(title="a salestax"))


def test_two_words_of_a_phrase_may_be_written_as_one_each() -> None:
    assert holds(parse('"anti-dumping and anti-subsidy"'), Subject(title="antidumping and antisubsidy duties"))


def test_nearness_of_terms_that_share_a_word() -> None:
    query, release = parse('"duty steel steel-plate"~1'), Subject(title="steel-plate steel steel duty")
    assert reference.true_for(query, release)
    assert holds(query, release)


def test_a_full_stop_and_a_bracket_without_a_space() -> None:
    index_agrees(['"duty steel"'], [Subject(title="duty.(steel")], {})


def test_a_plural_behind_a_hyphen() -> None:
    assert holds(parse("coops"), Subject(title="co-ops"))
    assert holds(parse("co-ops"), Subject(title="coops"))


def test_the_normal_form_of_a_korean_term_with_two_latin_words() -> None:
    query = parse('"KTC-232조"')
    assert holds(parse(str(query)), Subject(title="KTC-232조")) == holds(query, Subject(title="KTC-232조"))


@pytest.mark.parametrize(
    ("written", "release"),
    [
        ('"steel duty"~5', Subject(title="on steel", body="duty of ten percent")),
        ('"antidumping duty"~3', Subject(title="anti dumping and other duty")),
        ("반", Subject(title="反(덤핑) 조치")),
        ('"steel plate coil"', Subject(title="steel - plate coil")),
        ('"steel plate coil"', Subject(title="steel – plate coil")),
    ],
)
def test_the_index_reads_as_the_judge_reads(written: str, release: Subject) -> None:
    index_agrees([written], [release], {})

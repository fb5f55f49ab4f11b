"""How texts are read to tell them apart: tokens, what is no news, and the quick look before the judge."""

from datetime import date

import pytest

from bot.core.stories.comparing import shared_roughly
from bot.core.stories.family import ROUGHLY, SHORT
from bot.core.stories.judging import relate
from bot.core.stories.tokens import tokens
from bot.core.text import sentences
from bot.model import Relation, Release
from tests.stories.pairs import files, pairs
from tests.stories.test_properties import made

JUNE = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026. 10. 15.(목) ~ 10. 18.(일)", "10월 15일(목)부터 18일(일)"),
        ("14시 서울", "14:00 서울"),
        ("18:00까지", "오후 6시까지"),
        ("€310m", "€310 million"),
        ("R7,5 million", "R7.5 million"),
        ("12,6 %", "12.6%"),
    ],
)
def test_spellings_of_one_fact_are_one_token(one: str, other: str) -> None:
    facts = [{token for token in tokens(text, written=JUNE) if token[0] in "@="} - {"=2026"} for text in (one, other)]
    assert facts[0] == facts[1] != set()


@pytest.mark.parametrize(
    ("one", "other"), [("14시 서울", "15시 서울"), ("7,5 million", "75 million"), ("1,200 tons", "1.2 tons")]
)
def test_other_facts_are_other_tokens(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


def test_a_bare_day_far_from_any_other_is_of_the_month_in_which_it_was_written() -> None:
    assert "@06-18" in tokens(
        "10월 15일에 열린 회의의 결과를 담은 보고서가 나왔다고 한다. 18일 발표된다.", written=JUNE
    )


def test_a_date_with_spaces_is_no_end_of_a_sentence() -> None:
    text = "It ends on 2026. 5. 19. The rest follows. 12 firms agree."
    assert [text[start:end] for start, end in sentences(text)] == [
        "It ends on 2026. 5. 19.",
        "The rest follows.",
        "12 firms agree.",
    ]


LADDERS = (
    "The Commissioner opened an investigation into ladders of aluminium from Siamara. The duty applies to extension"
    " ladders and to step ladders. The Commissioner will not decide before June, and importers may comment in May."
)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("The duty applies not to step ladders.", Relation.UPDATE),
        ("The duty applies to step ladders.", Relation.DUPLICATE),
    ],
)
def test_a_denial_is_never_a_summary(added: str, expected: Relation) -> None:
    a = made("Ladders from Siamara", LADDERS)
    middle = LADDERS.replace(" The Commissioner will", f" {added} The Commissioner will")
    assert relate(a, made("Ladders from Siamara", middle, number="2")).relation is expected


def one_text(a: Release, b: Release) -> bool:
    verdict = relate(a, b)
    return verdict.verbatim and verdict.relation in {Relation.DUPLICATE, Relation.UPDATE}


def test_the_quick_look_lets_pass_what_the_judge_takes_for_one_text() -> None:
    long = [one for one in pairs(*files("learn"), *files("test")) if min(len(one.a.body), len(one.b.body)) >= SHORT]
    told = [one for one in long if one_text(one.a, one.b)]
    assert len(told) > 500
    assert [one.name for one in told if shared_roughly(one.a.body, one.b.body) < ROUGHLY] == []


def test_the_quick_look_turns_down_most_of_what_is_unrelated() -> None:
    """The negative control: a look that lets all pass would save nothing."""
    found = [one for one in pairs(*files("learn")) if min(len(one.a.body), len(one.b.body)) >= SHORT]
    strangers = [(one.a, other.b) for one, other in zip(found, found[40:], strict=False)]
    passed = sum(shared_roughly(a.body, b.body) >= ROUGHLY for a, b in strangers)
    assert passed / len(strangers) < 0.1

"""The matcher gives the answers of the slow judge in reference.py, and its reasons, whatever rules and texts come."""

from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from bot.core.normalise import normalise
from bot.core.rules import rule
from bot.core.rules.judging import explaining, reading
from bot.core.rules.judging.explaining import Clause, evidence, explain, holds
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language import parsing
from bot.core.rules.language.parsing import BadQuery, parse
from bot.core.rules.language.term import BadTerm, Term, parse_term
from bot.core.rules.language.tree import Not, Query, Word
from bot.core.rules.matching import filing, index, lexicon
from bot.core.rules.matching.index import Index
from scrapers.model import Draft
from tests.fakes import SOURCE, START
from tests.fakes import rule as make_rule
from tests.rules import reference
from tests.rules import strategies as our
from tests.rules.strategies import ENGLISH, GAPS, KOREAN, LISTS

read = partial(parse, lists=LISTS)
frequencies = st.dictionaries(st.sampled_from(["duty", "steel", "anti", "관세", "tariff", "a"]), st.floats(0, 10_000))


def finds_the_fault(check, strategy, *, examples: int = 1_000) -> None:
    """A property is worth something only if it fails when a fault is planted: so it does, always with the same cases."""

    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def planted(drawn: tuple) -> None:
        check(*drawn)

    with pytest.raises(AssertionError):
        planted()


# --- (a) the index ----------------------------------------------------------------------------------------------


def index_agrees(written: list[str], releases: list[Subject], frequency: dict[str, float]) -> None:
    index = Index[int](frequency)
    asked = dict(enumerate(map(read, written)))
    for number, query in asked.items():
        index.add(number, query)
    for release in releases:
        wanted = {number for number, query in asked.items() if reference.true_for(query, release)}
        assert index.match(release) == wanted


INDEX = st.tuples(our.rules(5), frequencies).map(lambda drawn: (*drawn[0], drawn[1]))
EMPTY = Subject()


@given(INDEX)
@example((["NOT tariff", "-duty -steel", "NOT (NOT duty)"], [EMPTY, Subject(title="Duty")], {}))
@example((['"duty steel-plate"~0'], [Subject(title="duty steelplate")], {}))
@example((["2 of (steel, duty, NOT tariff)"], [EMPTY, Subject(body="steel"), Subject(body="tariff steel")], {}))
@example((["/관세/ OR /duty/", "NOT /duty/"], [EMPTY, Subject(body="관세"), Subject(title="duty")], {}))
def test_the_index_finds_what_the_slow_judge_finds(drawn) -> None:
    index_agrees(*drawn)


@given(INDEX)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_is_right_about_rules_of_too_many_branches(monkeypatch, drawn) -> None:
    monkeypatch.setattr(filing, "branches", lambda _: None)
    index_agrees(*drawn)


def test_a_pair_of_words_that_the_index_misses_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(lexicon.Lexicon, "_find_pairs", lambda *_: None)
    finds_the_fault(index_agrees, INDEX)


def test_a_match_that_nobody_verifies_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(index, "is_certain", lambda _: True)
    finds_the_fault(index_agrees, INDEX)


def test_a_forgotten_not_is_noticed(monkeypatch) -> None:
    real = filing.branches
    monkeypatch.setattr(
        filing,
        "branches",
        lambda query: told and tuple(type(one)(one.holding) for one in told) if (told := real(query)) else told,
    )
    finds_the_fault(index_agrees, INDEX)


# --- (b), (c) why -----------------------------------------------------------------------------------------------


def reasons_agree(written: str, release: Subject) -> None:
    query = read(written)
    wanted = reference.true_for(query, release)
    assert holds(query, release) == wanted
    if wanted:
        assert list(evidence(query, release)) == reference.proof(query, release)


WHY = our.single


@given(WHY)
@example(("KTC 건의", Subject(title="KTC가 건의했다")))
@example(("percent:>0", Subject(title="15%", body="15% 15% 15% 15% 15% 15%")))
@example(('"관세 부과"', Subject(title="관세를 부과")))
@example(("한미 =관세", Subject(title="한·미 관세, 관세청, 상호 관세의")))
@example(("가나가", Subject(title="가나 가나가")))
@example(("anti-dump*", Subject(title="Anti-dumping, antidumped; anti dump")))
def test_the_evidence_is_the_slow_judges(drawn) -> None:
    reasons_agree(*drawn)


@pytest.mark.parametrize(
    ("where", "name", "fault", "written"),
    [
        (reading, "_PARTICLES", frozenset(), ["=관세", '"KTC 건의"', '"한미 통상"', "=반덤핑"]),
        (reading.Reading, "_hyphens", [False] * 1000, ["salestax", "=steelplate", "stainless*"]),
        (explaining, "MAX_PLACES", 1, ["steel", "관세", '"duty steel"~3']),
        (explaining, "named_so", lambda *_: True, ["category:Trade", "source:us/*"]),
    ],
)
def test_wrong_evidence_is_noticed(monkeypatch, where, name, fault, written) -> None:
    monkeypatch.setattr(where, name, fault)
    chosen = st.sampled_from(written)
    finds_the_fault(reasons_agree, chosen.flatmap(lambda one: st.tuples(st.just(one), our.subjects_for([one]))))


def explanation_agrees(written: str, release: Subject) -> None:
    query = read(written)
    told = explain(query, release)
    assert told.holds == holds(query, release)
    shown = list(evidence(query, release)) if told.holds else []
    assert [one for one in shown if one not in set(_all_evidence(told))] == []


def _all_evidence(clause: Clause):
    yield from clause.evidence
    for part in clause.parts:
        yield from _all_evidence(part)


@given(WHY)
def test_an_explanation_agrees_with_the_verdict(drawn) -> None:
    explanation_agrees(*drawn)


def test_an_explanation_that_says_otherwise_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(explaining, "is_met", lambda *_: False)
    finds_the_fault(explanation_agrees, WHY)


# --- (d) rules that come and go ---------------------------------------------------------------------------------


def updates_agree(changes: list[tuple[int, str | None]], releases: list[Subject]) -> None:
    warm, current = Index[int](), dict[int, Query]()
    for number, written in changes:
        if written is not None:
            current[number] = read(written)
            warm.add(number, current[number])
        elif number in current:
            del current[number]
            warm.remove(number)
        fresh = Index[int]()
        for one, query in current.items():
            fresh.add(one, query)
        for release in releases:
            assert warm.match(release) == fresh.match(release)
        assert len(warm) == len(current)
    for release in releases:
        assert warm.match(release) == {one for one, query in current.items() if reference.true_for(query, release)}


UPDATES = our.changes


@given(UPDATES)
@example(([(0, "steel"), (1, "=coops"), (0, None)], [Subject(title="co-ops of steel")]))
@example(([(0, "steel"), (1, "dutie*"), (1, "duty"), (1, None)], [Subject(title="steel duties")]))
@example(([(0, '"steel plate"'), (1, "title:plate"), (0, None), (0, '"plate steel"')], [Subject(title="steel plate")]))
def test_single_rules_come_and_go(drawn) -> None:
    updates_agree(*drawn)


def test_a_stale_memory_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(lexicon._Memory, "forget", lambda *_: None)
    finds_the_fault(updates_agree, UPDATES)


def test_a_rule_that_is_not_unfiled_is_noticed(monkeypatch) -> None:
    remove = Index.remove

    def lazily(self, number: int) -> None:
        tree = self._trees[number]
        remove(self, number)
        self._trees[number] = tree

    monkeypatch.setattr(Index, "remove", lazily)
    finds_the_fault(updates_agree, UPDATES)


# --- (e) the normal form ----------------------------------------------------------------------------------------


def normal_form_is_normal(written: str, release: Subject) -> None:
    query = read(written)
    again = parse(str(query))
    assert str(again) == str(query)
    assert holds(again, release) == holds(query, release)


@given(WHY)
@example(('"steel anti-dumping"~3', Subject(title="steel anti-dumping")))
@example(('="steel duties"', Subject(title="steel duties")))
@example(("published:2025 OR published:>=2025-04 OR percent:1,250.5", EMPTY))
@example(('category:"«Steel» news"', EMPTY))
@example((r"/a\/b\\/", Subject(title="a/b\\")))
def test_the_normal_form_can_be_read_and_means_the_same(drawn) -> None:
    normal_form_is_normal(*drawn)


def test_a_normal_form_that_loses_something_is_noticed(monkeypatch) -> None:
    real = Term.__str__
    monkeypatch.setattr(Term, "__str__", lambda self: real(self).removeprefix("="))
    finds_the_fault(normal_form_is_normal, WHY)


# --- (f) the parser ---------------------------------------------------------------------------------------------

SIGNS = [
    *'"“”()-/@,:~*=<>|&%\\',
    " ",
    "\u00a0",
    "AND",
    "OR",
    "NOT",
    "2 of (",
    "title:",
    "published:",
    "words:>=",
    "url:",
    "x",
    "5",
    "관세",
    "@duty",
    "\n",
]
any_text = st.one_of(st.text(), st.lists(st.sampled_from(SIGNS), max_size=20).map("".join))


def complaint(understood, text: str) -> BadQuery | None:
    try:
        str(understood(text, LISTS))
    except BadQuery as error:
        return error
    return None


def answers(text: str) -> None:
    for understood in (parsing.parse, parsing.parse_entry):
        wrong = complaint(understood, text)
        assert wrong is None or (wrong.what and 0 <= wrong.at <= len(text)), wrong


@given(any_text)
@example("\0")
@example("2 of (" * 100)
@example("(" * 1_999)
@example("NOT " * 400 + "x")
@example('"a b"~' + "9" * 1_900)
@example("9" * 1_900 + " of (a, b)")
@example("published:" + "9" * 1_900)
@example("words:" + "9" * 1_900)
@example("@duty " * 400)
@example("ﷺ ⑴ ½")
def test_no_text_breaks_the_parser(text) -> None:
    answers(text)


def test_a_place_outside_the_text_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(parsing, "misread", lambda text, at: BadQuery("no", at=at + len(text) + 1))
    finds_the_fault(answers, st.tuples(any_text))


# --- (g) any text at all ----------------------------------------------------------------------------------------

ODD = [*"ßİıﬁǅ½⑴ﷺ\u0301\u0323\u00ad\u200b\u2028\x1c\x85\0·ㆍ각각ＦＴ中日-‐–'’.,!?;|%", " ", "\n", "a", "s", "A", "1"]
odd_text = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.one_of(st.sampled_from(ODD), st.sampled_from([*ENGLISH, *KOREAN, *GAPS])), max_size=12).map("".join),
)
ways = st.sampled_from(["{}", "={}", "{}*"])


def any_text_agrees(title: str, body: str, start: int, length: int, way: str) -> None:
    pieces = (title + " " + body).split()
    chosen = " ".join(pieces[start % len(pieces) :][:length]) if pieces else "a"
    try:
        query = Word(parse_term(way.format(chosen.replace("*", ""))))
    except BadTerm:
        assume(False)
    release = Subject(title=title, body=body)
    wanted = reference.true_for(query, release)
    index = Index[int]()
    index.add(1, query)
    index.add(2, Not(query))
    assert index.match(release) == ({1} if wanted else {2})
    assert list(explaining.places(query, release)) == reference.evidence_of(query, release)


ANY = (odd_text, odd_text, st.integers(0, 20), st.integers(1, 3), ways)


@given(*ANY)
def test_any_text_is_read_as_the_slow_judge_reads_it(title, body, start, length, way) -> None:
    any_text_agrees(title, body, start, length, way)


def test_a_word_in_a_wrong_place_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(reading.Reading, "span", lambda *_: (0, 1))
    finds_the_fault(any_text_agrees, st.tuples(*ANY))


# --- (h) the order ----------------------------------------------------------------------------------------------


def rules_are_in_order(written: list[str], releases: list[Subject]) -> None:
    made = [make_rule(f"r{number}", when=str(read(text))) for number, text in enumerate(written)]
    draft = Draft(id="1", title=f"{releases[0].title} duty", body=releases[0].body)
    real = normalise(draft, SOURCE, now=START)
    matches = rule.RuleSet(reversed(made)).matches(real, at=START)
    wanted = [one.id for one in reversed(made) if reference.true_for(one.query, rule.subject_of(real))]
    assert [one.id for one, _ in matches] == [match.rule for _, match in matches] == wanted


ORDER = our.rules(5)


@given(ORDER)
def test_matches_come_in_the_order_of_the_rules(drawn) -> None:
    rules_are_in_order(*drawn)


def test_matches_in_another_order_are_noticed(monkeypatch) -> None:
    monkeypatch.setattr(rule, "sorted", lambda met: sorted(met)[::-1], raising=False)
    finds_the_fault(rules_are_in_order, ORDER)

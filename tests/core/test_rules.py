import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.normalise import normalise
from bot.core.rules.reading import Reading
from bot.core.rules.rule import RuleSet, compile_rule
from bot.core.rules.term import BadTerm, parse_term
from bot.model import Match, Release
from bot.settings import RuleSpec
from scrapers.model import Draft
from tests.fakes import SOURCE, START, rule


def found(term: str, text: str) -> list[str]:
    return [text[start:end] for start, end in parse_term(term).occurrences(Reading(text))]


@pytest.mark.parametrize(
    ("term", "text", "hit"),
    [
        ("tariff", "New tariffs on cars", "tariffs"),
        ("TARIFF", "a tariff.", "tariff"),
        ("tariff", "tariffication of rice", None),
        ("anti-dumping", "Antidumping duties", "Antidumping"),
        ("antidumping", "anti-dumping duty", "anti-dumping"),
        ("anti dumping", "anti‑dumping", "anti‑dumping"),
        ("anti-dumping duty", "antidumping duties on steel", "antidumping duties"),
        ("dumping", "antidumping", None),
        ("customs duty", "the customs duties paid", "customs duties"),
        ("customs duty", "customs officers on duty", None),
        ("=tariff", "tariffs", None),
        ("=tariff", "Tariff", "Tariff"),
        ("stainless*", "Stainlesssteel", "Stainlesssteel"),
        ("countervail*", "countervailing duties", "countervailing"),
        ("anti-dump*", "antidumping", "antidumping"),
        ("tariffs*", "new tariffs on cars", "tariffs"),
        ("tariffs on*", "tariffs on-line", "tariffs on"),
        ("anti-dump*", "anti-dumping", "anti-dumping"),
        ("KTC", "KTC가 건의했다", "KTC"),
        ("café", "CAFE", "CAFE"),
        ("FTA", "ＦＴＡ", "ＦＴＡ"),
        ("section 232", "Section 232 tariffs", "Section 232"),
        ("관세", "관세를 부과", "관세"),
        ("관세", "관세청", "관세"),
        ("관세", "비관세 장벽", None),
        ("관세", "상호관세", None),
        ("상호관세", "상호 관세를 25%", "상호 관세"),
        ("반덤핑 관세", "반덤핑관세", "반덤핑관세"),
        ("반덤핑관세", "반덤핑 관세", "반덤핑 관세"),
        ("한미", "한·미 통상협의", "한·미"),
        ("한미 통상", "한·미통상협의", "한·미통상"),
        ("덤핑방지관세", "KTC, 덤핑방지관세 부과 건의", "덤핑방지관세"),
        ("관세", "美관세 정책", "관세"),
        ("관세", "덤핑 없음. 관세 없음", "관세"),
        ("232조", "무역확장법 232조 조치", "232조"),
        ("한미 관세", "한–미 관세 협상", "한–미 관세"),
        ("상호관세", "2026–2030년 ‘상호관세’ 협의", "상호관세"),
        ("anti-dumping", "Μαΐου anti-dumping duty", "anti-dumping"),
        ("AI*", "AI2025 forum", "AI2025"),
        ("U.S.*", "the USMCA review", "USMCA"),
        ("antidump*", "anti-dumping duties", "anti-dumping"),
        ("=salestax", "a sales tax", "sales tax"),
        ("관세", "철강ㆍ관세를", "관세"),
        ("수출통제", "수출ㆍ통제", "수출ㆍ통제"),
        ("덤핑", "저가‧덤핑", "덤핑"),
        ("15% tariff", "a 15% tariff", "15% tariff"),
        ("15% tariff", "a 0.15% tariff", None),
        ("11.37%", "between 11.37% and 18.81%", "11.37"),
        ("tariff suspension", "a 25% tariff. Suspension is possible", None),
        ("tariff suspension", "a 25% tariff\nSuspension review", None),
        ("five-year sunset review", "Five-Year (Sunset) Reviews", "Five-Year (Sunset) Reviews"),
        ("U.S. tariff", "the U.S. tariffs", "U.S. tariffs"),
        ("US tariff", "the U.S. tariffs", "U.S. tariffs"),
        ("export control", "export-controls, entity list", "export-controls"),
    ],
)
def test_terms(term: str, text: str, hit: str | None) -> None:
    assert found(term, text) == ([] if hit is None else [hit])


@pytest.mark.parametrize("term", ["", "  ", "...", "*", "a*b", "x" * 201, "=관세"])
def test_terms_that_could_never_match_are_refused(term: str) -> None:
    with pytest.raises(BadTerm):
        parse_term(term)


@given(st.text(min_size=1), st.text())
def test_no_text_breaks_a_term(term: str, text: str) -> None:
    try:
        parsed = parse_term(term)
    except BadTerm:
        return
    for start, end in parsed.occurrences(Reading(text)):
        assert 0 <= start < end <= len(text)


@given(
    st.lists(st.sampled_from(["steel", "duty", "duties", "anti", "dumping", "관세", "반덤핑", "KTC가"]), max_size=30)
)
def test_a_word_is_found_where_a_slow_search_finds_it(words: list[str]) -> None:
    text = " ".join(words)
    expected = sum(word in {"duty", "duties"} for word in words)
    assert len(parse_term("duty").occurrences(Reading(text))) == expected


def test_a_term_from_a_mac_is_composed_like_the_text() -> None:
    assert found(unicodedata.normalize("NFD", "관세"), "관세 인상") == ["관세"]


def release(title: str, body: str = "", *, category: str = "", source: str = "demo/press") -> Release:
    draft = Draft(id="1", title=title, body=body, categories=(category,) if category else ())
    return normalise(draft, SOURCE.model_copy(update={"id": source}), now=START)


def met(subject: Release, **keys: object) -> Match | None:
    return next((match for _, match in RuleSet([rule(**keys)]).matches(subject, at=START)), None)


def test_any_all_none() -> None:
    text = release("KTC proposes anti-dumping duty", "on stainless steel from Vietnam")
    assert met(text, any=["countervailing", "anti-dumping"])
    assert met(text, any=["anti-dumping"], all=["steel", "Vietnam"])
    assert not met(text, any=["anti-dumping"], all=["steel", "China"])
    assert not met(text, any=["anti-dumping"], none=["stainless steel"])
    assert not met(text, any=["countervailing"])


def test_categories_and_sources() -> None:
    text = release("A visit", category="FTA / Economic Cooperation", source="kr/motir-topics-fta")
    assert met(text, categories=["FTA/Economic Cooperation"])
    assert met(text, categories=["fta*"], sources=["kr/*"])
    assert not met(text, categories=["Energy"])
    assert not met(text, categories=["fta*"], sources=["us/*"])
    assert not met(release("A visit"), categories=["fta*"])


def test_a_match_carries_the_clauses_and_the_words_where_they_stand() -> None:
    text = release("KTC on dumping", "Anti-dumping duties on steel are proposed.", category="Trade")
    match = met(text, any=["anti-dumping"], all=["steel"], categories=["trade"])
    assert match is not None
    assert [(one.clause, one.field, one.text) for one in match.evidence] == [
        ("category: trade", "category", "Trade"),
        ("all: steel", "body", "steel"),
        ("any: anti-dumping", "body", "Anti-dumping"),
    ]
    for one in match.evidence[1:]:
        assert text.body[one.start : one.end] == one.text


def test_the_version_follows_the_meaning_not_the_name() -> None:
    assert rule(name="A").version == rule(name="B", to=["you"]).version
    assert rule(any=["tariff"]).version != rule(any=["tariffs"]).version


def test_examples_are_run_and_say_why_they_fail() -> None:
    spec = RuleSpec.model_validate(
        {
            "id": "ad",
            "name": "AD",
            "to": ["me"],
            "any": ["anti-dumping"],
            "none": ["waste"],
            "examples": {"hit": ["Dumping of waste", "anti-dumping of waste"], "miss": ["antidumping"]},
        }
    )
    _, problems = compile_rule(spec, file="rules/ad.toml")
    assert [str(problem) for problem in problems] == [
        "rules/ad.toml: rule \"ad\", examples.hit: 'Dumping of waste': it contains 'waste', which stands under none",
        "rules/ad.toml: rule \"ad\", examples.hit: 'anti-dumping of waste': it contains 'waste',"
        " which stands under none",
        "rules/ad.toml: rule \"ad\", examples.miss: 'antidumping': the rule matches it",
    ]


def test_every_bad_term_of_a_rule_is_named() -> None:
    spec = RuleSpec.model_validate({"id": "x", "name": "X", "to": ["me"], "any": ["a*b", "fine"], "none": ["!!"]})
    compiled, problems = compile_rule(spec, file="f")
    assert compiled is None
    assert [problem.place for problem in problems] == ['rule "x", any', 'rule "x", none']


TERMS = [
    "anti dumping",
    "steel*",
    "duty",
    "=duties",
    "관세",
    "US tariff",
    "반덤핑 관세",
    "AI*",
    "antidump*",
    "=salestax",
    "s*",
    "U.S.*",
]
WORDS = (
    "Anti-dumping antidumping steels duties duty 관세를 U.S. tariffs 반덤핑 x AI2025 sales tax semi-conductors 한–미 Μαΐου"
    " 1.5% USMCA ‘상호관세’ é a"
).split()


@given(
    st.lists(st.sampled_from(TERMS), min_size=1, unique=True),
    st.lists(st.sampled_from(WORDS)),
    st.sampled_from(" -\u00a0"),
)
def test_the_index_finds_what_looking_for_each_term_finds(terms: list[str], words: list[str], gap: str) -> None:
    text = gap.join(words)
    subject = release(text or "-", text + ".")
    expected = [
        (f"any: {term}", field, span)
        for term in terms
        for field, read in (("title", subject.title), ("body", subject.body))
        for span in parse_term(term).occurrences(Reading(read))[:5]
    ]
    match = met(subject, any=terms)
    assert [(one.clause, one.field, (one.start, one.end)) for one in (match.evidence if match else ())] == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_each_letter_of_a_compact_text_has_its_place(text: str) -> None:
    reading = Reading("가" + text)
    assert len(reading.compact) == len(reading._compact_places)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_each_word_has_its_place(text: str) -> None:
    reading = Reading(text)
    assert len(reading.exact) == len(reading._spans)

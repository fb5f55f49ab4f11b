"""Rules: how terms match, what a rule asks, with which evidence it matches, and what its version means."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.normalise import normalise
from bot.core.rules.judging.explaining import holds
from bot.core.rules.judging.reading import Reading
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.lists import compile_lists
from bot.core.rules.language.parsing import parse
from bot.core.rules.language.term import BadTerm, parse_term
from bot.core.rules.rule import Rule, RuleSet, compile_rule
from bot.errors import Finding
from bot.model import Match, Release
from bot.settings import RuleSpec
from scrapers.model import Draft
from tests.fakes import SOURCE, START, rule

LISTS, _ = compile_lists({"steel": ["steel", "stainless*", "철강"], "remedies": ["anti-dumping", "@steel", "=반덤핑"]})


def found(term: str, text: str) -> list[str]:
    reading, parsed = Reading(text), parse_term(term)
    return [text[start:end] for start, end in (reading.span(parsed, run) for run in reading.runs(parsed))]


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
        ("steel plate", "steelplate", "steelplate"),
        ("steelplate", "steel plates", "steel plates"),
        ("salestax", "a sales tax", "sales tax"),
        ("sales tax", "a salestax", "salestax"),
        ("=salestax", "a sales tax", "sales tax"),
        ("=salestax", "a sale tax", None),
        ("therein", "the rein", None),
        ("tax e", "taxe", "taxe"),
        ("customs duty", "the customs duties paid", "customs duties"),
        ("customs duty", "customs officers on duty", None),
        ("=tariff", "tariffs", None),
        ("=tariff", "Tariff", "Tariff"),
        ("=anti-dumping", "antidumping", "antidumping"),
        ("stainless*", "Stainlesssteel", "Stainlesssteel"),
        ("countervail*", "countervailing duties", "countervailing"),
        ("anti-dump*", "antidumping", "antidumping"),
        ("anti-dump*", "anti-dumping", "anti-dumping"),
        ("antidump*", "anti-dumping duties", "anti-dumping"),
        ("tariffs*", "new tariffs on cars", "tariffs"),
        ("tariffs on*", "tariffs on-line", "tariffs on"),
        ("KTC", "KTC가 건의했다", "KTC"),
        ("KTC 건의", "KTC가 건의했다", "KTC가 건의"),
        ("café", "CAFE", "CAFE"),
        ("FTA", "ＦＴＡ", "ＦＴＡ"),
        ("section 232", "Section 232 tariffs", "Section 232"),
        ("15% tariff", "a 15% tariff", "15% tariff"),
        ("15% tariff", "a 0.15% tariff", None),
        ("11.37%", "between 11.37% and 18.81%", "11.37"),
        ("tariff suspension", "a 25% tariff. Suspension is possible", None),
        ("tariff suspension", "a 25% tariff\nSuspension review", None),
        ("tariff suspension", "a tariff; suspension", None),
        ("tariff suspension", "a tariff, suspension", "tariff, suspension"),
        ("section 232", "No. 5, Sec. 301, section 232", "section 232"),
        ("inc steel", "Acme Inc. Steel", "Inc. Steel"),
        ("five-year sunset review", "Five-Year (Sunset) Reviews", "Five-Year (Sunset) Reviews"),
        ("U.S. tariff", "the U.S. tariffs", "U.S. tariffs"),
        ("US tariff", "the U.S. tariffs", "U.S. tariffs"),
        ("U.S.*", "the USMCA review", "USMCA"),
        ("AI*", "AI2025 forum", "AI2025"),
        ("export control", "export-controls, entity list", "export-controls"),
        ("anti-dumping", "Μαΐου anti-dumping duty", "anti-dumping"),
        ("관세", "관세를 부과", "관세"),
        ("관세", "관세청", "관세"),
        ("관세", "비관세 장벽", None),
        ("관세", "상호관세", None),
        ("=관세", "관세를 부과", "관세"),
        ("=관세", "관세청 발표", None),
        ("관세 부과", "관세를 부과", "관세를 부과"),
        ("상호관세", "상호 관세를 25%", "상호 관세"),
        ("반덤핑 관세", "반덤핑관세", "반덤핑관세"),
        ("반덤핑관세", "반덤핑 관세", "반덤핑 관세"),
        ("반덤핑", "反덤핑 조사", "反덤핑"),
        ("한미", "한·미 통상협의", "한·미"),
        ("한미 통상", "한·미통상협의", "한·미통상"),
        ("한미 관세", "한–미 관세 협상", "한–미 관세"),
        ("덤핑방지관세", "KTC, 덤핑방지관세 부과 건의", "덤핑방지관세"),
        ("관세", "美관세 정책", "관세"),
        ("美", "美관세 정책", "美"),
        ("관세", "덤핑 없음. 관세 없음", "관세"),
        ("덤핑 관세", "덤핑. 관세", None),
        ("덤핑 관세", "덤핑\n관세", None),
        ("232조", "무역확장법 232조 조치", "232조"),
        ("232조", "1232조", None),
        ("상호관세", "2026–2030년 ‘상호관세’ 협의", "상호관세"),
        ("관세", "철강ㆍ관세를", "관세"),
        ("수출통제", "수출ㆍ통제", "수출ㆍ통제"),
        ("덤핑", "저가‧덤핑", "덤핑"),
    ],
)
def test_terms(term: str, text: str, hit: str | None) -> None:
    assert found(term, text) == ([] if hit is None else [hit])


@pytest.mark.parametrize("term", ["", "  ", "...", "*", "a*b", "x" * 201, "=tariff*"])
def test_terms_that_could_never_match_are_refused(term: str) -> None:
    with pytest.raises(BadTerm):
        parse_term(term)


@given(st.text(min_size=1), st.text())
def test_no_text_breaks_a_term(term: str, text: str) -> None:
    try:
        parsed = parse_term(term)
    except BadTerm:
        return
    reading = Reading(text)
    for run in reading.runs(parsed):
        start, end = reading.span(parsed, run)
        assert 0 <= start < end <= len(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_each_word_has_its_place(text: str) -> None:
    reading = Reading(text)
    assert len(reading.words) == len(reading.stems) == len(reading.spans)


def test_a_term_from_a_mac_is_composed_like_the_text() -> None:
    assert found(unicodedata.normalize("NFD", "관세"), "관세 인상") == ["관세"]


# --- rules ------------------------------------------------------------------------------------------------------


def release(title: str, body: str = "", *, category: str = "", source: str = "demo/press", day: str = "") -> Release:
    draft = Draft(id="1", title=title, body=body, categories=(category,) if category else (), published=day)
    return normalise(draft, SOURCE.model_copy(update={"id": source}), now=START)


def made(**keys: object) -> Rule:
    """A rule that may name LISTS."""
    spec = RuleSpec.model_validate({"id": "tariffs", "name": "Tariffs", "to": ("me",), **keys})
    compiled, findings = compile_rule(spec, LISTS)
    assert not findings
    assert compiled is not None
    return compiled


def met(subject: Release, **keys: object) -> Match | None:
    return next((match for _, match in RuleSet([made(**keys)]).matches(subject, at=START)), None)


def told(subject: Release, **keys: object) -> list[tuple[str, str, str]]:
    match = met(subject, **keys)
    assert match is not None
    for one in match.evidence:
        if one.field in {"title", "body"}:
            assert getattr(subject, one.field)[one.start : one.end] == one.text
    return [(one.clause, one.field, one.text) for one in match.evidence]


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


def test_all_keys_that_are_given_must_be_met() -> None:
    keys = {
        "when": "title:tariff OR title:관세",
        "any": ["steel", "copper"],
        "all": ["duty"],
        "none": ["waste"],
        "categories": ["Trade"],
        "sources": ["kr/*"],
    }
    there = {"title": "A tariff", "body": "a duty on steel", "category": "Trade", "source": "kr/press"}
    assert met(release(**there), **keys)
    for change in (
        {"title": "A visit"},
        {"body": "a duty on zinc"},
        {"body": "a tax on steel"},
        {"body": "a duty on steel waste"},
        {"category": "Energy"},
        {"source": "us/press"},
    ):
        assert not met(release(**there | change), **keys), change


def test_a_phrase_does_not_go_on_from_the_title_to_the_text() -> None:
    assert not met(release("New steel", "plate prices"), any=["steel plate"])


def test_entries_are_words_patterns_lists_nearness_or_expressions() -> None:
    text = release("Stainless plate", "duties on it, 25%", day="2026-11-02")
    assert met(text, any=["@steel"])
    assert met(text, any=["/plat./"])
    assert met(text, any=['"plate stainless"~0'])
    assert met(text, all=["(title:plate -body:plate percent:>=25 published:2026)"])
    assert not met(text, none=["@remedies"], all=["plate"])


def test_a_match_carries_the_clauses_and_the_words_where_they_stand() -> None:
    text = release("KTC on dumping", "Anti-dumping duties on steel are proposed.", category="Trade")
    assert told(text, any=["anti-dumping"], all=["steel"], categories=["trade"]) == [
        ("category: trade", "category", "Trade"),
        ("all: steel", "body", "steel"),
        ("any: anti-dumping", "body", "Anti-dumping"),
    ]


def test_evidence_of_a_query_is_called_as_its_author_wrote_it() -> None:
    text = release("Steel tariffs", "A duty of 25% on stainless steel; 철강 관세", source="kr/press", day="2026-11-02")
    assert told(
        text, when='title:Tariffs (@steel OR nothing) source:kr/* "duty steel"~6 percent:>20 NOT zinc /관./'
    ) == [
        ("title:Tariffs", "title", "tariffs"),
        ("@steel: steel", "title", "Steel"),
        ("@steel: steel", "body", "steel"),
        ("@steel: stainless*", "body", "stainless"),
        ("@steel: 철강", "body", "철강"),
        ("source: kr/*", "source", "kr/press"),
        ('"duty steel"~6', "body", "duty of 25% on stainless steel"),
        ("percent:>20", "body", "25%"),
        ("/관./", "body", "관세"),
    ]


def test_evidence_of_days_and_numbers() -> None:
    text = release("Steel duties", "rise", day="2026-11-02")
    assert told(text, when="published:>=2026-11 words:3") == [
        ("published:>=2026-11", "published", "2026-11-02"),
        ("words:3", "words", "3"),
    ]


def test_a_list_shows_under_its_own_name_wherever_it_stands() -> None:
    text = release("Steel", "반덤핑을")
    assert told(text, any=["@remedies"]) == [
        ("@remedies: steel", "title", "Steel"),
        ("@remedies: =반덤핑", "body", "반덤핑"),
    ]
    assert told(text, when="body:@remedies") == [("body:@remedies: =반덤핑", "body", "반덤핑")]


def test_at_most_five_places_a_field_are_told_and_none_twice() -> None:
    text = release("duty " * 7, "duties " * 7)
    places = [("any: duty", "title", "duty")] * 5 + [("any: duty", "body", "duties")] * 5
    assert told(text, any=["duty"]) == places
    assert told(text, when="(duty OR steel) (duty OR plate)", none=["zinc"]) == [("duty", *one[1:]) for one in places]


def test_matches_come_in_the_order_of_the_rules_with_revision_and_version() -> None:
    rules = [rule("b"), rule("c", any=["nothing"]), rule("a", when="tariff")]
    matches = RuleSet(rules).matches(release("A tariff"), at=START, revision=3)
    assert [(one.id, match.rule, match.revision, match.at) for one, match in matches] == [
        ("b", "b", 3, START),
        ("a", "a", 3, START),
    ]
    assert [match.rule_version for _, match in matches] == [rules[0].version, rules[2].version]


# --- versions ---------------------------------------------------------------------------------------------------


def test_the_version_follows_the_meaning_not_the_name() -> None:
    assert rule(name="A").version == rule(name="B", to=["you"]).version
    assert rule(any=["tariff"]).version != rule(any=["=tariff"]).version


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"any": ["tariff"]}, {"any": ["tariffs"]}),
        ({"any": ["a", "b"]}, {"any": ["b", "a", "A"]}),
        ({"any": ["a", "b"]}, {"when": "a OR b"}),
        ({"all": ["a", "b"]}, {"when": "b a"}),
        ({"all": ["a"], "none": ["b"]}, {"when": "a -b"}),
        ({"any": ["@steel"]}, {"any": ["stainless*", "철강", "steel"]}),
        ({"categories": ["FTA / Economic"]}, {"categories": ["fta/economic"]}),
        ({"when": "2 of (a, b)"}, {"when": "a AND b"}),
        ({"when": "published:2025-4"}, {"when": "published:2025-04"}),
        ({"any": ["anti-dumping"]}, {"any": ["anti dumping"]}),
    ],
)
def test_the_same_meaning_has_the_same_version(one: dict[str, object], other: dict[str, object]) -> None:
    assert made(**one).version == made(**other).version


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"any": ["a", "b"]}, {"all": ["a", "b"]}),
        ({"any": ["a"]}, {"when": "title:a"}),
        ({"any": ["a"]}, {"any": ["a*"]}),
        ({"when": "a (b OR c)"}, {"when": "(a b) OR c"}),
        ({"when": '"a b"~3'}, {"when": '"a b"~4'}),
        ({"when": '"steel a-b"~3'}, {"when": '"steel a b"~3'}),
        ({"when": "published:2025"}, {"when": "published:2025-01"}),
        ({"when": "words:>5"}, {"when": "words:>=5"}),
        ({"when": "2 of (a, b, c)"}, {"when": "1 of (a, b, c)"}),
        ({"categories": ["a"]}, {"sources": ["a"]}),
        ({"when": "/a/"}, {"when": "/(?-i)a/"}),
    ],
)
def test_another_meaning_has_another_version(one: dict[str, object], other: dict[str, object]) -> None:
    assert made(**one).version != made(**other).version


# --- examples and mistakes --------------------------------------------------------------------------------------


def findings(**keys: object) -> list[Finding]:
    spec = RuleSpec.model_validate({"id": "x", "name": "X", "to": ["me"], **keys})
    return compile_rule(spec, LISTS)[1]


def test_examples_are_run_and_say_why_they_fail() -> None:
    told = findings(
        any=["anti-dumping", "@steel"],
        none=["waste"],
        examples={
            "hit": ["Dumping of copper", "anti-dumping of waste", "Stainless pipes"],
            "miss": ["antidumping", "steel waste"],
        },
    )
    assert [(one.path, one.what) for one in told] == [
        (
            ("examples", "hit", 0),
            "it has not any of: any: anti-dumping, @steel: steel, @steel: stainless*, @steel: 철강",
        ),
        (("examples", "hit", 1), "it has what must be missing: by 'waste'"),
        (("examples", "miss", 0), "the rule matches it: by 'antidumping'"),
    ]


@pytest.mark.parametrize(
    ("when", "text", "why"),
    [
        ("a (b OR c)", "a", "it has not any of: b, c"),
        ("a (b c)", "a b", "it lacks 'c'"),
        ("(a b) OR (c -d)", "a", "it has not any of: (all of a, b), (all of c, (not d))"),
        ("2 of (a, b, c)", "a", "it has not at least 2 of: a, b, c"),
        ("NOT (a b)", "a b", "it has what must be missing: by 'a', 'b'"),
        ("category:x source:y a", "b", "it lacks 'a'"),
        ("category:x (source:y (b c)) -a", "b", "it lacks 'c'"),
        ("title:a", "x\na", "it lacks 'title:a'"),
        ("words:>5", "a", "it lacks 'words:>5'"),
        ('"all of" "not"', "x", "it lacks 'all of'"),
        ('"not"', "x", "it lacks 'not'"),
        ("1 of (a, b, c, d, e, f, g)", "x", "it has not any of: a, b, c, d, e and 2 more"),
    ],
)
def test_the_reason_is_one_that_the_text_shows(when: str, text: str, why: str) -> None:
    assert [one.what for one in findings(when=when, examples={"hit": [text]})] == [why]


def test_what_matches_is_shown_though_it_is_called_not() -> None:
    assert [one.what for one in findings(when='"not"', examples={"miss": ["not"]})] == ["the rule matches it: by 'not'"]


def test_what_an_example_cannot_show_is_taken_as_met() -> None:
    keys = {"any": ["tariff"], "categories": ["Trade"], "sources": ["kr/*"], "when": "published:2025 -language:en"}
    assert findings(**keys, examples={"hit": ["a tariff"], "miss": ["a visit", "0123456789abcdef"]}) == []


def test_every_mistake_of_a_rule_is_told() -> None:
    assert findings(any=["a*b", "fine", "@stel"], none=["!!"], when="titel:x") == [
        Finding(("when",), "there is no field titel", "did you mean title:?", 0),
        Finding(("any", 0), "* can only stand at the end of a term", "", 0),
        Finding(("any", 2), "there is no list @stel", "did you mean @steel?", 0),
        Finding(("none", 0), "there is no word in it", "", 0),
    ]


# --- lists of words ---------------------------------------------------------------------------------------------


def wrong(**written: list[str]) -> list[tuple[tuple[str | int, ...], str]]:
    return [(one.path, one.what) for one in compile_lists(written)[1]]


@pytest.mark.parametrize(
    ("written", "path", "circle"),
    [
        ({"a": ["@a"]}, ("terms", "a", 0), "@a → @a"),
        ({"a": ["x", "@b"], "b": ["@c"], "c": ["y", "z", "@a"]}, ("terms", "c", 2), "@a → @b → @c → @a"),
        ({"a": ["@b"], "b": ["x", "@b"]}, ("terms", "b", 1), "@b → @b"),
        ({"a": ["(x AND title:@b)"], "b": ["(NOT x -@a)"]}, ("terms", "b", 0), "@a → @b → @a"),
        ({"a": ["(2 of (x,@b, z))"], "b": ["(@a)"]}, ("terms", "b", 0), "@a → @b → @a"),
    ],
)
def test_lists_in_a_circle_are_refused(written: dict[str, list[str]], path: tuple[str | int, ...], circle: str) -> None:
    assert wrong(**written) == [(path, f"lists name one another in a circle: {circle}")]


def test_a_list_that_is_wrong_is_left_out_and_told_once() -> None:
    made, told = compile_lists({"a": ["x", "a*b"], "b": ["@a"], "c": ["@b", "y"], "d": ["z"], "e": ["@zz"]})
    assert sorted(made) == ["d"]
    assert [(one.path, one.what) for one in told] == [
        (("terms", "a", 1), "* can only stand at the end of a term"),
        (("terms", "e", 0), "there is no list @zz"),
    ]


def test_lists_are_found_in_any_order_and_in_expressions() -> None:
    made, told = compile_lists({"a": ["@b", "(x -@c)"], "b": ["1"], "c": ["2"]})
    assert not told
    assert str(made["a"]) == "((NOT 2 AND x) OR 1)"


def test_a_list_of_too_many_words_is_refused() -> None:
    many = [f"w{number}" for number in range(600)]
    assert wrong(a=many, b=[f"v{one}" for one in many], c=["@a", "@b"]) == [
        (("terms", "c"), "with the lists it names it has more than 1,000 words")
    ]


@pytest.mark.parametrize(
    ("text", "asked", "hit"),
    [
        ("duties of 11.37~26.81%", "percent:11.37", True),
        ("duties of 11.37~26.81%", "percent:>26", True),
        ("growth of 10-15 percent", "percent:<=10", True),
        ("growth of 10 to 15 percent", "percent:<=10", True),
        ("in 2024-15 percent", "percent:2024", True),
        ("11.37 tons and 26.81%", "percent:11.37", False),
    ],
)
def test_both_ends_of_a_range_are_percentages(text: str, asked: str, hit: bool) -> None:
    assert holds(parse(asked), Subject(body=text)) is hit

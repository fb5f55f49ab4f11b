"""Warnings about rules that are allowed, but hardly meant."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rules.judging.explaining import holds
from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.lists import compile_lists
from bot.core.rules.language.parsing import parse
from bot.core.rules.language.tree import Query
from bot.core.rules.review.implying import implies
from bot.core.rules.review.lint import Remark, Terms, lint
from bot.core.rules.review.naming import Naming, unknown_categories, unknown_sources
from bot.core.rules.review.possible import find_way
from bot.core.rules.review.swallowing import witness
from bot.core.rules.rule import Rule, compile_rule
from bot.settings import RuleSpec


def made(rule_id: str = "r", *, lists: Any = None, **keys: Any) -> Rule:
    spec = RuleSpec.model_validate({"id": rule_id, "name": rule_id, "to": ("me",), **keys})
    rule, wrong = compile_rule(spec, lists)
    assert rule is not None, wrong
    return rule


def remarks(*rules: Rule, terms: Terms | None = None) -> list[Remark]:
    return list(lint(rules, terms or Terms()))


def whats(*rules: Rule, terms: Terms | None = None) -> list[str]:
    return [one.finding.what for one in remarks(*rules, terms=terms)]


@pytest.mark.parametrize(
    "when",
    [
        "steel AND NOT steel",
        '"steel plate" AND NOT steel',
        "title:steel AND NOT steel",
        "published:>2026 AND published:<2025",
        "published:2025-04 published:2025-05",
        "words:>5 words:<6",
        "language:ko language:en",
        "source:kr/press source:us/*",
        "(a OR b) -a -b",
        "2 of (x, y, z) -x -y",
        "cars NOT car*",
        "철강관세 NOT 철강",
        '"steel duty"~3 NOT duty',
        "=tariffs NOT tariff",
        "duty NOT dut*",
        '"hot rolled steel" AND NOT "rolled steel"',
        "url:example.org/press/1 NOT url:example.org",
        "percent:>=50 NOT percent:>25",
        "2 of (a, b, c) AND NOT (a OR b) AND d",
    ],
)
def test_what_can_never_match(when: str) -> None:
    [remark] = remarks(made(when=when))
    assert remark.finding.what.startswith("this rule can never match: ")
    assert remark.finding.path == ("when",)


@pytest.mark.parametrize(
    "when",
    [
        "steel AND NOT stainless",
        "anti-dumping AND NOT dumping",  # antidumping has no word "dumping"
        "steel AND NOT title:steel",
        "tariff AND NOT =tariffs",
        "published:>=2026 AND published:<=2026",
        "percent:>50 percent:<5",  # a text may name two
        "category:Energy category:Trade",
        "category:Energy NOT category:Energy/Gas",
        "source:kr/* source:*/press",
        "duties NOT duties*",
        "2 of (x, y, z) -x",
        "철강 NOT 철강관세",
        '"steel duty"~3 NOT "steel duty"~2',
        "/steel/ NOT steel",
    ],
)
def test_what_can_match(when: str) -> None:
    assert remarks(made(when=when)) == []


def test_an_entry_of_none_that_takes_all_is_named_with_its_place() -> None:
    [remark] = remarks(made(any=["steel plate", "steel sheet"], none=["copper", "steel"]))
    assert remark.finding.path == ("none", 1)
    assert "'steel' must not be there, and stands in all that must be: 'steel plate', 'steel" in remark.finding.what


def test_an_entry_that_none_takes_away_is_named() -> None:
    [remark] = remarks(made(any=["copper", "steel plate"], none=["steel"]))
    assert (remark.finding.path, remark.finding.what) == (
        ("any", 1),
        "this never counts: none has 'steel', which is in it",
    )


@pytest.mark.parametrize(
    "keys",
    [
        {"when": "NOT zzz"},
        {"when": "steel OR NOT steel"},
        {"when": "NOT (a b)"},
        {"categories": ["*"]},
        {"sources": ["*"], "none": ["steel"]},
        {"when": "words:>0"},
        {"when": "language:* -category:Energy"},
    ],
)
def test_what_matches_everything(keys: dict[str, Any]) -> None:
    [what] = whats(made(**keys))
    assert "matches nearly everything" in what


@pytest.mark.parametrize("keys", [{"sources": ["kr/*"]}, {"categories": ["Energy"], "none": ["a"]}, {"when": "a -b"}])
def test_what_asks_for_something_does_not(keys: dict[str, Any]) -> None:
    assert remarks(made(**keys)) == []


def swallower(narrow: Mapping[str, object], wide: Mapping[str, object]) -> str:
    found = [one for one in remarks(made("narrow", **narrow), made("wide", **wide)) if one.rule == "narrow"]
    return found[0].finding.what if found else ""


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("steel copper", "steel"),
        ("steel", "steel OR copper"),
        ('"steel plate"', "plate"),
        ("title:steel", "steel"),
        ("=tariffs", "tariff"),
        ("stainless", "stainless*"),
        ("3 of (a, b, c, d)", "2 of (a, b, c, d, e)"),
        ("steel NOT (copper OR zinc)", "steel NOT copper"),
        ("철강관세", "철강"),
        ("source:kr/press steel", "source:kr/* steel"),
        ("published:>=2026 steel", "published:>2024 steel"),
        ("words:>100 steel", "words:>=50 steel"),
        ('"steel duty"~2', '"duty steel"~5'),
        ('"steel duty"', '"duty steel"~2'),
        ("percent:>50 duty", "percent:>=25 duty"),
        ("/stee+l/ iron", "/stee+l/"),
    ],
)
def test_a_rule_that_another_swallows(narrow: str, wide: str) -> None:
    assert 'the rule "wide" meets every release that this one meets' in swallower({"when": narrow}, {"when": wide})
    assert not swallower({"when": wide}, {"when": narrow})


def test_who_hears_more_is_not_swallowed() -> None:
    narrow: dict[str, object] = {"when": "steel copper"}
    wide: dict[str, object] = {"when": "steel"}
    assert not swallower({**narrow, "to": ["you"]}, wide)
    assert swallower({**narrow, "to": ["you"]}, {**wide, "to": ["me", "you"]})
    assert not swallower({**narrow, "alert": "every"}, wide)
    assert not swallower({**narrow, "enabled": False}, wide)
    assert not swallower(narrow, {**wide, "enabled": False})
    assert swallower(narrow, {**wide, "alert": "every"})


def test_of_two_rules_that_mean_the_same_the_later_is_named_once() -> None:
    [remark] = remarks(made("one", any=["steel", "copper"]), made("two", when="copper OR steel", to=["you"]))
    assert (remark.rule, remark.finding.what) == ("two", 'it means the same as the rule "one"')
    assert remark.finding.hint == 'one rule with to = ["me", "you"] is enough'
    [remark] = remarks(made("one", when="a AND b OR a"), made("two", when="a"))
    assert remark.rule == "two"


def test_words_that_were_meant_as_operators_with_their_place() -> None:
    when = '"and" steel and (Not copper) OR /a or b/ AND android'
    found = [one.finding for one in remarks(made(when=when))]
    assert [(one.offset, one.what) for one in found] == [
        (when.index("and ("), "'and' is looked for as a word"),
        (when.index("Not"), "'Not' is looked for as a word"),
    ]
    assert "write NOT if you mean the operator" in found[1].hint
    assert whats(made(any=["steel and iron"])) == []
    assert len(whats(made(any=["( steel or iron )"]))) == 1


def test_beginnings_that_begin_too_much() -> None:
    when = "steel c*"
    [remark] = remarks(made(when=when))
    assert (remark.finding.path, remark.finding.offset) == (("when",), 6)
    [remark] = remarks(made(any=["steel", "fe*"]))
    assert remark.finding.path == ("any", 1)
    assert remarks(made(any=["iron fe*", "ste*"])) == []


def test_entries_that_say_the_same() -> None:
    found = remarks(made(any=["tariff", "steel", "Tariffs", "anti-dumping", "antidumping", "steel", "=tariffs"]))
    assert [(one.finding.path, one.finding.what) for one in found] == [
        (("any", 2), "it means the same as 'tariff'"),
        (("any", 4), "it means the same as 'anti-dumping'"),
        (("any", 5), "it stands there twice"),
    ]


def test_lists_that_no_rule_uses() -> None:
    written = {
        "steel": ["steel", "@iron"],
        "iron": ["iron"],
        "gone": ["@forgotten"],
        "forgotten": ["x y"],
        "offered": ["copper"],
        "off": ["zinc"],
        "inside": ["tin"],
    }
    lists, wrong = compile_lists(written)
    assert not wrong
    rules = [
        made("a", lists=lists, when="@steel"),
        made("b", lists=lists, enabled=False, any=["@off"]),
        made("c", lists=lists, any=["( lead AND NOT @inside )"]),
    ]
    found = remarks(*rules, terms=Terms(written=written, lists=lists, offered={"offered"}))
    assert [(one.rule, one.finding.path, one.finding.what) for one in found] == [
        ("", ("terms", "gone"), "no rule uses @gone"),
        ("", ("terms", "forgotten"), "no rule uses @forgotten"),
    ]
    assert all(one.finding.key for one in found)


def test_a_rule_that_is_switched_off_is_in_nobodys_way() -> None:
    assert remarks(made(when="steel and NOT steel OR a*", enabled=False)) == []


KNOWN = {
    "kr/energy": Naming(frozenset({"Energy"})),
    "kr/fta": Naming(frozenset({"FTA/Economic Cooperation"})),
    "us/register": Naming(frozenset(), has_others=True),
}


def test_categories_that_no_source_has() -> None:
    kr = {"sources": ["kr/*"]}
    rules = [
        made("a", categories=["Enrgy", "FTA / Economic*"], **kr),
        made("b", when="steel NOT category:Energi", **kr),
        made("c", categories=["Anything"]),
        made("d", categories=["Enrgy"], enabled=False, **kr),
    ]
    found = [(one, finding.path, finding.offset, finding.hint) for one, finding in unknown_categories(rules, KNOWN)]
    assert found == [
        ("a", ("categories", 0), None, 'did you mean "Energy"?'),
        ("b", ("when",), 19, 'did you mean "Energy"?'),
    ]
    assert list(unknown_categories(rules, {})) == []


def test_sources_that_nobody_knows() -> None:
    rules = [made("a", when="steel AND (source:kr/enrgy OR source:us/*)"), made("b", when="source:x", enabled=False)]
    [(rule_id, finding)] = unknown_sources(rules, KNOWN)
    assert (rule_id, finding.offset, finding.what) == ("a", 18, "no source is called 'kr/enrgy'")
    assert finding.hint == 'did you mean "kr/energy"?'


def test_a_witness_is_met_by_its_rule() -> None:
    for when in (
        'title:steel ("a b" OR c) -d source:kr/* published:>2026-02 words:>=30 percent:>=25',
        '2 of (x*, "y z"~3, 관세) published:<2020 category:Energy percent:<5',
    ):
        rule = made(when=when)
        seen = witness(rule)
        assert seen is not None, when
        assert holds(rule.query, seen)


WORDS = ("steel", "plate", "duty", "duties", "tariff", "tariffs", "관세", "관세청", "철강", "철강관세", "stainless")
leaf = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS[:6]).map(lambda word: f"={word}"),
    st.sampled_from(["dut*", "steel*", "duty*", "t*", "stain*", "tariffs*"]),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)).map(lambda two: f'"{two[0]} {two[1]}"'),
    st.sampled_from(['"steel duty"~1', '"duty steel"~3', '"tariff plate duty"~2', "/dut/", "/stee+l/"]),
    st.sampled_from(["published:>2025", "published:2025-03", "published:<2026", "published:<=2024"]),
    st.sampled_from(["words:>3", "words:<=5", "words:4", "percent:>20", "percent:25", "percent:<=30"]),
    st.sampled_from(["source:kr/*", "source:kr/press", "source:us/*", "language:ko", "language:en"]),
)
placed = st.one_of(leaf, st.sampled_from(WORDS).map(lambda word: f"title:{word}"))
queries = st.recursive(
    placed,
    lambda some: st.one_of(
        st.tuples(some, some).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(some, some).map(lambda two: f"({two[0]} OR {two[1]})"),
        some.map(lambda one: f"NOT {one}"),
        st.lists(some, min_size=3, max_size=3, unique=True).map(lambda three: f"2 of ({', '.join(three)})"),
    ),
    max_leaves=6,
).map(parse)
texts = st.lists(st.sampled_from((*WORDS, "25%", ".", "관세를")), max_size=7).map(" ".join)
subjects = st.builds(
    lambda title, body, source, language, published: Subject(
        title=title, body=body, attributes={"source": (source,), "language": (language,)}, published=published
    ),
    texts,
    texts,
    st.sampled_from(["kr/press", "kr/energy", "us/register"]),
    st.sampled_from(["en", "ko"]),
    st.sampled_from([None, date(2024, 5, 1), date(2025, 3, 3), date(2026, 1, 1)]),
)


@given(queries, queries, st.lists(subjects, min_size=4, max_size=4))
def test_a_rule_is_called_swallowed_only_if_it_is(one: Query, other: Query, some: list[Subject]) -> None:
    if implies(one, other):
        assert all(holds(other, subject) for subject in some if holds(one, subject))


@given(queries, st.lists(subjects, min_size=4, max_size=4))
def test_a_rule_is_called_impossible_only_if_it_is(query: Query, some: list[Subject]) -> None:
    if find_way(query).is_impossible:
        assert not any(holds(query, subject) for subject in some)

"""Queries and releases over a vocabulary so small that they meet all the time."""

import re
from datetime import date

from hypothesis import strategies as st

from bot.core.rules.judging.subject import Subject
from bot.core.rules.language.lists import compile_lists
from bot.core.rules.language.parsing import BadQuery, parse
from bot.core.text import singular

LISTS, _WRONG = compile_lists(
    {
        "duty": ["duty", '"tariff steel"~1', "관세", "/dut(y|ies)/"],
        "remedy": ["anti-dumping", "@duty", "(dumping AND NOT plate)", "=반덤핑"],
    }
)
assert not _WRONG

ENGLISH = (
    "tariff tariffs duty duties anti dumping antidumping anti-dumping steel plate steelplate steel-plate sale sales tax"
    " salestax U.S. US us semi conductor semiconductors five-year five year fiveyear a e may or mayor no inc AI AI2025"
    " café not and 15 1,000 1.5 0.15 232 x co-op co-ops coops"
).split()
KOREAN = (
    "관세 관세청 상호관세 상호 반덤핑 덤핑 방지 방지관세 덤핑방지관세 관 세 세관 가 이 를 은 가나 KTC KTC가 건의"
    " 한미 한·미 한 미 통상 통상협의 反덤핑 관세를 관세가 232조 조 무역 美 美관세 中"
).split()
NUMBERS = "15% 25% 1,250% 0.5% 5 percent 10퍼센트 25-50%".split()
GAPS = (
    ", |. |.|! |? |; |\n|-|‑|–| - |·|ㆍ|'|’ |‘| (|) |/|: | … | . | * |..|\u00a0|\u3000| \"|” |\u200b|(.| ·|. . |,| ∙ "
).split("|")
PATTERNS = (
    r"/duty/",
    r"/anti.?dump/",
    r"/\btariffs?\b/",
    r"/관세(를|가)?/",
    r"/\d+%/",
    r"/s\b/",
    r"/^t/",
    r"/a|ab/",
    r"/\w{6,}/",
    r"/\s-\s/",
    r"/a\/b/",
)
CATEGORIES = ["Trade", "FTA / Economic", "Energy"]
DAYS = [date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 30), date(2026, 1, 1)]

words = st.one_of(st.sampled_from(ENGLISH), st.sampled_from(KOREAN))


def _texts(vocabulary: st.SearchStrategy[str], *, most: int) -> st.SearchStrategy[str]:
    gap = st.one_of(st.just(" "), st.sampled_from(["-", " ", " ", ""]), st.sampled_from([" ", " ", *GAPS]))
    return st.lists(st.tuples(vocabulary, gap), max_size=most).map(
        lambda parts: "".join(word + gap for word, gap in parts)
    )


def texts_for(written: list[str]) -> st.SearchStrategy[str]:
    """Texts that have words and phrases of the queries, whole and in pieces, among others."""
    said = " ".join(written)
    phrases = [one for one in re.findall(r'"([^"]*)"', said) if one]
    single = re.findall(r"[^\s\"()~*=/:@,]+", said)
    own = [*single, *(part for one in single for part in one.split("-") if part)]
    own += [f"{one[:cut]}-{one[cut:]}" for one in single for cut in (2, 4, -2) if one.isalpha() and len(one) > 3]
    own += [one + after for one in single for after in ("s", "를", "가", "청", "들")]
    whole = [one.replace(" ", gap) for one in phrases for gap in (" ", " ", " ", "-", "", "  ", ", ", ". ", "\n")]
    ours = st.sampled_from([*own, *(one.title() for one in own)])
    others = st.one_of(words, st.sampled_from(NUMBERS), st.sampled_from([one.upper() for one in ENGLISH]))
    return _texts(st.one_of(st.sampled_from(whole or own), ours, others), most=10)


def subjects_for(written: list[str]) -> st.SearchStrategy[Subject]:
    texts = texts_for(written)
    return st.builds(
        lambda title, body, categories, source, language, published: Subject(
            title=title,
            body=body,
            attributes={
                "category": tuple(categories),
                "source": (source,),
                "language": (language,),
                "url": (f"https://{source}.example/Notice?id={len(title)}",),
            },
            published=published,
        ),
        texts,
        texts,
        st.lists(st.sampled_from(CATEGORIES), max_size=2),
        st.sampled_from(["kr/press", "us/press", "us/notices"]),
        st.sampled_from(["en", "ko"]),
        st.sampled_from([None, *DAYS]),
    )


_joints = st.sampled_from([" ", " ", "-", "", "·"])


def _phrase(parts: list[str], joint: str) -> str:
    """A phrase; plurals stand at its end only, see test_open.py."""
    return f'"{joint.join([*map(singular, parts[:-1]), parts[-1]])}"'


_runs = st.builds(
    _phrase,
    st.one_of(*(st.lists(one, min_size=2, max_size=4) for one in (st.sampled_from(ENGLISH), st.sampled_from(KOREAN)))),
    _joints,
)
_words = words.filter(lambda word: word not in {"AND", "OR", "NOT"})
# Three terms of a nearness that can share a word are left out, see test_open.py.
_APART = [
    ["duty", "duties", "=duties", "dut*"],
    ["tariff", "=tariffs", "tar*"],
    ["anti-dumping", "antidump*", "dumping"],
    ["steel", "steel-plate", "steelp*"],
    ["관세", "=관세", "상호"],
    ["15", "KTC", "sale", "US"],
]
_pair = st.lists(st.one_of(words, st.sampled_from([one for group in _APART for one in group])), min_size=2, max_size=2)
_apart = st.permutations(_APART).flatmap(lambda groups: st.tuples(*map(st.sampled_from, groups[:3])))
_near = st.builds('"{}"~{}'.format, st.one_of(_pair, _apart).map(" ".join), st.integers(0, 4))
_terms = st.one_of(
    _words,
    _words.map("={}".format),
    _runs,
    _runs,
    _runs.map("={}".format),
    st.builds(
        "{}{}".format,
        st.sampled_from(["tar", "dut", "anti-", "anti-dump", "a", "s", "steelp", "관", "AI", "1"]),
        st.just("*"),
    ),
    st.builds(lambda phrase, cut: f'{phrase[:-1][: cut + 2].rstrip("-· ")}*"', _runs, st.integers(1, 12)),
    st.sampled_from(PATTERNS),
    _near,
    st.sampled_from(["@duty", "@remedy"]),
)
_elsewhere = st.one_of(
    st.sampled_from(
        [
            "category:Trade",
            'category:"fta/economic"',
            "category:(energy OR fta*)",
            "source:us/*",
            "source:kr/press",
            "language:ko",
            "url:example/notice",
            "url:*notice?id=1*",
        ]
    ),
    st.builds(
        "published:{}{}".format,
        st.sampled_from(["", "=", ">", ">=", "<", "<="]),
        st.sampled_from(["2025", "2025-04", "2025-04-01", "2025-04-30", "2026"]),
    ),
    st.builds(
        "{}:{}{}".format,
        st.sampled_from(["words", "percent"]),
        st.sampled_from(["", "=", ">", ">=", "<", "<="]),
        st.sampled_from(["0", "1", "5", "15", "0.5", "25", "1,250"]),
    ),
)
_plain = st.one_of(_terms, _terms, _terms, _elsewhere)


def _wider(part: st.SearchStrategy[str], *, placed: bool) -> st.SearchStrategy[str]:
    some = st.lists(part, min_size=2, max_size=4)
    inside = st.one_of(_terms, some.map(" OR ".join)) if not placed else part
    return st.one_of(
        some.map(lambda parts: f"({' AND '.join(parts)})"),
        some.map(lambda parts: f"({' '.join(parts)})"),
        some.map(lambda parts: f"({' OR '.join(parts)})"),
        some.flatmap(lambda parts: st.integers(1, len(parts)).map(lambda many: f"{many} of ({', '.join(parts)})")),
        part.map(lambda one: f"NOT {one}"),
        part.map(lambda one: f"-{one}"),
        inside,
    )


_grouped = st.builds(
    "{}:({})".format,
    st.sampled_from(["title", "body"]),
    st.recursive(_terms, lambda part: _wider(part, placed=True), max_leaves=3),
)
_placed = st.builds("{}:{}".format, st.sampled_from(["title", "body"]), _terms)
written = st.recursive(
    st.one_of(_plain, _plain, _placed, _grouped), lambda part: _wider(part, placed=True), max_leaves=6
)


# What is not Hangul side by side with a hyphen in a Korean term is left out, see test_open.py.
_BLURRED = re.compile(r"(?:KTC|232|[美中])[-·](?:KTC|232|[美中])")


def _parses(text: str) -> bool:
    if _BLURRED.search(text):
        return False
    try:
        parse(text, LISTS)
    except BadQuery:
        return False
    return True


queries = written.filter(_parses)
"""Queries as text, all of which can be read with LISTS."""


def rules(most: int) -> st.SearchStrategy[tuple[list[str], list[Subject]]]:
    """Some queries and some releases."""
    return st.lists(queries, min_size=1, max_size=most).flatmap(
        lambda written: st.tuples(st.just(written), st.lists(subjects_for(written), min_size=1, max_size=3))
    )


single = queries.flatmap(lambda written: st.tuples(st.just(written), subjects_for([written])))
"""One query and one release."""
changes = st.lists(st.tuples(st.integers(0, 3), st.one_of(queries, queries, st.none())), max_size=8).flatmap(
    lambda told: st.tuples(
        st.just(told), st.lists(subjects_for([one for _, one in told if one] or ["a"]), min_size=1, max_size=2)
    )
)
"""Rules that are put and taken away by number, and some releases."""

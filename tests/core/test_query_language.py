"""The rule language: what is understood, and what is said of what is not."""

import pytest

from bot.core.rules.language.lists import compile_lists
from bot.core.rules.language.parsing import MAX_DEPTH, MAX_LENGTH, BadQuery, parse, parse_entry
from bot.core.rules.language.tree import AtLeast, Near, Not, Word, leaves

LISTS, _ = compile_lists({"steel": ["steel", "철강", "/강판/"], "metals": ["@steel", "copper"]})


def normal(text: str) -> str:
    return str(parse(text, LISTS))


def wrong(text: str, understood=parse) -> tuple[str, int, str]:
    with pytest.raises(BadQuery) as caught:
        understood(text, LISTS)
    return caught.value.what, caught.value.at, caught.value.hint


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        # juxtaposition, precedence
        ("tariff steel", "(steel AND tariff)"),
        ("tariff AND steel", "(steel AND tariff)"),
        ("a AND b OR c", "((a AND b) OR c)"),
        ("a OR b c", "((b AND c) OR a)"),
        ("a OR b AND c OR d", "((b AND c) OR a OR d)"),
        ("(a OR b) c", "((a OR b) AND c)"),
        ("NOT a b", "(NOT a AND b)"),
        ("NOT a OR b", "(NOT a OR b)"),
        ("NOT (a b)", "NOT (a AND b)"),
        ("a AND (b AND (c AND d))", "(a AND b AND c AND d)"),
        ("a a A", "a"),
        ("((((a))))", "a"),
        ("a(b)", "(a AND b)"),
        # NOT and -
        ("a -b", "(NOT b AND a)"),
        ('-"a b" c', '(NOT "a b" AND c)'),
        ("-(a OR b)", "NOT (a OR b)"),
        ("NOT NOT x", "x"),
        ("--x", "x"),
        ("NOT -NOT x", "NOT x"),
        ("a OR -b", "(NOT b OR a)"),
        ("-title:a", "NOT title:a"),
        ("-@steel", "NOT (/강판/ OR steel OR 철강)"),
        # words that look like keywords, and keywords
        ("and or not", "(and AND not AND or)"),
        ("Not Or And", "(and AND not AND or)"),
        ("steel ORDER", "(order AND steel)"),
        ("NOTICE ANDES ORegon", "(ande AND notice AND oregon)"),
        ('"AND"', "and"),
        ('"NOT a"', '"not a"'),
        ("2 of", "(2 AND of)"),
        ("of", "of"),
        # words
        ("Duties", "duty"),
        ("=Duties", "=duties"),
        ("anti-dumping", '"anti dumping"'),
        ("anti-dump*", '"anti dump*"'),
        ("ＴＡＲＩＦＦ Café", "(cafe AND tariff)"),
        ("U.S.", "us"),
        ("1,000", "1,000"),
        ("10:30", '"10 30"'),
        ("AD/CVD", '"ad cvd"'),
        ("15%", "15"),
        ("https://a.example/b", '"https a example b"'),
        ("관세 부과", "(관세 AND 부과)"),
        ("한·미", "한미"),
        ("反덤핑", "반덤핑"),
        ("=관세", "=관세"),
        ("美", "美"),
        # phrases and nearness
        ('"customs duties"', '"customs duty"'),
        ("“customs duties”", '"customs duty"'),
        ('="customs duties"', '="customs duties"'),
        ('"anti-dump*"', '"anti dump*"'),
        ('"steel duties"~5', '"duty steel"~5'),
        ("“steel duties”~5", '"duty steel"~5'),
        ('="steel duties"~5', '"=duties =steel"~5'),
        ('"steel =duties dut*"~0', '"=duties dut* steel"~0'),
        ('"steel anti-dumping"~2', '"anti-dumping steel"~2'),
        ('title:"steel duty"~5', 'title:"duty steel"~5'),
        # groups
        ("2 of (a, b, c)", "2 of (a, b, c)"),
        ("2 of(a,b,c)", "2 of (a, b, c)"),
        ("2 of (a b, c OR d, -e)", "2 of ((a AND b), (c OR d), NOT e)"),
        ("1 of (a, b)", "(a OR b)"),
        ("2 of (a, b)", "(a AND b)"),
        ("title:2 of (a, b, c)", "2 of (title:a, title:b, title:c)"),
        ("2 of (a, b, c) d", "(2 of (a, b, c) AND d)"),
        # regular expressions
        ("/a b/ c", "(/a b/ AND c)"),
        (r"/a\/b/", r"/a\/b/"),
        ("title:/x/", "title:/x/"),
        # fields
        ("title:a", "title:a"),
        ("title: a", "title:a"),
        ("TITLE:a Body:b", "(body:b AND title:a)"),
        ("title:(a OR b -c)", "((NOT title:c AND title:b) OR title:a)"),
        ("title:@steel", "(title:/강판/ OR title:steel OR title:철강)"),
        ("category:Energy", 'category:"energy"'),
        ('category:"FTA / Economic*"', 'category:"fta/economic*"'),
        ("category:(a OR b)", '(category:"a" OR category:"b")'),
        ("source:kr/press-releases", 'source:"kr/press-releases"'),
        ("source:kr/*", 'source:"kr/*"'),
        ("language:KO", 'language:"ko"'),
        ("url:https://a.example/b?x=1&y=2", 'url:"https://a.example/b?x=1&y=2"'),
        ('url:"https://a.example:80/b,c"', 'url:"https://a.example:80/b,c"'),
        # numbers and days
        ("words:>=50", "words:>=50"),
        ("words:=50", "words:50"),
        ("words:1,000", "words:1000"),
        ("percent:>2.5", "percent:>2.5"),
        ("percent:25%", "percent:25"),
        ("percent:(>5 <10)", "(percent:<10 AND percent:>5)"),
        ("published:2025", "published:2025"),
        ("published:2025-4", "published:2025-04"),
        ("published:>=2025-04-01", "published:>=2025-04-01"),
        ("published:2024-02-29", "published:2024-02-29"),
        # lists
        ("@steel", "(/강판/ OR steel OR 철강)"),
        ("@steel OR @metals", "(/강판/ OR copper OR steel OR 철강)"),
        ("@steel(x)", "((/강판/ OR steel OR 철강) AND x)"),
        # white space of all kinds
        ("a\u00a0b\u3000c\td\ne", "(a AND b AND c AND d AND e)"),
        ("  a  ", "a"),
    ],
)
def test_what_is_understood(text: str, meaning: str) -> None:
    assert normal(text) == meaning
    assert normal(meaning) == meaning


FIELDS = "there are: title, body, category, source, language, url, published, words, percent; or put quotes round it"
DAY = "write 2025, 2025-04 or 2025-04-01, with >=, > < or <= before it"
NEAR = 'as in "steel duty"~5'


@pytest.mark.parametrize(
    ("text", "what", "at", "hint"),
    [
        ("", "there is nothing to look for", 0, ""),
        (" \n", "there is nothing to look for", 0, ""),
        # parentheses, quotes, slashes
        ("(a b", "this ( is never closed", 0, ""),
        ("(a) ((b)", "this ( is never closed", 4, ""),
        ('( "a)"', "this ( is never closed", 0, ""),
        ("( /a)/", "this ( is never closed", 0, ""),
        ("a )", "this ) closes nothing", 2, ""),
        ('"(" )', "this ) closes nothing", 4, ""),
        ("()", "a clause is missing before this )", 1, ""),
        ("(a OR) b", "a clause is missing before this )", 5, ""),
        ('steel "duty', "this quotation mark is never closed", 6, ""),
        ('duty"', "this quotation mark is never closed", 4, ""),
        ('="duty', "this quotation mark is never closed", 1, ""),
        ("“duty", "this quotation mark is never closed", 0, ""),
        ("/duty", "this regular expression does not end", 0, "it stands between two slashes"),
        ("//", "this regular expression does not end", 0, "it stands between two slashes"),
        ('"a "b" c"', "a space is missing here", 4, ""),
        ('"a b"~5x', "a space is missing here", 7, ""),
        ("x /a/i", "a space is missing here", 5, "case does not count as it is; (?-i) makes it count"),
        # connectives
        ("a AND", "something is missing at the end", 5, ""),
        ("a OR  ", "something is missing at the end", 4, ""),
        ("NOT", "something is missing at the end", 3, ""),
        ("a -", "this - stands alone", 2, "write -word for NOT word, or put the words in quotes"),
        ("steel - prices rise", "this - stands alone", 6, "write -word for NOT word, or put the words in quotes"),
        ("AND a", "a clause is missing before AND", 0, ""),
        ("a AND AND b", "a clause is missing before AND", 6, ""),
        ("a OR (AND b)", "a clause is missing before AND", 6, ""),
        ("a || b", "there is no word in ||", 2, "write OR"),
        ("a & b", "there is no word in &", 2, "write AND"),
        ("title:NOT a", "a clause is missing before NOT", 6, "write NOT before title:"),
        ("title:-a", "a - cannot stand after title:", 6, "write -title:a, or use quotes"),
        ("category:-a", "a - cannot stand after category:", 9, "write -category:a, or use quotes"),
        ("percent:-5", "a - cannot stand after percent:", 8, "write -percent:5, or use quotes"),
        # words
        ("a*b", "* can only stand at the end of a term", 0, ""),
        ("steel * duty", "there is no word in it", 6, ""),
        ("…", "there is no word in it", 0, ""),
        ('""', "there is no word in it", 0, ""),
        ("=duty*", "= asks for the word as it stands, * for its beginning: give one of them", 0, ""),
        ("a x" + "y" * 200, "a term has at most 200 characters", 2, ""),
        # nearness
        ("steel~5", "~ and a number stand right after words in quotes", 5, NEAR),
        ('"steel duty" ~5', "~ and a number stand right after words in quotes", 13, NEAR),
        ('"steel duty"~', "~ wants the number of words that may stand between", 12, NEAR),
        ('"steel duty"~-1', "~ wants the number of words that may stand between", 12, NEAR),
        ('a "steel steels"~5', "nearness needs two different words", 2, NEAR),
        ('"steel"~5', "nearness needs two different words", 0, NEAR),
        ('"a b"~101', "at most 100 words may stand between", 0, ""),
        # groups
        ("3 of (a, b)", "3 of 2 clauses can never be met", 0, "clauses are parted by commas"),
        ("x 2 of (a b)", "2 of 1 clauses can never be met", 2, "clauses are parted by commas"),
        ("0 of (a, b)", "0 of them is always met", 0, "clauses are parted by commas"),
        ("9" * 50 + " of (a, b)", "9" * 50 + " of 2 clauses can never be met", 0, "clauses are parted by commas"),
        ("a, b", "a comma parts the clauses of a group only", 1, "as in 2 of (steel, iron, copper)"),
        ("2 of (a,, b)", "a clause is missing before this comma", 8, ""),
        ("2 of (, a)", "a clause is missing before this comma", 6, ""),
        ("2 of (a, b,)", "a clause is missing before this )", 11, ""),
        # fields
        ("titel:x", "there is no field titel", 0, "did you mean title:?"),
        ("a datum:x", "there is no field datum", 2, FIELDS),
        ("title:(a OR body:b)", "body: stands inside title:", 12, "a clause has one field"),
        ("title:(published:2025)", "published: stands inside title:", 7, "a clause has one field"),
        ("e-mail:x", "nothing can stand before this colon", 6, 'put quotes round it: "a: b"'),
        (": a", "nothing can stand before this colon", 0, 'put quotes round it: "a: b"'),
        ("title:", "something is missing at the end", 6, ""),
        ('category:""', "category: wants a name, in which * may stand for anything", 9, ""),
        ("source:/x/", "source: wants a name, in which * may stand for anything", 7, ""),
        # numbers and days
        ("published:2025-13", "'2025-13' is no day", 10, DAY),
        ("published:>2025-02-30", "'2025-02-30' is no day", 11, DAY),
        ("published:2025-00", "'2025-00' is no day", 10, DAY),
        ("published:2025-04-00", "'2025-04-00' is no day", 10, DAY),
        ("published:2025-", "'2025-' is no day", 10, DAY),
        ("published:0", "'0' is no day", 10, DAY),
        ("published:0000", "'0000' is no day", 10, DAY),
        ("published:yesterday", "'yesterday' is no day", 10, DAY),
        ("published:2025-01-01-01", "'2025-01-01-01' is no day", 10, DAY),
        ("words:>= 50", "something is missing after >=", 8, "no space may stand there"),
        ("words:many", "'many' is no number", 6, "as in words:>=25"),
        ("words:50%", "'50%' is no number", 6, "as in words:>=25"),
        ("words:nan", "'nan' is no number", 6, "as in words:>=25"),
        ("percent:>inf", "'inf' is no number", 9, "as in percent:>=25"),
        ("percent:=>5", "'>5' is no number", 9, "as in percent:>=25"),
        ("percent:2,5", "'2,5' is no number", 8, "as in percent:>=25"),
        ("percent:1_0", "'1_0' is no number", 8, "as in percent:>=25"),
        ("<5", "< compares days and numbers", 0, "as in words:<50"),
        ("title:>=5", "> compares days and numbers", 6, "as in words:>50"),
        # lists
        ("a @stel", "there is no list @stel", 2, "did you mean @steel?"),
        ("@zzz", "there is no list @zzz", 0, "there are: @metals, @steel"),
        ("category:@steel", "category: cannot stand before this list", 9, "lists are for title: and body:"),
        # regular expressions
        ("a /(/", "a parenthesis is not closed", 2, ""),
        # what other search languages know
        ("a !steel", "! is no NOT", 2, "write -word, or put it in double quotes"),
        (
            "a 'customs duty'",
            "these quotes do not make a phrase",
            2,
            'write "customs duty", or put it in double quotes',
        ),
        ("a W/5 b", "nearness is written otherwise", 2, 'write "steel duty"~5, or put it in double quotes'),
        ("title：steel", "this is a full-width sign", 0, "write : or - in half width, or put it in double quotes"),
        ("a －steel", "this is a full-width sign", 2, "write : or - in half width, or put it in double quotes"),
    ],
)
def test_what_is_said_of_what_is_not_understood(text: str, what: str, at: int, hint: str) -> None:
    assert wrong(text) == (what, at, hint)


@pytest.mark.parametrize("text", ["steel!", "‘관세’ 인상", "'24", "Korea's", '"!steel"', '"title：steel"', "AND/OR"])
def test_what_only_looks_like_another_language_is_taken(text: str) -> None:
    assert parse(text)


def test_a_query_without_lists_says_so() -> None:
    with pytest.raises(BadQuery, match=r"there is no list @x; terms.toml has no lists"):
        parse("@x")


def test_an_error_is_one_sentence_for_people() -> None:
    with pytest.raises(BadQuery) as caught:
        parse("titel:x")
    assert str(caught.value) == "there is no field titel; did you mean title:?"


def test_length_depth_and_number_have_limits() -> None:
    assert wrong("a" * (MAX_LENGTH + 1)) == ("a query has at most 2,000 characters; this has 2,001", MAX_LENGTH, "")
    assert normal("x " * 1_000) == "x"

    def nested(depth: int) -> str:
        return f"{'x (y OR ' * (depth // 2)}z{')' * (depth // 2)}"

    assert parse(nested(MAX_DEPTH - 2))
    assert wrong(nested(MAX_DEPTH + 2))[0] == "clauses are nested more than 20 deep"
    lists, _ = compile_lists({"big": [f"w{number}" for number in range(600)]})
    assert len(list(leaves(parse("@big", lists)))) == 600
    with pytest.raises(BadQuery, match="1,200 clauses or more; at most 1,000 are allowed"):
        parse("title:@big body:@big", lists)


def test_lists_that_nest_too_deep_together_are_refused() -> None:
    deep = {f"l{number}": [f"(a{number} (b{number} OR @l{number + 1}))"] for number in range(30)}
    made, findings = compile_lists({**deep, "l30": ["x"]})
    assert [finding.what for finding in findings] == ["with its lists its clauses are nested more than 20 deep"]
    assert "l29" in made
    assert "l0" not in made


# --- labels -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Tariffs", ["Tariffs"]),
        ('"steel plate" =Duties stainless*', ["steel plate", "=Duties", "stainless*"]),
        ('"steel duty"~5', ['"steel duty"~5']),
        ("title:Tariffs body:/x/", ["title:Tariffs", "body:/x/"]),
        ("category:Energy words:>=50", ["category: Energy", "words:>=50"]),
        ("@metals", ["@metals: steel", "@metals: 철강", "@metals: /강판/", "@metals: copper"]),
        (
            "title:@metals",
            ["title:@metals: steel", "title:@metals: 철강", "title:@metals: /강판/", "title:@metals: copper"],
        ),
    ],
)
def test_a_clause_is_called_as_it_is_written(text: str, labels: list[str]) -> None:
    assert [leaf.label for leaf in leaves(parse(text, LISTS))] == labels


def test_the_tree_is_typed() -> None:
    assert isinstance(parse("2 of (a, b, c)"), AtLeast)
    assert isinstance(parse('"a b"~3'), Near)
    assert isinstance(parse("-a"), Not)
    assert parse("Tariffs") == parse('"tariff"')
    assert isinstance(parse("tariff"), Word)


# --- entries of any, all, none and of lists ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("customs duties", '"customs duty"'),
        ('"customs duties"', '"customs duty"'),
        ("=customs duties", '="customs duties"'),
        ("anti-dump*", '"anti dump*"'),
        ("or and not", '"or and not"'),
        ('"Portland, OR 97201"', '"portland or 97201"'),
        ("steel, iron: prices", '"steel iron price"'),
        ('"steel duty"~5', '"duty steel"~5'),
        ("/dut(y|ies)/", "/dut(y|ies)/"),
        ("@steel", "(/강판/ OR steel OR 철강)"),
        ("(steel -plate)", "(NOT plate AND steel)"),
        ("(title:steel)", "title:steel"),
        ("price - steel", '"price steel"'),
    ],
)
def test_an_entry_is_a_phrase_unless_it_says_otherwise(text: str, meaning: str) -> None:
    assert str(parse_entry(text, LISTS)) == meaning


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("steel AND plate", "AND means something in parentheses only", 6),
        ("NOT steel", "NOT means something in parentheses only", 0),
        ("-steel", "- means something in parentheses only", 0),
        ("steel -plate", "- means something in parentheses only", 6),
        ("title:steel", "title: means something in parentheses only", 0),
        ("new @steel", "@ means something in parentheses only", 4),
        ("steel duty~5", "~ and a number stand right after words in quotes", 10),
        ("a*b", "* can only stand at the end of a term", 0),
        ("(steel", "this ( is never closed", 0),
        ("", "there is no word in it", 0),
        ("!!", "there is no word in it", 0),
    ],
)
def test_an_entry_that_says_too_much_is_refused(text: str, what: str, at: int) -> None:
    assert wrong(text, parse_entry)[:2] == (what, at)


def test_an_entry_that_says_too_much_is_told_how_to_say_it() -> None:
    assert wrong("title:steel", parse_entry)[2] == "write (title:steel), or put quotes round it"

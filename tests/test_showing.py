"""Every mistake in a file is shown where it stands; a secret is never shown."""

from pathlib import Path

import pytest

from bot.cli.complaining import excerpt, visible
from bot.errors import ConfigError, Finding, Problem
from bot.loading import load, load_source, located
from bot.rule_files import load_rules, placed, rule_files
from tests.test_loading import OWN, RULES, written


def caught(folder: Path, **texts: str) -> list[Problem]:
    config = written(folder, **texts)
    with pytest.raises(ConfigError) as caught:
        load(config, {})
    return list(caught.value.problems)


def pointed(problem: Problem) -> str:
    """The line from the place on."""
    return problem.source[problem.column - 1 :]


# --- where ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (RULES.replace('["me"]', '["me", "mee"] # to'), '"mee"] # to'),
        (RULES + "sources = [\n  # ours\n  'kr/*', 'kr/motr-press'\n]", "'kr/motr-press'"),
        (RULES + RULES, '"tariffs"'),
        (RULES + 'examples.hit = ["a tariff", "a visit"]', '"a visit"]'),
        (RULES + "anny = 1", "anny = 1"),
        (RULES.replace('name = "Tariffs"', "name = 7"), "7"),
        ('[[rule]]\nid = "x"\nto = ["me"]\nany = ["x"]', "[[rule]]"),
        ('rule = [{ id = "x", name = "X", to = ["me"] }]', '{ id = "x", name = "X", to = ["me"] }]'),
        (RULES + "[rule.examples]\nhitt = []", "hitt = []"),
    ],
)
def test_a_mistake_in_a_rule_is_shown_where_it_stands(tmp_path: Path, rules: str, expected: str) -> None:
    assert [pointed(one) for one in caught(tmp_path, rules=rules)] == [expected]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('data = "x"\ndatum = 1\n', "datum = 1"),
        ('fetch = { contct = "me@example.org" }\n', 'contct = "me@example.org" }'),
        ('fetch.max_bytes = "many"\n', '"many"'),
        ('sources = { enabled = ["kr/*", "kr/motr"] }\n', '"kr/motr"] }'),
        ('[channels.me]\nurl_env = "NOWHERE"\n', '"NOWHERE"'),
        ('[channels.me]\nurl = "terminal://"\nquiet = "25:00-07:00"\n', '"25:00-07:00"'),
        ('[channels.me]\nurl = "terminal://"\n[operator]\nchannel = "mee" # for trouble\n', '"mee" # for trouble'),
        ('[channels.me]\nurl = "terminal://"\n[operator]\nping_url_env = "NOWHERE"\n', '"NOWHERE"'),
        ('[channels.me]\nurl_file = "nowhere"\n', '"nowhere"'),
        ("[channels.me]\n", "[channels.me]"),
        ('[channels.me]\nurl = "terminal://"\n[channels."My Own"]\nurl = "terminal://"\n', '"My Own"]'),
    ],
)
def test_a_mistake_in_the_config_is_shown_where_it_stands(tmp_path: Path, config: str, expected: str) -> None:
    found = [one for one in caught(tmp_path, config=config) if one.file.endswith("config.toml")]
    assert [pointed(one) for one in found] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN + 'itm = "x"', 'itm = "x"'),
        ('timezone = "Asia/Soul"\n' + OWN, '"Asia/Soul"'),
        ('dates = ["%Y", "%Q"]\n' + OWN, '"%Q"]'),
        (OWN.replace('feed"\n', 'html"\nitem = "li"\ntitle = {}\nid = { css = "li[[" }\n'), '"li[[" }'),
        (OWN.replace('feed"\n', 'json"\nid = "a["\ntitle = "t"\nurl = "u"\n'), '"a["'),
        (OWN.replace('feed"\n', 'json"\nid = "a"\ntitle = "t"\n'), "[listing]"),
        (OWN.replace('feed"', 'fed"'), "[listing]"),
    ],
)
def test_a_mistake_in_a_source_file_is_shown_where_it_stands(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    found: list[Problem] = []
    load_source(tmp_path / "own.toml", "own", found)
    assert [pointed(one) for one in found] == [expected]


@pytest.mark.parametrize(
    ("broken", "line", "column", "expected"),
    [
        (b'[[rule]]\nid = "x\n', 2, 8, "close the quotes in the same line"),
        (b"[[rule]]\nany = [\n  'x',\n\n", 3, 7, ""),
        (b"[[rule]]\nname = 'it's'", 2, 12, "is a quote inside a text"),
        (b"a = 1\na = 2", 2, 6, "this key is there already"),
        ("name = “Tariffs”".encode(), 1, 8, "write a text in straight quotes"),
        ("관세 = 1".encode(), 1, 1, "stands in quotes"),
        (b"\xef\xbb\xbfid = 1\nname = '" + "관세".encode("cp949"), 2, 9, "save the file with the encoding UTF-8"),
        (b"\xef\xbb\xbf\xb0", 1, 1, "0xb0"),
        (b"a = " + b"[" * 9000, 0, 0, "nested too deeply"),
        (b"", 0, 0, "there is no rule in it; a rule begins with a line [[rule]]"),
        (b"[rule]\nid = 'x'", 1, 1, "there is no rule in it"),
    ],
)
def test_what_is_no_toml_is_shown_where_it_ends(
    tmp_path: Path, broken: bytes, line: int, column: int, expected: str
) -> None:
    (tmp_path / "broken.toml").write_bytes(broken)
    found: list[Problem] = []
    assert not load_rules(tmp_path, found)
    assert [(one.line, one.column) for one in found] == [(line, column)]
    assert expected in str(found[0])
    assert not line or found[0].source


def test_a_rule_that_cannot_be_read_is_shown_at_the_letter(tmp_path: Path) -> None:
    rules = "[[rule]]\nid = 'x'\nname = 'X'\nto = ['me']\nwhen = '''\ntariff AND\n  @stel'''\n"
    found = [one for one in caught(tmp_path, rules=rules) if "stel" in one.what]
    assert [(one.line, one.column, one.source) for one in found] == [(7, 3, "  @stel'''")]


def test_findings_get_their_places() -> None:
    text = '[[rule]]\nid = "ad-steel"\nwhen = "\\u0040ad AND @stel"\n'
    finding = Finding(("rule", 0, "when"), "there is no list @stel", "did you mean @steel?", 8)
    [found] = placed("mine.toml", text, [finding])
    assert str(found) == 'mine.toml:3:22: rule "ad-steel", when: there is no list @stel; did you mean @steel?'
    assert pointed(found) == '@stel"'


def test_the_file_of_lists_is_no_file_of_rules(tmp_path: Path) -> None:
    (tmp_path / "terms.toml").write_text('[terms]\nsteel = ["steel"]\n')
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "terms.toml").write_text(RULES)
    assert [file.parent.name for file in rule_files(tmp_path)] == ["more"]


def test_what_a_channel_finds_wrong_gets_its_place(tmp_path: Path) -> None:
    file = written(tmp_path)
    found = located(Problem(str(file), "channels.me", "apprise does not understand the url"))
    assert (found.line, found.source) == (2, "[channels.me]")
    assert located(Problem(str(tmp_path / "none.toml"), "channels.me", "x")).line == 0


# --- secrets --------------------------------------------------------------------------------------------------------

CANARY = "slack://c4n4ry"


@pytest.mark.parametrize(
    "config",
    [
        f'[channels.me]\nulr = "{CANARY}"\n',
        f'[channels.me]\nurl = ["{CANARY}"]\n',
        f'[channels.me]\nurl = {{ x = "{CANARY}" }}\n',
        f'channels.me = {{ recipientss = [], url = "{CANARY}" }}\n',
        f'channels = {{ me = {{ url = "{CANARY}", more = 1 }} }}\n',
        f'channels.me = "{CANARY}"\n',
        f'channels = "{CANARY}"\n',
        f'[chanels.me]\nurl = "{CANARY}"\n',
        f'chanels.me.url = "{CANARY}"\n',
        f'[delivery]\nurl = "{CANARY}"\n',
        f'delivery = {{ url = "{CANARY[8:]}" }}\n',
        f'url = "{CANARY}"\n',
        f'delivery.password = "{CANARY[8:]}"\n',
        f'chanels = "{CANARY[8:]}"\n',
        f'[channels.me]\nurl_env = "{CANARY}"\n',
        f'[channels.me]\nurl_file = "{CANARY}"\n',
        f'[channels.me]\nurl_env = "NOWHERE" # was {CANARY}\n',
        f"[channels.me]\nurl = '''\n{CANARY[8:]}''' # so\nmore = 1\n",
        f'[channels.me]\nurl = "{CANARY}\n',
        f'[channels.me]\nurl = "{CANARY}\\q"\n',
        f"[channels.me]\nurl = {CANARY}\n",
        f"[channels.me]\nurl = '''\n{CANARY[8:]}\n",
        f'[channels.me]\nurl = "\xff{CANARY[8:]}"\n',
        f'[channels.me]\nrecipients = ["{CANARY[8:]}", b]\n',
        f'[operator]\nping_url = ["{CANARY[8:]}"]\n',
        f'[operator]\nping_url = "{CANARY[8:]}"\n',
        f'[operator]\nping_ulr = "{CANARY[8:]}"\n',
        f'[operator]\nping = {{ url = "{CANARY[8:]}" }}\n',
        f'[operator]\nping_url_env = "{CANARY}"\n',
        f'[operator]\nping_url_file = "{CANARY}"\n',
        f'operator = "{CANARY[8:]}"\n',
        f'operater = "{CANARY[8:]}"\n',
        f'operator = {{ chanel = "me", ping_url = "{CANARY[8:]}" }}\n',
        f'[operater]\nping_url = "{CANARY[8:]}"\n',
        f'ping_url = "{CANARY[8:]}"\n',
        f'[operator]\nping_url = "{CANARY[8:]}\n',
        f"[operator]\nping_url = '''\n{CANARY[8:]}\n",
        f"[operator]\npong = '''\n{CANARY[8:]}\n",
    ],
)
def test_a_secret_is_never_shown(tmp_path: Path, config: str) -> None:
    file = written(tmp_path)
    file.write_bytes(config.encode("latin-1"))
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert "c4n4ry" not in repr(caught.value.problems)
    assert all(one.line for one in caught.value.problems if one.file == str(file))


def test_a_url_that_stands_in_place_of_a_channels_name_is_not_shown(tmp_path: Path) -> None:
    def told(name: str, to: str) -> Problem:
        (tmp_path / name).mkdir()
        return caught(tmp_path / name, rules=RULES.replace('"me"', f'"{to}"'))[0]

    shown, hidden = told("a", "c4n4ry"), told("b", CANARY)
    assert "c4n4ry" in shown.source, "the negative control"
    assert (hidden.place, hidden.line, hidden.column) == ('rule "tariffs", to.1', shown.line, shown.column)
    assert "c4n4ry" not in repr(hidden)


def test_a_key_in_a_request_header_is_not_shown_either(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace("[listing]", 'headers = { Key = "c4n4ry", Age = {} }\n[listing]'))
    found: list[Problem] = []
    load_source(tmp_path / "own.toml", "own", found)
    assert [(one.place, one.line, one.source) for one in found] == [("headers.Age", 5, "")]


# --- how ------------------------------------------------------------------------------------------------------------


def shown(source: str, column: int, width: int = 60) -> list[str]:
    return excerpt(Problem("f", "", "x", line=14, column=column, source=source), width=width)


def test_the_caret_stands_under_the_place() -> None:
    assert shown("when = '@anti-dumping AND @stel'", 27) == [
        "   14 | when = '@anti-dumping AND @stel'",
        "      |                           ^",
    ]


def test_a_wide_letter_takes_two_columns() -> None:
    assert shown("any = ['관세', x]", 14) == ["   14 | any = ['관세', x]", "      |                ^"]


def test_a_tab_and_what_a_terminal_would_obey_take_the_place_that_is_shown() -> None:
    assert shown("\t\x1b[31m\u202ex", 8) == ["   14 |     \ufffd[31m\ufffdx", "      |           ^"]
    assert visible("a\u0301") == "a\u0301"


@pytest.mark.parametrize("letter", ["x", "관", "e\u0301"])
@pytest.mark.parametrize("column", [1, 30, 2000, 3990, 4001])
def test_a_long_line_is_cut_around_the_caret(letter: str, column: int) -> None:
    from rich.cells import cell_len

    source = (letter * 4000)[:3999] + "!"
    line, caret = shown(source, column)
    assert cell_len(line) <= 60
    assert caret.endswith("^")
    under = caret.index("^")
    assert cell_len(caret) <= 61
    if column <= len(source) and source[column - 1] != "\u0301":
        at = next(n for n in range(len(line)) if cell_len(line[: n + 1]) > under)
        assert line[at] == source[column - 1]


def test_no_line_no_caret() -> None:
    assert excerpt(Problem("f", "", "x", line=14, column=3), width=80) == []

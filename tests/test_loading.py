"""What people write in files: every mistake is named, with its place and a remedy, all at once."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from bot.errors import ConfigError
from bot.loading import load, load_source
from bot.rule_files import rule_files
from bot.settings import Channel, Settings
from bot.starting import write_starter
from scrapers.model import Source

ROOT = Path(__file__).parent.parent
RULES = """
[[rule]]
id = "tariffs"
name = "Tariffs"
any = ["tariff"]
to = ["me"]
"""
CONFIG = """
[channels.me]
url = "terminal://"
"""


def written(folder: Path, config: str = CONFIG, rules: str = RULES, **files: str) -> Path:
    (folder / "rules").mkdir()
    (folder / "config.toml").write_text(config)
    (folder / "rules" / "mine.toml").write_text(rules)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder / "config.toml"


def problems(folder: Path, environment: dict[str, str] | None = None, **texts: str) -> list[str]:
    config = written(folder, **texts)
    with pytest.raises(ConfigError) as caught:
        load(config, environment or {})
    return [str(one).replace(f"{folder}/", "") for one in caught.value.problems]


def test_the_starter_loads_as_it_is(tmp_path: Path) -> None:
    write_starter(tmp_path / "new", contact='me "quoted" \\ <me@example.org>\n')
    loaded = load(tmp_path / "new" / "config.toml", {})
    assert loaded.warnings == ()
    assert {rule.id for rule in loaded.rules if rule.spec.enabled} >= {"tariffs", "anti-dumping", "export-controls"}
    assert not next(rule for rule in loaded.rules if rule.id == "trade-statistics").spec.enabled
    assert [source.id for source in loaded.enabled if source.id.startswith("us/")] == ["us/federal-register"]


def test_the_starter_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    with pytest.raises(FileExistsError, match="rules"):
        write_starter(tmp_path, contact="")
    assert not (tmp_path / "config.toml").exists()


def test_a_missing_config_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file; `tocsin init` writes one"):
        load(tmp_path / "config.toml", {})


def test_unknown_keys_come_with_a_guess(tmp_path: Path) -> None:
    config = 'dat = "x"\n[fetch]\ncontct = "a"\n[channels.me]\nurl = "terminal://"\nulr = "x"\n'
    assert sorted(problems(tmp_path, config=config)) == [
        'config.toml:1:1: dat: unknown key; did you mean "data"?',
        'config.toml:3:1: fetch.contct: unknown key; did you mean "contact"?',
        'config.toml:6:1: channels.me.ulr: unknown key; did you mean "url"?',
    ]


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        config=CONFIG + '[fetch]\nmax_bytes = "many"\n',
        rules=RULES.replace("any", "anny") + '\n[[rule]]\nid = "Bad Id"\nname = ""\nto = []\nall = ["x"]\n',
    )
    assert [line.split(": ")[:2] for line in found] == [
        ["config.toml:5:13", "fetch.max_bytes"],
        ["rules/mine.toml:5:1", 'rule "tariffs", anny'],
        ["rules/mine.toml:9:6", 'rule "Bad Id", id'],
        ["rules/mine.toml:10:8", 'rule "Bad Id", name'],
        ["rules/mine.toml:11:6", 'rule "Bad Id", to'],
    ]
    assert 'did you mean "any"?' in found[1]


def test_one_mistake_in_a_rule_does_not_hide_the_others(tmp_path: Path) -> None:
    rule = '[[rule]]\nid = "x"\nname = "X"\nto = ["mee"]\nsources = ["nowhere/*"]\nwhen = "@stel"\n'
    two = rule + "too = 1\nexamples.hit = ['steel']\n" + rule.replace('"x"', '"Bad Id"').replace('["mee"]', "7")
    assert [line.split(": ")[0] for line in problems(tmp_path, rules=two)] == [
        f"rules/mine.toml:{place}" for place in ("7:1", "10:6", "12:6", "6:9", "14:9", "4:7", "5:12", "13:12")
    ]


def test_nothing_is_made_up_about_a_rule_of_which_nothing_is_right(tmp_path: Path) -> None:
    found = problems(tmp_path, rules="[[rule]]\nto = 1\n[[rule]]\nany = 1\n")
    assert {line.split("; ")[0].rpartition(": ")[2] for line in found} == {
        "is missing",
        'must be a list, such as ["one", "two"]',
    }


def test_a_wrong_key_hides_no_mistake_of_another_rule(tmp_path: Path) -> None:
    more = '[[rule]]\nid = "b"\nname = "B"\nto = ["mee"]\nany = ["y"]\n[[rule]]\nid = "c"\nname = "C"\nto = ["me"]\nwhen = "a OR"\n'
    found = problems(tmp_path, rules=RULES.replace("any", "anny") + more)
    assert [line.split(": ")[:2] for line in found] == [
        ["rules/mine.toml:5:1", 'rule "tariffs", anny'],
        ["rules/mine.toml:16:13", 'rule "c", when'],
        ["rules/mine.toml:10:7", 'rule "b", to.1'],
    ]


TERMS = '[terms]\nmetal = ["tin", "@stel"]\ngoods = ["@metal", "wire"]\nsteel = ["steel"]\n'
USES = RULES.replace('["tariff"]', '["@metal", "@goods"]') + 'when = "title:(@steel) OR @nil"\n'


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (TERMS, ["terms.toml:2:18", "mine.toml:7:27"]),  # once at the list, and what is not there at all
        (TERMS + "[", ["terms.toml:5:2"]),
        (TERMS + "x = 7", ["terms.toml:5:5"]),
        (TERMS.replace("@stel", "@steel"), ["mine.toml:7:27"]),
    ],
)
def test_a_wrong_list_is_told_once_where_it_stands(tmp_path: Path, terms: str, expected: list[str]) -> None:
    config = written(tmp_path, rules=USES)
    (tmp_path / "rules" / "terms.toml").write_text(terms)
    with pytest.raises(ConfigError) as caught:
        load(config, {})
    assert [str(one).partition("rules/")[2].partition(": ")[0] for one in caught.value.problems] == expected


def test_broken_toml_is_named_with_line_and_column(tmp_path: Path) -> None:
    [found] = problems(tmp_path, rules="[[rule]\nid = 1")
    assert found.startswith("rules/mine.toml:1:7: not TOML:")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (RULES.replace('["me"]', '["mee"]'), "config.toml has no channel 'mee'; did you mean \"me\"?"),
        (
            RULES + 'sources = ["kr/motr-press"]',
            "no source is called 'kr/motr-press'; did you mean \"kr/motir-press\"?",
        ),
        (RULES + RULES, "this id is used in"),
        (RULES + 'examples.hit = ["a visit"]', "it lacks"),
        (RULES.replace('["tariff"]', '["tar*iff"]'), "* can only stand at the end of a term"),
        ('[[rule]]\nid = "x"\nname = "X"\nto = ["me"]\n', "the rule would match everything"),
        (RULES.replace('"tariff"', "7"), "must be a text in quotes"),
        (RULES.replace('["tariff"]', '"tariff"'), 'must be a list, such as ["one", "two"]'),
    ],
)
def test_mistakes_in_rules(tmp_path: Path, rules: str, expected: str) -> None:
    assert any(expected in line for line in problems(tmp_path, rules=rules))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("", "give exactly one of url, url_env and url_file (here: none)"),
        ('url = "terminal://"\nurl_env = "X"', "(here: url and url_env)"),
        ('url_env = "TOCSIN_NOWHERE"', "the environment variable TOCSIN_NOWHERE is not set"),
        ('url_file = "nowhere"', "the file cannot be read"),
    ],
)
def test_a_secret_has_exactly_one_home(tmp_path: Path, channel: str, expected: str) -> None:
    [found] = problems(tmp_path, config=f"[channels.me]\n{channel}\n", rules=RULES)[:1]
    assert expected in found


def test_secrets_come_from_file_and_environment_and_stay_out_of_sight(tmp_path: Path) -> None:
    config = '[channels.me]\nurl_file = "secret"\n[channels.you]\nurl_env = "YOURS"\n[channels.us]\nurl = "json://c-canary"\n'
    loaded = load(written(tmp_path, config=config, secret="json://a-canary\n"), {"YOURS": "json://b-canary"})
    assert dict(loaded.secrets) == {"me": "json://a-canary", "you": "json://b-canary", "us": "json://c-canary"}
    assert "canary" not in repr(loaded)


PING = "https://hc.example.org/canary"


@pytest.mark.parametrize("setting", [f'ping_url = "{PING}"', 'ping_url_env = "PING"', 'ping_url_file = "secret"'])
def test_the_operator_s_address_comes_from_wherever_it_is_kept(tmp_path: Path, setting: str) -> None:
    config = written(tmp_path, config=CONFIG + f"[operator]\n{setting}\n", secret=f"{PING}\n")
    loaded = load(config, {"PING": PING})
    assert loaded.ping_url == PING
    assert "canary" not in repr(loaded)
    assert loaded.secrets.keys() == {"me"}, "it is no channel"
    assert load(config, {"PING": PING}, reading=True).ping_url == ""


def test_without_an_address_nobody_is_asked(tmp_path: Path) -> None:
    assert load(written(tmp_path), {}).ping_url == ""


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ('ping_url_env = "NOWHERE"', "the environment variable NOWHERE is not set; set it, or write another name"),
        ('ping_url_file = "nowhere"', "the file cannot be read: nowhere"),
        (
            'ping_url_env = "https://x"',
            "this must be the name of an environment variable; the URL itself goes under `ping_url`",
        ),
        ('ping_url_file = "empty"', "this gives no address to ask for; it begins with https://"),
        ('ping_url = "hc.example.org/c4n4ry"', "this gives no address to ask for"),
        ('ping_url = "https://[c4n4ry"', "this gives no address to ask for"),
        ('ping_url = ""', "this gives no address to ask for"),
        ('ping_url = "https://a"\nping_url_env = "B"', "give only one of"),
    ],
)
def test_an_address_that_cannot_be_asked_for_is_a_problem(tmp_path: Path, setting: str, expected: str) -> None:
    [found] = problems(tmp_path, config=CONFIG + f"[operator]\n{setting}\n", empty="\n")
    assert expected in found
    assert found.startswith("config.toml:")
    assert "c4n4ry" not in found


def test_the_operator_s_channel_must_be_one(tmp_path: Path) -> None:
    [found] = problems(tmp_path, config=CONFIG + '[operator]\nchannel = "mee"\n')
    assert found == "config.toml:5:11: operator.channel: config.toml has no channel 'mee'; did you mean \"me\"?"


def test_the_operator_s_channel_is_fine_if_it_is_one(tmp_path: Path) -> None:
    config = written(tmp_path, config=CONFIG + '[operator]\nchannel = "me"\n')
    assert load(config, {}).settings.operator.channel == "me"
    config.write_text(CONFIG + '[operator]\nchannel = "mee"\n')
    assert load(config, {}, reading=True).enabled, "nothing of it bears on what is stored"


def test_an_urgent_rule_needs_no_quiet_hours(tmp_path: Path) -> None:
    config = CONFIG + '[fetch]\ncontact = "me@example.org"\n'
    assert load(written(tmp_path, config=config, rules=RULES + "urgent = true"), {}).warnings == ()


def test_a_wrong_value_is_not_repeated(tmp_path: Path) -> None:
    found = problems(tmp_path, config='[channels.me]\nurl = ["json://canary"]\n')
    assert "canary" not in "".join(found)


def test_commands_that_only_read_need_neither_rules_nor_secrets(tmp_path: Path) -> None:
    config = written(tmp_path, config='[channels.me]\nurl_env = "NOWHERE"\n', rules="[[rule]")
    assert load(config, {}, reading=True).enabled
    with pytest.raises(ConfigError):
        load(config, {})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(written(tmp_path, config="\ufeff" + CONFIG), {}).secrets


@pytest.mark.parametrize(
    ("key", "value", "asked"),
    [
        ("fetch.contact", "메일\\r\\nX: 1", "write a mail or web address in plain letters"),
        ("delivery.list_id", "a b", "write letters, digits, dots and hyphens"),
    ],
)
def test_what_goes_into_headers_is_plain(tmp_path: Path, key: str, value: str, asked: str) -> None:
    section, name = key.split(".")
    [found] = problems(tmp_path, config=CONFIG + f'[{section}]\n{name} = "{value}"\n')
    assert asked in found


@pytest.mark.parametrize("value", ["inf", "nan", "-1.0"])
def test_numbers_are_finite(tmp_path: Path, value: str) -> None:
    assert problems(tmp_path, config=CONFIG + f"[delivery]\ngive_up_hours = {value}\n")


def test_folders_can_be_moved_by_the_environment(tmp_path: Path) -> None:
    config = written(tmp_path)
    (tmp_path / "rules").rename(tmp_path / "elsewhere")
    loaded = load(config, {"TOCSIN_RULES": str(tmp_path / "elsewhere"), "TOCSIN_DATA": "/data"})
    assert (loaded.data, len(loaded.rules)) == (Path("/data"), 1)


def test_an_unknown_source_is_named(tmp_path: Path) -> None:
    [found] = problems(tmp_path, config=CONFIG + '[sources]\nenabled = ["kr/motir-pres", "kr/*"]\n')
    assert "no source is called 'kr/motir-pres'; did you mean \"kr/motir-press\"?" in found


def test_hardly_meant_is_a_warning(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, rules=RULES + "enabled = false"), {})
    assert [one.place for one in loaded.warnings] == ["rules", "fetch.contact"]


OWN = """
name = "Own"
url = "https://x.example/feed.xml"
hosts = ["x.example"]
[listing]
extract = "feed"
"""


def test_own_sources_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "sources" / "eu").mkdir(parents=True)
    (tmp_path / "sources" / "eu" / "own.toml").write_text(OWN)
    config = CONFIG + '[sources]\nenabled = ["eu/own"]\nfolders = ["sources"]\n'
    loaded = load(written(tmp_path, config=config), {})
    assert [one.id for one in loaded.enabled] == ["eu/own"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN.replace('feed"\n', 'fed"\n'), "listing: Input tag 'fed' found"),
        (OWN + 'itm = "x"', "listing.itm: unknown key;"),
        (OWN.replace("hosts", "host"), 'host: unknown key; did you mean "hosts"?'),
        (OWN.replace('"x.example"', ""), "hosts: Tuple should have at least 1 item"),
        ('timezone = "Asia/Soul"\n' + OWN, "timezone: not a time zone; write a name such as Asia/Seoul"),
        (OWN.replace('feed"\n', 'html"\nitem = "li"\n'), "an html listing needs id and title"),
        (OWN.replace('"x.example"', '"https://x.example:80/"'), "write the name alone"),
        ('dates = ["%Q"]\n' + OWN, "'%Q' is not a date format"),
        (OWN.replace('feed"\n', 'html"\nitem = "li[["\ntitle = {}\nid = {}\n'), "'li[[' is not a CSS selector"),
        (
            OWN.replace('feed"\n', 'json"\nid = "a["\ntitle = "t"\nurl = "u"\n'),
            "'a[' is not a JMESPath",
        ),
        (
            OWN.replace('feed"\n', 'html"\nitem = "li"\ntitel = {}\nid = { pattern = "(" }\n'),
            'listing.titel: unknown key; did you mean "title"?',
        ),
    ],
)
def test_mistakes_in_source_files(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    found: list[object] = []
    assert load_source(file, "own", found) is None  # type: ignore[arg-type]
    assert any(expected in str(one) for one in found), found


ONE_OF_THREE = {"ping_url", "ping_url_env", "ping_url_file"}


def test_the_example_config_is_complete_and_right(tmp_path: Path) -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    example = tomllib.loads(text)
    Settings.model_validate(example)
    for name, section in Settings.model_fields.items():
        assert name in example, f"config.example.toml lacks {name}"
        for key in getattr(section.annotation, "model_fields", {}).keys() - ONE_OF_THREE:
            assert key in example[name], f"config.example.toml lacks {name}.{key}"
    assert not ONE_OF_THREE.isdisjoint(example["operator"])
    shown = {key: value for channel in example["channels"].values() for key, value in channel.items()}
    assert {*shown, "template"} == Channel.model_fields.keys()
    assert '# template = "' in text, "it names a file that is not there, so it is a comment"
    defaults = Channel(url=shown["url"]).model_dump()
    assert not {k for k, v in shown.items() if v != defaults[k]} - {"url", "url_env", "url_file", "recipients"}
    for name in ("fetch", "sources", "delivery"):
        defaults = json.loads(Settings.model_fields[name].annotation().model_dump_json())  # type: ignore[misc]
        wrong = {k: v for k, v in example[name].items() if v != defaults[k] and k != "contact"}
        assert not wrong, "the example shows the defaults"


@pytest.mark.parametrize("kind", ["config", "rules", "terms", "source"])
def test_the_schemas_are_those_of_the_models(kind: str) -> None:
    from scripts.schemas import FOLDER, schema

    stale = (FOLDER / f"{kind}.schema.json").read_text(encoding="utf-8") != schema(kind)
    assert not stale, "docs/schemas is stale: run `make schemas`"


def test_the_schemas_accept_what_we_ship_and_refuse_mistakes() -> None:
    def check(kind: str, data: object) -> None:
        text = (ROOT / "docs" / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8")
        jsonschema.validate(data, json.loads(text))

    check("config", tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8")))
    for file in rule_files(ROOT / "rules"):
        check("rules", tomllib.loads(file.read_text(encoding="utf-8")))
    check("terms", tomllib.loads((ROOT / "rules" / "terms.toml").read_text(encoding="utf-8")))
    for file in (ROOT / "scrapers" / "sources").rglob("*.toml"):
        check("source", tomllib.loads(file.read_text(encoding="utf-8")))
    for kind, wrong in (("config", {"fech": {}}), ("terms", {"terms": {"a": []}}), ("rules", {"rule": [{"id": "a"}]})):
        with pytest.raises(jsonschema.ValidationError):
            check(kind, wrong)


def test_the_starter_s_files_name_their_schemas(tmp_path: Path) -> None:
    write_starter(tmp_path / "new", contact="")
    files = [tmp_path / "new" / "config.toml", *(tmp_path / "new" / "rules").rglob("*.toml")]
    assert len(files) > 5
    for file in files:
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        kind = {"config.toml": "config", "terms.toml": "terms"}.get(file.name, "rules")
        assert first.startswith("#:schema "), file
        assert (file.parent / first.split()[1]).resolve() == tmp_path / "new" / "schemas" / f"{kind}.schema.json"


def test_every_key_of_a_source_is_described() -> None:
    undescribed = [
        name
        for name, field in Source.model_fields.items()
        if not field.description and name not in {"retry", "listing"}
    ]
    assert set(undescribed) <= {"language", "every_minutes"}

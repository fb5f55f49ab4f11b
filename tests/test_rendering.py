"""Messages as a channel would get them, shown without sending anything."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.errors import ConfigError
from tests.test_muting import COPPER, FIRST, OTHER, SECOND, Quiet

CHANNELS = """
[channels.mail]
url = "mailtos://user:c4n4ry@mail.example.org?to={recipient}"
recipients = ["desk@example.org"]
[channels.korean]
url = "terminal://"
language = "ko"
[channels.hook]
url = "webhook://127.0.0.1:9/x"
[channels.own]
url = "terminal://"
template = "own.txt"
"""
OWN = "{% block subject %}Own {{ title }}{% endblock %}{% block text %}내 양식: {{ title }} <{{ rule }}> {{ link }}{% endblock %}"


@pytest.fixture
def desk(tmp_path: Path) -> Quiet:
    opened = Quiet(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + CHANNELS)
    (tmp_path / "own.txt").write_text(OWN, encoding="utf-8")
    opened.ok("once")
    return opened


LINK = "https://trade.example.org/release/1"


def test_a_channel_s_message_is_shown_and_nothing_is_sent_or_stored(desk: Quiet) -> None:
    [first] = desk.store({**FIRST, "url": LINK})
    before = desk.lines("audit"), desk.lines("outbox")
    shown = desk.ok("render", "me", first[:8])
    for expected in (FIRST["title"], "Anti-dumping", "anti-dumping", LINK):
        assert expected in shown
    assert (desk.lines("audit"), desk.lines("outbox")) == before


def test_the_first_rule_of_the_channel_goes_before_others(desk: Quiet) -> None:
    desk.write(b=COPPER.replace('"copper"', '"b"', 1).replace("구리 수입", "Second").replace('["me"]', '["korean"]'))
    [other] = desk.store({**OTHER, "source": "kr/press"})
    assert [one["rule"] for one in desk.lines("render", "korean", other)] == ["Second"]
    assert [one["rule"] for one in desk.lines("render", "me", other)] == ["구리 수입"]
    assert [one["rule"] for one in desk.lines("render", "korean", other, "--rule", "copper")] == ["구리 수입"]


def test_a_release_that_no_rule_meets_is_shown_without_one(desk: Quiet) -> None:
    [visit] = desk.store({**FIRST, "title": "Minister visits Hanoi", "body": "Talks ended."})
    result = desk.cli("render", "me", visit)
    assert result.exit_code == 0
    assert "no rule that is on meets the release" in result.stderr
    assert "Minister visits Hanoi" in result.stdout
    asked = desk.cli("render", "me", visit, "--rule", "ad")
    assert "does not meet the rule 'ad'" in asked.stderr
    assert "Anti-dumping" in asked.stdout
    [told] = desk.store({**FIRST, "id": "2"})[1:]
    assert desk.cli("render", "me", told).stderr == ""


def test_a_mail_has_a_page_and_a_screen_has_none(desk: Quiet) -> None:
    [first] = desk.store({**FIRST, "title": "Anti-dumping <b>duty</b>", "url": LINK})
    page = desk.ok("render", "mail", first, "--html")
    assert page.startswith("<!doctype html>")
    assert desk.ok("render", "mail", first).startswith("Subject: Anti-dumping ")
    assert "Subject" not in desk.ok("render", "me", first), "a screen shows none, so the text begins with the title"
    assert "duty" in page
    assert "<b>duty" not in page
    assert "c4n4ry" not in page
    [record] = desk.lines("render", "mail", first)
    assert record["html"] in page
    assert record.keys() == {"channel", "release", "rule", "reason", "subject", "text", "html", "fingerprint"}
    none = desk.cli("render", "me", first, "--html")
    assert (none.exit_code, "takes no HTML" in none.output) == (1, True)


def test_the_phrases_are_in_the_channel_s_language(desk: Quiet) -> None:
    [second] = desk.store({**SECOND, "url": LINK})
    assert "알림 사유" in desk.ok("render", "korean", second)
    assert "알림 사유" not in desk.ok("render", "me", second)
    assert SECOND["title"] in desk.ok("render", "me", second)


RATE = "The anti-dumping duty on hot-rolled steel from Chile will be {} percent from June 1, it was decided on Monday."


def test_an_update_says_what_changed(desk: Quiet) -> None:
    before, after = ({**FIRST, "body": RATE.format(rate)} for rate in ("11.24", "12.14"))
    [first] = desk.store(before)
    unchanged = desk.cli("render", "me", first, "--update")
    assert "no change of this release is stored" in unchanged.stderr
    assert "Update" in unchanged.stdout
    assert desk.store(after) == [first]
    shown = desk.cli("render", "me", first, "--update")
    assert shown.stderr == ""
    assert "Update" in shown.stdout
    assert "11.24" in shown.stdout
    assert "12.14" in shown.stdout
    assert "11.24" not in desk.ok("render", "me", first)


def test_another_release_s_update_says_what_it_changed(desk: Quiet) -> None:
    texts = [{**FIRST, "id": one, "body": RATE.format(rate)} for one, rate in (("1", "11.24"), ("2", "12.14"))]
    _, later = desk.store(*texts)
    shown = desk.ok("render", "me", later, "--update")
    assert "11.24" in shown
    assert "Also: 1 more release" in shown


def test_a_channel_s_own_template_is_used(desk: Quiet) -> None:
    [first] = desk.store({**FIRST, "url": LINK})
    shown = desk.ok("render", "own", first)
    assert shown.startswith(f"내 양식: {FIRST['title']}")
    assert LINK in shown
    assert desk.lines("render", "own", first)[0]["subject"] == f"Own {FIRST['title']}"
    assert "내 양식" not in desk.ok("render", "me", first)


def test_unknown_names_are_usage_errors_with_a_guess(desk: Quiet) -> None:
    [first] = desk.store(FIRST)
    assert 'did you mean "mail"?' in desk.refused("render", "mial", first)
    assert "there are: me, mail, korean, hook, own" in desk.refused("render", "zzz", first)
    assert "there is no rule called 'da'" in desk.refused("render", "me", first, "--rule", "da")
    assert "no release has an id that begins with" in desk.refused("render", "me", "zzz")


def test_a_channel_that_cannot_be_used_is_a_problem_of_the_config(desk: Quiet) -> None:
    [first] = desk.store(FIRST)
    config = desk.folder / "config.toml"
    config.write_text(config.read_text().replace('"webhook://127.0.0.1:9/x"', '"nonsense://canary"'))
    with pytest.raises(ConfigError, match=r"channels\.hook") as caught:
        CliRunner().invoke(
            cli,
            ["--config", str(config), "render", "hook", first],
            env={"NOBODY_HAS_SET_THIS": "terminal://"},
            catch_exceptions=False,
        )
    assert "canary" not in str(caught.value)
    assert FIRST["title"] in desk.ok("render", "me", first), "the others can be shown all the same"


# --- templates that are wrong -----------------------------------------------------------------------------------------


def told_by_check(desk: Quiet) -> list[str]:
    """What `tocsin check` finds wrong."""
    env = {"NOBODY_HAS_SET_THIS": "terminal://"}
    words = ["--config", str(desk.folder / "config.toml"), "check"]
    try:
        CliRunner().invoke(cli, words, env=env, catch_exceptions=False)
    except ConfigError as error:
        return [str(one).replace(f"{desk.folder}/", "") for one in error.problems]
    return []


def test_check_finds_what_is_wrong_with_a_template(desk: Quiet) -> None:
    assert told_by_check(desk) == [], "the negative control"
    (desk.folder / "own.txt").write_text("{{ title }}\n제목 {{ titel }}\n", encoding="utf-8")
    [found] = told_by_check(desk)
    assert found.startswith("own.txt:2:")
    assert "titel" in found
    (desk.folder / "own.txt").unlink()
    [found] = told_by_check(desk)
    assert found.startswith("config.toml:18:12: channels.own.template: there is no such file: own.txt")


def test_a_template_of_two_channels_is_told_once(desk: Quiet) -> None:
    config = desk.folder / "config.toml"
    config.write_text(config.read_text() + '[channels.too]\nurl = "nonsense://x"\ntemplate = "own.txt"\n')
    (desk.folder / "own.txt").write_text("{% if %}")
    found = told_by_check(desk)
    assert [one.split(":")[0] for one in found] == ["own.txt", "config.toml"], "and what is wrong with the channel, too"


def test_the_service_does_not_start_with_a_template_that_is_wrong(desk: Quiet) -> None:
    (desk.folder / "own.txt").write_text("{{ titel }}")
    result = desk.cli("once")
    assert isinstance(result.exception, ConfigError)
    assert "titel" in str(result.exception)


def test_what_is_shown_for_programs_is_one_object(desk: Quiet) -> None:
    [first] = desk.store(FIRST)
    [line] = desk.ok("render", "me", first, "--update", "--json").splitlines()
    assert json.loads(line)["reason"] == "update"

"""The directory of channels: which are there, how they write, and what becomes of a letter when one is not."""

import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.channels import Channels
from bot.adapters.channels.terminal import open_terminal
from bot.model import Letter, Message, Reason, Rendered, Sending
from bot.settings import Channel, Delivering
from bot.templating import load_template
from tests.adapters.letters import TOLD, channels, letter
from tests.adapters.sinks import HttpSink

LETTER = Letter(id="d1", message=TOLD, rendered=Rendered(subject="S", text="T"))


@pytest.mark.parametrize(
    ("url", "recipients", "why"),
    [
        ("json://secret-token.example/", ("a@x.org",), "no {recipient}"),
        ("webhook://secret-token.example/", ("a@x.org",), "no {recipient}"),
        ("mailto://user:secret-token@h.example?to={recipient}", (), "no recipients are listed"),
        (
            "mailto://u:secret-token@h.example?from=a@x.org&to={recipient}",
            ("nobody",),
            "'nobody' is not a mail address",
        ),
        ("webhooks://h.example/secret-token?secret=", (), "the secret in the url"),
    ],
)
def test_a_channel_that_cannot_be_used_says_why_without_its_secret(
    url: str, recipients: tuple[str, ...], why: str
) -> None:
    opened = channels(url, *recipients)
    [problem] = opened.problems()
    assert why in problem.what
    assert problem.place == "channels.c"
    assert "secret-token" not in str(problem)
    outcome = opened.send("c", "", LETTER)
    assert outcome.result is Sending.RETRY
    assert why in outcome.why


def test_a_channel_that_is_gone_waits_for_its_return() -> None:
    opened = channels("terminal://")
    outcome = opened.send("other", "", LETTER)
    assert outcome.result is Sending.RETRY
    assert "channels.other: there is no such channel any more" in outcome.why
    assert opened.room("other") >= 1
    assert not opened.knows_repeats("other")
    assert TOLD.title[:5] in opened.write("other", TOLD).text


def test_one_recipient_that_is_gone_is_refused() -> None:
    opened = channels("webhook://127.0.0.1:9/{recipient}", "a")
    outcome = opened.send("c", "b", LETTER)
    assert outcome.result is Sending.REFUSED
    assert "no longer in config.toml" in outcome.why


def test_a_message_that_may_be_a_repeat_says_so() -> None:
    opened = channels("json://127.0.0.1:9/")
    once, again = opened.write("c", TOLD), opened.write("c", TOLD, may_repeat=True)
    assert once.text != again.text
    assert "repeat" in again.text


# --- templates --------------------------------------------------------------------------------------------------


def templated(folder: Path, text: str, url: str = "webhook://127.0.0.1:9/") -> Channels:
    file = folder / "c.txt"
    file.write_text(text, encoding="utf-8")
    channel = {"c": Channel(url="ignored://")}
    return Channels(channel, {"c": url}, Delivering(), file="config.toml", templates={"c": load_template(file)})


def test_a_template_of_the_operator_is_used(tmp_path: Path) -> None:
    opened = templated(tmp_path, "{% block text %}NEWS {{ title }} {{ link }}{% endblock %}")
    assert opened.write("c", TOLD).text.startswith(f"NEWS {TOLD.title}")


def test_a_template_that_fails_costs_its_form_and_not_the_alert(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened = templated(
        tmp_path,
        "{% block text %}{% for a in words %}{% for b in words %}{{ a }}{% endfor %}{% endfor %}{{ link }}{% endblock %}",
    )
    many = replace(TOLD, words=tuple(f"word{number}" for number in range(3000)))
    with caplog.at_level(logging.ERROR):
        told = opened.write("c", many)
    assert told == channels("webhook://127.0.0.1:9/").write("c", many)
    assert "template failed channel=c" in caplog.text


# --- the terminal -----------------------------------------------------------------------------------------------


def shown(message: Message) -> str:
    screen = io.StringIO()
    told = letter(channels("terminal://"), message)
    assert open_terminal(Console(file=screen, width=100))("", told).result is Sending.SENT
    return screen.getvalue()


def test_the_terminal_shows_the_alert_and_obeys_nothing_in_it() -> None:
    evil = Message(
        reason=Reason.NEW, title="A\x1b[2Jtitle [red]not a tag[/]", rule="R", excerpt="x", url="https://x.example"
    )
    assert "\x1b[2J" not in shown(evil)
    assert "[red]not a tag[/]" in shown(evil)


def test_the_terminal_shows_what_changed_and_the_other_releases_of_the_story() -> None:
    changed = replace(
        TOLD, reason=Reason.UPDATE, changes=(("It is 11.24%.", "It is \x1b[2J12.14%."),), also=("KTC: Vote",)
    )
    assert "Before: It is 11.24%." in shown(changed)
    assert "Now: It is 12.14%." in shown(changed)
    assert "Also: 1 more release: KTC: Vote" in shown(changed)
    assert "Also" not in shown(replace(changed, also=(), changes=()))


def test_a_letter_goes_to_the_channel_of_its_name_only() -> None:
    with HttpSink() as one, HttpSink() as other:
        both = {name: Channel(url="ignored://") for name in ("a", "b")}
        opened = Channels(both, {"a": one.url(), "b": other.url()}, Delivering(), file="config.toml")
        assert opened.send("b", "", LETTER).result is Sending.SENT
    assert (len(one.requests), len(other.requests)) == (0, 1)


def test_a_letter_is_written_in_the_language_of_its_channel() -> None:
    english, korean = (channels("webhook://127.0.0.1:9/", language=one).write("c", TOLD).text for one in ("en", "ko"))
    assert english != korean
    assert letter(channels("terminal://")).rendered.text


@pytest.mark.parametrize("rule", ["Steel [/HS 72]", "[red]Steel[/red]", "[link=mailto:x]y", "[", "\x1b[2JR"])
def test_the_name_of_a_rule_is_no_markup_on_the_terminal(rule: str) -> None:
    assert rule.removeprefix("\x1b[2J") in shown(replace(TOLD, rule=rule))

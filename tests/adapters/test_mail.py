"""Mail against a real SMTP server on loopback that fails at every step."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.channels.mail import Mailbox, compose
from bot.model import Letter, Rendered, Sending
from tests.adapters.letters import HOSTILE, NOW, TOLD, channels, letter, send
from tests.adapters.sinks import SmtpSink

OPS = "ops@example.org"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as opened:
        yield opened


def test_a_mail_has_both_parts_its_subject_and_headers_to_filter_by(sink: SmtpSink) -> None:
    assert send(sink.url(), OPS, language="ko").result is Sending.SENT
    [mail] = sink.mails
    assert sink.recipients == [[OPS]]
    assert mail["Subject"] == TOLD.title
    assert (mail["To"], mail["From"]) == (OPS, "Tocsin <bot@example.org>")
    assert mail["Date"] == "Mon, 02 Nov 2026 09:00:00 +0000"
    assert mail["List-Id"] == "Tocsin <tocsin.alerts>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "ko"
    assert mail.get_content_type() == "multipart/alternative"
    plain, page = mail.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().rstrip().endswith(TOLD.url)
    assert "An <b" in page.get_content()
    assert "&lt;steel&gt;" in page.get_content()


def test_a_url_that_asks_for_text_gets_one_part(sink: SmtpSink) -> None:
    assert send(sink.url("format=text"), OPS).result is Sending.SENT
    assert sink.mails[0].get_content_type() == "text/plain"


def test_the_message_id_is_the_same_on_every_try(sink: SmtpSink) -> None:
    opened = channels(sink.url(), OPS)
    for key in ("d1", "d1", "d2"):
        opened.send("c", OPS, letter(opened, key=key))
    assert sink.stored == {"<d1@example.org>": 2, "<d2@example.org>": 1}
    assert opened.knows_repeats("c")


def test_an_update_is_threaded_under_what_it_answers(sink: SmtpSink) -> None:
    opened = channels(sink.url(), OPS)
    opened.send("c", OPS, letter(opened, key="d2", answers="d1"))
    opened.send("c", OPS, letter(opened, key="d3"))
    answer, alone = sink.mails
    assert (answer["In-Reply-To"], answer["References"]) == ("<d1@example.org>", "<d1@example.org>")
    assert (alone["In-Reply-To"], alone["References"]) == (None, None)


@pytest.mark.parametrize(
    ("unsubscribe", "header", "post"),
    [
        ("", None, None),
        ("mailto:list@example.org?subject=stop", "<mailto:list@example.org?subject=stop>", None),
        ("https://x.example/" + "stop/" * 40, "<https://x.example/" + "stop/" * 40 + ">", "List-Unsubscribe=One-Click"),
    ],
)
def test_how_to_unsubscribe_is_told_where_there_is_a_way(
    sink: SmtpSink, unsubscribe: str, header: str | None, post: str | None
) -> None:
    send(sink.url(), OPS, unsubscribe=unsubscribe)
    assert (sink.mails[0]["List-Unsubscribe"], sink.mails[0]["List-Unsubscribe-Post"]) == (header, post)


def test_ids_and_addresses_are_never_cut_or_encoded() -> None:
    sender = ("Tocsin", "bot@" + ".".join(["a-very-long-name-of-a-company"] * 4) + ".example")
    mailbox = Mailbox(
        host="h", port=25, mode="insecure", sender=sender, recipient=OPS, unsubscribe=f"https://{'x' * 150}.example"
    )
    rendered = Rendered(subject="S", text="T")
    raw = compose(Letter(id="a" * 20, answers="b" * 20, message=TOLD, rendered=rendered), mailbox, NOW).as_bytes()
    assert f"References: <{'b' * 20}@{sender[1][4:]}>\r\n".encode() in raw
    assert f"Message-ID: <{'a' * 20}@{sender[1][4:]}>\r\n".encode() in raw
    assert f"List-Unsubscribe: <https://{'x' * 150}.example>\r\n".encode() in raw


def test_what_the_url_says_more_is_said_and_replaces_nothing(sink: SmtpSink) -> None:
    ours = ("+Message-ID=other", "+MIME-Version=2", "+Content-Language=xx")
    send(sink.url("reply=desk@example.org", "+X-Team=trade%0d%0aBcc: evil@example.org", *ours), OPS)
    [mail] = sink.mails
    assert (mail["MIME-Version"], mail["Content-Language"], mail["Bcc"]) == ("1.0", "en", None)
    assert (mail["Reply-To"], mail["X-Team"]) == ("desk@example.org", "trade Bcc: evil@example.org")
    assert mail.get_all("Message-ID") == ["<d1@example.org>"]


@pytest.mark.parametrize("address", ["ops@example.org", "o'brien+x@example.org", "Ops <ops@example.org>"])
def test_a_mail_goes_to_the_address_that_was_written_and_to_no_other(sink: SmtpSink, address: str) -> None:
    """apprise reads o'brien@… as brien@…"""
    assert send(sink.url(), address).result is Sending.SENT
    assert sink.recipients == [[address.removeprefix("Ops <").removesuffix(">")]]


@pytest.mark.parametrize(
    "address", ["o brien@example.org", "ops@example.org\0", '"o b"@example.org', "ops", "a@b@c.org"]
)
def test_an_address_that_would_be_read_as_another_is_refused(sink: SmtpSink, address: str) -> None:
    [problem] = channels(sink.url(), address).problems()
    assert "not a mail address" in problem.what
    [problem] = channels(sink.url().replace("{recipient}", "o'brien@example.org")).problems()
    assert "cannot be used there" in problem.what


# --- hostile text -----------------------------------------------------------------------------------------------


def test_scraped_text_cannot_add_a_header_or_a_recipient(sink: SmtpSink) -> None:
    assert send(sink.url(), OPS, message=HOSTILE).result is Sending.SENT
    [mail] = sink.mails
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert sink.recipients == [[OPS]]
    assert "<script" not in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


ENCODED = [
    "=?utf-8?q?Steel=0D=0AFrom:_boss@bank.example=0D=0AMessage-ID:_=3Cx=40y=3E=0D=0AContent-Type:_text/html=0D=0A=0D=0A<a_href=x>?=",
    "Steel =?utf-8?b?DQpGcm9tOiBib3NzQGJhbmsuZXhhbXBsZQ0K?= plate",
    "=?utf-8?b?aW52b2ljZeKArmducC5leGU=?=",
    "=?us-ascii?q?a?= =?us-ascii?q?=0d=0aBcc:_evil@example.org?=",
    "==?utf-8?q?=0d=0aBcc:_evil@example.org?=",
    "철강 =?utf-8?q?=0d=0aBcc:_evil@example.org?= " + "관세 " * 30,
]


@pytest.mark.parametrize("word", ENCODED, ids=range(len(ENCODED)))
def test_an_encoded_word_in_scraped_text_is_not_decoded_into_headers(sink: SmtpSink, word: str) -> None:
    """RFC 2047: the library decodes it when the header is set, and writes the line ends that come out of it."""
    hostile = replace(TOLD, title=word, rule=word, story=word)
    assert send(sink.url(), OPS, message=hostile).result is Sending.SENT
    [mail] = sink.mails
    assert set(mail) <= NAMES
    assert (mail["From"], mail["Message-ID"]) == ("Tocsin <bot@example.org>", "<d1@example.org>")
    assert mail.get_content_type() == "multipart/alternative"
    for name in ("Subject", "X-Tocsin-Rule", "X-Tocsin-Story"):
        assert "= ?" in mail[name]
        assert "\u202e" not in mail[name]


def test_an_address_to_unsubscribe_is_no_encoded_word_either(sink: SmtpSink) -> None:
    send(sink.url(), OPS, unsubscribe="https://x.example/?a=?utf-8?q?=0d=0aBcc:x?=")
    assert sink.mails[0]["List-Unsubscribe"] == "<https://x.example/?a=%3Futf-8?q?=0d=0aBcc:x?=>"
    assert sink.mails[0]["Bcc"] is None


_ANY = st.text(st.characters(), max_size=400) | st.sampled_from(ENCODED)
_BOX = Mailbox(host="h", port=25, mode="insecure", sender=("B", "bot@example.org"), recipient=OPS)


def test_a_long_subject_in_other_letters_keeps_its_blanks(sink: SmtpSink) -> None:
    """Python's own folding loses the blank between two encoded words."""
    subject = "0" * 37 + "::::" + "ࠀ" * 7 + "ఀ౦" + "ഀ" * 7 + " ¡ ¡"
    told = Letter(id="d1", message=replace(TOLD, rule=subject), rendered=Rendered(subject=subject, text="T"))
    assert channels(sink.url(), OPS).send("c", OPS, told).result is Sending.SENT
    assert (sink.mails[0]["Subject"], sink.mails[0]["X-Tocsin-Rule"]) == (subject, subject)


NAMES = {*"Subject Message-ID List-Id Auto-Submitted X-Auto-Response-Suppress X-Tocsin-Rule X-Tocsin-Story".split()}
NAMES |= {"From", "To", "Date", "MIME-Version", "Content-Type", "Content-Language", "Content-Transfer-Encoding"}


@settings(max_examples=60 if settings.default.max_examples < 5000 else 5000)
@given(_ANY, _ANY, _ANY)
def test_whatever_is_written_the_mail_is_ascii_in_lines_and_its_headers_stand(
    subject: str, text: str, rule: str
) -> None:
    message = replace(TOLD, rule=rule)
    mail = compose(
        Letter(id="d1", message=message, rendered=Rendered(subject=subject, text=text, html=text)), _BOX, NOW
    )
    raw = mail.as_bytes()
    assert b"\0" not in raw
    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    read = message_from_bytes(raw, policy=default)
    assert [name.lower() for name in read] == [name.lower() for name in mail]
    assert set(read) <= NAMES
    assert len(str(read["Subject"] or "")) <= 200
    line = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    kept = line.replace("=?", "= ?")[:200].strip()
    assert " ".join(str(read["Subject"] or "").split()) == " ".join(kept.split())


def test_a_line_that_is_a_dot_does_not_end_the_mail(sink: SmtpSink) -> None:
    opened = channels(sink.url(), OPS)
    dots = Letter(id="d1", message=TOLD, rendered=Rendered(subject="S", text="a\n.\n..b\n"))
    assert opened.send("c", OPS, dots).result is Sending.SENT
    assert sink.mails[0].get_content().splitlines() == ["a", ".", "..b"]


# --- repeats ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keys", "held"), [(("d1", "d1"), 1), (("d1", "d2"), 2)], ids=["same key", "a key made anew"])
def test_a_lost_answer_and_a_retry_leave_one_mail_where_repeats_are_dropped(keys: tuple[str, str], held: int) -> None:
    with SmtpSink({"end": "drop"}) as sink:
        opened = channels(sink.url(), OPS)
        assert opened.send("c", OPS, letter(opened, key=keys[0])).result is Sending.AMBIGUOUS
        sink.says.clear()
        assert opened.send("c", OPS, letter(opened, key=keys[1])).result is Sending.SENT
    assert sink.stored.total() == 2
    assert len(sink.stored) == held

"""What docs/delivery.md, docs/templates.md and their part of docs/operations.md say is so: by the code, row by row."""

import inspect
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.adapters import pinging
from bot.adapters.channels.mail import Mailbox, compose
from bot.adapters.channels.webhook import Hook, document, signature
from bot.adapters.channels.wire import Answer, judge
from bot.adapters.database import ballast, opening, promises, recovering
from bot.adapters.database.tables import metadata
from bot.cli.auditing import COLUMNS
from bot.cli.checking import State as Health
from bot.cli.checking import _print as print_health
from bot.core.masses import LEAST
from bot.core.render import Form, room
from bot.core.render.neutral import unmarked
from bot.core.render.parts import SUBJECT
from bot.core.render.phrases import PHRASES
from bot.core.render.terms import TERMS
from bot.core.timing import next_tick, quiet_until
from bot.core.watching import machine, staleness
from bot.courier import BATCH, OF_A_CHANNEL, PATIENCE, PAUSES, THREADS
from bot.model import Held, Letter, Reason, Sending, State, Trouble
from bot.pipeline import BACKOFF, LEASE_MARGIN, LONGEST_PAUSE
from bot.schedule import CLOCK_SECONDS, STEP
from bot.settings import Channel, Delivering, Operator
from bot.templating import Template, load_template, sandbox
from bot.templating.reading import LARGEST
from bot.templating.values import values_of
from tests.adapters.letters import NOW, TOLD, channels
from tests.render.sampling import ALERT, CHATS, FORMS, KOREAN, MAIL, SMS, TARIFF, TROUBLE, UPDATE, digest
from tests.test_docs import blocks, code_of, first_cells, rows, section, text_of

DELIVERY, TEMPLATES, OPERATIONS = "docs/delivery.md", "docs/templates.md", "docs/operations.md"


def cells(name: str, heading: str, width: int) -> list[list[str]]:
    """The rows of that many cells under a heading."""
    return [row for row in rows(section(text_of(name), heading)) if len(row) == width]


def under(name: str, heading: str) -> set[str]:
    return first_cells(section(text_of(name), heading))


def prose_of(name: str) -> str:
    """The text in one line, however it is wrapped."""
    return " ".join(text_of(name).split())


# --- states, waits, figures -------------------------------------------------------------------------------------


def test_every_state_and_every_reason_to_wait_has_its_row() -> None:
    assert under(DELIVERY, "What becomes of an alert") == {*State} | ({*Held} - {Held.NEW})
    assert under(DELIVERY, "When a channel fails") == {*Sending}


def span(seconds: float) -> str:
    """As the documents write a duration."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def test_the_waits_are_those_of_the_pipeline() -> None:
    assert ", ".join(map(span, BACKOFF)) + ";" in prose_of(DELIVERY)
    first, second, more = map(span, PAUSES)
    said = f"after {PATIENCE} failures in a row for {first}, after the next one for {second}, then for {more} each"
    assert said in prose_of(DELIVERY)
    assert timedelta(days=1) == LONGEST_PAUSE, "up to a day"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (DELIVERY, f"and {LEASE_MARGIN:g} seconds), or as soon as"),
        (DELIVERY, f"`delivery.give_up_hours` ({Delivering().give_up_hours:g})"),
        (DELIVERY, f"`max_per_hour` ({Channel(url='x').max_per_hour}; 0 for none)"),
        (DELIVERY, f"a thread of its own (up to {THREADS}), at most {OF_A_CHANNEL} of one channel"),
        (DELIVERY, f"`tocsin.db.ballast`, {ballast.SIZE // 1_000_000} MB"),
        (DELIVERY, f"a step of {STEP.total_seconds():g} seconds or more is noticed within {CLOCK_SECONDS:g} seconds"),
        (DELIVERY, "waited for 10 seconds"),
        (DELIVERY, f"{len(TERMS)} legal terms"),
        (DELIVERY, f'"{PHRASES["repeat"]["en"]}"'),
        (DELIVERY, f"at most {SUBJECT} characters"),
        (TEMPLATES, f"at most {LARGEST:,} bytes"),
        (TEMPLATES, f"at most {sandbox.LONGEST:,} characters"),
        (OPERATIONS, f"| {machine.TRIES} polls of a source in a row failed"),
        (OPERATIONS, f"for more than {staleness.TIMES} times the usual gap"),
        (OPERATIONS, f"after {staleness.LEAST} gaps"),
        (OPERATIONS, f"every `operator.ping_minutes` ({Operator().ping_minutes:g})"),
        (OPERATIONS, f"within {pinging.Pinger('').timeout:g} seconds, is logged"),
        (OPERATIONS, f"At most {pinging.MAX_REDIRECTS} redirects"),
        (OPERATIONS, f"The schema of this version is {opening.HEAD}."),
        ("docs/architecture.md", f"one of {THREADS} threads and at most {BATCH} deliveries"),
    ],
)
def test_figures_are_those_of_the_code(name: str, said: str) -> None:
    assert said in prose_of(name)


def test_the_figures_that_are_words() -> None:
    assert LEAST == 5, "five releases"
    assert staleness.SHARE == 0.9, "nine of ten"
    assert "busy_timeout=10000" in opening._PRAGMAS, "10 seconds"


# --- times ------------------------------------------------------------------------------------------------------


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("row", cells(DELIVERY, "Summer time", 5), ids=str)
def test_ticks_are_as_the_table_says(row: list[str]) -> None:
    cadence, zone, after, there, at = map(code_of, row)
    tick = next_tick(cadence, utc(after), ZoneInfo(zone))
    assert tick == utc(at)
    assert f"{tick.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}" == there


@pytest.mark.parametrize("row", cells(DELIVERY, "Summer time", 4), ids=str)
def test_quiet_hours_are_as_the_table_says(row: list[str]) -> None:
    hours, zone, at, until = map(code_of, row)
    assert quiet_until(hours, utc(at), ZoneInfo(zone)) == (None if until == "not quiet" else utc(until))


def test_the_tables_of_times_are_read() -> None:
    """The negative control: they are there, and a row that is wrong would be seen."""
    ticks, hours = cells(DELIVERY, "Summer time", 5), cells(DELIVERY, "Summer time", 4)
    assert (len(ticks) > 6, len(hours) > 3) == (True, True)
    with pytest.raises(AssertionError):
        test_ticks_are_as_the_table_says([*ticks[0][:4], "`2026-11-20T23:31`"])
    with pytest.raises(AssertionError):
        test_quiet_hours_are_as_the_table_says([*hours[0][:3], "`not quiet`"])


# --- channels ---------------------------------------------------------------------------------------------------

URLS = {
    "mailto": "mailto://h.example?from=a@x.org&to=b@x.org",
    "mailtos": "mailtos://h.example?from=a@x.org&to=b@x.org",
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#nuxref",
    "tgram": "tgram://123456789:alphanumeric_-text/12345",
    "ntfy": "ntfy://127.0.0.1/topic",
    "matrix": "matrix://bot:word@127.0.0.1:1/%23a:b",
    "matrixs": "matrixs://bot:word@127.0.0.1:1/%23a:b",
    "irc": "irc://bot@127.0.0.1:6667/%23alerts",
    "d7sms": "d7sms://0123456789@15551231234",
    "webhook": "webhook://127.0.0.1/",
    "webhooks": "webhooks://127.0.0.1/",
    "terminal": "terminal://",
}


def budget(form: Form) -> tuple[str, str]:
    """What the table says of a form."""
    if form.kind == "mail":
        return f"no limit; subjects up to {SUBJECT}", str(room(form))
    title = f", and a title of {form.title_limit}" if form.title_limit else ""
    counted = ", counted" if form.kind == "sms" else ""
    units = {"characters": "", "utf16": " units of UTF-16", "bytes": " bytes"}[form.units]
    return (f"{form.limit:,}{units}{title}" if form.limit else "no limit"), f"{room(form)}{counted}"


@pytest.mark.parametrize("row", cells(DELIVERY, "Messages", 3), ids=lambda row: row[0])
def test_the_room_of_a_service_is_as_the_table_says(row: list[str]) -> None:
    opened = channels(URLS[code_of(row[0])])
    assert opened.problems() == []
    assert tuple(row[1:]) == budget(opened.form("c"))


def test_the_channels_with_a_key_are_those_of_the_table() -> None:
    table = section(text_of(DELIVERY), "What each kind of channel promises")
    _, *lines = (line.split("|") for line in table.splitlines() if line.startswith("| "))
    keyed = {scheme for line in lines if line[2] != " none " for scheme in re.findall(r"`(\w+)`", line[1])}
    assert keyed == {scheme for scheme, url in URLS.items() if channels(url).knows_repeats("c")}


@pytest.mark.parametrize("row", cells(DELIVERY, "Scraped text is only text", 2), ids=lambda row: row[0])
def test_scraped_text_is_written_as_the_table_says(row: list[str]) -> None:
    assert unmarked(code_of(row[0])) == code_of(row[1])


def test_the_tables_of_channels_are_read() -> None:
    assert len(cells(DELIVERY, "Messages", 3)) > 8
    assert len(cells(DELIVERY, "Scraped text is only text", 2)) > 7


# --- mail -------------------------------------------------------------------------------------------------------


def test_every_header_of_a_mail_has_its_row() -> None:
    rendered = channels(URLS["mailto"]).write("c", TOLD)
    mailbox = Mailbox(
        host="h", port=25, mode="insecure", sender=("T", "t@x.org"), recipient="b@x.org", reply_to=("r@x.org",)
    )
    letter = Letter(id="d1", message=TOLD, rendered=rendered, answers="d0")
    mail = compose(letter, replace(mailbox, unsubscribe="https://x.org/u"), NOW)
    assert under(DELIVERY, "Mail") >= set(mail) - {"MIME-Version", "Content-Type"}
    assert {one for one in under(DELIVERY, "Mail") if one[0].isupper()} <= set(mail)


# --- webhooks ---------------------------------------------------------------------------------------------------


def hook_rows(head: str) -> list[list[str]]:
    """The rows of the table that begins with such a head."""
    table = section(text_of(DELIVERY), "Webhooks").split(f"| {head} |", 1)[1].split("\n\n", 1)[0]
    return rows(table)


def named_in(found: list[list[str]]) -> set[str]:
    return {code for row in found for code in re.findall(r"`([^`]+)`", row[0])}


def test_every_header_of_a_webhook_has_its_row() -> None:
    hook = Hook(address="https://h", secret=b"s", login="x")
    assert named_in(hook_rows("header")) == {"Content-Type", "User-Agent", *signature("d1", b"{}", hook, NOW)}


def written(message: Any) -> dict[str, Any]:
    letter = Letter(id="d1", message=message, rendered=channels(URLS["webhook"]).write("c", message))
    told: dict[str, Any] = json.loads(document(letter))
    return told


def test_every_key_of_a_webhook_has_its_row_and_stands_in_the_example() -> None:
    [example] = [json.loads(block) for block in blocks(section(text_of(DELIVERY), "Webhooks"), "json")]
    told = written(UPDATE)
    assert named_in(hook_rows("key")) == set(told) == set(example)
    assert {key: type(value) for key, value in example.items()} == {key: type(value) for key, value in told.items()}
    assert set(example["changes"][0]) == set(told["changes"][0])
    [entry] = written(digest(ALERT))["entries"]
    assert set(entry) == set(told) - {"id", "text"}
    [kinds] = [row[1] for row in hook_rows("key") if row[0] == "`kind`"]
    assert set(re.findall(r"`(\w+)`", kinds)) == {*Reason}


def test_the_check_of_a_signature_works() -> None:
    """As it stands in the document, on what is really sent; what was changed, or is old, is refused."""
    [code] = blocks(text_of(DELIVERY), "python")
    defined: dict[str, Any] = {}
    exec(code, defined)  # noqa: S102 (our own document)
    is_ours, body = defined["is_ours"], json.dumps(written(ALERT)).encode()
    hook = Hook(address="https://h", secret=b"secret", login="")
    signed = partial(signature, "d1", body, hook)
    now = datetime.now(UTC)
    assert is_ours(b"secret", signed(now), body)
    assert not is_ours(b"other", signed(now), body)
    assert not is_ours(b"secret", signed(now), body + b" ")
    assert not is_ours(b"secret", signed(now - timedelta(hours=1)), body)


@pytest.mark.parametrize("row", hook_rows("the server answers"), ids=lambda row: row[0])
def test_answers_to_a_webhook_end_as_the_table_says(row: list[str]) -> None:
    ends = re.match(r"`(\w+)`", row[1])
    assert ends
    for status in re.findall(r"`(\d{3})`", row[0]):
        assert judge(Answer(status=int(status), headers={}), NOW).result == ends[1], status
    if ends[1] == "refused":
        assert judge(Answer(status=413, headers={"retry-after": "5"}), NOW).result is Sending.RETRY


# --- templates --------------------------------------------------------------------------------------------------


def test_every_value_of_a_template_has_its_row() -> None:
    values = values_of(UPDATE, MAIL, "html")
    assert under(TEMPLATES, "Values") == set(values)
    entry = values_of(digest(ALERT), MAIL, "text")["entries"][0]
    assert set(entry) == set(values) - {"entries", "together", "repeat", "phrases", "language"}


def test_every_filter_test_and_sign_of_a_loop_is_named() -> None:
    filters = set(sandbox.Sandbox(autoescape=True).filters) - {sandbox._JOINED, sandbox._EACH, sandbox._READ}
    assert under(TEMPLATES, "Language") == filters
    named = set(re.findall(r"`([\w.]+)`", section(text_of(TEMPLATES), "Language")))
    assert {f"loop.{one}" for one in sandbox._LOOP} <= named
    words = {one for one in sandbox._TESTS if one.isalpha()}
    comparisons = {"eq", "equalto", "ne", "lt", "lessthan", "le", "gt", "greaterthan", "ge", "in"}
    assert words - comparisons <= named


@pytest.fixture
def shown(tmp_path: Path) -> list[Template]:
    """The templates of the document."""
    found = []
    for number, block in enumerate(blocks(text_of(TEMPLATES), "jinja")):
        file = tmp_path / f"{number}.txt"
        file.write_text(block, encoding="utf-8")
        found.append(load_template(file))
    return found


def test_the_templates_of_the_document_work_on_every_form(shown: list[Template]) -> None:
    chat, mail = shown
    for form in (*FORMS, SMS):
        for message in (ALERT, UPDATE, TROUBLE, KOREAN):
            for template in shown:
                rendered = template.render(message, form)
                assert form.limit == 0 or len(rendered.text) <= form.limit
                assert not message.url or message.url.split("?")[0] in rendered.text
    text = chat.render(UPDATE, CHATS[2]).text
    assert text.startswith(f"Update: {UPDATE.title}")
    assert "The duty on plate is 11.24%. → The duty on plate is 12.14%." in text
    assert "Nothing for 3 hours." in chat.render(TROUBLE, CHATS[2]).text
    many = digest(ALERT, replace(TARIFF, title="<b>"), KOREAN)
    assert "\n2. ＜b＞ https://" in chat.render(many, CHATS[2]).text
    assert mail.render(ALERT, MAIL).subject.startswith(f"[{ALERT.rule}] {ALERT.title[:20]}")
    page = mail.render(many, MAIL).html
    assert page.count("<h2>") == 3
    assert "&lt;b&gt;" in page
    assert "<b>steel plate</b>" in page


# --- the operator -----------------------------------------------------------------------------------------------


def test_every_trouble_has_its_row() -> None:
    assert under(OPERATIONS, "Notices to the operator") == {*Trouble}


def test_every_column_and_event_of_the_ledger_has_its_row() -> None:
    events = set(
        re.findall(r'note(?:_each)?\(connection, "([a-z-]+)"', "".join(map(inspect.getsource, (promises, recovering))))
    )
    assert len(events) > 4
    assert under(OPERATIONS, "The ledger") == {*COLUMNS} | events | {*Sending}


def test_every_key_of_health_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_health(Health(late=(), beat=None, stuck=False, failing=(), broken={}, outbox={}, muted=(), running=None))
    assert under(OPERATIONS, "Health") == set(json.loads(capsys.readouterr().out))


def test_every_table_of_the_database_has_its_row() -> None:
    assert under(OPERATIONS, "The database") == {*metadata.tables, "release_words"}

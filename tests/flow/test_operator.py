"""What the operator hears of: sources that break and heal, lists that change at once, through the same outbox."""

from datetime import timedelta

import pytest

from bot.adapters.database import Database
from bot.errors import FetchError
from bot.pipeline import backfill, collect
from bot.ports import World
from bot.schedule import collect_safely
from tests.fakes import SOURCE, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, sent_by, world

OLD = [Item(str(900 + n), f"old {n}", f"Nothing of note on {n}.") for n in range(8)]
DOWN = FetchError("https://press.example: no answer", status=503)


def watched(database: Database, web: FakeWeb, notifier: FakeNotifier, *, operator: str = "ops") -> World:
    channels = {"me": ("",), "ops": ("a@x.example",)}
    return world(database, web=web, notifier=notifier, clock=FakeClock(), channels=channels, operator=operator)


def polls(here: World, web: FakeWeb, *pages: str | Exception) -> None:
    for shown in pages:
        web.pages[list_url()] = shown
        collect(SOURCE, here)
        here.clock.sleep(600)
        sent_by(here)


def told(notifier: FakeNotifier) -> list[tuple[str, str]]:
    return [(str(message.reason), message.title) for channel, _, message, _ in notifier.sent if channel == "ops"]


def test_a_source_that_breaks_and_heals_is_told_of_once_each(database: Database) -> None:
    web, notifier = FakeWeb(), FakeNotifier()
    here = watched(database, web, notifier)
    good = page(*OLD)
    polls(here, web, good, *[DOWN] * 9, good, good, *[DOWN] * 2, good)
    assert told(notifier) == [
        ("trouble", "demo/press: it cannot be reached"),
        ("healed", "demo/press: it is read again"),
    ]


def test_another_layout_is_another_trouble(database: Database) -> None:
    web, notifier = FakeWeb(), FakeNotifier()
    here = watched(database, web, notifier)
    polls(here, web, page(*OLD), *[DOWN] * 4, *["<html><body>We have moved.</body></html>"] * 4)
    assert [title for _, title in told(notifier)] == [
        "demo/press: it cannot be reached",
        "demo/press: the layout has changed",
    ]


def test_without_an_operator_nobody_is_told(database: Database) -> None:
    web, notifier = FakeWeb(), FakeNotifier()
    polls(watched(database, web, notifier, operator=""), web, page(*OLD), *[DOWN] * 9)
    assert notifier.sent == []


def test_who_is_named_later_is_told_of_what_is_broken_then(database: Database) -> None:
    web, notifier = FakeWeb(), FakeNotifier()
    polls(watched(database, web, notifier, operator=""), web, page(*OLD), *[DOWN] * 4)
    later = watched(database, web, notifier)
    polls(later, web, DOWN, DOWN, page(*OLD))
    assert [reason for reason, _ in told(notifier)] == ["trouble", "healed"]


def test_a_bug_in_the_polls_of_a_source_is_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    class Buggy(FakeWeb):
        def fetch(self, *_: object, **__: object) -> None:  # type: ignore[override]
            raise ZeroDivisionError

    notifier = FakeNotifier()
    here = watched(database, Buggy(), notifier)
    for _ in range(4):
        collect_safely(SOURCE, here)
    sent_by(here)
    assert told(notifier) == [("trouble", "demo/press: its polls fail")]
    assert "ZeroDivisionError" in caplog.text


def test_what_the_operator_was_told_is_told_when_the_poll_was_stored_and_not_twice(database: Database) -> None:
    """The notice stands in the transaction of the poll: a crash in it leaves neither."""
    web, notifier = FakeWeb({list_url(): DOWN}), FakeNotifier()

    def crash(point: str) -> None:
        if point == "before commit":
            raise RuntimeError(point)

    here = watched(database, web, notifier)
    for _ in range(2):
        collect(SOURCE, here)
    here.store._crash_point = crash  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        collect(SOURCE, here)
    sent_by_another = watched(database, web, notifier)
    sent_by(sent_by_another)
    assert told(notifier) == []
    collect(SOURCE, sent_by_another)
    collect(SOURCE, sent_by_another)
    sent_by(sent_by_another)
    assert len(told(notifier)) == 1


def test_a_list_that_is_new_at_once_comes_as_one_message_and_loses_nothing(database: Database) -> None:
    web, notifier = FakeWeb(), FakeNotifier()
    here = watched(database, web, notifier)
    news = [Item(str(n), f"Tariff matter {n}", f"A tariff on goods of chapter {n}.") for n in range(1, 7)]
    polls(here, web, page(*OLD), page(*reversed(news), *OLD[:4]))
    alerts = [message for channel, _, message, _ in notifier.sent if channel == "me"]
    assert len(alerts) == 1
    assert sorted(notifier.titles) == sorted(one.title for one in news)


def test_news_that_are_less_than_half_of_a_list_come_one_by_one(database: Database) -> None:
    """The negative control of the one message."""
    web, notifier = FakeWeb(), FakeNotifier()
    here = watched(database, web, notifier)
    news = [Item(str(n), f"Tariff matter {n}", f"A tariff on goods of chapter {n}.") for n in range(1, 7)]
    polls(here, web, page(*OLD), page(*reversed(news), *OLD))
    assert len([message for channel, _, message, _ in notifier.sent if channel == "me"]) == 6


@pytest.mark.parametrize("alert", [False, True])
def test_a_backfill_alerts_on_request_only_and_then_in_one_message(database: Database, alert: bool) -> None:
    web, notifier = FakeWeb(), FakeNotifier()
    here = watched(database, web, notifier)
    polls(here, web, page(*OLD))
    past = [Item(str(n), f"Tariff matter {n}", f"A tariff on goods of chapter {n}.") for n in range(1, 4)]
    web.pages = {list_url(): page(*past), list_url(2): page()}
    list(backfill(SOURCE, here, 2, alert=alert))
    sent_by(here)
    assert len(notifier.sent) == (1 if alert else 0)
    assert len(notifier.titles) == (3 if alert else 0)


def test_days_pass_without_harm(database: Database) -> None:
    """Nothing here depends on the hour at which it runs."""
    web, notifier = FakeWeb(), FakeNotifier()
    here = watched(database, web, notifier)
    polls(here, web, page(*OLD))
    here.clock.sleep(timedelta(days=1).total_seconds())
    polls(here, web, page(*OLD))
    assert told(notifier) == []

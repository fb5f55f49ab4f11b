"""Rules that were edited, and what is stored: nobody is told of it unless a replay is asked for, and then once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.adapters.database.tables import matches
from bot.core.normalise import normalise
from bot.core.plan import decide
from bot.core.promising import Audience
from bot.core.replay import decide_again
from bot.core.rules.rule import Rule, RuleSet
from bot.model import Filed, Poll, Polled, Related, Release
from bot.pipeline import LEASE_MARGIN, collect, ingest, replay
from bot.ports import World
from scrapers.model import Draft
from tests.fakes import (
    SOURCE,
    FakeClock,
    FakeNotifier,
    FakeWeb,
    Item,
    list_url,
    page,
    promised_in,
    rule,
    sent_by,
    world,
)

TIMEOUT = 5.0
OLD = rule("steel", any=["steel"])
NEW = rule("steel", any=["steel", "plywood"])
ITEMS = [
    Item(str(n), title, f"Text of {title}.") for n, title in enumerate(("Steel output", "Plywood prices", "A visit"))
]
TALKS = (
    "Minister Ahn met his colleague of Chile on plywood in Busan.",
    "Four officials of both sides sit at one table by the sea.",
)
"""Two captions of one event, as the ministry posts them."""


def here(database: Database, *rules: Rule, notifier: FakeNotifier | None = None, **more: object) -> World:
    return world(database, *rules, notifier=notifier or FakeNotifier(), **more)  # type: ignore[arg-type]


def take(drafts: list[Item], at: World, *, baseline: bool = False) -> None:
    list(ingest([(one.id, draft(one), SOURCE) for one in drafts], at, baseline=baseline))


def draft(one: Item) -> Draft:
    return Draft(id=one.id, title=one.title, body=one.body, published=one.date)


def again(database: Database, at: World, *rules: str, **keys: int) -> list[Poll]:
    return list(replay(Archive(database).each(), at, rules or ("steel",), **keys))


def send(at: World) -> list[str]:
    return [delivery.message.title for delivery, _ in sent_by(at)]


def versions(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        return {row.release: row.rule_version for row in connection.execute(matches.select())}


def stored(database: Database) -> list[Release]:
    return list(Archive(database).each())


def test_an_edited_rule_does_not_alert_what_is_stored(database: Database) -> None:
    web = FakeWeb({list_url(): page(Item("9", "old"))}, etags=False)
    collect(SOURCE, here(database, OLD, web=web))
    web.pages[list_url()] = page(*ITEMS, Item("9", "old"))
    assert collect(SOURCE, here(database, OLD, web=web)).planned == 1
    web.pages[list_url()] = page(Item("4", "Another visit"), *ITEMS, Item("9", "old"))
    assert collect(SOURCE, here(database, NEW, web=web)).planned == 0
    take(ITEMS, here(database, NEW))
    assert [row["title"] for row in Archive(database).outbox(limit=9)] == ["Steel output"]


def test_a_decision_that_forgets_what_is_stored_would_alert_it(database: Database) -> None:
    """The negative control: the same releases, taken for new, bring the alerts that the test above must not see."""
    take(ITEMS, here(database, OLD))
    poll = Poll(source="x", at=FakeClock().now(), result=Polled.OK)
    decision = decide(stored(database), related=Related(), audience=here(database, NEW).audience, poll=poll)
    assert {one.message.title for one in decision.deliveries} == {"Plywood prices", "Steel output"}


def test_a_replay_tells_what_the_rule_has_not_told_and_stamps_the_version(database: Database) -> None:
    take(ITEMS, here(database, OLD))
    assert send(here(database, OLD)) == ["Steel output"]
    assert set(versions(database).values()) == {OLD.version}
    [poll] = again(database, here(database, NEW))
    assert (poll.source, poll.found, poll.matched, poll.planned) == ("replay", 3, 2, 1)
    assert set(versions(database).values()) == {NEW.version}
    assert send(here(database, NEW)) == ["Plywood prices"]
    assert [one.planned for one in again(database, here(database, NEW))] == [0]


def test_only_the_rules_that_are_asked_for_are_replayed(database: Database) -> None:
    take(ITEMS, here(database, rule("other", any=["nothing"])))
    again(database, here(database, NEW, rule("other", any=["visit"])))
    assert {row["rule"] for row in Archive(database).outbox(limit=9)} == {"steel"}


def test_a_story_is_told_once_by_its_newest_release_and_names_the_others(database: Database) -> None:
    take([Item(str(n), "Korea-Chile plywood talks", text) for n, text in enumerate(TALKS)], here(database, OLD))
    for size in (500, 1):
        polls = again(database, here(database, NEW), batch=size)
        assert sum(one.planned for one in polls) == (1 if size == 500 else 0)
    [row] = Archive(database).outbox(limit=9)
    assert row["release"] == stored(database)[0].id
    [delivery] = promised_in(here(database, NEW))
    assert len(delivery.message.also) == 1


def test_a_decision_promises_a_story_once() -> None:
    """By itself, and not only since the outbox drops what it has."""
    filed = [Filed(release=normalise(draft(one), SOURCE, now=FakeClock().now()), story="s") for one in MANY]
    poll = Poll(source="replay", at=FakeClock().now(), result=Polled.OK)
    audience = Audience(rules=RuleSet([NEW]), channels={"me": ("",)})
    decision = decide_again([one.release for one in filed], Related(filed=filed), audience=audience, poll=poll)
    assert [one.release for one in decision.deliveries] == [filed[0].release.id]
    assert (len(decision.matches), decision.poll.planned) == (len(MANY), 1)


def test_a_story_that_was_told_as_an_update_only_stays_silent(database: Database) -> None:
    """Its first release was a silent baseline, so no promise of the same id stands in the outbox."""
    text = "The tariff on hot-rolled steel from Chile will be {} percent from June 1, the Trade Commission decided."
    take([Item("1", "Tariff on steel", text.format("11.24"))], here(database, OLD), baseline=True)
    take([Item("1", "Tariff on steel", text.format("12.14"))], here(database, OLD))
    assert [row["reason"] for row in Archive(database).outbox(limit=9)] == ["update"]
    assert [one.planned for one in again(database, here(database, NEW))] == [0]


def test_a_silent_baseline_is_told_when_it_is_asked_for(database: Database) -> None:
    take(ITEMS, here(database, OLD), baseline=True)
    assert [one.planned for one in again(database, here(database, NEW))] == [2]


def test_a_new_channel_hears_what_the_others_have_heard(database: Database) -> None:
    take(ITEMS, here(database, OLD))
    both = rule("steel", any=["steel"], to=["me", "desk"])
    [poll] = again(database, here(database, both, channels={"me": ("",), "desk": ("a@b.example",)}))
    assert poll.planned == 1
    assert Archive(database).outbox(limit=1)[0]["channel"] == "desk"


def test_a_rule_for_every_release_tells_each_text_that_it_has_not_told(database: Database) -> None:
    take([Item(str(n), "Korea-Chile steel talks", text) for n, text in enumerate(TALKS)], here(database, OLD))
    every = rule("steel", any=["steel"], alert="every")
    assert [one.planned for one in again(database, here(database, every))] == [1]
    assert [one.planned for one in again(database, here(database, every))] == [0]


class Crash(BaseException):
    """The process dies."""


def fatal(step: int) -> Callable[[str], None]:
    left = iter(range(step - 1))

    def point(_: str) -> None:
        if next(left, None) is None:
            raise Crash

    return point


MANY = [
    Item(str(n), f"{name} mill opens", f"The {name} mill makes plywood.")
    for n, name in enumerate("Busan Ulsan Jeju".split())
]


def replayed(path: Path, clock: FakeClock, notifier: FakeNotifier, point: Callable[[str], None]) -> None:
    """One life: replay in batches of one, then deliver."""
    database = Database.open(path)
    try:
        at = here(database, NEW, clock=clock, notifier=notifier, crash_point=point)
        again(database, at, batch=1)
        send(at)
    finally:
        database.close()


def test_a_crash_at_any_step_of_a_replay_loses_nothing_and_repeats_at_most_one(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "0.db")
    take(MANY, here(database, OLD))
    database.close()
    for step in range(1, 100):
        path, clock, notifier = tmp_path / f"{step}.db", FakeClock(), FakeNotifier()
        shutil.copyfile(tmp_path / "0.db", path)
        crashed = False
        try:
            replayed(path, clock, notifier, fatal(step))
        except Crash:
            crashed = True
        clock.pass_(seconds=TIMEOUT + LEASE_MARGIN + 1)
        replayed(path, clock, notifier, lambda _: None)
        assert set(notifier.titles) == {one.title for one in MANY}, step
        assert len(notifier.titles) <= len(MANY) + crashed, step
        assert len({delivery for *_, delivery in notifier.sent}) == len(MANY)
        if not crashed:
            break
    assert not crashed
    assert step > 4 * len(MANY), "every step was reached"


def test_a_ledger_that_is_not_asked_would_tell_an_updated_story_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without what was told, the ids of the promises alone do not keep the story silent."""
    text = "The tariff on hot-rolled steel from Chile will be {} percent from June 1, the Trade Commission decided."
    take([Item("1", "Tariff on steel", text.format("11.24"))], here(database, OLD), baseline=True)
    take([Item("1", "Tariff on steel", text.format("12.14"))], here(database, OLD))
    monkeypatch.setattr("bot.adapters.database.related._told", lambda *_: [])
    assert [one.planned for one in again(database, here(database, NEW))] == [1]

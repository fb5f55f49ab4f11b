"""Corrections go to those who got the first message, and answer it."""

from dataclasses import replace

from bot.adapters.database import Database
from bot.core.normalise import normalise
from bot.core.promising import Audience, News, corrections
from bot.core.rules.rule import Rule, RuleSet
from bot.core.timing import Timing
from bot.model import Filed, Told
from bot.pipeline import collect
from bot.ports import World
from scrapers.model import Draft
from tests.fakes import SOURCE, START, FakeClock, FakeNotifier, FakeWeb, Item, list_url, page, rule, sent_by, world

OLD = [Item(str(900 + n), f"old {n}") for n in range(4)]
FIRST = Item("1", "Duty on steel", "The tariff on hot-rolled steel will be 11.24 percent from June 1.")
CORRECTED = replace(FIRST, body="The tariff on hot-rolled steel will be 12.14 percent from June 1.")
CHANNELS = {"me": ("",), "desk": ("a@x.example", "b@x.example"), "new": ("",)}


def told_first(database: Database, notifier: FakeNotifier, *rules: Rule, **more: object) -> tuple[World, FakeWeb]:
    web = FakeWeb({list_url(): page(*OLD)})
    here = world(database, *rules, web=web, notifier=notifier, clock=FakeClock(), channels=CHANNELS, **more)  # type: ignore[arg-type]
    collect(SOURCE, here)
    web.pages[list_url()] = page(FIRST, *OLD)
    collect(SOURCE, here)
    sent_by(here)
    return here, web


def corrected(here: World, web: FakeWeb, *rules: Rule) -> None:
    """The page changes, under rules that are others by now."""
    now = replace(here, audience=replace(here.audience, rules=RuleSet(rules)))
    web.pages[list_url()] = page(CORRECTED, *OLD)
    collect(SOURCE, now)
    sent_by(now)


def updates(notifier: FakeNotifier) -> list[tuple[str, str]]:
    return sorted((channel, to) for channel, to, message, _ in notifier.sent if message.reason == "update")


def test_who_got_the_first_message_gets_the_correction_though_the_rule_names_others_now(database: Database) -> None:
    notifier = FakeNotifier()
    here, web = told_first(database, notifier, rule(to=["desk"]))
    corrected(here, web, rule(to=["new"]))
    assert updates(notifier) == [("desk", "a@x.example"), ("desk", "b@x.example"), ("new", "")]


def test_and_though_the_rule_is_gone(database: Database) -> None:
    notifier = FakeNotifier()
    here, web = told_first(database, notifier, rule(to=["me"]))
    corrected(here, web, rule("another", any=["quota"]))
    assert updates(notifier) == [("me", "")]
    [message] = [message for _, _, message, _ in notifier.sent if message.reason == "update"]
    assert message.rule == "Tariffs", "by the name that they know"
    assert any("12.14" in now for _, now in message.changes)


def test_a_recipient_who_is_no_longer_listed_is_left_in_peace(database: Database) -> None:
    notifier = FakeNotifier()
    here, web = told_first(database, notifier, rule(to=["desk"]))
    fewer = replace(here.audience, channels={**CHANNELS, "desk": ("b@x.example",)})
    corrected(replace(here, audience=fewer), web, rule(to=["desk"]))
    assert updates(notifier) == [("desk", "b@x.example")]


def test_nobody_gets_one_correction_twice(database: Database) -> None:
    notifier = FakeNotifier()
    here, web = told_first(database, notifier, rule(to=["desk", "me"]))
    corrected(here, web, rule(to=["desk", "me"]))
    assert len(updates(notifier)) == len(set(updates(notifier))) == 3


def test_a_correction_answers_the_first_message(database: Database) -> None:
    notifier = FakeNotifier()
    here, web = told_first(database, notifier, rule(to=["me"]))
    corrected(here, web, rule(to=["me"]))
    first, second = notifier.letters
    assert (first.answers, second.answers) == ("", first.id)


def test_and_if_the_first_came_in_a_digest_it_answers_the_digest(database: Database) -> None:
    notifier = FakeNotifier()
    timings = {"me": Timing(cadence="hourly")}
    here, web = told_first(database, notifier, rule(to=["me"]), timings=timings)
    web.pages[list_url()] = page(Item("2", "A tariff on cars", "Of seven percent."), FIRST, *OLD)
    collect(SOURCE, here)
    here.clock.sleep(3600)
    sent_by(here)
    [digest] = notifier.letters
    assert len(digest.message.entries) == 2
    corrected(here, web, rule(to=["me"]))
    here.clock.sleep(3600)
    sent_by(here)
    assert notifier.letters[-1].answers == digest.id


def test_a_rule_that_tells_every_release_tells_of_a_correction_once() -> None:
    """However many releases of the story it has told of before."""
    told = [
        Told(channel="me", recipient="", rule="tariffs", story="s", release=f"r{n}", about=f"r{n}") for n in range(5)
    ]
    release = normalise(Draft(id="1", title=FIRST.title, body=FIRST.body, published=FIRST.date), SOURCE, now=START)
    audience = Audience(rules=RuleSet([rule(alert="every")]), channels=CHANNELS)
    news = News("c", (("11.24", "12.14"),))
    [one] = corrections(Filed(release=release, story="s"), told, audience, news=news, at=START)
    assert (one.channel, one.about, one.message.changes) == ("me", "r0", news.changes)

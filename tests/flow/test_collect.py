"""The first half of the flow: what a poll stores, and what it never loses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.errors import FetchError
from bot.model import Polled
from bot.pipeline import backfill, collect
from bot.polling import TRIES
from bot.ports import World
from scrapers.model import Source
from tests.fakes import (
    DETAILED,
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

OLD = (Item("2", "An energy forum"), Item("1", "A steel fair"))
_DAYS = timedelta(days=3)
NEW = Item("3", "Tariff talks", "They met on tariffs.")
SIX = tuple(
    Item(
        str(10 + n),
        f"Tariff on {what} from {where} is reviewed",
        f"The tariff on {what} from {where} stays as it is for now.",
    )
    for n, (what, where) in enumerate(
        (
            ("steel", "Chile"),
            ("shrimps", "Thailand"),
            ("paper", "Finland"),
            ("bolts", "India"),
            ("glass", "Egypt"),
            ("tyres", "Peru"),
        )
    )
)


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb({list_url(): page(*OLD)})


def stored(database: Database) -> set[str]:
    return {record["external_id"] for record in Archive(database).releases(limit=1000)}


def told(here: World) -> list[str]:
    return [one.message.title for one in promised_in(here)]


def after_baseline(database: Database, web: FakeWeb, source: Source = SOURCE, **keys: object) -> World:
    here = world(database, web=web, **keys)  # type: ignore[arg-type]
    assert collect(source, here).baseline
    return here


def test_the_first_poll_tells_nobody(database: Database) -> None:
    here = world(database, web=FakeWeb({list_url(): page(NEW, *OLD)}))
    poll = collect(SOURCE, here)
    assert (poll.new, poll.matched, poll.planned, poll.baseline) == (3, 1, 0, True)
    assert told(here) == []


def test_a_new_release_is_told_once(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = page(NEW, *OLD)
    assert collect(SOURCE, here).planned == 1
    web.etags = False
    assert collect(SOURCE, here).result is Polled.UNCHANGED
    assert told(here) == ["Tariff talks"]


def test_an_unchanged_page_writes_its_record_and_nothing_else(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    for etags in (True, False):  # by 304, and by the same list
        web.etags = etags
        with database.reading() as connection:
            before = connection.exec_driver_sql("SELECT count(*) FROM polls").scalar_one()
        changes = _changes(database, lambda: collect(SOURCE, here))
        assert changes == {"polls": before + 1}


def _changes(database: Database, action: object) -> dict[str, int]:
    """Tables whose rows are others after `action`, with their new counts."""
    tables = ("releases", "stories", "revisions", "matches", "outbox", "source_states", "polls")

    def rows() -> dict[str, list[object]]:
        with database.reading() as connection:
            return {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables}  # noqa: S608

    before = rows()
    action()  # type: ignore[operator]
    return {name: len(found) for name, found in rows().items() if found != before[name]}


def test_the_detail_page_wins_over_the_teaser(database: Database) -> None:
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    web.pages |= {
        list_url(): page(Item("3", "Talks", "They met"), *OLD),
        NEW.url: "<article>They met on tariffs.</article>",
    }
    collect(DETAILED, here)
    assert told(here) == ["Talks"]


def test_one_broken_detail_page_costs_itself_only_and_is_tried_again_past_an_unchanged_list(database: Database) -> None:
    """Trap 1: validators of a list that was not digested whole would hide the rest behind 304 for ever."""
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    other = Item("4", "More tariffs")
    web.pages |= {list_url(): page(other, NEW, *OLD), other.url: "<article>x</article>", NEW.url: FetchError("reset")}
    poll = collect(DETAILED, here)
    assert (poll.new, poll.planned) == (1, 1)
    assert "1 items are not read yet: reset" in poll.error
    web.pages[NEW.url] = "<article>They met on tariffs.</article>"
    assert collect(DETAILED, here).planned == 1
    assert sorted(told(here)) == ["More tariffs", "Tariff talks"]


def test_a_detail_page_that_stays_broken_is_told_from_the_listing_rather_than_not_at_all(database: Database) -> None:
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    web.pages |= {list_url(): page(NEW, *OLD), NEW.url: FetchError("gone")}
    planned = [collect(DETAILED, here).planned for _ in range(TRIES + 1)]
    assert planned == [*[0] * (TRIES - 1), 1, 0]


def test_a_release_told_from_the_listing_is_read_again_when_its_page_is_back(database: Database) -> None:
    """Else a word that stands only on its own page would never alert."""
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    teaser = Item("3", "Talks", "They met")
    web.pages |= {list_url(): page(teaser, *OLD), teaser.url: FetchError("down")}
    notes = [collect(DETAILED, here).error for _ in range(TRIES)]
    assert "told from the list" in notes[-1]
    web.pages[teaser.url] = "<article>They met on tariffs.</article>"
    assert collect(DETAILED, here).planned == 1
    assert collect(DETAILED, here).result is Polled.UNCHANGED


def test_what_could_not_be_read_is_looked_for_on_further_pages(database: Database) -> None:
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    web.pages |= {list_url(): page(NEW, *OLD), NEW.url: FetchError("reset")}
    collect(DETAILED, here)
    web.pages |= {list_url(): page(Item("4", "x"), OLD[0]), "https://press.example/4/view": "<article>x</article>"}
    web.pages |= {list_url(2): page(NEW, OLD[1]), NEW.url: "<article>They met on tariffs.</article>"}
    assert collect(DETAILED, here).planned == 1


def test_what_left_the_list_unread_is_told_of(database: Database) -> None:
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    web.pages |= {list_url(): page(NEW, *OLD), NEW.url: FetchError("reset")}
    collect(DETAILED, here)
    web.pages |= {list_url(): page(*OLD), list_url(2): page(), list_url(3): page()}
    assert "1 items left the list before they could be read" in collect(DETAILED, here).error
    assert collect(DETAILED, here).error == ""


def test_a_gap_is_read_up_to_the_page_that_failed(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages |= {list_url(1): page(Item("9", "Tariff 9")), list_url(2): page(Item("8", "Tariff 8"))}
    assert "page 3 could not be read" in collect(SOURCE, here).error
    web.pages |= {list_url(3): page(Item("7", "Tariff 7"), *OLD)}
    assert collect(SOURCE, here).planned == 1
    assert len(told(here)) == 3


def test_a_known_text_is_never_replaced_by_a_teaser(database: Database) -> None:
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = after_baseline(database, web, DETAILED)
    web.pages |= {
        list_url(): page(Item("3", "Tariff", "In short"), *OLD),
        NEW.url: "<article>A tariff of 10 %.</article>",
    }
    collect(DETAILED, here)
    web.pages |= {list_url(): page(Item("3", "Tariff", "Shorter"), *OLD), NEW.url: FetchError("down")}
    assert [collect(DETAILED, here).planned for _ in range(TRIES + 1)] == [0] * (TRIES + 1)
    web.pages[NEW.url] = "<article>A tariff of 10 %.</article>"
    assert collect(DETAILED, here).planned == 0


def test_a_baseline_release_stays_silent_until_its_own_page_is_read(database: Database) -> None:
    web = FakeWeb({list_url(): page(NEW, *OLD), **{one.url: "<article>old</article>" for one in OLD}})
    web.pages[NEW.url] = FetchError("down")
    here = after_baseline(database, web, DETAILED)
    for _ in range(TRIES):
        collect(DETAILED, here)
    web.pages[NEW.url] = "<article>They met on tariffs of 10 %.</article>"
    collect(DETAILED, here)
    assert told(here) == []


def test_more_than_all_pages_hold_is_told_of(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages |= {list_url(n): page(Item(str(10 * n), f"Tariff {n}")) for n in (1, 2, 3, 4)}
    poll = collect(SOURCE, here)
    assert poll.planned == 3
    assert "more may have come" in poll.error


def test_a_site_that_repeats_its_last_page_is_no_endless_list(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages |= {list_url(n): page(Item("9", "Tariff")) for n in (1, 2, 3)}
    assert collect(SOURCE, here).error == ""


@pytest.mark.parametrize("link", ["http://[x", "https://h:abc/", "//", "javascript:void(0)"])
def test_a_hostile_link_stops_not_even_its_own_item(database: Database, web: FakeWeb, link: str) -> None:
    listing = SOURCE.listing.model_copy(update={"url": None})
    source = SOURCE.model_copy(update={"listing": listing})
    text = page(NEW).replace("javascript:view('3', '2')", f"{link}?view('3')")
    assert collect(source, world(database, web=FakeWeb({list_url(): text}))).new == 1


def test_what_was_unread_at_the_baseline_stays_silent(database: Database) -> None:
    web = FakeWeb({list_url(): page(NEW, *OLD), **{one.url: "<article>old</article>" for one in OLD}})
    web.pages[NEW.url] = FetchError("reset")
    here = after_baseline(database, web, DETAILED)
    web.pages[NEW.url] = "<article>They met on tariffs.</article>"
    assert collect(DETAILED, here).new == 1
    assert told(here) == []
    web.pages |= {
        list_url(): page(Item("5", "Tariffs"), NEW, *OLD),
        "https://press.example/5/view": "<article>x</article>",
    }
    collect(DETAILED, here)
    assert told(here) == ["Tariffs"], "only the baseline is silent"


def test_too_few_items_are_an_error_never_a_quiet_day(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = page()
    poll = collect(SOURCE, here)
    assert poll.result is Polled.FAILED
    assert "at least 1" in poll.error
    assert Archive(database).last_polls()[SOURCE.id]["failures"] == 1
    web.pages[list_url()] = page(NEW, *OLD)
    assert collect(SOURCE, here).planned == 1, "what was stored is kept, and the source heals"


@pytest.mark.parametrize("trouble", ["<html>maintenance</html>", FetchError("reset")])
def test_trouble_is_recorded_and_loses_nothing(database: Database, web: FakeWeb, trouble: str | FetchError) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = trouble
    poll = collect(SOURCE, here)
    assert poll.result is Polled.FAILED
    assert poll.error
    assert stored(database) == {"1", "2"}


def test_one_item_without_an_id_is_told_of_and_stops_only_itself(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    broken = page(Item("9", "No id")).replace("view('9'", "open('9'")
    web.pages[list_url()] = page(NEW, *OLD).replace("<ul>", "<ul>" + broken.split("<ul>")[1].split("</ul>")[0])
    poll = collect(SOURCE, here)
    assert poll.planned == 1
    assert "1 items have no id" in poll.error
    assert "1 items have no id" in collect(SOURCE, here).error, "as long as it is so"


def test_a_date_that_cannot_be_read_delays_and_does_not_lose(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = page(Item("3", "Tariff talks", date="yesterday"), *OLD)
    polls = [collect(SOURCE, here) for _ in range(TRIES)]
    assert "the date 'yesterday'" in polls[0].error
    assert [poll.planned for poll in polls] == [*[0] * (TRIES - 1), 1]


def test_more_news_than_a_page_holds_is_found_on_the_next(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages |= {
        list_url(): page(Item("6", "Tariff six"), Item("5", "Tariff five")),
        list_url(2): page(Item("4", "Tariff four"), Item("3", "Tariff three")),
        list_url(3): page(*OLD),
    }
    assert collect(SOURCE, here).planned == 4
    web.pages[list_url()] = page(Item("7", "Tariff seven"), Item("6", "Tariff six"))
    web.asked.clear()
    collect(SOURCE, here)
    assert web.asked == [list_url()], "an overlap with what is known ends the search"


def test_a_further_page_that_fails_holds_up_nothing_and_is_tried_again(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = page(Item("6", "Tariff six"), Item("5", "Tariff five"))
    poll = collect(SOURCE, here)
    assert poll.planned == 2
    assert "page 2 could not be read" in poll.error
    web.pages |= {list_url(2): page(Item("4", "Tariff four"), *OLD)}
    assert collect(SOURCE, here).planned == 1
    assert collect(SOURCE, here).error == ""


def test_a_further_page_that_is_not_there_is_given_up(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = page(Item("6", "Tariff six"))
    errors = [bool(collect(SOURCE, here).error) for _ in range(TRIES + 1)]
    assert errors == [*[True] * TRIES, False]


def test_new_ids_for_the_whole_list_alarm_nobody(database: Database, web: FakeWeb) -> None:
    """A redesign renumbers everything: the same titles on the same days are the same stories."""
    web.pages[list_url()] = page(*SIX)
    here = after_baseline(database, web)
    renumbered = [Item(str(100 + n), one.title, one.body) for n, one in enumerate(SIX)]
    web.pages |= {list_url(): page(*renumbered), list_url(2): page()}
    poll = collect(SOURCE, here)
    assert (poll.new, poll.folded) == (6, 6)
    assert told(here) == [], "neither those that were told nor those that were to be left in peace"
    assert poll.notice.startswith("6 of 6 listed releases have another id at once")


def test_another_encoding_of_the_whole_list_is_one_notice(database: Database, web: FakeWeb) -> None:
    """Every text changed in substance, so it seems: the operator is told, and nobody else."""
    web.pages[list_url()] = page(*SIX)
    here = after_baseline(database, web)
    garbled = [replace(one, title=f"{one.title} â 15%", body=f"{one.body} Ã 2,345 tons.") for one in SIX]
    web.pages[list_url()] = page(*garbled)
    poll = collect(SOURCE, here)
    assert (poll.revised, told(here)) == (6, [])
    assert "have another text" in poll.notice
    web.pages[list_url()] = page(replace(SIX[0], body="The tariff on steel from Chile will be 25%."), *garbled[1:])
    assert collect(SOURCE, here).notice == "", "the negative control: one changed release is told as usual"
    assert len(told(here)) == 1


def test_an_honest_busy_day_is_no_mass_change(database: Database, web: FakeWeb) -> None:
    web.pages[list_url()] = page(*OLD)
    here = after_baseline(database, web)
    web.pages |= {list_url(): page(*(replace(one, date="2026-11-03") for one in SIX)), list_url(2): page()}
    poll = collect(SOURCE, here)
    assert (poll.notice, len(told(here))) == ("", 6)


def test_a_touched_listing_of_a_silent_release_stays_silent(database: Database, web: FakeWeb) -> None:
    web.pages[list_url()] = page(NEW, *OLD)
    here = after_baseline(database, web)
    web.pages[list_url()] = page(Item("3", "Tariff  talks", "They met on “tariffs”."), *OLD)
    collect(SOURCE, here)
    assert told(here) == []


def test_ids_count_per_board(database: Database, web: FakeWeb) -> None:
    here = after_baseline(database, web)
    web.pages[list_url()] = page(Item("2", "Tariff photo", board="1"), *OLD)
    assert collect(SOURCE, here).planned == 1


def test_links_lead_to_the_sources_own_hosts_only(database: Database, web: FakeWeb) -> None:
    listing = SOURCE.listing.model_copy(update={"url": None})  # the item's own link
    source = SOURCE.model_copy(update={"listing": listing})
    text = page(NEW, Item("4", "Tariff")).replace("javascript:view('3', '2')", "https://clone.example/?view('3')")
    text = text.replace("javascript:view('4', '2')", "https://old.example/?view('4')")
    collect(source, world(database, web=FakeWeb({list_url(): text})))
    assert {r["external_id"]: r["url"] for r in Archive(database).releases(limit=9)} == {
        "3": "",
        "4": "https://press.example/?view('4')",
    }


def test_a_changed_figure_is_an_update_to_those_who_were_told(database: Database, web: FakeWeb) -> None:
    notifier = FakeNotifier()
    here = after_baseline(database, web, notifier=notifier)
    for body in ("A tariff of 10%.", "A tariff of 15%."):
        web.pages[list_url()] = page(Item("3", "Tariff talks", body), *OLD)
        collect(SOURCE, here)
        sent_by(here)
    assert [str(message.reason) for _, _, message, _ in notifier.sent] == ["new", "update"]


def test_a_figure_that_changes_on_two_lists_is_one_update(database: Database) -> None:
    topic = SOURCE.model_copy(update={"id": "demo/topic", "url": "https://press.example/topic"})
    web = FakeWeb({list_url(): page(*OLD), topic.url: page(*OLD)})
    here = world(database, web=web)
    for body in ("", "A tariff of 10%.", "A tariff of 15%.", "A tariff of 20%."):
        items = (Item("3", "Tariff talks", body), *OLD) if body else OLD
        web.pages = {list_url(): page(*items), topic.url: page(*items)}
        for source in (SOURCE, topic):
            collect(source, here)
    reasons = [str(one.reason) for one in promised_in(here)]
    assert reasons == ["new", "update", "update"]


def test_backfill_stores_and_tells_nobody(database: Database) -> None:
    web = FakeWeb({list_url(): page(NEW), list_url(2): page(*OLD), list_url(3): page()})
    here = world(database, web=web)
    assert [poll.new for poll in backfill(SOURCE, here, pages=9)] == [1, 2, 0]
    assert told(here) == []


def test_a_source_whose_rules_ask_for_a_category_learns_it_from_the_topic_list(database: Database) -> None:
    topic = SOURCE.model_copy(
        update={"id": "demo/topic", "categories": ("Trade",), "url": "https://press.example/topic", "board": ""}
    )
    web = FakeWeb({list_url(): page(*OLD), "https://press.example/topic": page(OLD[0])})
    here = world(database, rule("trade", any=["tariff"], categories=["trade"]), web=web)
    for source in (SOURCE, topic):
        collect(source, here)
    web.pages = {list_url(): page(NEW, *OLD), "https://press.example/topic": page(NEW, OLD[0])}
    assert [collect(source, here).planned for source in (SOURCE, topic, SOURCE, topic)] == [0, 1, 0, 0]


def test_time_is_measured_by_the_clock_of_the_world(database: Database, web: FakeWeb) -> None:
    clock = FakeClock()
    here = world(database, web=web, clock=clock)
    assert collect(SOURCE, here).at == clock.now()

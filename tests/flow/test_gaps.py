"""What a poll says of a gap in the list: only what no later poll will look for."""

from bot.adapters.database import Database
from bot.errors import FetchError
from bot.model import Poll, Polled
from bot.pipeline import collect
from bot.polling import TRIES, Reading, read
from bot.ports import World
from scrapers.model import Source
from tests.fakes import DETAILED, SOURCE, FakeWeb, Item, list_url, page, world

OLD = (Item("2", "An energy forum"), Item("1", "A steel fair"))
NEW = tuple(Item(str(n), f"Notice {n}") for n in range(20, 10, -1))
PAGES = SOURCE.model_copy(update={"pages": 2})


def after_baseline(database: Database, source: Source) -> tuple[World, FakeWeb]:
    web = FakeWeb({list_url(): page(*OLD), **{one.url: "<article>old</article>" for one in OLD}})
    here = world(database, web=web)
    assert collect(source, here).baseline
    return here, web


def reading(source: Source, here: World) -> Reading:
    return read(source, here, Poll(source=source.id, at=here.clock.now(), result=Polled.UNCHANGED))


def test_news_with_something_old_behind_them_are_no_gap(database: Database) -> None:
    here, web = after_baseline(database, SOURCE)
    assert not reading(SOURCE, here).gap
    web.pages[list_url()] = page(*NEW, OLD[0])
    assert not reading(SOURCE, here).gap


def test_more_news_than_the_pages_hold_are_a_gap(database: Database) -> None:
    here, web = after_baseline(database, PAGES)
    web.pages |= {list_url(): page(*NEW[:5]), list_url(2): page(*NEW[5:])}
    assert reading(PAGES, here).gap
    web.pages[list_url(2)] = page(*NEW[5:], *OLD)
    assert not reading(PAGES, here).gap


def test_what_left_the_list_before_it_could_be_read_is_a_gap(database: Database) -> None:
    source = DETAILED.model_copy(update={"pages": 1})
    here, web = after_baseline(database, source)
    web.pages |= {list_url(): page(NEW[0], *OLD), NEW[0].url: FetchError("reset")}
    assert "not read yet" in collect(source, here).error
    web.pages[list_url()] = page(*OLD)
    assert reading(source, here).gap
    collect(source, here)
    assert not reading(source, here).gap


def test_a_further_page_is_a_gap_when_it_is_given_up(database: Database) -> None:
    here, web = after_baseline(database, PAGES)
    web.pages |= {list_url(): page(*NEW[:5]), list_url(2): FetchError("reset")}
    gaps = []
    for _ in range(TRIES + 1):
        gaps.append(reading(PAGES, here).gap)
        collect(PAGES, here)
    assert gaps == [*[False] * (TRIES - 1), True, False]

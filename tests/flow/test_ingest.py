from dataclasses import replace

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.core.intake import read_line
from bot.pipeline import ingest
from scrapers.model import Draft, Source
from tests.fakes import SOURCE, world


def drafts(*titles: str) -> list[tuple[str, Draft, Source]]:
    return [
        (f"line {n}", Draft(id=str(n), title=title, body=f"Text of {title}.", published="2026-11-02"), SOURCE)
        for n, title in enumerate(titles)
    ]


def test_batches_see_each_other_and_what_is_stored(database: Database) -> None:
    here = world(database)
    done = [poll for poll, _ in ingest(drafts("Tariff", "Talks", "Tariff", "Visit"), here, baseline=False, batch=2)]
    assert [(poll.new, poll.folded, poll.planned) for poll in done[:2]] == [(2, 0, 1), (2, 1, 0)]
    again = [poll for poll, _ in ingest(drafts("Tariff", "Talks", "Tariff", "Visit"), here, baseline=False)]
    assert [(poll.new, poll.planned) for poll in again] == [(0, 0)]


def test_a_baseline_is_silent(database: Database) -> None:
    [(poll, _)] = ingest(drafts("Tariff"), world(database), baseline=True)
    assert (poll.new, poll.matched, poll.planned) == (1, 1, 0)


def test_a_bad_draft_stops_only_itself(database: Database) -> None:
    good, bad = drafts("Tariff", "Talks")
    [(poll, wrong)] = ingest(
        [("line 7", replace(bad[1], published="?"), SOURCE), good], world(database), baseline=False
    )
    assert poll.new == 1
    assert len(wrong) == 1
    assert wrong[0].startswith("line 7: the date '?'")


def test_a_former_host_means_the_release_that_a_poll_finds(database: Database) -> None:
    here = world(database)
    line = '{"url": "http://old.example/7/view", "title": "Tariff", "source": "demo/press"}'
    list(ingest([("line 1", *read_line(line, {SOURCE.id: SOURCE}))], here, baseline=False))
    [(poll, _)] = ingest([("line 1", Draft(id="7", board="2", title="Tariff"), SOURCE)], here, baseline=False)
    assert (poll.new, poll.planned) == (0, 0)
    assert len(Archive(database).releases(limit=9)) == 1

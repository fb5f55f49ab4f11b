"""The ledger: a line for every decision and try, and none for what is only looked at again."""

from datetime import timedelta

from bot.adapters.database import Database
from bot.adapters.database.archive import Archive
from bot.core.timing import Timing
from bot.courier import arrange_all
from bot.model import Outcome, Sending
from tests.fakes import FakeNotifier
from tests.flow.promised import clock_of, promised, sent


def events(database: Database) -> list[str]:
    return [line["event"] for line in Archive(database).ledger()]


def test_every_step_of_an_alert_has_its_line(database: Database) -> None:
    answers = iter([Outcome(result=Sending.RETRY, why="busy")])
    notifier = FakeNotifier(answer=lambda *_: next(answers, Outcome(result=Sending.SENT)))
    here = promised(database, notifier, "Tariff", timings={"me": Timing(cadence="hourly")})
    for _ in range(2):
        sent(here)
        clock_of(here).pass_(hours=1)
    sent(here)
    lines = list(Archive(database).ledger())
    assert [line["event"] for line in lines] == ["promised", "held", "retry", "sent"]
    last = lines[-1]
    assert (last["channel"], last["rule"], last["attempt"], last["revision"]) == ("me", "tariffs", 2, 1)
    assert len(last["rule_version"]) == 12
    assert last["fingerprint"] == notifier.letters[0].rendered.fingerprint


def test_a_try_that_was_cut_off_has_its_line(database: Database) -> None:
    here = promised(database, FakeNotifier(), "Tariff")
    arrange_all(here)
    [delivery] = here.store.due(here.clock.now(), limit=9)
    here.store.claim(delivery, here.clock.now(), lease=60)
    clock_of(here).pass_(minutes=2)
    sent(here)
    assert events(database) == ["promised", "interrupted", "sent"]


def test_what_is_looked_at_again_and_again_is_said_once(database: Database) -> None:
    here = promised(database, FakeNotifier(), "Tariff", timings={"me": Timing(cadence="weekly mon 08:00")})
    for _ in range(20):
        here.store.reconsider(here.clock.now())
        sent(here)
        clock_of(here).pass_(hours=1)
    assert events(database) == ["promised", "held"]


def test_the_last_try_of_an_alert_is_called_so(database: Database) -> None:
    here = promised(database, FakeNotifier(answer=lambda *_: Outcome(result=Sending.RETRY, why="busy")), "Tariff")
    sent(here)
    clock_of(here).pass_(days=3, minutes=1)
    here.store.reconsider(here.clock.now(), step=timedelta(0))
    sent(here)
    assert events(database) == ["promised", "retry", "given-up"]

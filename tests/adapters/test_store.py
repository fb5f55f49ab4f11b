"""The store over a real SQLite file: what is promised of it in bot/ports.py."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, BrokenBarrierError

import pytest

from bot.adapters.database import Database, SqlStore
from bot.adapters.database.archive import Archive
from bot.core.normalise import normalise
from bot.core.plan import decide
from bot.core.promising import Audience
from bot.core.rules.rule import RuleSet
from bot.errors import StoreError
from bot.model import (
    Arrangement,
    Decision,
    Delivery,
    Ending,
    Filed,
    Key,
    Outcome,
    Poll,
    Polled,
    Related,
    Release,
    Sending,
    Signature,
    SourceState,
    State,
)
from scrapers.model import Draft
from tests.fakes import SOURCE, START, rule

POLL = Poll(source="demo/press", at=START, result=Polled.OK)


def release(number: str, title: str = "Tariff talks", body: str = "On 10% duties.") -> Release:
    return normalise(Draft(id=number, title=title, body=body, published="2026-11-02"), SOURCE, now=START)


AUDIENCE = Audience(rules=RuleSet((rule(),)), channels={"me": ("a@x.example", "b@x.example")})


def commit(store: SqlStore, *releases: Release, state: SourceState | None = None) -> Decision:
    """Store what follows from the releases; the decision, with the record that came back."""
    made: list[Decision] = []

    def decision(stored: Related) -> Decision:
        made.append(decide(releases, related=stored, audience=AUDIENCE, poll=POLL, state=state))
        return made[0]

    poll = store.commit(releases, decision)
    return replace(made[0], poll=poll)


def related(store: SqlStore, *releases: Release) -> list[Filed]:
    found: list[Filed] = []

    def look(stored: Related) -> Decision:
        found.extend(stored.filed)
        return Decision(poll=POLL)

    store.commit(releases, look)
    return found


def record(store: SqlStore, poll: Poll) -> None:
    store.commit((), lambda _: Decision(poll=poll))


@pytest.fixture
def store(database: Database) -> SqlStore:
    return SqlStore(database)


def test_a_decision_comes_back_as_it_was_stored(store: SqlStore, database: Database) -> None:
    state = SourceState(source="demo/press", etag='"x"', baseline=START, unread={"a": 2}, silent=frozenset({"a"}))
    decision = commit(store, release("1"), state=state)
    assert decision.poll.planned == 2
    assert store.state("demo/press") == replace(state, newest=date(2026, 11, 2))
    [again] = related(store, release("1"))
    bare = replace(decision.filed[0].release, signature=Signature())  # the keys are kept in a table of their own
    assert again == replace(decision.filed[0], release=bare)
    assert again.rules == {"tariffs"}
    waiting = [one for each in store.waiting(START, limit=9) for one in each.deliveries]
    assert {one.id for one in waiting} == {one.id for one in decision.deliveries}
    assert waiting[0].message == decision.deliveries[0].message
    [record] = Archive(database).releases(limit=9)
    assert record["id"] == release("1").id


def test_an_unknown_source_has_an_empty_state(store: SqlStore) -> None:
    assert store.state("never/seen") == SourceState(source="never/seen")


def test_the_same_decision_again_promises_nothing_new(store: SqlStore) -> None:
    decision = commit(store, release("1"))
    again = store.commit((), lambda _: replace(decision, filed=()))
    assert again.planned == 0


def test_related_finds_by_key_by_text_and_by_title(store: SqlStore) -> None:
    commit(store, release("1"))
    same_key = release("1", "Other", "other")
    same_text = replace(release("2", "Other", "other"), content_hash=release("1").content_hash)
    same_title = release("3", body="other")
    nothing = release("4", "Other", "other")
    assert [len(related(store, one)) for one in (same_key, same_text, same_title, nothing)] == [1, 1, 1, 0]
    assert len(related(store, same_key, same_text, same_title)) == 1


def test_glimpses_of_known_keys_only(store: SqlStore) -> None:
    commit(store, release("1"))
    assert store.glimpses([release("1").key, release("2").key]) == {release("1").key: release("1").glimpse}


def test_a_revision_keeps_the_old_text(store: SqlStore, database: Database) -> None:
    commit(store, release("1"))
    commit(store, release("1", body="On 15% duties."))
    [current] = related(store, release("1"))
    assert (current.revision, current.release.body) == (2, "On 15% duties.")
    with database.reading() as connection:
        [old] = connection.exec_driver_sql("SELECT number, body FROM revisions").all()
    assert tuple(old) == (1, "On 10% duties.")


def arranged(store: SqlStore, *releases: Release) -> Sequence[Delivery]:
    """Promises of releases that are to leave at once."""
    commit(store, *releases)
    waiting = store.waiting(START, limit=99)
    store.arrange([Arrangement(ready=tuple(d.id for d in one.deliveries)) for one in waiting], START)
    return store.due(START, limit=99)


def settle(store: SqlStore, delivery: Delivery, result: Sending, state: State, **more: object) -> None:
    store.settle(delivery, Ending(outcome=Outcome(result=result, why="because"), state=state, **more), START)  # type: ignore[arg-type]


def test_a_claim_is_for_one(store: SqlStore) -> None:
    delivery = arranged(store, release("1"))[0]
    assert store.claim(delivery, START, lease=60)
    assert not store.claim(delivery, START, lease=60)
    assert delivery.id not in {one.id for one in store.due(START, limit=9)}


def test_a_claim_whose_lease_ran_out_is_due_again(store: SqlStore) -> None:
    delivery = arranged(store, release("1"))[0]
    store.claim(delivery, START, lease=60)
    later = START + timedelta(seconds=61)
    again = next(one for one in store.due(later, limit=9) if one.id == delivery.id)
    assert again.attempts == 1
    assert store.claim(again, later, lease=60)


@pytest.mark.parametrize(
    ("result", "next_in", "state"),
    [
        (Sending.SENT, None, State.SENT),
        (Sending.REFUSED, None, State.DEAD),
        (Sending.RETRY, None, State.DEAD),
        (Sending.RETRY, 60, State.PENDING),
        (Sending.AMBIGUOUS, 60, State.PENDING),
        (Sending.AMBIGUOUS, None, State.AMBIGUOUS),
    ],
)
def test_settling(store: SqlStore, database: Database, result: Sending, next_in: int | None, state: State) -> None:
    delivery = arranged(store, release("1"))[0]
    store.claim(delivery, START, lease=60)
    next_at = START + timedelta(seconds=next_in) if next_in else None
    settle(store, delivery, result, state, next_at=next_at)
    record = next(one for one in Archive(database).outbox(limit=9) if one["id"] == delivery.id)
    assert (record["state"], record["why"], record["attempts"]) == (state, "because", 1)


def test_dead_letters_can_be_revived_and_sent_ones_cannot(store: SqlStore, database: Database) -> None:
    first, second = arranged(store, release("1"))
    for one, result, state in ((first, Sending.SENT, State.SENT), (second, Sending.REFUSED, State.DEAD)):
        store.claim(one, START, lease=60)
        settle(store, one, result, state)
    assert store.revive([first.id], START) == 0
    assert store.revive([], START, dead=True) == 1
    assert Archive(database).waiting() == {"sent": 1, "held": 1}, "and is arranged anew"


def test_a_failure_inside_a_commit_leaves_nothing(database: Database) -> None:
    def crash(point: str) -> None:
        if point == "before commit":
            raise RuntimeError(point)

    broken = SqlStore(database, crash_point=crash)
    with pytest.raises(RuntimeError):
        commit(broken, release("1"), state=SourceState(source="demo/press", etag="new"))
    assert Archive(database).releases(limit=9) == []
    assert broken.state("demo/press").etag == ""
    assert Archive(database).polls(limit=9) == []


def test_old_polls_are_forgotten_but_for_the_last_of_a_source(store: SqlStore, database: Database) -> None:
    for days in (200, 100, 99):
        record(store, replace(POLL, at=START - timedelta(days=days)))
    assert store.forget_polls(START - timedelta(days=90)) == 2
    assert len(Archive(database).polls(limit=9)) == 1


def test_failures_in_a_row_are_counted(store: SqlStore, database: Database) -> None:
    for result in (Polled.FAILED, Polled.OK, Polled.FAILED, Polled.FAILED):
        record(store, replace(POLL, result=result))
    assert Archive(database).last_polls()["demo/press"]["failures"] == 2


def test_trouble_of_the_database_is_a_store_error(database: Database) -> None:
    with pytest.raises(StoreError, match="no such table"), database.writing() as connection:
        connection.exec_driver_sql("SELECT * FROM nonsense")


def test_two_polls_of_one_event_at_the_same_moment_start_one_story(database: Database) -> None:
    """The second cannot look before the first has stored: its look is part of its transaction."""
    both = Barrier(2)

    def meet(point: str) -> None:
        if point == "related read":
            with suppress(BrokenBarrierError):  # the way it should be: the other is kept waiting at the door
                both.wait(timeout=0.5)

    store = SqlStore(database, crash_point=meet)
    one, other = release("1"), replace(release("1"), key=Key("demo/topics", "2", "1"))
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda each: commit(store, each), (one, other)))
    assert both.broken, "both looked before either had stored"
    assert sum(decision.poll.planned for decision in made) == 2, "one story: one alert to each of two recipients"
    assert len(Archive(database).stories(limit=9)) == 1

"""Writes that are committed together: each as if it were alone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import Connection

from bot.adapters.database import Database
from bot.adapters.database.together import Together
from bot.errors import StoreError

MANY = 12


def add(name: str) -> object:
    def work(connection: Connection) -> str:
        connection.exec_driver_sql("INSERT INTO stories (id, opened) VALUES (?, '2026-11-02')", (name,))
        return name

    return work


def stored(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.exec_driver_sql("SELECT id FROM stories").scalars())


def at_once(together: Together, works: list[object]) -> list[object]:
    """What each work returned or raised, all of them waiting while one is committed."""
    first, go_on, ready = Event(), Event(), Barrier(len(works) + 1)

    def slow(_: Connection) -> None:
        first.set()
        assert go_on.wait(10)

    def one(work: object) -> object:
        ready.wait(10)
        try:
            return together.write(work)  # type: ignore[arg-type]
        except (ZeroDivisionError, StoreError) as error:
            return error

    with ThreadPoolExecutor(len(works) + 1) as pool:
        pool.submit(together.write, slow)
        assert first.wait(10)
        tasks = [pool.submit(one, work) for work in works]
        ready.wait(10)
        while len(together._queue) < len(works):
            Event().wait(0.01)
        go_on.set()
        return [task.result() for task in tasks]


def commits(database: Database) -> list[int]:
    counted = [0]
    from sqlalchemy import event

    event.listen(database._engine, "commit", lambda _: counted.__setitem__(0, counted[0] + 1))
    return counted


def test_what_waits_is_committed_together(database: Database) -> None:
    counted = commits(database)
    names = [f"s{n}" for n in range(MANY)]
    assert at_once(Together(database), [add(name) for name in names]) == names
    assert stored(database) == set(names)
    assert counted[0] == 2, "the slow one, and all the others"


def test_a_bug_in_one_undoes_that_one_only(database: Database) -> None:
    def buggy(connection: Connection) -> None:
        add("half")(connection)  # type: ignore[operator]
        raise ZeroDivisionError

    found = at_once(Together(database), [add("a"), buggy, add("b")])
    assert [type(one) for one in found] == [str, ZeroDivisionError, str]
    assert stored(database) == {"a", "b"}


def test_trouble_of_the_database_is_told_to_all_and_nothing_is_half_stored(database: Database) -> None:
    def broken(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO nonsense VALUES (1)")

    found = at_once(Together(database), [add("a"), broken, add("b")])
    assert [type(one) for one in found] == [StoreError] * 3
    assert stored(database) == set()
    together = Together(database)
    assert together.write(add("c")) == "c", "the next ones go on"  # type: ignore[arg-type]


def test_nothing_is_answered_before_it_is_durable(database: Database) -> None:
    """The negative control of the whole idea: who reads after the answer sees it."""
    together = Together(database)
    with ThreadPoolExecutor(4) as pool:

        def seen(name: str) -> bool:
            together.write(add(name))  # type: ignore[arg-type]
            return name in stored(database)

        assert all(pool.map(seen, (f"s{n}" for n in range(40))))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_end_of_the_process_is_passed_on(database: Database, error: type[BaseException]) -> None:
    def ends(_: Connection) -> None:
        raise error

    with pytest.raises(error):
        Together(database).write(ends)

"""Writes that are committed together: whatever goes wrong at the commit, none of them is acknowledged."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Event

import pytest
from sqlalchemy import Connection

from bot.adapters.database import Database
from bot.adapters.database.together import Together
from bot.errors import StoreError


@pytest.mark.parametrize("trouble", [StoreError("disk I/O error"), ZeroDivisionError()], ids=["the disk", "a bug"])
def test_what_fails_at_the_commit_is_acknowledged_to_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    together, begun, batches, commit = Together(database), Event(), count(), database.writing

    @contextmanager
    def writing() -> Iterator[Connection]:
        with commit() as connection:
            yield connection
            if next(batches):  # the first goes through
                raise trouble

    def first(_: Connection) -> str:
        begun.set()
        return "kept" if any(len(together._queue) == 3 or Event().wait(0.05) for _ in range(200)) else "alone"

    monkeypatch.setattr(database, "writing", writing)
    with ThreadPoolExecutor(4) as pool:
        before = pool.submit(together.write, first)
        assert begun.wait(10)
        others = [pool.submit(together.write, lambda _: "kept") for _ in range(3)]
    assert before.result() == "kept"
    assert [type(one.exception()) for one in others] == [type(trouble)] * 3

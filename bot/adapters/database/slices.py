"""Lists in pieces that one statement can take."""

from collections.abc import Iterator
from typing import TypeVar

# SQLite takes 32,766 values in one statement; we stay far below.
CHUNK = 500
T = TypeVar("T")


def slices(items: list[T], *, length: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `length`."""
    for start in range(0, len(items), length):
        yield items[start : start + length]

"""Things of which there is nearly always one: a tuple of it, and a list when there are more."""

from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def more(things: Sequence[Thing], one: Thing) -> Sequence[Thing]:
    """`things` and `one`; a list is changed as it is."""
    if isinstance(things, list):
        things.append(one)
        return things
    return [*things, one] if things else (one,)


def fewer(things: Sequence[Thing], one: Thing) -> Sequence[Thing]:
    """`things` without `one`, which is among them; a list is changed as it is."""
    if not isinstance(things, list):
        return ()
    things.remove(one)
    return things if len(things) > 1 else tuple(things)

"""Blocks of text in a room that may be too small for them: the important ones first, each cut where it may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.render.cutting import cut

Size = Callable[[str], int]
"""How much room a text takes."""
_LEAST = 16
"""Fewer characters of a longer text say nothing; then its block is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a message that is written into as much room as there is."""

    rank: int
    """The lower, the more important."""
    length: int
    """Of the text in it."""
    write: Callable[[int], str] = field(repr=False)
    """Writes at most so many characters of its text, with what markup belongs to them."""
    whole: bool = False
    """True if it is never cut."""
    near: bool = False
    """True if it belongs to the block before it: no empty line between them."""
    share: float = 1
    """Of the room that is left when its turn comes; more if nobody else wants it."""

    def fit(self, room: int, size: Size = len) -> str:
        """The block within `room`, as `size` counts it; empty if that would say nothing."""
        length = self.length
        written = self.write(length)
        while (taken := size(written)) > room and length >= _LEAST and not self.whole:
            length -= max(1, (taken - room) * length // max(taken, length))  # a character may take more than one
            written = self.write(length) if length >= _LEAST else ""
        return written if taken <= room else ""


def block(
    text: str,
    rank: int,
    write: Callable[[str], str],
    *,
    whole: bool = False,
    near: bool = False,
    share: float = 1,
) -> Block:
    """A block of plain text, cut at a sentence or word and then written by `write`."""
    return Block(rank=rank, length=len(text), write=lambda n: write(cut(text, n)), whole=whole, near=near, share=share)


def fit(blocks: Sequence[Block], room: int, *, apart: str, near: str, size: Size = len) -> str:
    """The blocks in their order within `room`, as `size` counts it; 0 for no limit."""
    if room <= 0:
        return _joined(blocks, {at: one.write(one.length) for at, one in enumerate(blocks)}, apart, near)
    left, written = room, dict[int, str]()
    by_rank = sorted(range(len(blocks)), key=lambda at: blocks[at].rank)
    for at in by_rank:
        space = left - (size(near if blocks[at].near else apart) if at else 0)
        share = space if blocks[at].whole else int(space * blocks[at].share)
        text = blocks[at].fit(share, size) or blocks[at].fit(space, size)
        if text:
            written[at] = text
            left = space - size(text)
    for at in by_rank:  # what is left over goes to what was cut
        if at in written and not blocks[at].whole:
            text = blocks[at].fit(left + size(written[at]), size)
            left -= size(text) - size(written[at])
            written[at] = text
    return _joined(blocks, written, apart, near)


def _joined(blocks: Sequence[Block], written: Mapping[int, str], apart: str, near: str) -> str:
    text = ""
    for at in sorted(written):
        if written[at]:
            text += (near if blocks[at].near else apart) + written[at] if text else written[at]
    return text

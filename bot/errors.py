"""What can go wrong, sorted by who must act.

Exception
├── BotError
│   ├── ConfigError     the editor of a file: every problem at once, each with its place and a remedy; exit 2
│   ├── FetchError      nobody: this source, this time; the others go on and the next poll tries again
│   ├── StoreError      the operator: nothing was stored, nothing is lost
│   └── Stopping        nobody: the service ends; what was begun is left for the next start
└── LayoutError         (scrapers) the source's maintainer: the page does not look as its source file says
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what to do about it."""

    file: str
    place: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        """Give file, place, problem and hint in one line."""
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class BotError(Exception):
    """The root of what Tocsin raises on purpose; its text is fit for a person."""


class ConfigError(BotError):
    """Files that people edit are wrong; `problems` lists everything found in them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FetchError(BotError):
    """A page could not be had this time; `status` is what the host answered, if it answered."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class Stopping(BotError):  # noqa: N818 (no error: the service ends)
    """The service is being stopped; what was begun is left for the next start."""


class StoreError(BotError):
    """The database cannot be used."""

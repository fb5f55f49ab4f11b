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
class Finding:
    """One thing wrong in a TOML file, said by somebody who knows the values and not the text."""

    path: tuple[str | int, ...]
    """The keys that lead to it, and numbers from 0 for the items of a list: ("rule", 2, "when")."""
    what: str
    hint: str = ""
    offset: int | None = None
    """The letter of a text at which it goes wrong, from 0."""
    key: bool = False
    """True if it is the key that is wrong, and not its value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what to do about it."""

    file: str
    place: str
    what: str
    hint: str = ""
    line: int = 0
    """From 1; 0 if it is in no line."""
    column: int = 0
    """The character of the line, from 1."""
    source: str = ""
    """The line as it stands in the file; empty if it must not be shown."""

    def __str__(self) -> str:
        """Give file, line and column, place, problem and hint in one line."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        what = self.what + (f"; {self.hint}" if self.hint else "")
        return ": ".join(filter(None, (where, self.place, what)))


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

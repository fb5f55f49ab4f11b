"""Templates of one's own, written into a file and loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigError, Problem
from bot.templating import Template, load_template

Load = Callable[[str], Template]


def loader(folder: Path) -> Load:
    """Loads a template from its source."""

    def write(source: str) -> Template:
        file = folder / "mine.j2"
        file.write_text(source, encoding="utf-8")
        return load_template(file)

    return write


def problems(load: Load, source: str) -> tuple[Problem, ...]:
    """What is wrong with a template that is refused."""
    with pytest.raises(ConfigError) as refused:
        load(source)
    return refused.value.problems

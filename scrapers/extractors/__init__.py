"""How to read a kind of page: one module a kind, found by the step's `extract`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import import_module

from scrapers.model import Draft, Page, Source, Step


def extract(page: Page, step: Step) -> Iterable[Draft]:
    """The drafts on `page`, read by the extractor that the step names; raises LayoutError."""
    module = import_module(f"scrapers.extractors.{step.extract}")
    drafts: Iterable[Draft] = module.extract(page, step)
    return drafts


def problems(source: Source) -> Iterator[str]:
    """What is wrong with a source's selectors, paths and date formats, without a page."""
    for name, step in (("listing", source.listing), ("detail", source.detail)):
        if step is not None:
            for found in import_module(f"scrapers.extractors.{step.extract}").problems(step):
                yield f"{name}: {found}"
    moment = datetime(2025, 4, 24, 9, 30)  # noqa: DTZ001 (any day will do)
    for form in source.dates:
        try:
            datetime.strptime(moment.strftime(form), form)  # noqa: DTZ007
        except ValueError:
            yield f"dates: {form!r} is not a date format"

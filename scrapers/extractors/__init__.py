"""How to read a kind of page: one module a kind, found by the step's `extract`."""

from collections.abc import Iterable
from importlib import import_module

from scrapers.model import Draft, Page, Step


def extract(page: Page, step: Step) -> Iterable[Draft]:
    """The drafts on `page`, read by the extractor that the step names; raises LayoutError."""
    module = import_module(f"scrapers.extractors.{step.extract}")
    drafts: Iterable[Draft] = module.extract(page, step)
    return drafts

"""Drafts out of a JSON answer, by JMESPath expressions."""

import json
from collections.abc import Iterator
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from scrapers.errors import LayoutError
from scrapers.model import Draft, JsonStep, Page


def extract(page: Page, step: JsonStep) -> Iterator[Draft]:
    """The items of the answer in their order, an empty id where none was found; LayoutError if there is no list."""
    items = _search(step.items, _parse(page))
    if not isinstance(items, list):
        raise LayoutError(f"{step.items!r} is not a list in the answer")
    for item in items:
        yield _draft(item, step)


def _parse(page: Page) -> Any:
    try:
        return json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"the answer is not JSON: {error}") from None


def _draft(item: Any, step: JsonStep) -> Draft:
    return Draft(
        id=_text(step.id, item),
        url=_text(step.url, item),
        title=_text(step.title, item),
        body="\n".join(filter(None, (_text(path, item) for path in step.body))),
        published=_text(step.published, item),
        categories=_texts(step.category, item),
    )


def _text(path: str | None, item: Any) -> str:
    return "; ".join(_texts(path, item))


def _texts(path: str | None, item: Any) -> tuple[str, ...]:
    """The value at `path` as texts; objects, booleans and nulls are not texts."""
    value = None if path is None else _search(path, item)
    values = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in values if isinstance(one, str | int | float) and not isinstance(one, bool))


def _search(path: str, value: Any) -> Any:
    try:
        return jmespath.search(path, value)
    except JMESPathError as error:
        raise LayoutError(f"the path {path!r} cannot be followed: {error}") from None


def problems(step: JsonStep) -> Iterator[str]:
    """What is wrong with the paths of a step, without an answer."""
    for path in filter(None, (step.items, step.id, step.title, step.url, *step.body, step.published, step.category)):
        try:
            jmespath.compile(path)
        except JMESPathError:
            yield f"{path!r} is not a JMESPath"

"""The nouns of scraping: a source, its steps, the pages they read and the drafts they give."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came over the wire for one URL: bytes, and what the server said of them."""

    url: str
    body: bytes = field(repr=False)
    content_type: str = ""
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One release as a page shows it: raw text, nothing trusted.

    An empty `id` says that the item has none where the source file looks for it.
    `published` is what the page says; an extractor gives it in one of the step's `dates` formats.
    """

    id: str
    board: str = ""
    url: str = ""
    title: str = ""
    body: str = ""
    published: str = ""
    categories: tuple[str, ...] = ()


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("not a time zone; write a name such as Asia/Seoul") from None
    return name


def _bare_host(name: str) -> str:
    host = name.strip().lower()
    if not re.fullmatch(r"[a-z0-9.-]+", host):
        raise ValueError("write the name alone, without https:// and port")
    return host


Host = Annotated[str, AfterValidator(_bare_host)]
Pattern = Annotated[str, AfterValidator(_compiles)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class Model(BaseModel):
    """A part of a source file: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Model):
    """How to read one text out of an item of an HTML page."""

    css: str | None = Field(None, description="CSS selector inside the item; the item itself if left out.")
    attributes: tuple[str, ...] = Field(
        (), description="Read the first of these attributes that is there, instead of the text."
    )
    remove: tuple[str, ...] = Field((), description="CSS selectors of child elements to take away before reading.")
    pattern: Pattern | None = Field(
        None, description="Regular expression; its first group (or `id` and `board`) is the value."
    )


class HtmlStep(Model):
    """Reads items from an HTML page with CSS selectors."""

    extract: Literal["html"]
    item: str = Field(description="CSS selector of one item (of the article itself in a detail step).")
    container: str | None = Field(None, description="CSS selector that must be on the page, or the layout has changed.")
    skip: str | None = Field(None, description="Leave out items in which this CSS selector is found.")
    id: Text | None = Field(None, description="Where the id stands; its pattern may name groups id and board.")
    title: Text | None = None
    body: Text | None = None
    published: Text | None = None
    category: Text | None = None
    url: str | dict[str, str] | None = Field(
        None,
        description="URL template with {id} and {board}, or one for each board with '*' for all others;"
        " the item's first link if left out.",
    )


class JsonStep(Model):
    """Reads items from a JSON answer with JMESPath expressions."""

    extract: Literal["json"]
    items: str = Field("@", description="JMESPath of the list of items.")
    id: str = Field(description="JMESPath inside an item.")
    title: str
    url: str = Field(description="JMESPath of the link inside an item.")
    body: tuple[str, ...] = Field((), description="JMESPaths; those that are there become paragraphs.")
    published: str | None = None
    category: str | None = Field(None, description="JMESPath of a text or a list of texts.")


class FeedStep(Model):
    """Reads items from an RSS, Atom or JSON feed."""

    extract: Literal["feed"]


Step = Annotated[HtmlStep | JsonStep | FeedStep, Field(discriminator="extract")]


class Retry(Model):
    """How often one request is tried, for hosts whose transport is flaky."""

    tries: int = Field(3, ge=1, le=12)
    wait_seconds: float = Field(2.0, ge=0, le=60, description="Before the second try; doubled each time.")


class Source(Model):
    """One list of releases: where it is, how often to look, and how to read it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9/_.-]*$", description="Set from the file's path; not written.")
    name: str = Field(description="What people see.")
    publisher: str = Field("", description="Sources of one publisher share repeats; the source's id if empty.")
    url: str = Field(pattern=r"^https?://", description="The list; {page} stands for the page number.")
    board: str = Field("", description="The board of items whose id pattern names none; ids count per board.")
    hosts: tuple[Host, ...] = Field(
        min_length=1, description="The only hosts that are fetched and linked, redirects included."
    )
    aliases: tuple[Host, ...] = Field(
        (),
        description="Former hosts with the same paths: never fetched, the same identity as the first host.",
    )
    categories: tuple[str, ...] = Field((), description="Categories of every item of this list.")
    language: str = Field("en", pattern=r"^[a-z]{2}$")
    timezone: Zone = Field("UTC", description="Zone of the dates on the page.")
    dates: tuple[str, ...] = Field(
        ("%Y-%m-%d",),
        min_length=1,
        description="strptime formats to try in order; also `iso` and `epoch-ms`.",
    )
    every_minutes: float = Field(10, gt=0, le=10080)
    at_least: int = Field(1, ge=0, description="Fewer items than this is an error, not a quiet day.")
    pages: int = Field(3, ge=1, le=50, description="How far to page back while a whole page is new.")
    boilerplate: tuple[str, ...] = Field(
        (), description="Phrases that carry no news; cut from the text before it is compared."
    )
    headers: dict[str, str] = Field(default_factory=dict, description="Extra request headers.")
    retry: Retry = Retry()
    listing: Step
    detail: Step | None = Field(None, description="Read for releases that are new or whose listing changed.")

    @model_validator(mode="after")
    def _hangs_together(self) -> "Source":
        if isinstance(self.listing, HtmlStep) and not (self.listing.id and self.listing.title):
            raise ValueError("listing: an html listing needs id and title")
        if self.pages > 1 and "{page}" not in self.url and "pages" in self.model_fields_set:
            raise ValueError("pages: the url has no {page}")
        return self

    @property
    def publishes_as(self) -> str:
        """The publisher within which repeats are looked for."""
        return self.publisher or self.id

    @property
    def date_forms(self) -> tuple[str, ...]:
        """The forms in which dates reach us; a feed's are already ISO 8601."""
        return ("iso",) if isinstance(self.listing, FeedStep) else self.dates

    def page_url(self, number: int = 1) -> str:
        """The list's URL at page `number`, counted from 1."""
        return self.url.replace("{page}", str(number))

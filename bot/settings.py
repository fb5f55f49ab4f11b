"""The types behind config.toml and the rule files: strict, every key described."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_NAME = r"^[a-z0-9][a-z0-9_-]*$"
_CONTACT = r"^[\x20-\x7e]*$"
_LIST_ID = r"^[A-Za-z0-9.-]+$"
SAID_PLAINLY = {
    _NAME: "write small letters, digits, - and _",
    _CONTACT: "write a mail or web address in plain letters, since it goes into a header",
    _LIST_ID: "write letters, digits, dots and hyphens",
}
"""What the patterns ask for, as a person would say it."""

Name = Annotated[str, Field(pattern=_NAME, max_length=60)]


class Section(BaseModel):
    """A part of a file that people write: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Channel(Section):
    """Where alerts go: an apprise URL, or `terminal://` for this screen. The URL is a secret."""

    url: SecretStr | None = Field(None, description="The URL itself.")
    url_env: str | None = Field(None, description="Name of the environment variable that holds the URL.")
    url_file: str | None = Field(None, description="File that holds the URL (a container's secret).")
    recipients: tuple[str, ...] = Field(
        (), description="One alert each; the URL has {recipient} where the address belongs."
    )

    @model_validator(mode="after")
    def _has_one_url(self) -> "Channel":
        given = [key for key in ("url", "url_env", "url_file") if getattr(self, key) is not None]
        if len(given) != 1:
            wrong = " and ".join(given) if given else "none"
            raise ValueError(f"give exactly one of url, url_env and url_file (here: {wrong})")
        return self


class Fetching(Section):
    """How pages are fetched: bounded, and polite."""

    contact: str = Field(
        "", pattern=_CONTACT, description="Mail or web address in the User-Agent, so that a host can reach you."
    )
    total_seconds: float = Field(30, gt=0, le=300, description="For one whole answer, redirects included.")
    max_bytes: int = Field(5_000_000, ge=1000, description="Of one page, unpacked.")
    host_seconds: float = Field(1.0, ge=0, description="Between two requests to one host.")
    jitter: float = Field(0.1, ge=0, le=1, description="Share of an interval by which a poll may move.")


class Sources(Section):
    """Which sources are polled."""

    enabled: tuple[str, ...] = Field(
        ("kr/*", "us/*"), description="Ids, or patterns such as kr/*; shipped and own ones."
    )
    folders: tuple[str, ...] = Field((), description="Folders with source files of your own.")


class Stories(Section):
    """How repeats are found."""

    window_days: int = Field(
        60, ge=0, le=3650, description="How far apart repeats may be; a later stage of a case is found at any time."
    )


class Delivering(Section):
    """How hard a message is tried."""

    every_seconds: float = Field(5, gt=0, le=3600, description="How often the outbox is looked at.")
    give_up_hours: float = Field(72, gt=0, le=8760, description="After this the alert is a dead letter.")
    timeout_seconds: float = Field(20, gt=0, le=120, description="For one try.")
    list_id: str = Field("tocsin.alerts", pattern=_LIST_ID, description="List-Id of mails, for the reader's filters.")


class Settings(Section):
    """config.toml."""

    data: str = Field("data", description="Folder of the database, relative to this file; TOCSIN_DATA overrides.")
    rules: str = Field("rules", description="Folder of rule files, relative to this file; TOCSIN_RULES overrides.")
    fetch: Fetching = Fetching()
    sources: Sources = Sources()
    stories: Stories = Stories()
    delivery: Delivering = Delivering()
    channels: dict[Name, Channel] = Field(default_factory=dict)


class Examples(Section):
    """Texts that a rule must hit or miss; `tocsin check` runs them."""

    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()


class RuleSpec(Section):
    """A rule as people write it."""

    id: Name
    name: str = Field(min_length=1, description="What an alert calls the rule.")
    enabled: bool = True
    when: str = Field("", description="What must hold, in the rule language: 'tariff AND (steel OR 철강)'.")
    any: tuple[str, ...] = Field((), description="Words and phrases of which at least one must occur.")
    all: tuple[str, ...] = Field((), description="Words and phrases that must all occur.")
    none: tuple[str, ...] = Field((), description="Words and phrases of which none may occur.")
    categories: tuple[str, ...] = Field((), description="At least one of these; patterns such as Trade* work.")
    sources: tuple[str, ...] = Field((), description="Only from these; patterns such as kr/* work.")
    to: tuple[Name, ...] = Field(min_length=1, description="Channels of config.toml.")
    alert: Literal["story", "every"] = Field(
        "story", description="story: once a story, and on its updates. every: each release."
    )
    examples: Examples = Examples()

    @model_validator(mode="after")
    def _asks_for_something(self) -> "RuleSpec":
        if not (self.when.strip() or self.any or self.all or self.categories or self.sources):
            raise ValueError("the rule would match everything: give when, any, all, categories or sources")
        return self


class RuleFile(Section):
    """A file in the rules folder."""

    rule: tuple[RuleSpec, ...] = Field(min_length=1)


class TermsFile(Section):
    """terms.toml: lists of words and phrases, which rules name as @list."""

    terms: dict[Name, Annotated[tuple[str, ...], Field(min_length=1)]]

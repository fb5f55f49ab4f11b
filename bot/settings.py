"""The types behind config.toml and the rule files: strict, every key described."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from scrapers.model import Zone

_NAME = r"^[a-z0-9][a-z0-9_-]*$"
_CONTACT = r"^[\x20-\x7e]*$"
_LIST_ID = r"^[A-Za-z0-9.-]+$"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_CADENCE = rf"^(immediate|hourly|daily {_CLOCK}|weekly (mon|tue|wed|thu|fri|sat|sun) {_CLOCK})$"
_QUIET = rf"^({_CLOCK}-{_CLOCK})?$"
_UNSUBSCRIBE = r"^((https|mailto):[\x21-\x3b\x3d\x3f-\x7e]+)?$"
SAID_PLAINLY = {
    _NAME: "write small letters, digits, - and _",
    _CONTACT: "write a mail or web address in plain letters, since it goes into a header",
    _LIST_ID: "write letters, digits, dots and hyphens",
    _CADENCE: "write immediate, hourly, daily 08:30 or weekly mon 08:30",
    _QUIET: "write the times of a 24-hour clock, such as 22:00-07:00",
    _UNSUBSCRIBE: "write a https: or mailto: address without spaces",
}
"""What the patterns ask for, as a person would say it."""

Name = Annotated[str, Field(pattern=_NAME, max_length=60)]


class Section(BaseModel):
    """A part of a file that people write: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Channel(Section):
    """Where alerts go, when, and how they look. The URL is a secret."""

    url: SecretStr | None = Field(None, description="The URL itself.")
    url_env: str | None = Field(None, description="Name of the environment variable that holds the URL.")
    url_file: str | None = Field(None, description="File that holds the URL (a container's secret).")
    recipients: tuple[str, ...] = Field(
        (), description="One alert each; the URL has {recipient} where the address belongs."
    )
    cadence: str = Field(
        "immediate", pattern=_CADENCE, description="immediate, hourly, daily 08:30 or weekly mon 08:30."
    )
    quiet: str = Field(
        "", pattern=_QUIET, description="Hours in which nothing is sent, such as 22:00-07:00; it comes afterwards."
    )
    timezone: Zone = Field("UTC", description="Zone of cadence and quiet, such as Asia/Seoul.")
    max_per_hour: int = Field(
        60, ge=0, description="Messages to one recipient in an hour; the rest comes as one summary. 0: no limit."
    )
    on_ambiguous: Literal["resend", "hold"] = Field(
        "resend", description="What to do with an alert that may have arrived, where the channel cannot know a repeat."
    )
    language: Literal["en", "ko"] = Field("en", description="Of the fixed phrases; a title stays as it is.")
    template: str | None = Field(None, description="File with a template of your own, relative to config.toml.")
    unsubscribe: str = Field(
        "", pattern=_UNSUBSCRIBE, description="List-Unsubscribe of mails: an https: or mailto: address."
    )

    @model_validator(mode="after")
    def _is_not_always_quiet(self) -> "Channel":
        start, _, end = self.quiet.partition("-")
        if start and start == end:
            raise ValueError("quiet: the hours begin and end at the same time; leave quiet out, or write another end")
        return self

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


class Operator(Section):
    """Who hears of trouble, and who hears that all is well."""

    channel: Name | None = Field(None, description="The channel that is told of trouble: one notice at each change.")
    ping_url: SecretStr | None = Field(None, description="Address that is asked for while all is well.")
    ping_url_env: str | None = Field(None, description="Name of the environment variable that holds it.")
    ping_url_file: str | None = Field(None, description="File that holds it.")
    ping_minutes: float = Field(5, gt=0, le=1440, description="How often it is asked for.")

    @model_validator(mode="after")
    def _has_one_url_at_most(self) -> "Operator":
        given = [key for key in ("ping_url", "ping_url_env", "ping_url_file") if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(f"give only one of ping_url, ping_url_env and ping_url_file (here: {' and '.join(given)})")
        return self


class Settings(Section):
    """config.toml."""

    data: str = Field("data", description="Folder of the database, relative to this file; TOCSIN_DATA overrides.")
    rules: str = Field("rules", description="Folder of rule files, relative to this file; TOCSIN_RULES overrides.")
    fetch: Fetching = Fetching()
    sources: Sources = Sources()
    stories: Stories = Stories()
    delivery: Delivering = Delivering()
    operator: Operator = Operator()
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
    urgent: bool = Field(default=False, description="true: passes through a channel's quiet hours and cadence.")
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

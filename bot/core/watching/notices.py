"""The notices to the operator in words: what happened, since when, what to do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.core.text import clean
from bot.core.watching.seen import Seen
from bot.core.watching.staleness import last_day, usual_gap
from bot.model import Condition, Notice, Trouble, digest

QUOTED = 300
"""Characters of an error that are quoted: what a host says has no end."""
PROBLEMS = 5
"""Problems of refused files that are listed; `tocsin check` lists all."""


def broken(condition: Condition, seen: Seen, trouble: Trouble) -> Notice:
    """A source cannot be read, now for the `condition.failures`th time."""
    what, why = {
        Trouble.LAYOUT: ("the layout has changed", "The page is not as the source file says"),
        None: ("its polls fail", "Something went wrong while it was read"),
    }.get(seen.trouble, ("it cannot be reached", "The last try ended with"))
    todo = (
        f"Nothing of it is read until its source file is mended: `tocsin try {seen.poll.source}` shows what is found."
        if trouble is Trouble.LAYOUT
        else f"It is tried again every {_span(seen.every)}; `tocsin polls --source {seen.poll.source}` shows the tries."
    )
    begun = f"{condition.failures} polls in a row have failed since {_time(condition.since)}."
    return Notice(
        trouble=trouble,
        about=condition.source,
        key=_key(trouble, condition.since),
        title=f"{condition.source}: {what}",
        text=f"{why}: {quoted(seen.poll.error)}. {begun} {todo}",
    )


def mended(condition: Condition, now: datetime) -> Notice:
    """A source that the operator was told of can be read again."""
    trouble = Trouble.UNREACHABLE if Trouble.UNREACHABLE in condition.told else Trouble.LAYOUT
    lasted = _span(now - condition.since) if condition.since else "some time"
    return Notice(
        trouble=trouble,
        about=condition.source,
        key=_key(trouble, condition.since),
        title=f"{condition.source}: it is read again",
        text=f"It could not be read for {lasted}, from {_time(condition.since)} to {_time(now)}: {condition.failures}"
        " polls. What is still listed was not missed.",
        healed=True,
    )


def stale(condition: Condition, seen: Seen, now: datetime) -> Notice:
    """A source answers, but nothing new has come for far too long."""
    usual = usual_gap(condition.days, seen.every)
    source, last = condition.source, last_day(condition)
    return Notice(
        trouble=Trouble.STALE,
        about=source,
        key=_stale_key(condition),
        title=f"{source}: nothing new since {last}",
        text=f"Nothing new has come for {_days(condition, now)}; usually something comes within {_span(usual)}."
        f" Perhaps the list has moved, or stands still: compare the publisher's page with `tocsin try {source}`.",
    )


def fresh(condition: Condition, now: datetime) -> Notice:
    """News have come again; `condition` is how the source did before them."""
    return Notice(
        trouble=Trouble.STALE,
        about=condition.source,
        key=_stale_key(condition),
        title=f"{condition.source}: news have come again",
        text=f"They are the first for {_days(condition, now)}: the last came on {last_day(condition)}.",
        healed=True,
    )


def gap(condition: Condition, seen: Seen) -> Notice:
    """Between two polls more may have come than the list shows; `condition` is how the source did before."""
    source, since = condition.source, condition.last_news
    between = f"Between {_time(since)} and {_time(seen.poll.at)}" if since else f"Before {_time(seen.poll.at)}"
    return Notice(
        trouble=Trouble.GAP,
        about=source,
        key=_key(Trouble.GAP, since),
        title=f"{source}: something may have been missed",
        text=f"{between} more may have come than the list shows: {quoted(seen.poll.error)}. Look at the publisher's"
        f" page, or fetch more of it: `tocsin backfill {source} --pages 10`. If it happens again, raise `pages` in the"
        " source file, or poll more often.",
    )


def mass(condition: Condition, seen: Seen) -> Notice:
    """Most of a list changed at once, and nobody was told of it; `condition` is how the source did before."""
    return Notice(
        trouble=Trouble.MASS,
        about=condition.source,
        key=f"{_key(Trouble.MASS, condition.last_news)} {digest(seen.poll.notice)[:8]}",
        title=f"{condition.source}: most of the list changed at once",
        text=f"At {_time(seen.poll.at)}: {quoted(seen.poll.notice)}.",
    )


def given_up(channel: str, why: str, now: datetime) -> Notice:
    """An alert to a channel has become a dead letter: one notice a day and channel."""
    return Notice(
        trouble=Trouble.DEAD_LETTER,
        about=channel,
        key=f"{Trouble.DEAD_LETTER} {_date(now)}",
        title=f"{channel}: an alert could not be delivered",
        text=f"It was given up at {_time(now)}: {quoted(why)}. More of the same day are not told one by one:"
        " `tocsin outbox --dead` lists them, and `tocsin outbox retry --dead` sends them once the channel works.",
    )


def unsure(channel: str, why: str, now: datetime) -> Notice:
    """An alert may have arrived and is not sent again, as the channel wants it: one notice a day and channel."""
    return Notice(
        trouble=Trouble.DEAD_LETTER,
        about=channel,
        key=f"ambiguous {_date(now)}",
        title=f"{channel}: an alert may not have arrived",
        text=f"At {_time(now)}: {quoted(why)}. It is not sent again, since the channel has on_ambiguous = hold. More of"
        " the same day are not told one by one: `tocsin outbox --state ambiguous` lists them, and `tocsin outbox retry"
        " ID` sends one again.",
    )


def refused(problems: Sequence[str], since: datetime) -> Notice:
    """Changed files are wrong. `since` is when the first change in a row was refused: the same until all is well.

    So other problems are told, the same ones not, and after a good change the same mistake is.
    """
    shown = "\n".join(quoted(one) for one in problems[:PROBLEMS])
    more = f"\nand {len(problems) - PROBLEMS} more" if len(problems) > PROBLEMS else ""
    return Notice(
        trouble=Trouble.REFUSED,
        about="",
        key=f"{_key(Trouble.REFUSED, since)} {digest(*problems)[:16]}",
        title="Changed rules or sources are refused",
        text=f"Since {_time(since)} the last good ones stay in force. See `tocsin check`:\n{shown}{more}",
    )


def taken(since: datetime, now: datetime) -> Notice:
    """Changed files are right again; `since` is when the first change in a row was refused."""
    return Notice(
        trouble=Trouble.REFUSED,
        about="",
        key=_key(Trouble.REFUSED, since),
        title="Changed rules and sources are in force",
        text=f"The changes that were refused for {_span(now - since)}, since {_time(since)}, are mended and taken.",
        healed=True,
    )


def quoted(text: str) -> str:
    """What somebody else said, on one line and bounded, without an end of its own."""
    line = " ".join(clean(text).split())
    return (line if len(line) <= QUOTED else f"{line[: QUOTED - 1]}…").rstrip(".") or "no reason given"


def _key(trouble: Trouble, since: datetime | None) -> str:
    """The identity of an episode: by when it began, which was stored before anything was told of it."""
    return f"{trouble} {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if since else f"{trouble} first"


def _stale_key(condition: Condition) -> str:
    return f"{Trouble.STALE} {last_day(condition)}"


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "the start"


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def _days(condition: Condition, now: datetime) -> str:
    last = last_day(condition)
    return _span(now.astimezone(UTC).date() - last) if last else "some time"


def _span(span: timedelta | None) -> str:
    """A duration in words, in its two largest units; never a negative one, though a clock may have been set back."""
    minutes = max(0, int(span.total_seconds() // 60)) if span else 0
    days, hours = divmod(minutes // 60, 24)
    units = {"day": days, "hour": hours, "minute": minutes % 60}
    said = [f"{many} {unit}{'s' if many > 1 else ''}" for unit, many in units.items() if many]
    return " ".join(said[:2]) or "less than a minute"

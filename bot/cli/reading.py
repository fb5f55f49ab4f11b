"""Commands that list what is stored: releases, stories, sources, polls."""

from typing import TYPE_CHECKING, Any

import click

from bot.cli.options import Session, as_json, limited, pass_session

if TYPE_CHECKING:
    from bot.adapters.database.archive import Archive
    from bot.adapters.database.deliveries import Record
    from bot.model import Condition


@click.command()
@click.option("--source", help="Id or pattern, such as kr/*.")
@click.option("--rule", help="Only those that this rule has met.")
@click.option("--story", help="Only those of this story.")
@limited(20)
@as_json
@pass_session
def releases(
    session: Session,
    source: str | None,
    rule: str | None,
    story: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """List stored releases.

    The latest to arrive comes first.

    \b
    Examples:
      tocsin releases --source 'kr/*'
      tocsin releases --rule tariffs --json -n 1000
    """
    from bot.app import open_archive
    from bot.cli.output import print_json, print_table

    with open_archive(session.load(reading=True)) as archive:
        found = archive.releases(limit=limit, source=source, rule=rule, story=story)
    if as_json:
        print_json(found)
        return
    rows = [(one["id"], one["published"], f"{one['title']}\n{_origin(one)}") for one in found]
    print_table(["id", "published", "title"], rows, empty="no releases yet; `tocsin once` polls the sources")


def _origin(record: "Record") -> str:
    relation = "" if record["relation"] == "different" else f"{record['relation']} of {record['related_to']}"
    return " · ".join(filter(None, (record["source"], record["category"], relation)))


@click.command()
@click.argument("story", required=False)
@limited(20)
@as_json
@pass_session
def stories(session: Session, story: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001
    """List stories, or show one.

    A story is one event, told once, with all releases about it. Of one story you see the whole family: how each
    release came to it and why, and a word diff of each text that was replaced.

    \b
    Examples:
      tocsin stories -n 5
      tocsin stories ae0dcfb0ef1b8816
    """
    from bot.app import open_archive
    from bot.cli.output import print_json, print_table
    from bot.cli.relating import show_story

    with open_archive(session.load(reading=True)) as archive:
        found = archive.stories(limit=limit, story=story)
        revisions = _revisions(archive, found) if story else {}
    if as_json:
        print_json({**one, "revisions": revisions} if story else one for one in found)
    elif story and found:
        show_story(found[0], revisions)
    else:
        print_table(
            ["story", "published", "releases", "title"],
            [(s["story"], s["published"], s["count"], s["title"]) for s in found],
            empty=f"there is no story {story!r}" if story else "no stories yet; `tocsin once` polls the sources",
        )


def _revisions(archive: "Archive", stories: "list[Record]") -> "dict[str, list[Record]]":
    """The replaced texts of the stories' releases, each with its word diff to the text that came after it."""
    from bot.core.stories.diffing import word_diff

    members = {one["id"]: one for story in stories for one in story["releases"]}
    found = archive.revisions(members.keys())
    for release, texts in found.items():
        now = members[release]
        later = [*texts[1:], now]
        for old, new in zip(texts, later, strict=True):
            old["diff"] = word_diff(f"{old['title']}\n{old['body']}", f"{new['title']}\n{new['body']}")
    return found


@click.command()
@as_json
@pass_session
def sources(session: Session, as_json: bool) -> None:  # noqa: FBT001
    """List sources and how they are.

    Which are on, when they were polled last, how it ended, and what is wrong with them. The standing is empty for a
    source that does well, else "failing" (the last polls failed), "broken" (for so long that the operator was told) or
    "stale" (nothing new has come for far longer than usual).

    \b
    Example:
      tocsin sources --json
    """
    from bot.cli.output import print_json, print_notes, print_table

    found = _source_records(session)
    if as_json:
        print_json(found)
        return
    columns = ["source", "every", "last poll", "result", "standing", "releases"]
    print_table(columns, [_source_row(record) for record in found], empty="there are no sources")
    print_notes((one["source"], f"{one['error']}{_in_a_row(one)}") for one in found if one["error"])
    print_notes((one["source"], one["notice"]) for one in found if one["notice"])


def _in_a_row(record: "Record") -> str:
    return f" ({record['failures']} polls in a row failed)" if record["failures"] > 1 else ""


def _source_records(session: Session) -> "list[Record]":
    from bot.app import database_path, open_archive

    loaded = session.load(reading=True)
    last: dict[str, Any] = {}
    stored: dict[str, Any] = {}
    conditions: dict[str, Condition] = {}
    if database_path(loaded).exists():
        with open_archive(loaded) as archive:
            last, stored, conditions = archive.last_polls(), archive.sources(), archive.conditions()
    enabled = {source.id for source in loaded.enabled}
    return [
        {
            "source": source.id,
            "name": source.name,
            "enabled": source.id in enabled,
            "every_minutes": source.every_minutes,
            "url": source.page_url(),
            "last_poll": last.get(source.id, {}).get("at"),
            "result": last.get(source.id, {}).get("result"),
            "failures": last.get(source.id, {}).get("failures", 0),
            "error": last.get(source.id, {}).get("error", ""),
            "notice": last.get(source.id, {}).get("notice", ""),
            **_condition_record(conditions.get(source.id)),
            "releases": stored.get(source.id, {}).get("releases", 0),
            "newest": stored.get(source.id, {}).get("newest"),
        }
        for source in loaded.sources.values()
    ]


def _condition_record(condition: "Condition | None") -> "Record":
    """How a source does, in words; "ok" if nothing is known of it."""
    if condition is None:
        return {"standing": "ok", "since": None, "troubles": []}
    return {
        "standing": standing(condition),
        "since": condition.since,
        "troubles": sorted(condition.told),
    }


def standing(condition: "Condition") -> str:
    """How a source does: ok, failing, broken or stale."""
    from bot.model import Standing, Trouble

    is_stale = condition.standing is Standing.OK and Trouble.STALE in condition.told
    return "stale" if is_stale else condition.standing.value


def _source_row(record: "Record") -> tuple[Any, ...]:
    every = f"{record['every_minutes']:g} min"
    return (
        record["source"],
        every,
        record["last_poll"],
        record["result"] if record["enabled"] else "off",
        "" if record["standing"] == "ok" or not record["enabled"] else record["standing"],
        record["releases"],
    )


@click.command()
@click.option("--source", help="Id or pattern, such as kr/*.")
@limited(30)
@as_json
@pass_session
def polls(session: Session, source: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001
    """List polls and what each found.

    \b
    Example:
      tocsin polls --source 'kr/*' -n 100
    """
    from bot.app import open_archive
    from bot.cli.output import print_json, print_notes, print_table

    with open_archive(session.load(reading=True)) as archive:
        found = archive.polls(limit=limit, source=source)
    if as_json:
        print_json(found)
        return
    columns = ["at", "source", "result", "found", "new", "folded", "alerts"]
    rows = [tuple(one[name] for name in (*columns[:-1], "planned")) for one in found]
    print_table(columns, rows, empty="no polls yet; `tocsin once` polls the sources")
    print_notes((one["source"], one[what]) for one in found for what in ("error", "notice") if one[what])

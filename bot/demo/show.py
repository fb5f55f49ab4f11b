"""The demo: the shipped sources pointed at the small site, the real service, and a table of what happened."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bot.adapters.channels.terminal import open_terminal
from bot.app import App, open_app
from bot.core.render import Form, render, room
from bot.demo.site import Site, items, serve
from bot.loading import Loaded, load_sources
from bot.model import Letter, Message, Outcome, Rendered
from bot.rule_files import load_rules
from bot.schedule import Plan
from bot.schedule import serve as run_service
from bot.settings import Channel, Delivering, Fetching, Settings
from bot.starting import starter_rules
from scrapers.model import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = "https://english.motir.go.kr"
POLL_SECONDS = 0.4
BETWEEN_SECONDS = 0.9
PATIENCE_SECONDS = 15.0


_FORM = Form(kind="screen")


class Screen:
    """Notifier that shows every alert on the terminal, as the channel `terminal://` does."""

    def __init__(self, console: Console) -> None:
        self._send = open_terminal(console)

    def room(self, _channel: str, /) -> int:
        """A screen has room."""
        return room(_FORM)

    def knows_repeats(self, _channel: str, /) -> bool:
        """It does not."""
        return False

    def write(self, _channel: str, message: Message, /, *, may_repeat: bool = False) -> Rendered:
        """The alert, as text."""
        return render(message, _FORM, may_repeat=may_repeat)

    def send(self, _channel: str, recipient: str, letter: Letter, /) -> Outcome:
        """Show one alert."""
        return self._send(recipient, letter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The site, the service that polls it, and where both can be seen."""

    site: Site
    app: App
    console: Console
    url: str


def demo(console: Console, *, keep: bool = False) -> bool:
    """Run the demo; True if every published release was read and every alert delivered."""
    with _stage(console) as stage:
        console.print(
            f"[bold]Tocsin[/] polls a small ministry at {stage.url} and shows each alert as it is delivered.\n"
        )
        stop = Event()
        service = Thread(target=run_service, args=(_plan(stage.app), stage.app.world, stop))
        service.start()
        try:
            complete = _publish_all(stage, stop)
            _summary(stage)
            if keep:
                _wait_for_user(stage)
        finally:
            stop.set()
            service.join()
    return complete


@contextmanager
def _stage(console: Console) -> "Iterator[Stage]":
    site = Site(published=[one for one in items() if one.before])
    server = serve(site)
    url = f"http://127.0.0.1:{server.server_port}"
    with TemporaryDirectory(prefix="tocsin-demo-") as folder:
        loaded = load_demo(Path(folder), url)
        with open_app(loaded, notifier=Screen(console)) as app:
            yield Stage(site=site, app=app, console=console, url=url)
    server.shutdown()
    server.server_close()


def load_demo(data: Path, url: str) -> Loaded:
    """What a user's files would load to: the starter rules, and the shipped Korean sources pointed at `url`."""
    sources = [moved(one, url) for name, one in load_sources([], []).items() if name.startswith("kr/")]
    return Loaded(
        file="the demo",
        settings=Settings(
            fetch=Fetching(contact="the demo", host_seconds=0, jitter=0),
            delivery=Delivering(every_seconds=0.5),
            channels={"me": Channel(url="terminal://")},
        ),
        data=data,
        rules_folder=starter_rules(),
        sources={one.id: one for one in sources},
        enabled=tuple(sources),
        rules=tuple(rule for rule, _ in load_rules(starter_rules(), [])),
        secrets={"me": "terminal://"},
    )


def moved(source: Source, url: str) -> Source:
    """The source as it would be if the ministry stood at `url`, polled without a pause."""
    there = Source.model_validate_json(source.model_dump_json().replace(REAL, url))
    return there.model_copy(update={"hosts": ("127.0.0.1",), "every_minutes": POLL_SECONDS / 60, "at_least": 0})


def _plan(app: App) -> Plan:
    return Plan(sources=app.loaded.enabled, last_polls={}, jitter=0, delivery=app.loaded.settings.delivery)


def _publish_all(stage: Stage, stop: Event) -> bool:
    """Publish release after release; True once all are read and told, False if that takes too long."""
    if not _until(lambda: _polled_all(stage, since=0), stop):
        return False
    stage.console.print(f"[dim]First look: {len(stage.site.published)} older releases stored, nobody told.[/]\n")
    for item in items():
        if not item.before:
            stage.site.published.append(item)
            stop.wait(BETWEEN_SECONDS)
    done = _polls(stage)
    return _until(lambda: _polled_all(stage, since=done) and not _waiting(stage), stop)


def _polls(stage: Stage) -> int:
    return len(stage.app.archive.polls(limit=100_000))


def _polled_all(stage: Stage, *, since: int) -> bool:
    """True if every source has been polled after the first `since` polls, and found what there is."""
    recent = stage.app.archive.polls(limit=100_000)[: -since or None]
    return {poll["source"] for poll in recent if poll["result"] != "failed"} >= set(stage.app.loaded.sources)


def _waiting(stage: Stage) -> int:
    return sum(many for state, many in stage.app.archive.waiting().items() if state != "sent")


def _until(met: Callable[[], bool], stop: Event) -> bool:
    """Wait until a condition is met; False if it is not within the patience of somebody who watches."""
    tries = int(PATIENCE_SECONDS / 0.1)
    return any(met() or stop.wait(0.1) for _ in range(tries)) and not stop.is_set()


def _summary(stage: Stage) -> None:
    """The table of what happened, and what to see in it."""
    archive = stage.app.archive
    polls = archive.polls(limit=100_000)
    sent = archive.outbox(limit=1000, states=["sent"])
    table = Table(title="\nWhat happened", title_justify="left", header_style="bold", box=None, pad_edge=False)
    table.add_column("source", no_wrap=True)
    for column in ("polls", "fetched", "new", "folded into stories", "matched", "delivered"):
        table.add_column(column, justify="right")
    for source in stage.app.loaded.sources:
        mine = [poll for poll in polls if poll["source"] == source]
        told = {record["id"] for record in archive.releases(limit=1000, source=source)}
        table.add_row(source, *map(str, _counts(mine, sum(one["release"] in told for one in sent))))
    table.add_section()
    table.add_row("all", *map(str, _counts(polls, len(sent))), style="bold")
    stage.console.print(table)
    stories = archive.stories(limit=1000)
    stage.console.print(
        f"\n{sum(len(story['releases']) for story in stories)} records on five lists are {len(stories)} stories;"
        f" {len(sent)} alerts went out, each once. The two “Korea-U.S. trade consultation” items are one story."
    )


def _counts(polls: list[dict[str, object]], delivered: int) -> list[int]:
    """Polls, items fetched as new or changed, new releases, folded ones, matches, deliveries."""

    def total(name: str) -> int:
        return sum(int(str(poll[name])) for poll in polls)

    return [len(polls), total("new") + total("revised"), total("new"), total("folded"), total("matched"), delivered]


def _wait_for_user(stage: Stage) -> None:
    stage.console.print(f"\nThe site stays at {stage.url}/eng/article/EATCLdfa319ada ; Ctrl-C ends it.")
    try:
        Event().wait()
    except KeyboardInterrupt:
        stage.console.print("bye")

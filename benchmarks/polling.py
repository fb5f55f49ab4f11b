"""What a poll without news costs: our own processor time for a list page of 50 KB, and what it writes."""

import tempfile
from pathlib import Path

from benchmarks.figures import median_seconds, show
from bot.adapters.clock import SystemClock
from bot.adapters.database import Database, SqlStore
from bot.core.promising import Audience
from bot.core.rules.rule import RuleSet
from bot.loading import load_sources
from bot.model import Letter, Message, Outcome, Rendered, Sending
from bot.pipeline import collect
from bot.ports import World
from bot.rule_files import load_rules
from bot.starting import starter_rules
from scrapers.model import Page, Source

GOAL_MS = 5.0
ROW = (
    """<li><a href="javascript:article.view('{n}', '2');"><div class="item">"""
    '<strong class="title">Release {n}</strong><p class="info"><span class="cont">{body}</span></p>'
    '<span class="date"><i>date</i>2026-11-02</span></div></a></li>'
)


class OnePage:
    """Fetcher of one page that never changes; answers 304 if it may."""

    def __init__(self, body: bytes, *, etags: bool) -> None:
        self._body, self._etags = body, etags

    def fetch(self, url: str, source: Source, *, etag: str = "", modified: str = "") -> Page | None:  # noqa: ARG002
        """The page."""
        if self._etags and etag:
            return None
        return Page(url=url, body=self._body, content_type="text/html; charset=utf-8", etag='"1"')


class Nobody:
    """Notifier that tells nobody."""

    def room(self, channel: str) -> int:  # noqa: ARG002
        """Any number."""
        return 1000

    def knows_repeats(self, channel: str) -> bool:  # noqa: ARG002
        """No."""
        return False

    def write(self, channel: str, message: Message, *, may_repeat: bool = False) -> Rendered:  # noqa: ARG002
        """The title."""
        return Rendered(subject=message.title, text=message.title)

    def send(self, channel: str, recipient: str, letter: Letter) -> Outcome:  # noqa: ARG002
        """Nothing."""
        return Outcome(result=Sending.SENT)


def main() -> None:
    """Measure both ways of finding nothing new."""
    rows = "".join(ROW.format(n=n, body=f"The ministry said on item {n} that trade grew. " * 130) for n in range(8))
    page = f'<html><body><div class="board-list"><ul>{rows}</ul></div></body></html>'.encode()
    source = load_sources([], [])["kr/motir-press"].model_copy(update={"detail": None})
    for name, etags in (("304", True), (f"the same list of {len(page) // 1000} KB", False)):
        with tempfile.TemporaryDirectory() as folder:
            database = Database.open(Path(folder) / "a.db")
            world = _world(database, OnePage(page, etags=etags))
            collect(source, world)
            value = median_seconds(lambda: collect(source, world), rounds=101, cpu=True) * 1000  # noqa: B023
            database.close()
        show(f"poll without news, {name}, own CPU", value, "ms", goal=f"at most {GOAL_MS} ms", met=value <= GOAL_MS)


def _world(database: Database, fetcher: OnePage) -> World:
    rules = RuleSet(rule for rule, _ in load_rules(starter_rules(), []))
    audience = Audience(rules=rules, channels={"me": ("",)})
    return World(clock=SystemClock(), fetcher=fetcher, store=SqlStore(database), notifier=Nobody(), audience=audience)

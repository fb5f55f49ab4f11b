"""The demo is the main job: real fetcher, extractor, store, rules and outbox."""

import io
import re
from pathlib import Path

from rich.console import Console

from bot.adapters.database.archive import Archive
from bot.app import open_app
from bot.demo.show import demo, load_demo
from bot.demo.site import LABELS, Site, items, serve
from bot.pipeline import collect
from tests.fakes import FakeNotifier


def test_the_demo_ends_by_itself_and_shows_the_seeds_cases() -> None:
    screen = io.StringIO()
    assert demo(Console(file=screen, width=120))
    shown = screen.getvalue()
    assert shown.count("│ Korea-U.S. trade consultation") == 1
    cards = [card for card in shown.split("╭─")[1:] if card.startswith(" Anti-dumping")]
    assert len(cards) == 1
    assert "Vietnam" in cards[0]
    for column in ("fetched", "new", "folded into stories", "matched", "delivered"):
        assert column in shown
    told = re.search(r"(\d+) records on five lists are (\d+) stories; (\d+) alerts", shown)
    assert told
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert f"So {told[1]} records are {told[2]} stories" in readme
    assert (told[3], "four alerts come up" in readme) == ("4", True)


def test_the_seeds_cases_in_the_store(tmp_path: Path) -> None:
    """Without the service: one poll of everything before, one of everything after."""
    site = Site(published=[one for one in items() if one.before])
    server = serve(site)
    loaded = load_demo(tmp_path, f"http://127.0.0.1:{server.server_port}")
    with open_app(loaded, notifier=FakeNotifier()) as app:
        for wave in (site.published, items()):
            site.published = list(wave)
            polls = [collect(source, app.world) for source in loaded.enabled]
        assert all(not poll.error for poll in polls)
        told = app.archive.outbox(limit=99)
        _the_two_consultations_are_one_story(app.archive)
    server.shutdown()
    server.server_close()
    by_rule = {rule: [one["title"] for one in told if one["rule"] == rule] for rule in {one["rule"] for one in told}}
    assert by_rule.keys() == {"anti-dumping", "tariffs", "export-controls"}
    assert len(by_rule["anti-dumping"]) == 1
    assert "Vietnam" in by_rule["anti-dumping"][0]
    assert by_rule["tariffs"].count("Korea-U.S. trade consultation") == 1
    assert not any("exports" in title.lower() for titles in by_rule.values() for title in titles)


def _the_two_consultations_are_one_story(archive: Archive) -> None:
    twins = [one for one in archive.releases(limit=99) if one["title"] == "Korea-U.S. trade consultation"]
    assert len(twins) == 2
    assert len({one["story"] for one in twins}) == 1


def test_press_releases_learn_their_category_from_the_topic_lists(tmp_path: Path) -> None:
    site = Site(published=items())
    server = serve(site)
    loaded = load_demo(tmp_path, f"http://127.0.0.1:{server.server_port}")
    with open_app(loaded, notifier=FakeNotifier()) as app:
        for source in loaded.enabled:
            collect(source, app.world)
        press = app.archive.releases(limit=99, source="kr/motir-press")
    server.shutdown()
    server.server_close()
    topics = {one.id: LABELS[one.topic] for one in items() if one.board == "2"}
    assert len(press) == 8
    assert all(one["category"] == topics[one["external_id"]] for one in press)

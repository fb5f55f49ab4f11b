from datetime import date, timedelta

import pytest

from bot.cli.since import day_back
from bot.core.intake import BadLine, read_tried
from bot.core.normalise import normalise
from bot.core.rules.backtesting import Backtest, Found, Tried, stored
from bot.core.rules.judging.subject import Subject
from bot.core.rules.rule import RuleSet
from bot.core.rules.tallies import Axis, Listed, Score, Shown, added, monday
from scrapers.model import Draft
from tests.fakes import SOURCE, START, rule

DAY = date(2026, 11, 2)


def tried(number: int, title: str, *, day: date | None = DAY, **labels: bool) -> Tried:
    return Tried(id=number, subject=Subject(title=title, published=day), day=day, labels=labels)


def whole(number: int, title: str, *labels: str) -> Tried:
    return Tried(
        id=number, subject=Subject(title=title), day=DAY, labels=dict.fromkeys(labels, True), all_labelled=True
    )


def ran(backtest: Backtest, *some: Tried) -> Backtest:
    for one in some:
        backtest.take(one)
    return backtest


STEEL, PLYWOOD = rule("steel", any=["steel"]), rule("plywood", any=["plywood"])


def test_all_rules_are_held_against_each_release_and_found_in_their_order() -> None:
    backtest = Backtest([PLYWOOD, STEEL])
    found = backtest.take(tried(1, "Steel and plywood"))
    assert [(one.rule.id, [place.text for place in one.evidence]) for one in found] == [
        ("plywood", ["plywood"]),
        ("steel", ["Steel"]),
    ]
    ran(backtest, tried(2, "Steel"), tried(3, "A visit"))
    assert (backtest.releases, backtest.matched) == (3, 2)
    assert [backtest.tallies[name].matches for name in ("steel", "plywood")] == [2, 1]


def test_a_backtest_says_of_stored_releases_what_the_rules_in_force_say() -> None:
    rules = [STEEL, PLYWOOD, rule("not", when="title:steel NOT plywood"), rule("korean", any=["관세"])]
    titles = ["Steel", "Steel, plywood", "상호관세와 관세", "A visit"]
    backtest, in_force = Backtest(rules), RuleSet(rules)
    for number, title in enumerate(titles):
        release = normalise(Draft(id=str(number), title=title, body="Text."), SOURCE, now=START)
        told = [(one.rule.id, one.evidence) for one in backtest.take(stored(release, {}))]
        assert told == [(one.rule, one.evidence) for _, one in in_force.matches(release, at=START)]


def test_gained_and_lost_are_what_only_one_version_finds() -> None:
    old = [rule("steel", any=["iron"]), rule("gone", any=["visit"])]
    backtest = Backtest([STEEL, PLYWOOD], old)
    ran(backtest, tried(1, "Steel"), tried(2, "Iron"), tried(3, "Steel and iron"), tried(4, "A visit of plywood"))
    tallies = backtest.tallies
    assert (tallies["steel"].gained.ids, tallies["steel"].lost.ids) == ([1], [2])
    assert (tallies["gone"].standing, tallies["gone"].lost.ids, tallies["gone"].matches) == ("only old", [4], 0)
    assert (tallies["plywood"].standing, tallies["plywood"].gained.ids) == ("only new", [4])
    assert tallies["steel"].lost.newest[0].words == ("Iron",)
    summary = backtest.summary()
    assert (summary["total"]["gained"], summary["total"]["lost"]) == (2, 2)
    assert summary["rules"]["steel"]["lost_releases"] == [2]


def test_without_another_version_nothing_is_gained() -> None:
    backtest = ran(Backtest([STEEL]), tried(1, "Steel"))
    assert not backtest.tallies["steel"].gained
    assert "gained" not in backtest.summary()["rules"]["steel"]


def test_a_label_says_yes_or_no_of_one_rule_and_nothing_of_the_others() -> None:
    backtest = ran(
        Backtest([STEEL, PLYWOOD]),
        tried(1, "Steel", steel=True),
        tried(2, "Steel", steel=False),
        tried(3, "Iron", steel=True),
        tried(4, "Iron", steel=False),
        tried(5, "Steel and plywood"),
    )
    tally = backtest.tallies["steel"]
    assert (tally.wrong.ids, tally.missed.ids) == ([2], [3])
    assert backtest.score(tally) == Score(4, 1, 1, 1)
    assert backtest.score(backtest.tallies["plywood"]) == Score()


def test_a_line_with_labels_is_labelled_for_all_rules() -> None:
    backtest = ran(Backtest([STEEL, PLYWOOD]), whole(1, "Steel", "steel"), whole(2, "Plywood"), whole(3, "x", "steel"))
    assert backtest.score(backtest.tallies["steel"]) == Score(3, 1, 0, 1)
    assert backtest.score(backtest.tallies["plywood"]) == Score(3, 0, 1, 0)
    assert backtest.total == Score(6, 1, 1, 1)
    assert not backtest.strange
    assert ran(backtest, whole(4, "x", "stel")).strange == {"stel"}


def test_precision_and_recall_are_none_where_they_mean_nothing() -> None:
    assert (Score().precision, Score().recall) == (None, None)
    assert (Score(4, 1, 1, 3).precision, Score(4, 1, 1, 3).recall) == (0.5, 0.25)
    assert added([Score(1, 2, 3, 4), Score(1, 1, 1, 1)]) == Score(2, 3, 4, 5)


def test_the_newest_are_shown_and_all_are_counted() -> None:
    listed = Listed(2)
    for number, days in enumerate((1, 5, 3, 5, 2)):
        day = DAY + timedelta(days=days)
        listed.add(number, day, lambda day=day, number=number: Shown(day, number, ""))  # type: ignore[misc]
    assert [one.release for one in listed.newest] == [1, 3]
    assert (len(listed), listed.ids) == (5, [0, 1, 2, 3, 4])


def test_words_are_looked_for_only_where_they_are_shown() -> None:
    listed, asked = Listed(1), []
    for number in range(5):
        listed.add(number, DAY, lambda number=number: asked.append(number) or Shown(DAY, number, ""))  # type: ignore[misc,func-returns-value]
    assert asked == [0]


def test_weeks_begin_on_monday_and_a_release_without_a_day_is_in_none() -> None:
    assert monday(date(2026, 11, 8)) == DAY == monday(DAY)
    backtest = ran(Backtest([STEEL]), tried(1, "Steel", day=date(2026, 11, 8)), tried(2, "Steel", day=None))
    assert backtest.summary()["rules"]["steel"]["weeks"] == {"2026-11-02": 1}
    assert backtest.tallies["steel"].matches == 2
    assert Backtest([STEEL]).axis() is None


@pytest.mark.parametrize(("weeks", "columns", "each"), [(1, 1, 1), (52, 52, 1), (53, 27, 2), (520, 52, 10)])
def test_the_chart_fits(weeks: int, columns: int, each: int) -> None:
    axis = Axis.over(DAY, DAY + timedelta(weeks=weeks - 1))
    assert (axis.columns, axis.weeks) == (columns, each)


def test_the_chart_shows_every_week_and_those_without_a_match() -> None:
    weeks = {DAY: 8, DAY + timedelta(weeks=2): 1, DAY + timedelta(weeks=3): 4}
    assert Axis.over(DAY, DAY + timedelta(weeks=4)).bars(weeks) == ("█·▁▄·", 8)
    assert Axis.over(DAY, DAY + timedelta(weeks=4), columns=3).bars(weeks) == ("█▅·", 8)
    assert Axis.over(DAY, DAY).bars({}) == ("·", 0)


def test_a_line_is_called_as_it_says_and_its_offsets_fit_the_clean_text() -> None:
    line = '{"id": 7, "title": "New  <b>steel</b> duty", "body": "", "labels": ["steel"], "published": "2026-11-02"}'
    one = read_tried(line, {}, now=START)
    assert (one.id, one.day, one.labels, one.all_labelled) == (7, DAY, {"steel": True}, True)
    [place] = Found(one, STEEL).evidence
    assert (one.subject.title, one.subject.title[place.start : place.end]) == ("New steel duty", "steel")
    bare = read_tried('{"title": "Steel"}', {}, now=START)
    assert (len(str(bare.id)), bare.day, bare.all_labelled) == (16, None, False)
    assert read_tried('{"title": "Steel", "labels": []}', {}, now=START).all_labelled


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"title": "x", "labels": "steel"}', "labels must be a list"),
        ('{"title": "x", "labels": [1]}', "labels must be a list"),
        ('{"title": "x", "published": "soon"}', "the date 'soon'"),
        ('{"body": " "}', "neither a title nor a body"),
        ("{", "not JSON"),
    ],
)
def test_a_line_that_is_no_release_says_why(line: str, why: str) -> None:
    with pytest.raises(BadLine, match=why):
        read_tried(line, {}, now=START)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30d", "2026-03-01"),
        ("2w", "2026-03-17"),
        ("1m", "2026-02-28"),
        ("1y", "2025-03-31"),
        ("25m", "2024-02-29"),
        ("2025-12-24", "2025-12-24"),
        ("99999y", "0001-01-01"),
    ],
)
def test_since(text: str, day: str) -> None:
    assert day_back(text, today=date(2026, 3, 31)).isoformat() == day


@pytest.mark.parametrize("text", ["", "d", "3 days", "1x", "yesterday", "-3d"])
def test_no_since(text: str) -> None:
    with pytest.raises(ValueError, match="isoformat"):
        day_back(text, today=DAY)

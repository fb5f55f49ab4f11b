"""The states of a source, and what the operator is told: each trouble once, and once that it is over."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.core.watching import Seen, deliveries, given_up, refused, seen_in, taken, unsure, watch
from bot.model import Condition, Decision, Filed, Notice, Poll, Polled, Reason, Standing, Trouble
from tests.core.test_stories import release
from tests.fakes import START

SOURCE = "demo/press"
EVERY = timedelta(minutes=10)


def polled(kind: str = "", *, new: int = 0, at: datetime = START, error: str = "", **keys: object) -> Seen:
    """What a poll brought: by default an unchanged page; `kind` is how it failed."""
    result = Polled.FAILED if kind else Polled.OK if new or keys.get("notice") else Polled.UNCHANGED
    poll = Poll(
        source=SOURCE,
        at=at,
        result=result,
        new=new,
        error=error or kind,
        notice=str(keys.pop("notice", "")),
        baseline=bool(keys.pop("baseline", False)),
    )
    trouble = Trouble(kind) if kind in set(Trouble) else None
    return Seen(poll=poll, every=EVERY, trouble=trouble, **keys)  # type: ignore[arg-type]


@dataclass
class Watched:
    """A source that is polled every ten minutes."""

    condition: Condition = field(default_factory=lambda: Condition(source=SOURCE))
    at: datetime = START

    def poll(self, seen: Seen | str = "") -> list[Notice]:
        seen = polled(seen) if isinstance(seen, str) else seen
        at = replace(seen, poll=replace(seen.poll, at=self.at))
        self.condition, told = watch(self.condition, at, self.at)
        self.at += EVERY
        return list(told)

    def polls(self, kinds: Iterable[Seen | str]) -> list[str]:
        """Kinds of the notices, a heal with a plus before it; a point for a poll that tells nothing."""
        said = []
        for kind in kinds:
            said += [("+" if one.healed else "") + one.trouble for one in self.poll(kind)] or ["."]
        return said


def test_the_third_failure_in_a_row_is_told_once() -> None:
    here = Watched()
    assert here.polls(["unreachable"] * 6) == [".", ".", "unreachable", ".", ".", "."]
    assert here.condition.standing is Standing.BROKEN
    assert here.condition.since == START


def test_two_failures_are_told_to_nobody() -> None:
    here = Watched()
    assert here.polls(["unreachable", "layout"]) == [".", "."]
    assert (here.condition.standing, here.condition.failures) == (Standing.FAILING, 2)
    assert here.polls(["", "unreachable", "unreachable", ""]) == ["."] * 4
    assert here.condition == Condition(source=SOURCE)


def test_a_heal_is_told_once_and_says_how_long_it_lasted() -> None:
    here = Watched()
    here.polls(["unreachable"] * 20)
    (healed,) = here.poll()
    assert (healed.healed, healed.about, healed.title) == (True, SOURCE, "demo/press: it is read again")
    assert "for 3 hours 20 minutes, from 2026-11-02 09:00 UTC to 2026-11-02 12:20 UTC: 20 polls" in healed.text
    assert here.polls(["", ""]) == [".", "."]
    assert here.condition == Condition(source=SOURCE)


def test_another_trouble_in_the_same_episode_is_told_once() -> None:
    here = Watched()
    kinds = ["unreachable"] * 3 + ["layout", "layout", "unreachable", "layout", "", ""]
    assert here.polls(kinds) == [".", ".", "unreachable", "layout", ".", ".", ".", "+unreachable", "."]


def test_a_new_episode_is_another_notice() -> None:
    here = Watched()
    keys = []
    for _ in range(3):
        for kind in ("layout", "layout", "layout", ""):
            keys += [(one.healed, one.key) for one in here.poll(kind)]
    assert [healed for healed, _ in keys] == [False, True] * 3
    assert len(set(keys)) == 6


def test_a_bug_is_a_failure_too() -> None:
    here = Watched()
    told = [one for _ in range(4) for one in here.poll("a bug, see the log: ValueError('x')")]
    assert [one.title for one in told] == ["demo/press: its polls fail"]
    assert "a bug, see the log: ValueError('x')." in told[0].text


def test_items_that_cannot_be_read_are_no_failure_of_the_source() -> None:
    here = Watched()
    seen = polled(new=3, error="2 items are not read yet: reset")
    assert here.polls([seen] * 5) == ["."] * 5
    assert here.condition.standing is Standing.OK


def test_an_unchanged_page_changes_nothing() -> None:
    """So nothing is written."""
    here = Watched()
    here.poll(polled(new=2, days=(START.date(),)))
    before = here.condition
    here.polls([""] * 5)
    assert here.condition == before


def test_what_the_operator_reads_of_a_host_that_is_away() -> None:
    here = Watched()
    error = "https://press.example/list: answered 503"
    (told,) = [one for _ in range(3) for one in here.poll(polled("unreachable", error=error))]
    assert told.title == "demo/press: it cannot be reached"
    assert told.text == (
        "The last try ended with: https://press.example/list: answered 503. 3 polls in a row have failed since"
        " 2026-11-02 09:00 UTC. It is tried again every 10 minutes; `tocsin polls --source demo/press` shows the tries."
    )


def test_what_the_operator_reads_of_a_changed_layout() -> None:
    here = Watched()
    error = "0 items on the page,\nand\x1b[31m there must be at least 5"
    (told,) = [one for _ in range(3) for one in here.poll(polled("layout", error=error))]
    assert told.title == "demo/press: the layout has changed"
    assert told.text == (
        "The page is not as the source file says: 0 items on the page, and[31m there must be at least 5. 3 polls in a"
        " row have failed since 2026-11-02 09:00 UTC. Nothing of it is read until its source file is mended:"
        " `tocsin try demo/press` shows what is found."
    )


def test_an_error_without_end_is_cut() -> None:
    here = Watched()
    (told,) = [one for _ in range(3) for one in here.poll(polled("layout", error="x" * 10_000))]
    assert len(told.text) < 700
    assert "x…. " in told.text


def test_each_gap_is_told_with_its_time() -> None:
    here = Watched()
    here.poll(polled(new=1))
    here.poll()
    (first,) = here.poll(polled(new=10, gap=True, error="all of it is new"))
    (second,) = here.poll(polled(new=10, gap=True, error="all of it is new"))
    assert first.trouble is Trouble.GAP
    assert first.text.startswith(
        "Between 2026-11-02 09:00 UTC and 2026-11-02 09:20 UTC more may have come than the list shows: all of it is new."
    )
    assert "`tocsin backfill demo/press --pages 10`" in first.text
    assert first.key != second.key


def test_a_gap_of_which_nothing_can_be_read_is_one_event() -> None:
    here = Watched()
    here.poll(polled(new=1))
    unread = polled(gap=True, error="10 items are not read yet")
    assert len({one.key for _ in range(3) for one in here.poll(unread)}) == 1


def test_a_mass_change_is_told_and_is_no_news() -> None:
    here = Watched()
    here.poll(polled(new=1))
    (told,) = here.poll(polled(new=9, notice="9 of 10 listed releases have another id at once; look at `x`"))
    assert told.trouble is Trouble.MASS
    assert told.text == "At 2026-11-02 09:10 UTC: 9 of 10 listed releases have another id at once; look at `x`."
    assert here.condition.last_news == START
    (other,) = here.poll(polled(notice="8 of 10 listed releases have another text at once"))
    assert other.key != told.key


@pytest.mark.parametrize(
    "seen",
    [
        polled("unreachable"),
        polled("layout"),
        polled(new=5, gap=True),
        polled(new=5, notice="most of it"),
        polled(),
    ],
    ids=["unreachable", "layout", "gap", "mass", "heal"],
)
def test_a_poll_that_is_repeated_after_a_crash_tells_the_same(seen: Seen) -> None:
    """Its identity hangs on what was stored before it, not on when it was tried."""
    here = Watched()
    here.polls([polled(new=1), *["layout" if seen.trouble is not Trouble.LAYOUT else "unreachable"] * 3])
    before, tried = here.condition, []
    for minutes in (0, 1, 60 * 25):
        here.condition, here.at = before, START + timedelta(hours=1, minutes=minutes)
        tried.append([(one.trouble, one.healed, one.about, one.key) for one in here.poll(seen)])
    assert tried[0] == tried[1] == tried[2] != []


def test_durations_are_never_negative() -> None:
    here = Watched()
    here.polls(["unreachable"] * 3)
    here.at -= timedelta(days=1)
    (healed,) = here.poll()
    assert "for less than a minute" in healed.text


def test_what_a_decision_says_of_a_poll() -> None:
    poll = Poll(source=SOURCE, at=START, result=Polled.OK, new=2)
    dated, undated = release("1", "A", "a"), replace(release("2", "B", "b"), published=None)
    filed = tuple(Filed(release=one, story="s") for one in (dated, undated))
    seen = seen_in(Decision(poll=poll, filed=filed), every=EVERY, gap=True)
    assert (seen.poll, seen.days, seen.gap, seen.failed) == (poll, (dated.published,), True, False)


def test_a_notice_becomes_one_promise_for_each_recipient() -> None:
    here = Watched()
    told = [one for kind in ("layout", "layout", "layout", "") for one in here.poll(kind)]
    promised = deliveries(told, "ops", ("a", "b"), START)
    assert [(one.channel, one.recipient, one.reason) for one in promised] == [
        ("ops", "a", Reason.TROUBLE),
        ("ops", "b", Reason.TROUBLE),
        ("ops", "a", Reason.HEALED),
        ("ops", "b", Reason.HEALED),
    ]
    assert len({one.id for one in promised}) == 4
    first = promised[0]
    assert (first.source, first.about, first.rule, first.release, first.change) == (SOURCE, SOURCE, "", "", told[0].key)
    assert (first.message.reason, first.message.title, first.message.lead) == (
        first.reason,
        told[0].title,
        told[0].text,
    )
    assert deliveries(told, "ops", (), START) == ()


def test_the_same_news_is_the_same_promise() -> None:
    one, again = (deliveries([given_up("mail", "550 no", START)], "ops", ("",), at) for at in (START, START + EVERY))
    assert one[0].id == again[0].id


def test_dead_letters_are_told_once_a_day_and_channel() -> None:
    tomorrow = START + timedelta(days=1)
    told = [given_up("mail", "550 no", START), given_up("mail", "late", START + EVERY), given_up("chat", "x", START)]
    told += [given_up("mail", "550 no", tomorrow), unsure("mail", "silence", START)]
    assert len({deliveries([one], "ops", ("",), START)[0].id for one in told}) == 4
    assert all(one.source == "" for one in deliveries(told, "ops", ("",), START))
    assert "given up at 2026-11-02 09:00 UTC: 550 no." in told[0].text
    assert "`tocsin outbox --dead`" in told[0].text


def test_refused_files_are_told_with_their_first_problems() -> None:
    problems = [f"rules/x.toml:{n}: wrong\x07" for n in range(7)]
    told = refused(problems, START)
    assert told.text.splitlines()[1:] == [*(f"rules/x.toml:{n}: wrong" for n in range(5)), "and 2 more"]
    assert "`tocsin check`" in told.text
    healed = taken(START, START + timedelta(days=2, hours=1, minutes=5))
    assert "for 2 days 1 hour, since 2026-11-02 09:00 UTC" in healed.text
    assert (healed.trouble, healed.healed) == (Trouble.REFUSED, True)


def test_the_same_problems_are_told_once_until_they_are_mended() -> None:
    same = {refused(["a", "b"], START).key for _ in range(2)}
    others = {refused(["a"], START).key, refused(["a", "b"], START + EVERY).key}
    assert len(same) == 1
    assert len(same | others) == 3

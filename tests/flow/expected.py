"""What must hold of an outbox at any time, whatever has happened to it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.core.timing import Timing, quiet_until
from bot.model import Mute, Target
from tests.fakes import Item
from tests.flow.postbox import EFFORT, SLOWLY, TARGETS, Answer, Bot, Line, Row, Try

HOUR = timedelta(hours=1)
TRIED = {"sent", "retry", "refused", "ambiguous", "given-up"}
"""Events of the ledger that tell how a try ended."""
NO = {Answer.BUSY, Answer.LATER, Answer.REFUSED}
"""Answers after which it surely has not arrived."""
ENDS = {"sent": {"sent"}, "ambiguous": {"ambiguous"}, "dead": {"refused", "given-up"}}
"""The last event of what has ended so."""


def told_of(item: Item) -> list[Target]:
    """Who is told of an item."""
    channels = {"chat", "hold"} if item.title.startswith("Tariff") else {"mail", "hold"}
    return [target for target in TARGETS if target.channel in channels]


@dataclass(frozen=True)
class Muted:
    """A mute, and what it does not hold: what was leaving already."""

    mute: Mute
    free: frozenset[str]

    def holds(self, row: Row, at: datetime) -> bool:
        """True if an alert must not leave at that time."""
        name, kind = self.mute.name, self.mute.kind
        about = fnmatchcase(row.source, name) if kind == "source" else name == getattr(row, kind)
        return about and self.mute.until > at and row.id not in self.free


@dataclass
class Expected:
    """What the world knows of the bot: what it may still do, and what it must not."""

    bot: Bot
    published: list[Item] = field(default_factory=list)
    promised: set[tuple[Target, str]] = field(default_factory=set)
    mutes: list[Muted] = field(default_factory=list)
    was: dict[str, Row] = field(default_factory=dict)
    """The outbox, when it was last looked at."""
    lines: list[Line] = field(default_factory=list)
    """The ledger then."""
    seen: int = 0
    """So many tries there were then."""
    excuses: Counter[str] = field(default_factory=Counter)
    """How often a process ended that had tried a letter and not recorded how that ended."""
    tried: Counter[str] = field(default_factory=Counter)
    """How often each letter had been tried at the last of these ends."""
    revived: Counter[str] = field(default_factory=Counter)
    leaves_since: dict[str, float] = field(default_factory=dict)
    """By the monotonic clock; for ever, if the clock has been set since."""
    counted_from: dict[Target, int] = field(default_factory=dict)
    """The try from which on the limit of a target is kept."""
    uncounted: set[str] = field(default_factory=set)
    """Letters that leave whatever the limit says."""

    # --- what is noted ----------------------------------------------------------------------------------------------

    def the_courier_ran(self, since: float) -> None:
        for row in self.bot.rows().values():
            if not row.digest and (row.is_leaving or row.is_over):
                self.leaves_since.setdefault(row.id, since)

    def the_process_ends(self) -> None:
        """What it was sending, or could not record, may have arrived."""
        tried = Counter(one.letter.id for one in self.bot.receivers.tries)
        for row in self.bot.rows().values():
            if row.state == "sending" and tried[row.id] > self.tried[row.id]:
                self.excuses[row.id] += 1
                self.tried[row.id] = tried[row.id]

    def times_are_reconsidered(self) -> None:
        """A mute is no longer than it was meant, though the clock was set back."""
        now, kept = self.bot.clock.now(), []
        for one in self.mutes:
            late = max(timedelta(0), one.mute.since - now)
            meant = replace(one.mute, since=one.mute.since - late, until=one.mute.until - late)
            kept.append(replace(one, mute=meant))
        self.mutes = kept

    def the_clock_was_set(self, *, away: bool) -> None:
        """How much has come within the hour cannot be told; and if nobody saw it, how long something has been tried."""
        for row in self.bot.rows().values() if away else ():
            if row.is_leaving:
                self.leaves_since[row.id] = float("-inf")
        for target in TARGETS:
            self.count_anew(target)

    def count_anew(self, target: Target) -> None:
        """The limit holds for what begins to leave from now on."""
        self.counted_from[target] = len(self.bot.receivers.tries)
        self.uncounted |= {row.id for row in self.bot.rows().values() if row.target == target and row.is_leaving}

    def is_muted(self, mute: Mute) -> None:
        self.is_unmuted(mute)
        free = (row.id for row in self.bot.rows().values() if row.state != "held" or row.digest)
        self.mutes.append(Muted(mute, frozenset(free)))

    def is_unmuted(self, mute: Mute) -> None:
        self.mutes = [one for one in self.mutes if (one.mute.kind, one.mute.name) != (mute.kind, mute.name)]

    def are_revived(self, letters: set[str]) -> None:
        self.revived.update(letters)
        self.uncounted |= letters
        self.leaves_since.update(dict.fromkeys(letters, self.bot.clock.monotonic()))

    # --- what must hold ---------------------------------------------------------------------------------------------

    def holds(self) -> None:
        """Raises AssertionError if something is wrong."""
        rows, tries = self.bot.rows(), self.bot.receivers.tries
        self._nothing_vanishes(rows)
        self._nothing_is_given_up_early(rows)
        self._digests_hold_together(rows)
        self._the_ledger_grows(rows)
        self._each_comes_at_its_time(rows, tries[self.seen :])
        self._each_comes_once(tries)
        self._the_limit_is_kept(tries)
        self.was, self.seen = rows, len(tries)

    def nothing_is_left_lying(self) -> None:
        """After the courier has run, all that is due has been tried, but where it lets a target be."""
        for row in self.bot.rows().values():
            if row.next_at is not None and not self.bot.is_left_alone(row.target):
                assert row.next_at > self.bot.clock.now(), row

    def all_has_come(self) -> None:
        """Each alert has arrived, or is shown as one that has not; and so for all that was published."""
        rows = self.bot.rows().values()
        arrived = {told for one in self.bot.receivers.tries if one.arrived for told in one.told}
        for row in rows:
            assert row.is_over
            assert row.state != "sent" or row.reason == "digest" or (row.target, row.title) in arrived, row
        told = {(row.target, row.title) for row in rows}
        assert all((target, item.title) in told for item in self.published for target in told_of(item))

    def _nothing_vanishes(self, rows: dict[str, Row]) -> None:
        stored, told = self.bot.stored(), {(row.target, row.title) for row in rows.values()}
        assert self.was.keys() <= rows.keys()
        assert self.promised <= told
        for item in self.published:
            assert item.title not in stored or all((target, item.title) in told for target in told_of(item)), item
        for row in rows.values():
            waits_in_a_digest = row.state == "held" and row.digest
            assert (row.next_at is None) == bool(row.is_over or waits_in_a_digest), row
            assert (row.ended is not None) == row.is_over, row
            assert row.state == "sent" or row.id not in self.was or self.was[row.id].state != "sent", row

    def _nothing_is_given_up_early(self, rows: dict[str, Row]) -> None:
        """What nobody has refused is tried for as long as the settings say."""
        refused = {one.delivery for one in self.bot.lines() if one.event == "refused"}
        for row in rows.values():
            if row.state == "dead" and row.id not in refused and self._state_was(row) != "dead":
                since = self.leaves_since.get(row.digest or row.id, self.bot.clock.monotonic())
                assert self.bot.clock.monotonic() - since >= EFFORT.give_up.total_seconds(), row

    def _state_was(self, row: Row) -> str:
        return self.was[row.id].state if row.id in self.was else ""

    def _digests_hold_together(self, rows: dict[str, Row]) -> None:
        members = defaultdict(list)
        for row in rows.values():
            if row.digest:
                members[row.digest].append(row)
        assert members.keys() == {row.id for row in rows.values() if row.reason == "digest"}
        for name, held in members.items():
            wanted = (rows[name].state, rows[name].ended) if rows[name].is_over else ("held", None)
            assert {(row.state, row.ended) for row in held} == {wanted}
            assert {row.target for row in held} == {rows[name].target}
            assert len(held) > 1

    def _the_ledger_grows(self, rows: dict[str, Row]) -> None:
        """It holds a line for each decision and each try, and the lines stay as they are."""
        lines, events = self.bot.lines(), defaultdict(list)
        assert lines[: len(self.lines)] == self.lines
        for line in lines:
            events[line.delivery].append(line.event)
        assert events.keys() == rows.keys()
        for name, row in rows.items():
            first = "put-together" if row.reason == "digest" else "promised"
            assert events[name].count(first) == (events[name][0] == first) == 1
            assert events[name].count("sent") == (row.state == "sent")
            assert not row.is_over or events[name][-1] in ENDS[row.state]
        for name, many in Counter(one.letter.id for one in self.bot.receivers.tries).items():
            unrecorded = self.excuses[name] + (rows[name].state == "sending")
            assert sum(event in TRIED for event in events[name]) + unrecorded >= many
        self.lines = lines

    def _each_comes_at_its_time(self, rows: dict[str, Row], tries: Iterable[Try]) -> None:
        """Not in quiet hours, and not while it is muted."""
        alerts = {(row.target, row.title): row for row in rows.values()}
        tried = {one.letter.id for one in self.bot.receivers.tries[: self.seen]}
        for one in tries:
            began = one.at - SLOWLY if one.answer is Answer.SLOW else one.at
            timing = self.bot.timings.get(one.target.channel, Timing())
            if not rows[one.letter.id].urgent:
                assert quiet_until(timing.quiet, began, timing.zone) is None, one
            for told in one.told if one.letter.id not in tried else ():
                assert not any(mute.holds(alerts[told], began) for mute in self.mutes), one
            tried.add(one.letter.id)

    def _each_comes_once(self, tries: list[Try]) -> None:
        """But for what may have arrived, and then it says so; and always in the letter that may have arrived."""
        letters, copies = defaultdict(set), Counter[str]()
        for one in tries:
            channel, letter = one.target.channel, one.letter.id
            for told in one.told if one.answer not in NO and channel != "ops" else ():
                letters[told].add(letter)  # (notices of two days have one title)
            assert one.is_marked or not copies[letter] or channel == "mail", one
            copies[letter] += one.arrived
            assert channel != "hold" or copies[letter] <= 1 + self.revived[letter], one
        assert all(len(found) == 1 for found in letters.values())
        unclear = Counter(one.letter.id for one in tries if one.answer is Answer.UNKNOWN)
        for letter, many in copies.items():
            assert many <= 1 + unclear[letter] + self.excuses[letter], letter

    def _the_limit_is_kept(self, tries: list[Try]) -> None:
        """In any hour no more come than the limit says, but for what a summary needs because it is long."""
        exempt = self.uncounted | self.excuses.keys() | self._further_parts()
        exempt |= {one.letter.id for one in tries if one.answer is Answer.UNKNOWN}
        for target in TARGETS:
            limit = self.bot.timings.get(target.channel, Timing()).max_per_hour
            came = [one for one in tries[self.counted_from.get(target, 0) :] if one.target == target and one.arrived]
            times = [one.passed for one in came if one.letter.id not in exempt]
            for number, at in enumerate(times[limit:] if limit else ()):
                assert at - times[number] >= HOUR.total_seconds(), target

    def _further_parts(self) -> set[str]:
        """The digests that a long summary took beyond its first message."""
        groups = defaultdict(list)
        for line in self.lines:
            if (line.event, line.reason) == ("put-together", "digest"):
                groups[line.target, line.at].append(line.delivery)
        spared = 0 if self.bot.receivers.fits == 2 else 1  # of an odd number of alerts, one is no digest
        return {name for names in groups.values() for name in names[spared:]}

"""Whether all give the right answers: a slow, obvious judge decides, once where all must say the same and once where
they may read a text in different ways."""  # noqa: D205, D209

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.asked import Ask, Asked, Group, holds, in_our_language, tokens
from benchmarks.figures import show
from benchmarks.race import OURS, Scale, seated
from benchmarks.turns import EXACT, Seat, write_for_java
from benchmarks.workload import Text, Workload, plainly, save
from bot.core.text import fold, singular

RULES, RELEASES = 1_000, 40


def compare(load: Workload, names: tuple[str, ...], scale: Scale) -> None:
    """Print how many answers are wrong, and what ours says of the texts as they are that peers do not."""
    with TemporaryDirectory() as folder:
        plain = plainly(load, RULES, RELEASES)
        told = _answers(plain, names, Path(folder), scale)
        truth = _truth(plain.rules, plain.unseen)
    met = sum(map(len, truth))
    for name, answers in told.items():
        false, missed = _wrong(answers, truth)
        what = f"wrong answers of {name}, {RULES:,} rules x {RELEASES} plain releases, {met:,} matches"
        if name == OURS:
            show(what, false + missed, "", goal="none", met=false + missed == 0)
        else:
            print(f"      {what}: {false:,} false, {missed:,} missed{'' if name in EXACT else ' (it cannot be exact)'}")
    with TemporaryDirectory() as folder:
        texts = load.unseen[:RELEASES]
        (answers,) = _answers(load, (OURS,), Path(folder), scale).values()
        _print_beyond(answers, load.rules[:RULES], texts)


def _answers(load: Workload, names: tuple[str, ...], folder: Path, scale: Scale) -> dict[str, list[set[int]]]:
    save(load, folder)
    write_for_java(load, folder)
    with seated(names, folder, RULES, scale) as seats:
        return {name: _asked(seat) for name, seat in seats.items()}


def _asked(seat: Seat) -> list[set[int]]:
    return [set(one) for one in seat.ask("answer", 0, RELEASES)["answers"]]


def _truth(rules: list[Asked], texts: list[Text]) -> list[set[int]]:
    read = [(tokens(title), tokens(body)) for title, body in texts]
    return [{number for number, rule in enumerate(rules) if holds(rule, *text)} for text in read]


def _wrong(answers: list[set[int]], truth: list[set[int]]) -> tuple[int, int]:
    pairs = list(zip(answers, truth, strict=True))
    return sum(len(said - right) for said, right in pairs), sum(len(right - said) for said, right in pairs)


# --- the texts as they are -------------------------------------------------------------------------------------------


def _print_beyond(answers: list[set[int]], rules: list[Asked], texts: list[Text]) -> None:
    """What ours says of texts as they are, and why it is not what peers say, word by word as written."""
    truth = _truth(rules, texts)
    why: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for said, right, text in zip(answers, truth, texts, strict=True):
        for number in said ^ right:
            reason = _reason(rules[number], text, said=number in said)
            why[reason] += 1
            examples.setdefault(reason, in_our_language(rules[number]))
    print(f"      of the texts as they are we report {sum(map(len, answers)):,}, peers {sum(map(len, truth)):,}:")
    for reason, many in why.most_common():
        print(f"        {many:,} {reason}, as in {examples[reason]}", flush=True)


def _reason(rule: Asked, text: Text, *, said: bool) -> str:
    """The least that explains our answer."""
    read = [tokens(fold(field)) for field in text]
    stems = [list(map(singular, words)) for words in read]
    if holds(_singular(rule), *stems) == said:
        return "since plurals are one with their singular"
    if not said:
        return "since the words of a phrase stand on both sides of the end of a sentence"
    return "since a hyphen, a space or nothing between two words is one"


def _singular(rule: Asked) -> Asked:
    if isinstance(rule, Group):
        return Group(rule.kind, tuple(map(_singular, rule.parts)))
    words = rule.words if rule.kind == "start" else tuple(map(singular, rule.words))
    return Ask(rule.kind, words, rule.within, rule.title)

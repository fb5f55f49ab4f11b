"""What is allowed in rules and lists of words, but hardly meant: warnings, each with its reason."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.rules.language.parsing import Lists, parse_entry
from bot.core.rules.language.tree import And, AtLeast, Compared, Leaf, Named, Not, Or, Query, Word, leaves
from bot.core.rules.review.implying import implies, interval
from bot.core.rules.review.possible import Clash, find_way
from bot.core.rules.review.swallowing import swallowed
from bot.core.rules.rule import Rule
from bot.errors import Finding

SHORT = 3
"""A beginning of fewer letters begins too many words."""
NAMED = 3
"""Words that a reason names."""
_SPOKEN = re.compile(r"(?<![^\s()])(?:and|or|not)(?![^\s()])", re.IGNORECASE)
_QUOTED = re.compile(r'=?["“”][^"“”]*["“”]|/(?:\\.|[^/\\])+/')
_LIST = re.compile(r"@([^\s()\"“”,:]+)")
_ENTRIES = ("any", "all", "none")
Entry = tuple[tuple[str | int, ...], str, Query]
"""The keys that lead to an entry, what stands there, and what it means."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about a rule, or about terms.toml."""

    rule: str
    """The id of the rule, inside which the finding's path begins; empty for terms.toml."""
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """terms.toml."""

    written: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lists: Lists = field(default_factory=dict)
    offered: Collection[str] = ()
    """Lists that are there to choose from: no matter if nobody uses them."""


def lint(rules: Sequence[Rule], terms: Terms) -> Iterator[Remark]:
    """All warnings about rules and terms; a rule that is switched off is in nobody's way, and gets none."""
    on = [rule for rule in rules if rule.spec.enabled]
    impossible: set[str] = set()
    for rule in on:
        for finding in _of_rule(rule, terms.lists):
            impossible.update({rule.id} if finding.what.startswith(_NEVER) else ())
            yield Remark(rule.id, finding)
    for rule_id, finding in swallowed([rule for rule in on if rule.id not in impossible]):
        yield Remark(rule_id, finding)
    for finding in _of_terms(rules, terms):
        yield Remark("", finding)


_NEVER = "this rule can never match"


def _of_rule(rule: Rule, lists: Lists) -> Iterator[Finding]:
    spec = rule.spec
    entries = list(_entries({key: getattr(spec, key) for key in _ENTRIES}, (), lists))
    answer = find_way(rule.query)
    if answer.is_impossible:
        yield Finding(_place(rule, answer.clashes[0], entries), f"{_NEVER}: {_because(answer.clashes)}")
    elif _is_met_by_nothing(rule.query):
        path = next((key,) for key in ("when", "none", "categories", "sources", "id") if getattr(spec, key))
        what = "this rule matches nearly everything: there is nothing that a release must have"
        yield Finding(path, what, "name words, a category or a source that must be there")
    else:
        yield from _idle(entries)
    yield from _repeated(entries)
    yield from _wordings([(("when",), spec.when), *((path, text) for path, text, _ in entries if text.startswith("("))])
    yield from _short(rule, entries)


def _entries(written: Mapping[str, Sequence[str]], above: tuple[str, ...], lists: Lists) -> Iterator[Entry]:
    """All entries of lists of words, which are known to be right."""
    for key, texts in written.items():
        for number, text in enumerate(texts):
            yield (*above, key, number), text, parse_entry(text, lists)


def _because(clashes: Sequence[Clash]) -> str:
    first = clashes[0]
    wanted, other = _shown(first.wanted), _shown(first.other)
    more = "" if len(clashes) == 1 else f", and so on in each of the {len(clashes)} ways to meet it"
    if first.wanted == first.other:
        return f"{wanted} must be there, and must not be there{more}" if first.missing else f"nothing fits {wanted}"
    if not first.missing:
        return f"nothing fits both {wanted} and {other}{more}"
    if all(one.missing and one.other == first.other for one in clashes):
        named = list(dict.fromkeys(_shown(one.wanted) for one in clashes))
        told = ", ".join([*named[:NAMED], *(["…"] if len(named) > NAMED else [])])
        return f"{other} must not be there, and stands in all that must be: {told}"
    return f"{other} must not be there, and stands in {wanted}, which must be{more}"


def _shown(leaf: Leaf) -> str:
    """A clause as its author wrote it, without the key under which it stands."""
    label = leaf.label or str(leaf)
    key, _, rest = label.partition(": ")
    return repr(rest if key in _ENTRIES else label)


def _place(rule: Rule, clash: Clash, entries: Sequence[Entry]) -> tuple[str | int, ...]:
    """Where the clause stands that must be missing, or else the other one."""
    for leaf in (clash.other, clash.wanted):
        wanted = "none" if clash.missing and leaf is clash.other else ""
        for path, _, query in entries:
            if path[0] == (wanted or path[0]) and leaf in leaves(query):
                return path
    return ("when",) if rule.spec.when else ("id",)


def _is_met_by_nothing(query: Query) -> bool:
    """True if the query holds though none of its clauses does, but those that are met by everything."""
    match query:
        case And(parts):
            return all(map(_is_met_by_nothing, parts))
        case Or(parts):
            return any(map(_is_met_by_nothing, parts))
        case AtLeast(many, parts):
            return sum(map(_is_met_by_nothing, parts)) >= many
        case Not(part):
            return not _is_met_by_nothing(part)
        case _:
            return _is_met_by_all(query)


def _is_met_by_all(leaf: Leaf) -> bool:
    """True of `category:*` and the like."""
    match leaf:
        case Named(_, name):
            return not name.strip("*")
        case Compared("words"):
            low, high = interval(leaf)
            return low <= 1 and high > 1_000_000
        case _:
            return False


def _idle(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Entries of `any` that an entry of `none` takes away again."""
    silencers = [(text, query) for path, text, query in entries if path[0] == "none"]
    for path, _, query in entries:
        by = next((text for text, other in silencers if path[0] == "any" and implies(query, other)), None)
        if by is not None:
            yield Finding(path, f"this never counts: none has {by!r}, which is in it")


def _repeated(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Entries of one list that mean what an earlier one means."""
    known: dict[tuple[tuple[str | int, ...], str], list[Entry]] = {}
    for entry in entries:
        path, text, query = entry
        alike = known.setdefault((path[:-1], _letters(query)), [])
        first = next((said for _, said, other in alike if implies(query, other) and implies(other, query)), None)
        alike.append(entry)
        if first is not None:
            same = "it stands there twice" if first == text else f"it means the same as {first!r}"
            yield Finding(path, same, "one of the two is enough")


def _letters(query: Query) -> str:
    """Equal for what may mean the same."""
    return "".join(query.term.words) if isinstance(query, Word) else str(query)


def _wordings(written: Sequence[tuple[tuple[str | int, ...], str]]) -> Iterator[Finding]:
    """Words that were meant as AND, OR or NOT."""
    for path, text in written:
        plain = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), text)
        for found in _SPOKEN.finditer(plain):
            word = found[0]
            if not word.isupper():
                what = f"{word!r} is looked for as a word"
                hint = f'write {word.upper()} if you mean the operator, or "{word}" in quotes if you mean the word'
                yield Finding(path, what, hint, found.start())


def _short(rule: Rule, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Beginnings that begin too many words."""
    for path, _, query in entries:
        if isinstance(query, Word) and _is_short(query):
            yield _too_short(query, path)
    mine = {leaf: None for leaf in leaves(rule.query) if leaf.label.partition(": ")[0] not in _ENTRIES}
    for leaf in mine:
        if isinstance(leaf, Word) and not leaf.label.startswith("@") and _is_short(leaf):
            at = rule.spec.when.find(leaf.term.written)
            yield _too_short(leaf, ("when",), at if at >= 0 else None)


def _is_short(leaf: Word) -> bool:
    word = leaf.term.words[-1]
    return leaf.term.prefix and len(leaf.term.words) == 1 and word.isascii() and len(word) < SHORT


def _too_short(leaf: Word, path: tuple[str | int, ...], at: int | None = None) -> Finding:
    what = f"{leaf.term.words[-1]}* finds every word that begins so"
    return Finding(path, what, f"give at least {SHORT} letters before the *", at)


def _of_terms(rules: Sequence[Rule], terms: Terms) -> Iterator[Finding]:
    used = _used(rules, terms.written)
    for name in terms.written:
        if name not in used and name not in terms.offered:
            yield Finding(("terms", name), f"no rule uses @{name}", "use it, or take it out", key=True)
    own = {name: texts for name, texts in terms.written.items() if name not in terms.offered}
    entries = list(_entries(own, ("terms",), terms.lists))
    yield from _repeated(entries)
    yield from _wordings([(path, text) for path, text, _ in entries if text.startswith("(")])
    for path, _, query in entries:
        if isinstance(query, Word) and _is_short(query):
            yield _too_short(query, path)


def _used(rules: Sequence[Rule], written: Mapping[str, Sequence[str]]) -> set[str]:
    """The lists that rules name, and those that these name; a rule that is switched off counts as well."""
    used: set[str] = set()
    todo = {name for rule in rules for text in _texts(rule) for name in _LIST.findall(text)}
    while todo:
        used |= todo
        named = {name for one in todo for text in written.get(one, ()) for name in _LIST.findall(text)}
        todo = named - used
    return used


def _texts(rule: Rule) -> tuple[str, ...]:
    return (rule.spec.when, *rule.spec.any, *rule.spec.all, *rule.spec.none)

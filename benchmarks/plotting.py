"""The plots and the table of docs/benchmarks.md, of a whole run."""

import os
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.race import COLD, GOALS, OURS, Row
from benchmarks.turns import JAVA

PAGE = Path(__file__).parents[1] / "docs/benchmarks.md"
PLOTS = PAGE.with_suffix("")
# Okabe and Ito's colours, which those who do not see all colours can tell apart; the marks differ, too.
LOOKS: Mapping[str, tuple[str, str]] = {
    OURS: ("#0072B2", "o"),
    "hyperscan": ("#E69F00", "s"),
    "ahocorasick_rs": ("#009E73", "^"),
    "Lucene Monitor": ("#D55E00", "D"),
    "Lucene Monitor, 20 at once": ("#CC79A7", "v"),
    "SQLite FTS5": ("#56B4E9", "P"),
    "loop of in": ("#7F7F7F", "X"),
    "loop of re": ("#000000", "*"),
}


def write(rows: list[Row], costs: Mapping[str, float]) -> None:
    """Write the plots beside docs/benchmarks.md and the table into it."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"font.size": 10, "svg.hashsalt": "tocsin", "svg.fonttype": "none", "axes.axisbelow": True})
    PLOTS.mkdir(exist_ok=True)
    _throughput(rows)
    _updates(costs)
    page = PAGE.read_text(encoding="utf-8")
    for name, lines in (("matching", _table(rows)), ("machine", _machine())):
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- /{name} -->")
        page = "\n".join([f"{before}<!-- {name} -->", *lines, f"<!-- /{name} -->{after}"])
    PAGE.write_text(page, encoding="utf-8")


def _throughput(rows: list[Row]) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 5.6), layout="constrained")
    ends = {}
    for name, (colour, mark) in LOOKS.items():
        points = sorted((row.size, row.rate) for row in rows if row.name == name)
        if points:
            ours = name == OURS
            width, size = (3.0, 8) if ours else (1.4, 6)
            axes.plot(*zip(*points, strict=True), color=colour, marker=mark, lw=width, ms=size, zorder=3 if ours else 2)
            ends[name] = points[-1]
    cold = sorted((row.size, row.rate) for row in rows if row.name == COLD)
    axes.plot(*zip(*cold, strict=True), color=LOOKS[OURS][0], marker="o", mfc="white", lw=1.4, ls="--", ms=6)
    ends |= {COLD: cold[-1]} if cold else {}
    axes.plot(*zip(*GOALS.items(), strict=True), "_", color="black", ms=26, mew=1.6)
    axes.annotate("goal", (100, GOALS[100]), xytext=(20, 12), textcoords="offset points", fontsize=9)
    axes.set(xscale="log", yscale="log", xlabel="rules", ylabel="releases a second, one core")
    axes.set_title("Never-seen releases of 250 to 650 words matched against all rules", loc="left", fontsize=11)
    axes.set_xticks([100, 1_000, 10_000, 100_000], ["100", "1,000", "10,000", "100,000"])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axes.grid(which="major", color="#DDDDDD", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    _label(axes, ends)
    _save(figure, "matching")


def _label(axes: Any, ends: Mapping[str, tuple[int, float]]) -> None:
    """Names in the margin, each beside the end of its line, none over another."""
    places = _apart({name: _height(axes, rate) for name, (_, rate) in ends.items()}, gap=0.052)
    for name, height in places.items():
        (size, rate), colour = ends[name], LOOKS[name.removesuffix(", cold")][0]
        told = f"{name}{'' if size == 100_000 else f' (to {size:,})'}"
        weight = "bold" if name == OURS else "normal"
        axes.annotate(
            told,
            (size, rate),
            xytext=(1.02, height),
            textcoords="axes fraction",
            color=colour,
            weight=weight,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6, "alpha": 0.5, "shrinkB": 5},
        )


def _height(axes: Any, rate: float) -> float:
    """Where in the plot a rate stands, from 0 at the bottom to 1."""
    _, height = axes.transAxes.inverted().transform(axes.transData.transform((100, rate)))
    return float(height)


def _apart(heights: Mapping[str, float], *, gap: float) -> dict[str, float]:
    """The same, from top to bottom, with at least `gap` between two."""
    placed: dict[str, float] = {}
    free = 1.0
    for name, height in sorted(heights.items(), key=lambda item: -item[1]):
        placed[name] = min(height, free)
        free = placed[name] - gap
    return placed


def _updates(costs: Mapping[str, float]) -> None:
    from matplotlib import pyplot

    keeping = {name: cost for name, cost in costs.items() if not name.startswith(("loop", "SQLite"))}
    ordered = sorted(keeping.items(), key=lambda item: -item[1])
    figure, axes = pyplot.subplots(figsize=(9, 0.6 + 0.45 * len(ordered)), layout="constrained")
    names = [f"{name}{'' if name in {OURS, *JAVA} else ', built anew'}" for name, _ in ordered]
    bars = axes.barh(names, [1000 * cost for _, cost in ordered], color=[LOOKS[name][0] for name, _ in ordered])
    axes.bar_label(bars, [_milliseconds(cost) for _, cost in ordered], padding=4)
    axes.set(xscale="log", xlabel="milliseconds until one more rule is in force, with 100,000 there (median)")
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, "updates")


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.0f}" if seconds > 0.01 else f"{1000 * seconds:.2f}"


def _save(figure: Any, name: str) -> None:
    figure.savefig(PLOTS / f"{name}.png", dpi=130)
    figure.savefig(PLOTS / f"{name}.svg", metadata={"Date": None})


def _table(rows: list[Row]) -> Iterable[str]:
    """Releases a second by candidate and number of rules, as rows of Markdown."""
    sizes = sorted({row.size for row in rows})
    yield "| releases a second | " + " | ".join(f"{size:,} rules" for size in sizes) + " |"
    yield "|---|" + "---:|" * len(sizes)
    yield "| *goal* | " + " | ".join(f"*{GOALS[size]:,}*" if size in GOALS else "" for size in sizes) + " |"
    rates = {(row.name, row.size): row.rate for row in rows}
    for name in (OURS, COLD, *(name for name in LOOKS if name != OURS)):
        bold = "**" if name == OURS else ""
        cells = (f"{bold}{_rate(rates.get((name, size)))}{bold}" for size in sizes)
        yield f"| {bold}{name}{', warm' if name == OURS else ''}{bold} | " + " | ".join(cells) + " |"
    matches = {row.size: row.matches for row in rows if row.name == OURS}
    yield "| *rules met by a release* | " + " | ".join(f"*{matches.get(size, 0):,.0f}*" for size in sizes) + " |"


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _machine() -> Iterable[str]:
    """One line on what the run was made with."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    versions = ", ".join(f"{name} {version(name)}" for name in ("ahocorasick-rs", "hyperscan", "google-re2"))
    import sqlite3

    yield (
        f"One core of {os.cpu_count()} ({model[1] if model else platform.machine()}), Python"
        f" {platform.python_version()}, {versions}, SQLite {sqlite3.sqlite_version}, Lucene 8 of Debian."
    )

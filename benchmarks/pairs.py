"""How well repeats are told from updates and from other events: the confusion matrix over labelled pairs."""

from collections import Counter

from benchmarks.figures import show
from bot.model import Relation
from tests.stories.pairs import confusion, files, folded

GOALS = {
    Relation.DUPLICATE: ("at least", 0.95),
    Relation.SAME_STORY: ("at least", 0.85),
    Relation.UPDATE: ("at most", 0.02),
    Relation.DIFFERENT: ("at most", 0.02),
}


def main() -> None:
    """Print the matrix of each half, and beside the goals what was reached on the half kept for testing."""
    for kind in ("learn", "test"):
        print(f"labelled pairs, {kind}ing half:" if kind == "test" else "labelled pairs, learning half:")
        print("\n".join(matrix(confusion(*files(kind)))))
    found = confusion(*files("test"))
    for label, (bound, goal) in GOALS.items():
        share = folded(found, label)
        met = share >= goal if bound == "at least" else share <= goal
        show(f"{label} folded, testing half", 100 * share, "%", goal=f"{bound} {100 * goal:g} %", met=met)


def matrix(found: Counter[tuple[Relation, Relation]]) -> list[str]:
    """The rows of a Markdown table: the labels, and how often the judge said what."""
    head = ["| label | duplicate | same-story | update | different |", "|---|---|---|---|---|"]
    return head + [f"| `{said}` | " + " | ".join(str(found[said, one]) for one in Relation) + " |" for said in Relation]


if __name__ == "__main__":
    main()

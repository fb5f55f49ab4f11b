"""Prints all figures: `make bench`."""

from benchmarks import delivering, ingesting, matching, pairs, polling, resident, starting, stories


def main() -> None:
    """Run every benchmark, one after another."""
    for module in (starting, resident, polling, ingesting, delivering, pairs, matching, stories):
        module.main()


if __name__ == "__main__":
    main()

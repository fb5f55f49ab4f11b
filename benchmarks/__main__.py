"""Prints all figures: `make bench`."""

from benchmarks import ingesting, polling, resident, starting


def main() -> None:
    """Run every benchmark, one after another."""
    for module in (starting, resident, polling, ingesting):
        module.main()


if __name__ == "__main__":
    main()

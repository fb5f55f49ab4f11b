"""The command that hands out the ledger: audit."""

from datetime import date

import click

from bot.cli.options import Session, pass_session
from bot.cli.since import SINCE

COLUMNS = (
    *("number", "at", "event", "delivery", "channel", "recipient", "rule", "rule_version", "release", "revision"),
    *("reason", "attempt", "fingerprint", "digest", "why"),
)


@click.command()
@click.option("--since", type=SINCE, metavar="SPAN", help="From this day on (UTC): 30d, 6w, 3m, 1y or 2026-01-31.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--delivery", metavar="ID", help="Only this delivery, or what this digest holds; or its beginning.")
@click.option("--release", metavar="ID", help="Only alerts on this release; or its beginning.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format jsonl.")
@pass_session
def audit(
    session: Session,
    since: date | None,
    form: str,
    delivery: str | None,
    release: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Print the ledger of deliveries.

    Every decision and every try, in their order, since the beginning unless you say otherwise: promised, held,
    put-together (into a digest), sent, retry, ambiguous, refused, given-up, tried-again. Nothing in the ledger is ever
    changed. The fingerprint is that of the text that was sent. In CSV a ' stands before what a spreadsheet would take
    for a formula.

    \b
    Examples:
      tocsin audit --since 30d > ledger.csv
      tocsin audit --release ae0dcfb0 --format jsonl
    """
    from bot.app import open_archive
    from bot.cli.output import print_csv, print_json

    with open_archive(session.load(reading=True)) as archive:
        lines = archive.ledger(since=since, delivery=delivery, release=release)
        if as_json or form == "jsonl":
            print_json(lines)
        else:
            print_csv(COLUMNS, lines)

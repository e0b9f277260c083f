"""`hyperrep-report status`: show which reports were due, and which were sent."""

from datetime import timedelta
from pathlib import Path

import click


@click.command("status")
@click.option(
    "--expect",
    is_flag=True,
    help="Exit with 1 if an expected report has not been delivered, 4 if delivery is uncertain.",
)
@click.option(
    "--grace",
    metavar="MINUTES",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="How long after its due time a report is expected.",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file that names the reports.  [default: ./hyperrep-report.toml if it exists]",
)
@click.option("--output", metavar="DIR", type=click.Path(path_type=Path), help="Archive folder.  [default: ./reports]")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON document.")
def command(*, expect: bool, grace: int, config: Path | None, output: Path | None, as_json: bool) -> int:
    """Show the last window that was due for each configured report, its state, and when the next one is due.

    Earlier windows of the last 31 days are shown if they were not sent. Needs no API key and sends no requests. On a
    terminal, the output is a table; elsewhere, each window is one line with tab-separated fields.
    """
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli.status_output import show  # noqa: PLC0415

    return show(config, output, timedelta(minutes=grace), expects=expect, as_json=as_json)

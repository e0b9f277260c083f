"""`hyperrep-report status`: show which reports were due, and which were sent."""

from datetime import timedelta
from pathlib import Path

import click


@click.command("status")
@click.option("--expect", is_flag=True, help="Exit with 1 when a reader has not what is expected, 4 when unknown.")
@click.option(
    "--grace",
    metavar="MINUTES",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="How long after its time a report is expected.",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration that names the reports, as in a run.",
)
@click.option(
    "--output", metavar="DIR", type=click.Path(path_type=Path), help="The archive's root.  [default: ./reports]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(*, expect: bool, grace: int, config: Path | None, output: Path | None, as_json: bool) -> int:
    """Show for each configured report the last window that was due, how far it has come, and when the next is due.

    Earlier windows of the last 31 days are shown when they did not go out. Needs no API key and asks nobody. On a
    terminal a table is drawn; elsewhere each window is a line, its fields divided by tabs.
    """
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli.status_output import show  # noqa: PLC0415

    return show(config, output, timedelta(minutes=grace), expects=expect, as_json=as_json)

"""`hyperrep-report due`: send the reports due now, for a scheduler that runs it every few minutes."""

from typing import Any

import click

from reporter.cli.command import shared

POLICIES = ("none", "latest", "all")


@click.command("due", params=shared("config", "output", "dry_run", "as_json", "verbose", "quiet", "log_format"))
@click.option(
    "--catch-up",
    type=click.Choice(POLICIES),
    default="latest",
    show_default=True,
    help="Of the windows that were missed: none but the last hour's, the latest of each report, or all.",
)
@click.option(
    "--max-age",
    metavar="DAYS",
    type=click.IntRange(min=1, max=366),
    default=7,
    show_default=True,
    help="What was due longer ago is not sent any more, but told of once.",
)
def command(**options: Any) -> int:
    """Send what is due by each configured report's `send_at`, and nothing twice. Meant to be run every 15 minutes.

    What was deferred, or left by a run that died, is taken up again. Nothing due: the API is not asked, and it exits
    with 0; else with the codes of a run. A report that is seen for the first time is not owed the past.
    """
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli.run_due import DueOptions, send  # noqa: PLC0415

    return send(DueOptions(**options))

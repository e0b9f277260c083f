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
    help="Missed windows to send: none except those due in the last hour, the latest of each report, or all.",
)
@click.option(
    "--max-age",
    metavar="DAYS",
    type=click.IntRange(min=1, max=366),
    default=7,
    show_default=True,
    help="Reports due longer ago than this are not sent; each is reported once.",
)
def command(**options: Any) -> int:
    """Send the reports that are due by their own `send_at`, each only once. Run this command every 15 minutes.

    Deferred emails are retried, and work left behind by a run that died is resumed. If nothing is due, no API request
    is made and the exit code is 0; otherwise, the exit codes are those of a run. A report added to the configuration is
    not sent for past periods.
    """
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli.run_due import DueOptions, send  # noqa: PLC0415

    return send(DueOptions(**options))

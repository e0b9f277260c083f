"""`hyperrep-report history`: list the ledger's records, for people and scripts."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from reporter.cli.command import PERIODS, LocalDate
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import DeliveryError, UsageError

_STATES = [state.value for state in DeliveryStatus if state is not DeliveryStatus.OUTBOX]
"""The states that a message can have in the ledger."""


@click.command("history")
@click.argument("delivery", type=int, required=False, metavar="[ID]")
@click.option("--org", "organization", metavar="ID_OR_NAME", help="Only emails of this organization.")
@click.option("--period", type=click.Choice((*PERIODS, "custom")), help="Only reports for this period.")
@click.option("--label", metavar="LABEL", help="Only this window, by its folder name in the archive, e.g. 2026-04.")
@click.option("--recipient", metavar="ADDRESS", help="Only emails to this recipient.")
@click.option(
    "--state",
    type=click.Choice(_STATES),
    help="Only emails in this state.",
)
@click.option("--since", type=LocalDate(), metavar="DATE", help="Only emails that changed on this date (UTC) or later.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Maximum number of emails to list.  [default: 50; with --json: all]",
)
@click.option("--output", metavar="DIR", type=click.Path(path_type=Path), help="Archive folder.  [default: ./reports]")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file that names the archive and the ledger.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON document.")
def command(
    *,
    delivery: int | None,
    organization: str | None,
    period: str | None,
    label: str | None,
    recipient: str | None,
    state: str | None,
    since: date | None,
    limit: int | None,
    output: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """List every email that was or will be sent, with its recipient and delivery state; the last changed comes first.

    With ID, show the full history of one email: each delivery state, with its time, run, and reason. On a terminal, the
    output is a table; elsewhere, each email is one line with tab-separated fields.
    """
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli import setup  # noqa: PLC0415
    from reporter.cli.history_output import tell, tell_story  # noqa: PLC0415
    from reporter.ledger.message_history import HistoryFilter  # noqa: PLC0415

    place = setup.archive(output, config)
    if delivery is not None:
        tell_story(place, delivery, as_json=as_json)
        return
    if recipient is not None:
        recipient = _reader(recipient)
    midnight = datetime.combine(since, time.min, UTC) if since else None
    wanted = HistoryFilter(organization, period, label, recipient, DeliveryStatus(state) if state else None, midnight)
    tell(place, wanted, limit, as_json=as_json)


def _reader(address: str) -> str:
    """The recipient as the ledger stores it, whatever the spelling of the address."""
    from reporter.domain.mailbox import reader  # noqa: PLC0415 - see above

    try:
        return reader(address)
    except DeliveryError as error:
        raise UsageError(f"--recipient: {error}") from error

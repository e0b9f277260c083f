"""`hyperrep-report history`: list the ledger's records, for people and scripts."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from reporter.cli.command import PERIODS, LocalDate
from reporter.domain.errors import DeliveryError, UsageError
from reporter.ledger.state import MessageState


@click.command("history")
@click.argument("delivery", type=int, required=False, metavar="[ID]")
@click.option("--org", "organization", metavar="ID_OR_NAME", help="Only this organization's.")
@click.option("--period", type=click.Choice((*PERIODS, "custom")), help="Only reports of this period.")
@click.option("--label", metavar="LABEL", help="Only this window's, as its folder in the archive is called: 2026-04.")
@click.option("--recipient", metavar="ADDRESS", help="Only those to this reader.")
@click.option("--state", type=click.Choice([state.value for state in MessageState]), help="Only those in this state.")
@click.option("--since", type=LocalDate(), metavar="DATE", help="Only what changed on this date (UTC) or later.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="NUMBER", help="At most so many.  [default: 50; --json: all]"
)
@click.option(
    "--output", metavar="DIR", type=click.Path(path_type=Path), help="The archive's root.  [default: ./reports]"
)
@click.option(
    "--config", metavar="FILE", type=click.Path(path_type=Path), help="Configuration that names archive and ledger."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
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
    """List every mail that was sent, or is to be: to whom, and what is known of it; the last changed first.

    With ID, tell one mail's whole history: each state that it came to, when, through which run, and why. On a terminal
    a table is drawn; elsewhere each mail is a line, its fields divided by tabs.
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
    wanted = HistoryFilter(organization, period, label, recipient, MessageState(state) if state else None, midnight)
    tell(place, wanted, limit, as_json=as_json)


def _reader(address: str) -> str:
    """The recipient as the ledger stores it, whatever the spelling of the address."""
    from reporter.domain.mailbox import reader  # noqa: PLC0415 - see above

    try:
        return reader(address)
    except DeliveryError as error:
        raise UsageError(f"--recipient: {error}") from error

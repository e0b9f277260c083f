"""`hyperrep-report history`: list the ledger's records, for people and scripts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from reporter.cli import options
from reporter.cli.output import Row, say, say_json, say_rows
from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.domain.errors import DeliveryError, UsageError
from reporter.domain.strings import one_line

if TYPE_CHECKING:
    from reporter.ledger.message_history import StateChange
    from reporter.ledger.record import MessageRecord

_DEFAULT_LIMIT = 50
_EMAIL_COLUMNS = ("ID", "Changed (UTC)", "Organization", "Report", "Recipient", "State", "Reply")
_CHANGE_COLUMNS = ("Time (UTC)", "State", "Run", "Note")
_STATES = [state.value for state in DeliveryStatus if state is not DeliveryStatus.OUTBOX]
"""The states that a message can have in the ledger."""

_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


@click.command("history")
@click.argument("delivery", type=int, required=False, metavar="[ID]")
@click.option("--org", "organization", metavar="ID_OR_NAME", help="Only emails of this organization.")
@options.archived_period
@options.archived_label
@click.option("--recipient", metavar="ADDRESS", help="Only emails to this recipient.")
@click.option("--state", type=click.Choice(_STATES), help="Only emails in this state.")
@click.option(
    "--since",
    type=options.local_date,
    metavar="DATE",
    help="Only emails that changed on this date (UTC) or later.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Maximum number of emails to list.  [default: 50; with --json: all]",
)
@options.output
@options.config("Configuration file that names the archive and the ledger.")
@options.as_json
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
    output: str | None,
    config: str | None,
    as_json: bool,
) -> None:
    """List every email that was or will be sent, with its recipient and delivery state; the last changed comes first.

    With ID, show the full history of one email: each delivery state, with its time, run, and reason. On a terminal, the
    output is a table; elsewhere, each email is one line with tab-separated fields.
    """
    from reporter.cli import setup
    from reporter.ledger.message_history import HistoryFilter, find, message_history
    from reporter.ledger.opening import open_database

    mailbox = _mailbox(recipient) if recipient is not None else None
    midnight = datetime.combine(since, time.min, UTC) if since else None
    wanted = HistoryFilter(organization, period, label, mailbox, DeliveryStatus(state) if state else None, midnight)
    with open_database(*setup.archive_with_ledger(output, config), setup.machine_clock) as database:
        if delivery is not None:
            _print_history(*message_history(database, delivery), as_json=as_json)
        else:
            found, total = find(database, wanted, limit or (None if as_json else _DEFAULT_LIMIT))
            _print_list(found, total, as_json=as_json)


def _mailbox(address: str) -> str:
    """The recipient as the ledger stores it, whatever the spelling of the address."""
    from reporter.domain.mailbox import read_mailbox

    try:
        return read_mailbox(address).canonical
    except DeliveryError as error:
        raise UsageError(f"--recipient: {error}") from error


def _print_list(found: "Sequence[MessageRecord]", total: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"deliveries": [record.as_json() for record in found], "total": total})
        return
    say_rows(_EMAIL_COLUMNS, list(map(_email_row, found)))
    if not found:
        click.echo("The ledger has no such email.", err=True)
    elif len(found) < total:
        click.echo(f"{len(found)} of {total} emails, the last changed ones; --limit shows more.", err=True)


def _print_history(record: "MessageRecord", changes: "Sequence[StateChange]", *, as_json: bool) -> None:
    if as_json:
        say_json({"delivery": record.as_json(), "events": [change.as_json() for change in changes]})
        return
    say_rows(_EMAIL_COLUMNS, [_email_row(record)])
    say(f"Message-ID {record.message_id or 'none yet'}, file {record.file or 'none yet'}")
    say_rows(
        _CHANGE_COLUMNS,
        [(f"{change.at:{_TIME_FORMAT}}", change.state, change.run[:8], one_line(change.note)) for change in changes],
    )


def _email_row(record: "MessageRecord") -> Row:
    from reporter.domain.snapshot import title

    revision = f" r{record.revision}" if record.revision > 1 else ""
    test = " (test)" if record.purpose is Purpose.TEST else ""
    return (
        str(record.id),
        f"{record.changed_at:{_TIME_FORMAT}}",
        title(record.organization),
        f"{record.period} {record.label}{revision}{test}",
        record.recipient,
        record.state,
        one_line(record.reply),
    )

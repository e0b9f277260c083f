"""Implementation of `history`: query the ledger, and print the result as text or JSON."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reporter.cli import setup, summary
from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.domain.errors import UsageError
from reporter.domain.snapshot import title
from reporter.domain.strings import one_line
from reporter.ledger.database import Database
from reporter.ledger.message_history import HistoryFilter, StateChange, find, message_history
from reporter.ledger.opening import has_ledger, open_database
from reporter.ledger.record import MessageRecord

Place = tuple[Path, str | None]
"""An archive's root, and its ledger's URL if that is on a server."""

_AT_MOST = 50
_COLORS = {
    DeliveryStatus.ACCEPTED: "green",
    DeliveryStatus.UNKNOWN: "bold red",
    DeliveryStatus.FAILED: "red",
    DeliveryStatus.DEFERRED: "yellow",
}
_MAILS = ("ID", "Changed (UTC)", "Organization", "Report", "Reader", "State", "What was said")
_EVENTS = ("Moment (UTC)", "State", "Run", "What was said")


def tell(place: Place, wanted: HistoryFilter, limit: int | None, *, as_json: bool) -> None:
    """Print the emails that match the filter."""
    with ledger(place) as database:
        found, total = find(database, wanted, limit or (None if as_json else _AT_MOST))
    if as_json:
        summary.say_json({"deliveries": [record.as_json() for record in found], "total": total})
        return
    draw(_MAILS, [_mail(record) for record in found])
    if len(found) < total:
        click.echo(f"{len(found)} of {total}, the last changed ones; --limit shows more.", err=True)
    if not found:
        click.echo("The ledger has nothing of this kind.", err=True)


def tell_story(place: Place, delivery: int, *, as_json: bool) -> None:
    """Print one email and all its state changes."""
    with ledger(place) as database:
        record, events = message_history(database, delivery)
    if as_json:
        summary.say_json({"delivery": record.as_json(), "events": [event.as_json() for event in events]})
        return
    draw(_MAILS, [_mail(record)])
    summary.say(f"Message-ID {record.message_id or 'none yet'}, file {record.file or 'none yet'}")
    draw(_EVENTS, [_event(event) for event in events])


@contextmanager
def ledger(place: Place) -> Iterator[Database]:
    """The archive's ledger, unchanged. Raises UsageError if there is none, LedgerError if it cannot be read."""
    refuse_absent(place)
    with open_database(*place, setup.machine_clock) as database:
        yield database


def refuse_absent(place: Place) -> None:
    """Raise UsageError if there is no ledger; opening it would create one."""
    if not has_ledger(*place):
        raise UsageError(f"{place[0]} has no ledger: nothing was sent from there, or --output names another archive.")


def draw(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print the rows as a table on a terminal, else as tab-separated lines, without control characters."""
    if not sys.stdout.isatty():
        for row in rows:
            summary.say("\t".join(row))
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, _COLORS.get(cell, "") if isinstance(cell, DeliveryStatus) else "") for cell in row))
    Console().print(table)


def _mail(record: MessageRecord) -> tuple[str, ...]:
    report = f"{record.period} {record.label}" + (f" r{record.revision}" if record.revision > 1 else "")
    kind = f"{report} (test)" if record.purpose is Purpose.TEST else report
    said = one_line(record.reply)
    return (
        str(record.id),
        _moment(record.changed_at),
        title(record.organization),
        kind,
        record.recipient,
        record.state,
        said,
    )


def _event(event: StateChange) -> tuple[str, ...]:
    return (_moment(event.at), event.state, event.run[:8], one_line(event.note))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"

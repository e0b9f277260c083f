"""`hyperrep-report status`: show which reports were due, and which were sent."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reporter.cli import options
from reporter.cli.output import Row, say_json, say_rows

if TYPE_CHECKING:
    from reporter.cli.setup import Place
    from reporter.config.settings import ReportConfig
    from reporter.ledger.schedules import RecipientProgress
    from reporter.scheduling.window_status import StatusRow

_COLUMNS = ("Organization", "Report", "Due", "State", "Recipients", "Next due")


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
@options.config("Configuration file that names the reports.  [default: ./hyperrep-report.toml if it exists]")
@options.output
@options.as_json
def command(*, expect: bool, grace: int, config: str | None, output: str | None, as_json: bool) -> int:
    """Show the last window that was due for each configured report, its state, and when the next one is due.

    Earlier windows of the last 31 days are shown if they were not sent. Needs no API key and sends no requests. On a
    terminal, the output is a table; elsewhere, each window is one line with tab-separated fields.
    """
    from reporter.cli import setup
    from reporter.config.load import load_config
    from reporter.config.settings import Overrides
    from reporter.scheduling.window_status import exit_code

    file = Path(config) if config else None
    reports = setup.reports(load_config(file, os.environ, Overrides(output=output), secrets=False))
    now = setup.clock()
    rows = _status_rows(setup.archive(output, config), reports, now, timedelta(minutes=grace))
    code = exit_code(rows) if expect else 0
    if as_json:
        say_json({"at": now.isoformat(), "reports": list(map(_document, rows)), "exit_code": code})
        return code
    say_rows(_COLUMNS, list(map(_table_row, rows)))
    if code:
        late = sum(row.is_expected and not row.is_complete for row in rows)
        click.echo(f"{late} of {len(reports)} reports should have been sent by now but were not.", err=True)
    return code


def _status_rows(
    place: "Place", reports: "Sequence[ReportConfig]", now: datetime, grace: timedelta
) -> "Sequence[StatusRow]":
    """The rows of every report; without a ledger, nothing was sent."""
    from reporter.archive.store import Archive
    from reporter.cli.setup import machine_clock
    from reporter.ledger.opening import has_ledger, open_database
    from reporter.ledger.schedules import identities, progress, schedules
    from reporter.scheduling.window_status import status_rows, windows_to_check

    archive = Archive(place[0])
    with ExitStack() as stack:
        at = None
        if has_ledger(*place):
            at = stack.enter_context(stack.enter_context(open_database(*place, machine_clock)).transaction())
        known = schedules(at) if at else {}
        ids = identities(at) if at else {}
        checked = []
        for report in reports:
            name = report.organization or ""
            organization_id = ids.get(name) or ids.get(name.casefold())
            checked.append(windows_to_check(report, known.get((name, report.period)), organization_id, now, grace))
        marks = progress(at, [key for each in checked for key in each.keys]) if at else {}
        return [row for each in checked for row in status_rows(each, marks, archive.holds, now, grace)]


def _table_row(row: "StatusRow") -> Row:
    from reporter.domain.snapshot import title

    window = row.occurrence.window
    states = [f"{to} {mark.state if mark else 'nothing yet'}" for to, mark in row.progress.recipients.items()]
    return (
        title(row.report.organization or ""),
        f"{window.period} {window.label}",
        f"{_local(row, row.occurrence.moment):%a %Y-%m-%d %H:%M}",
        row.status,
        ", ".join(states),
        f"{_local(row, row.next_due):%a %Y-%m-%d %H:%M}",
    )


def _document(row: "StatusRow") -> dict[str, Any]:
    window = row.occurrence.window
    return {
        "organization_id": row.organization_id,
        "organization": row.report.organization,
        "period": window.period.value,
        "label": window.label,
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "due": _local(row, row.occurrence.moment).isoformat(),
        "state": row.status.value,
        "is_expected": row.is_expected,
        "deliveries": [_delivery(recipient, mark) for recipient, mark in row.progress.recipients.items()],
        "next_due": _local(row, row.next_due).isoformat(),
    }


def _delivery(recipient: str, mark: "RecipientProgress | None") -> dict[str, str | None]:
    next_try = mark.next_try if mark else None
    return {
        "recipient": recipient,
        "state": mark.state.value if mark else None,
        "next_try": next_try.isoformat() if next_try else None,
    }


def _local(row: "StatusRow", moment: datetime) -> datetime:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(row.report.timezone))

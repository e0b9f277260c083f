"""Implementation of `status`: compare configuration and ledger, and print the result as text or JSON."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from reporter.archive.store import Archive
from reporter.cli import setup, summary
from reporter.cli.history_output import draw
from reporter.config.load import load_config
from reporter.config.settings import Overrides, ReportConfig
from reporter.domain.snapshot import Organization, title
from reporter.domain.window import Window
from reporter.ledger.database import Transaction
from reporter.ledger.opening import has_ledger, open_database
from reporter.ledger.schedules import RecipientProgress, identities, progress, schedules
from reporter.scheduling.window_status import StatusRow, exit_code, lines, windows

_COLUMNS = ("Organization", "Report", "Due", "State", "Readers", "Next due")


def show(file: Path | None, output: Path | None, grace: timedelta, *, expects: bool, as_json: bool) -> int:
    """Print the state of every configured report, and return the exit code, which is 0 without `--expect`."""
    overrides = Overrides(output=str(output) if output else None)
    reports = setup.reports(load_config(file, os.environ, overrides, secrets=False))
    now = setup.clock()
    told = _told(setup.archive(output, file), reports, now, grace)
    code = exit_code(told) if expects else 0
    if as_json:
        summary.say_json({"at": now.isoformat(), "reports": list(map(_document, told)), "exit_code": code})
    else:
        draw(_COLUMNS, list(map(_row, told)))
    if code and not as_json:
        late = sum(line.is_expected and not line.standing.is_well for line in told)
        click.echo(f"{late} of {len(reports)} reports should have gone out by now and have not.", err=True)
    return code


def _told(
    place: tuple[Path, str | None], reports: Sequence[ReportConfig], now: datetime, grace: timedelta
) -> Sequence[StatusRow]:
    root, address = place
    if not has_ledger(root, address):
        return _lines(None, root, reports, now, grace)
    with open_database(root, address, setup.machine_clock) as database, database.transaction() as at:
        return _lines(at, root, reports, now, grace)


def _lines(
    at: Transaction | None, root: Path, reports: Sequence[ReportConfig], now: datetime, grace: timedelta
) -> Sequence[StatusRow]:
    """The rows of every report; without a ledger, nothing was sent."""
    archive = Archive(root)

    def archived(organization_id: str, window: Window) -> bool:
        return archive.holds(Organization(organization_id, ""), window)

    known = schedules(at) if at else {}
    names = identities(at) if at else {}
    owed = []
    for report in reports:
        name = report.organization or ""
        identity = names.get(name) or names.get(name.casefold())
        owed.append(windows(report, known.get((name, report.period)), identity, now, grace))
    marks = progress(at, [key for each in owed for key in each.windows]) if at else {}
    return [line for each in owed for line in lines(each, marks, archived, now, grace)]


def _row(line: StatusRow) -> tuple[str, ...]:
    window = line.occurrence.window
    return (
        title(line.report.organization or ""),
        f"{window.period} {window.label}",
        _local(line.occurrence.moment, line.report),
        line.standing,
        ", ".join(f"{reader} {_state(mark)}" for reader, mark in line.readers.marks.items()),
        _local(line.next_due, line.report),
    )


def _document(line: StatusRow) -> dict[str, Any]:
    window = line.occurrence.window
    zone = ZoneInfo(line.report.timezone)
    return {
        "organization_id": line.organization_id,
        "organization": line.report.organization,
        "period": window.period.value,
        "label": window.label,
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "due": line.occurrence.moment.astimezone(zone).isoformat(),
        "state": line.standing.value,
        "is_expected": line.is_expected,
        "deliveries": [_delivery(reader, mark) for reader, mark in line.readers.marks.items()],
        "next_due": line.next_due.astimezone(zone).isoformat(),
    }


def _delivery(reader: str, mark: RecipientProgress | None) -> dict[str, str | None]:
    next_try = mark.next_try if mark else None
    return {
        "recipient": reader,
        "state": mark.state.value if mark else None,
        "next_try": next_try.isoformat() if next_try else None,
    }


def _state(mark: RecipientProgress | None) -> str:
    return mark.state if mark else "nothing yet"


def _local(moment: datetime, report: ReportConfig) -> str:
    return f"{moment.astimezone(ZoneInfo(report.timezone)):%a %Y-%m-%d %H:%M}"

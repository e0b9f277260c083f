"""Outcome of a run with several reports as a table: one row per report, worst last, and a row of totals."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from reporter.delivery.channel import DeliveryStatus
from reporter.domain.strings import one_line
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome

COLUMNS = ("Status", "Organization", "Report", "Sent", "Note")
"""`Sent` counts the recipients that have the report, from this run or an earlier one."""

_COLORS: Mapping[str, str] = {
    ReportStatus.SENT: "green",
    ReportStatus.UNKNOWN: "bold red",
    ReportStatus.FAILED: "red",
    ReportStatus.DEFERRED: "yellow",
}
_UNBOUNDED = 10_000
"""Table width without a terminal, which would limit it."""


def ranked(outcome: RunOutcome) -> Sequence[ReportOutcome]:
    """The reports, worst last, next to the prompt."""
    order = list(ReportStatus)
    return sorted(outcome.reports, key=lambda report: order.index(report.status))


def rows(outcome: RunOutcome) -> Sequence[tuple[str, ...]]:
    """One row per report with its outcome."""
    return [_row(report) for report in ranked(outcome)]


def totals(outcome: RunOutcome) -> tuple[str, ...]:
    """The last row, with the totals of the rows above it."""
    counted = Counter(report.status for report in outcome.reports)
    counts = ", ".join(f"{counted[status]} {status}" for status in ReportStatus if counted[status])
    sent, readers = map(sum, zip(*map(_reached, outcome.reports), strict=True))
    number = len(outcome.reports)
    return ("Total", f"{number} {'report' if number == 1 else 'reports'}", "", f"{sent}/{readers}", counts)


def drawn(outcome: RunOutcome) -> Sequence[str]:
    """The lines of the table: colored and as wide as the terminal, or plain text in columns elsewhere."""
    from rich.console import Console  # noqa: PLC0415 - only for several reports
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*COLUMNS, box=None, header_style="bold", pad_edge=False)
    for status, *others in rows(outcome):
        table.add_row(Text(status, _COLORS.get(status, "")), *map(Text, others))
    table.add_section()
    table.add_row(*(Text(cell, "bold") for cell in totals(outcome)))
    console = Console(width=None if sys.stdout.isatty() else _UNBOUNDED)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


def _row(report: ReportOutcome) -> tuple[str, ...]:
    planned = report.report
    sent, readers = _reached(report)
    window = f"{planned.window.period} {planned.window.label}"
    note = one_line(report.note or "")
    return (report.status.value, planned.organization.title, window, f"{sent}/{readers}", note)


def _reached(report: ReportOutcome) -> tuple[int, int]:
    """Number of recipients that have the report, and of all its recipients."""
    accepted = sum(delivery.status is DeliveryStatus.ACCEPTED for delivery in report.deliveries)
    return accepted, len(report.deliveries) or len(report.report.config.recipients)

"""Summary of a run: for people, a line or table row per report and what is left to do; for scripts, one document.

A GitHub Actions step gets the table too, in the file that the environment names for it.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import structlog

from reporter.archive.index import INDEX
from reporter.cli.output import Row, say, say_json, table
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.strings import one_line
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome

log = structlog.get_logger(__name__)

COLUMNS = ("Status", "Organization", "Report", "Sent", "Note")
"""`Sent` counts the recipients that have the report, from this run or an earlier one."""

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
_MOST_ROWS = 1000
"""Row limit: GitHub accepts summaries of up to one megabyte. The worst reports come last."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

_ADVICE = {
    ReportStatus.UNKNOWN: (
        "A server did not say whether it accepted an email. Ask the recipient, then use `hyperrep-report resolve`."
    ),
    ReportStatus.DEFERRED: "Run the same command again later: it retries only what was deferred.",
}
_UNSENT = frozenset({ReportStatus.FAILED, ReportStatus.UNKNOWN, ReportStatus.DEFERRED})


def print_summary(outcome: RunOutcome, *, as_json: bool, quiet: bool) -> None:
    """Print the outcome of a run; with `quiet`, only what was not sent."""
    write_step_summary(outcome)
    if as_json:
        say_json(outcome.as_json())
    elif quiet and outcome.exit_code:
        unsent = (line for report in outcome.reports if report.status in _UNSENT for line in _report(report))
        click.echo("\n".join([*unsent, *_unresolved(outcome)]), err=True)
    elif not quiet and (text := "\n".join(_lines(outcome))):
        say(text)


def rows(outcome: RunOutcome) -> Sequence[Row]:
    """One row per report, worst last, next to the prompt."""
    order = list(ReportStatus)
    return list(map(_row, sorted(outcome.reports, key=lambda report: order.index(report.status))))


def totals(outcome: RunOutcome) -> Row:
    """The last row, with the totals of the rows above it."""
    counted = Counter(report.status for report in outcome.reports)
    counts = ", ".join(f"{counted[status]} {status}" for status in ReportStatus if counted[status])
    sent, recipients = map(sum, zip(*map(_sent, outcome.reports), strict=True))
    number = len(outcome.reports)
    return ("Total", f"{number} {'report' if number == 1 else 'reports'}", "", f"{sent}/{recipients}", counts)


def _row(report: ReportOutcome) -> Row:
    planned = report.report
    sent, recipients = _sent(report)
    window = f"{planned.window.period} {planned.window.label}"
    return (report.status, planned.organization.title, window, f"{sent}/{recipients}", one_line(report.note or ""))


def _sent(report: ReportOutcome) -> tuple[int, int]:
    """Number of recipients that have the report, and of all its recipients."""
    accepted = sum(delivery.status is DeliveryStatus.ACCEPTED for delivery in report.deliveries)
    return accepted, len(report.deliveries) or len(report.report.config.recipients)


def _lines(outcome: RunOutcome) -> Iterator[str]:
    if len(outcome.reports) > 1:
        yield from table(COLUMNS, rows(outcome), totals(outcome))
        yield from _details(outcome)
    else:
        yield from (line for report in outcome.reports for line in _report(report))
    for status, advice in _ADVICE.items():
        if any(report.status is status for report in outcome.reports):
            yield advice
    yield from _unresolved(outcome)


def _details(outcome: RunOutcome) -> Iterator[str]:
    """Deliveries of unsent reports with several recipients, which the table omits, and the index of all reports."""
    for report in outcome.reports:
        if report.status in _UNSENT and len(report.deliveries) > 1:
            yield from _report(report)
    if folders := {Path(report.files.pdf).parents[3] for report in outcome.reports if report.files}:
        yield f"All reports: {folders.pop() / INDEX}"


def _report(report: ReportOutcome) -> Iterator[str]:
    planned = report.report
    note = f" ({report.note})" if report.note else ""
    yield f"{planned.organization.title}, {planned.window.period} {planned.window.label}: {report.status}{note}"
    if report.files:
        yield f"  report  {report.files.pdf}"
    for delivery in report.deliveries:
        reply = "" if report.status is ReportStatus.ARCHIVED else f": {delivery.reply}"
        yield f"  email   {delivery.recipient}: {delivery.status}{reply}"
    if report.files and report.files.email and report.status is ReportStatus.ARCHIVED:
        yield f"  outbox  {report.files.email}"


def _unresolved(outcome: RunOutcome) -> Iterator[str]:
    if not outcome.unresolved:
        return
    yield "Delivery of these emails of earlier runs is uncertain. Ask each recipient, then resolve each email:"
    for record in outcome.unresolved:
        yield f"  hyperrep-report resolve {record.id} --sent|--resend  ({record.title})"


def write_step_summary(outcome: RunOutcome) -> None:
    """Append the run to the step summary, if any. A write error is logged and does not fail the run."""
    file = os.environ.get(STEP_SUMMARY)
    if not file or not outcome.reports:
        return
    text = "\n".join(_markdown(outcome)) + "\n\n"
    try:
        with Path(file).open("a", encoding="utf-8", errors="replace") as summary:
            summary.write(text)
    except OSError as error:
        log.error("step_summary.unwritten", reason=error.strerror)  # noqa: TRY400 - the reason is enough


def _markdown(outcome: RunOutcome) -> Iterator[str]:
    every = rows(outcome)
    yield from ("### hyperrep-report", "", _markdown_row(COLUMNS), _markdown_row(["---"] * len(COLUMNS)))
    yield from (_markdown_row(_escaped(row)) for row in every[-_MOST_ROWS:])
    yield _markdown_row(_escaped(totals(outcome)))
    if len(every) > _MOST_ROWS:
        yield f"\nOnly the worst {_MOST_ROWS} reports are listed, but all of them are counted."
    yield f"\nExit code {outcome.exit_code}."


def _escaped(cells: Row) -> Row:
    """The cells as plain text: no markup, HTML, links, or cell separators."""
    return [_PUNCTUATION.sub(r"\\\1", cell) for cell in cells]


def _markdown_row(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"

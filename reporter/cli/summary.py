"""Summary of a run on stdout: for people, a line per report and what is left to do; for scripts, one document."""

import json
import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from reporter.archive.index import INDEX
from reporter.cli.github_summary import summarize
from reporter.cli.overview import drawn
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome

_ADVICE = {
    ReportStatus.UNKNOWN: (
        "A server did not say whether it took a mail. Ask the reader, then use `hyperrep-report resolve`."
    ),
    ReportStatus.DEFERRED: "Run the same command again later: what was deferred is tried again, and nothing else.",
}

_TROUBLE = frozenset({ReportStatus.FAILED, ReportStatus.UNKNOWN, ReportStatus.DEFERRED})


def tell(outcome: RunOutcome, *, as_json: bool, quiet: bool) -> None:
    """Print the outcome of a run."""
    summarize(outcome)
    if as_json:
        say_json(outcome.as_json())
    elif quiet and outcome.exit_code:
        click.echo("\n".join(problems(outcome)), err=True)
    elif not quiet and (text := "\n".join(lines(outcome))):
        say(text)


def lines(outcome: RunOutcome) -> Iterator[str]:
    """The outcome of each report, worst last, next to the prompt."""
    if len(outcome.reports) > 1:
        yield from drawn(outcome)
        yield from _details(outcome)
    else:
        yield from (line for report in outcome.reports for line in _report(report))
    for status, advice in _ADVICE.items():
        if any(report.status is status for report in outcome.reports):
            yield advice
    yield from _unresolved(outcome)


def problems(outcome: RunOutcome) -> Iterator[str]:
    """Only the reports that were not sent: the output with `--quiet`."""
    for report in outcome.reports:
        if report.status in _TROUBLE:
            yield from _report(report)
    yield from _unresolved(outcome)


def nothing(error: str, exit_code: int) -> dict[str, Any]:
    """The `--json` document of a run without reports, or of one that an error ended."""
    return {**RunOutcome(uuid.uuid4().hex, ()).as_json(), "exit_code": exit_code, "error": error}


def say_json(document: Mapping[str, Any]) -> None:
    """Print a document as JSON."""
    say(json.dumps(document, ensure_ascii=False, indent=1))


def say(text: str) -> None:
    """Print text; a closed pipe, as by `head`, does not change the run or its exit code."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes at exit


def _unresolved(outcome: RunOutcome) -> Iterator[str]:
    if not outcome.unresolved:
        return
    yield "Nobody knows whether these mails of earlier runs were delivered. Ask the reader, then settle each:"
    for record in outcome.unresolved:
        yield f"  hyperrep-report resolve {record.id} --sent|--resend  ({record.title})"


def _details(outcome: RunOutcome) -> Iterator[str]:
    """Deliveries of unsent reports with several recipients, which the table omits, and the index of all reports."""
    for report in outcome.reports:
        if report.status in _TROUBLE and len(report.deliveries) > 1:
            yield from _report(report)
    if folders := {Path(report.files.pdf).parents[3] for report in outcome.reports if report.files}:
        yield f"All of them: {folders.pop() / INDEX}"


def _report(report: ReportOutcome) -> Iterator[str]:
    planned = report.report
    note = f" ({report.note})" if report.note else ""
    yield f"{planned.organization.title}, {planned.window.period} {planned.window.label}: {report.status}{note}"
    if report.files:
        yield f"  report  {report.files.pdf}"
    for delivery in report.deliveries:
        reply = "" if report.status is ReportStatus.ARCHIVED else f": {delivery.reply}"
        yield f"  mail    {delivery.recipient}: {delivery.status}{reply}"
    if report.files and report.files.email and report.status is ReportStatus.ARCHIVED:
        yield f"  outbox  {report.files.email}"

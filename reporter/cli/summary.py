"""The run's end on stdout: for people a line for each report and what is left to do, for scripts one document."""

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
    """Say what became of a run."""
    summarize(outcome)
    if as_json:
        say_json(outcome.as_json())
    elif quiet and outcome.exit_code:
        click.echo("\n".join(problems(outcome)), err=True)
    elif not quiet and (text := "\n".join(lines(outcome))):
        say(text)


def lines(outcome: RunOutcome) -> Iterator[str]:
    """What became of each report, worst last, where an operator looks."""
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
    """Only what did not go out: all that is said under `--quiet`."""
    for report in outcome.reports:
        if report.status in _TROUBLE:
            yield from _report(report)
    yield from _unresolved(outcome)


def nothing(error: str, exit_code: int) -> dict[str, Any]:
    """The `--json` document of a run that came to no report, or to no end."""
    return {**RunOutcome(uuid.uuid4().hex, ()).as_json(), "exit_code": exit_code, "error": error}


def say_json(document: Mapping[str, Any]) -> None:
    """Print a document."""
    say(json.dumps(document, ensure_ascii=False, indent=1))


def say(text: str) -> None:
    """Print text; that its reader goes away, as `head` does, changes nothing about the run and its exit code."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python has yet to write at its exit


def _unresolved(outcome: RunOutcome) -> Iterator[str]:
    if not outcome.unresolved:
        return
    yield "Nobody knows whether these mails of earlier runs were delivered. Ask the reader, then settle each:"
    for record in outcome.unresolved:
        yield f"  hyperrep-report resolve {record.id} --sent|--resend  ({record.title})"


def _details(outcome: RunOutcome) -> Iterator[str]:
    """Where several reports lie, and what the table has no room for: the readers of one report told apart."""
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

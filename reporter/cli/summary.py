"""The run's end, for people: a line for each report on stdout, and what to do where something is left to do."""

from collections.abc import Iterator

from reporter.outcome import ReportOutcome, RunOutcome, Status

_ADVICE = {
    Status.UNKNOWN: "A server did not say whether it took a mail. Ask the reader before sending it again.",
    Status.DEFERRED: "Run the same command again later: what was deferred is tried again, the rest is left alone.",
}


def lines(outcome: RunOutcome) -> Iterator[str]:
    """What became of each report, worst last, where an operator looks."""
    order = list(Status)
    for report in sorted(outcome.reports, key=lambda report: order.index(report.status)):
        yield from _report(report)
    if len(outcome.reports) > 1:
        counts = outcome.as_json()["counts"]
        yield "Reports: " + ", ".join(f"{number} {status}" for status, number in counts.items() if number) + "."
    for status, advice in _ADVICE.items():
        if any(report.status is status for report in outcome.reports):
            yield advice


def problems(outcome: RunOutcome) -> Iterator[str]:
    """Only what did not go out: all that is said under `--quiet`."""
    for report in outcome.reports:
        if report.status in {Status.FAILED, Status.UNKNOWN, Status.DEFERRED}:
            yield from _report(report)


def _report(report: ReportOutcome) -> Iterator[str]:
    planned = report.report
    name = "".join(letter if letter.isprintable() else "?" for letter in planned.organization.name)
    note = f" ({report.note})" if report.note else ""
    yield f"{name[:60]}, {planned.window.period} {planned.window.label}: {report.status}{note}"
    if report.files:
        yield f"  report  {report.files.pdf}"
    for delivery in report.deliveries:
        reply = "" if report.status is Status.ARCHIVED else f": {delivery.reply}"
        yield f"  mail    {delivery.recipient}: {delivery.status}{reply}"
    if report.files and report.files.email and report.status is Status.ARCHIVED:
        yield f"  outbox  {report.files.email}"

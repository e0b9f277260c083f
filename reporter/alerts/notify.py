"""Alert operators about a run's new incidents: the text of the alert, and sending it on every channel."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from reporter.alerts.alert_channels import REACHED, Alert
from reporter.alerts.alert_state import AlertState, PendingAlerts, judge
from reporter.alerts.incident import STOPPED, Incident, RunFindings
from reporter.delivery.channel import Channel, DeliveryStatus

_MAX_LINES = 20
"""Maximum lines of one kind, so that an alert stays short if a thousand reports fail for one reason."""

_KINDS = {
    STOPPED: ("The run failed", "Fix this and run the same command again: nothing is sent twice."),
    DeliveryStatus.UNKNOWN.value: (
        "Delivery is uncertain",
        "Ask the recipient, then resolve each: `hyperrep-report resolve` lists them.",
    ),
    DeliveryStatus.FAILED.value: (
        "Failed",
        "Fix the cause and run the same command again; `hyperrep-report history` shows what the servers replied.",
    ),
    DeliveryStatus.PLANNED.value: (
        "Not sent, as the mail server accepted no message",
        "`hyperrep-report doctor` shows what the server lacks; the next run sends them.",
    ),
    DeliveryStatus.DEFERRED.value: (
        "Deferred for a day or longer",
        "Each run retries. Ask whoever runs the recipient's mail server.",
    ),
}
"""The heading and the fix of each kind of incident, worst first."""

_FOOTER = "A problem is reported when it is new or has changed, once a day while runs meet it, and when it is fixed."


def notify(
    findings: RunFindings, state: AlertState, channels: Sequence[Channel[Alert]], *, host: str, now: datetime
) -> None:
    """Alert operators about new incidents; an alert that reached nobody is repeated after the next run."""
    if not channels or (state.is_empty and not findings.incidents):
        return
    with state.locked():
        pending = judge(state.load(), findings, now)
        has_reached = False
        if pending.is_due:
            alert = compose_alert(pending, findings, host)
            results = [channel.send(alert, lambda: None) for channel in channels]
            has_reached = any(result.status in REACHED for result in results)
        state.save(pending.if_reported if has_reached else pending.if_unreported)


def compose_alert(pending: PendingAlerts, findings: RunFindings, host: str) -> Alert:
    """The alert about a run on the machine named `host`."""
    run = f"Run {findings.run}" if findings.run else "A run"
    origin = f"{run} on {host} ended with exit code {findings.exit_code}."
    parts = [origin, *_sections(pending.incidents), *_fixed(pending.ended), _FOOTER]
    return Alert(_title(pending), "\n\n".join(parts) + "\n", is_problem=bool(pending.incidents))


def _title(pending: PendingAlerts) -> str:
    if not pending.incidents:
        return "hyperrep-report: all problems are fixed"
    reports = {incident.report for incident in pending.incidents if incident.status != STOPPED}
    if not reports:
        return "hyperrep-report: the run failed"
    return f"hyperrep-report: problems with {len(reports)} {'report' if len(reports) == 1 else 'reports'}"


def _sections(incidents: Sequence[Incident]) -> Iterator[str]:
    """A paragraph for each kind of incident: the reports, the messages, and the fix."""
    order = list(_KINDS)
    ranked = sorted(incidents, key=lambda incident: order.index(incident.status))
    for status, group in groupby(ranked, key=lambda incident: incident.status):
        heading, fix = _KINDS[status]
        texts = (each.reason if status == STOPPED else f"{each.title}: {each.reason}" for each in group)
        yield "\n".join([f"{heading}:", *_listed(texts), f"What to do: {fix}"])


def _fixed(titles: Sequence[str]) -> Iterator[str]:
    if titles:
        yield "\n".join(["Fixed:", *_listed(titles)])


def _listed(texts: Iterable[str]) -> list[str]:
    lines = [f"- {text}" for text in texts]
    more = len(lines) - _MAX_LINES
    return lines if more <= 0 else [*lines[:_MAX_LINES], f"- and {more} more"]

"""Text of an alert: the title, what happened to which report, the fix, and the run that reports it."""

from collections.abc import Iterator
from itertools import groupby

from reporter.alerts.alert_channel import Alert
from reporter.alerts.alert_state import PendingAlerts
from reporter.alerts.incident import STOPPED, Incident, RunFindings
from reporter.delivery.channel import DeliveryStatus

_AT_MOST = 20
"""Maximum lines of one kind, so that an alert stays short if a thousand reports fail for one reason."""

_HEADINGS = {
    STOPPED: "The run did not come to a good end",
    DeliveryStatus.UNKNOWN.value: "Nobody knows whether these were delivered",
    DeliveryStatus.FAILED.value: "Failed",
    DeliveryStatus.PLANNED.value: "Not handed over, as the mail server took nothing from us",
    DeliveryStatus.DEFERRED.value: "Put off for a day or longer",
}
"""The kinds of incidents, worst first."""

_ADVICE = {
    STOPPED: "Mend that and run the same command again: what went out is left alone.",
    DeliveryStatus.UNKNOWN.value: "Ask the reader, then settle each: `hyperrep-report resolve` lists them.",
    DeliveryStatus.FAILED.value: "Mend what is named and run the same command again; `hyperrep-report history` tells "
    "what the servers said.",
    DeliveryStatus.PLANNED.value: "`hyperrep-report doctor` says what the server lacks; the next run sends them.",
    DeliveryStatus.DEFERRED.value: "Each run tries again. Ask who runs the reader's mail server.",
}
_FOOT = "Trouble is told when it is new or has changed, once a day while runs meet it, and when it is over."


def write(news: PendingAlerts, seen: RunFindings, host: str) -> Alert:
    """Write the alert for a run on the machine named `host`."""
    is_trouble = bool(news.troubles)
    parts = [_origin(seen, host), *_sections(news.troubles), *_over(news.over), _FOOT]
    return Alert(_title(news), "\n\n".join(parts) + "\n", is_trouble)


def _title(news: PendingAlerts) -> str:
    if not news.troubles:
        return "hyperrep-report: all well again"
    reports = {trouble.report for trouble in news.troubles if trouble.status != STOPPED}
    if not reports:
        return "hyperrep-report: the run did not come to a good end"
    return f"hyperrep-report: trouble with {len(reports)} {'report' if len(reports) == 1 else 'reports'}"


def _origin(seen: RunFindings, host: str) -> str:
    run = f"Run {seen.run}" if seen.run else "A run"
    return f"{run} on {host} ended with exit code {seen.exit_code}."


def _sections(troubles: tuple[Incident, ...]) -> Iterator[str]:
    """A paragraph for each kind of incident: the reports, the messages, and the fix."""
    order = list(_HEADINGS)
    ranked = sorted(troubles, key=lambda trouble: order.index(trouble.status))
    for status, group in groupby(ranked, key=lambda trouble: trouble.status):
        lines = [f"- {_about(trouble)}" for trouble in group]
        yield "\n".join([f"{_HEADINGS[status]}:", *_shortened(lines), f"What to do: {_ADVICE[status]}"])


def _about(trouble: Incident) -> str:
    return trouble.said if trouble.status == STOPPED else f"{trouble.title}: {trouble.said}"


def _over(titles: tuple[str, ...]) -> Iterator[str]:
    if titles:
        yield "\n".join(["Well again:", *_shortened([f"- {title}" for title in titles])])


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - _AT_MOST
    return lines if more <= 0 else [*lines[:_AT_MOST], f"- and {more} more"]

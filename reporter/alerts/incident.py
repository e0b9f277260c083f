"""Incidents of a run: what each is about, what happened, and how long it may last before an alert."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import ReporterError
from reporter.domain.strings import one_line, shortened
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome

ALMOST_A_DAY = timedelta(hours=23)
"""One day with some tolerance, since a daily run may start a little earlier than the day before."""

STOPPED = "stopped"
_WHOLE_RUN = "the run itself"
"""What an error is about if it concerns no single report."""

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went wrong.

    `about` identifies it across runs: the report, and the recipient if it concerns one email. A different `error` type
    makes it a different incident about the same thing.
    """

    report: str
    about: str
    title: str
    status: str
    reason: str
    error: str = ""

    @property
    def kind(self) -> str:
        """Its kind; a change of kind is reported again."""
        return f"{self.status} {self.error}".strip()

    @property
    def tolerance(self) -> timedelta:
        """How long it may last before it is reported: deferred emails are common."""
        return ALMOST_A_DAY if self.status == ReportStatus.DEFERRED.value else timedelta()


@dataclass(frozen=True, slots=True)
class RunFindings:
    """Findings of one run: complete for `reports` and, if it `knows_unresolved`, for all emails of unknown delivery."""

    run: str | None
    exit_code: int
    incidents: tuple[Incident, ...]
    reports: frozenset[str] = frozenset()
    knows_unresolved: bool = False


def of_outcome(outcome: RunOutcome) -> RunFindings:
    """Findings of a completed run; a run without reports checked nothing."""
    incidents = [incident for report in outcome.reports for incident in _of_report(report)]
    for record in outcome.unresolved:  # emails of earlier runs, identified as in the run that sent them
        report = f"{record.organization_id} {record.period} {record.label}"
        about = f"{report} {record.recipient}"
        incidents.append(Incident(report, about, record.title, DeliveryStatus.UNKNOWN.value, _shown(record.reply)))
    if outcome.error:
        incidents.append(_of_run(outcome.error))
    if not outcome.reports:
        return RunFindings(outcome.run, outcome.exit_code, tuple(incidents))
    reports = frozenset({_WHOLE_RUN, *map(_identity, outcome.reports)})
    return RunFindings(outcome.run, outcome.exit_code, tuple(incidents), reports, outcome.error is None)


def of_error(error: Exception, exit_code: int) -> RunFindings:
    """Findings of a run that an error ended; the state of its reports is unknown."""
    return RunFindings(None, exit_code, (_of_run(error),))


def _of_run(error: Exception) -> Incident:
    name = type(error).__name__
    reason = str(error) if isinstance(error, ReporterError) else f"Internal error ({name}); see the log for details."
    return Incident(_WHOLE_RUN, _WHOLE_RUN, _WHOLE_RUN, STOPPED, _shown(reason), name)


def _of_report(outcome: ReportOutcome) -> Iterator[Incident]:
    """An incident for each unsent email; a report without emails is one incident as a whole."""
    if outcome.status not in {ReportStatus.FAILED, ReportStatus.UNKNOWN, ReportStatus.DEFERRED}:
        return
    planned, report = outcome.report, _identity(outcome)
    title = f"{planned.organization.title}, {planned.window.period} {planned.window.label}"
    for each in outcome.deliveries:
        if each.status is not DeliveryStatus.ACCEPTED:
            # Another run has a held message; whether that run is stuck shows only after a while.
            status = DeliveryStatus.DEFERRED if each.status.is_held else each.status
            about, called = f"{report} {each.recipient}", f"{title}: {each.recipient}"
            yield Incident(report, about, called, status.value, _shown(each.reply))
    if not outcome.deliveries:
        error = type(outcome.error).__name__
        yield Incident(report, report, title, outcome.status.value, _shown(outcome.note or ""), error)


def _shown(reason: str) -> str:
    return shortened(one_line(reason), _LONGEST_REASON)


def _identity(outcome: ReportOutcome) -> str:
    report = outcome.report
    return f"{report.organization.id} {report.window.period} {report.window.label}"

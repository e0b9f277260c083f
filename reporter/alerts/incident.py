"""Incidents of a run: what each is about, what happened, and how long it may last before an alert."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import ReporterError
from reporter.domain.strings import one_line, shortened
from reporter.ledger.record import MessageRecord
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome
from reporter.planning import PlannedReport

ALMOST_A_DAY = timedelta(hours=23)
"""One day with some tolerance, since a daily run may start a little earlier than the day before."""

WHOLE_RUN = "the run itself"
"""What an error is about if it concerns no single report."""

STOPPED = "stopped"
_PATIENCE = {ReportStatus.DEFERRED.value: ALMOST_A_DAY}
"""How long a kind of incident may last before it is reported: deferred emails are common."""

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went wrong.

    `about` identifies it across runs: the report, and the recipient if it concerns one email. A different `nature`
    makes it a different incident about the same thing.
    """

    report: str
    about: str
    title: str
    status: str
    said: str
    nature: str = ""

    @property
    def kind(self) -> str:
        """Its kind; a change of kind is reported again."""
        return f"{self.status} {self.nature}".strip()

    @property
    def patience(self) -> timedelta:
        """How long it may last before it is reported."""
        return _PATIENCE.get(self.status, timedelta())


@dataclass(frozen=True, slots=True)
class RunFindings:
    """Findings of one run: complete for `reports` and, if it `knows_doubts`, for all emails of unknown delivery."""

    run: str | None
    exit_code: int
    troubles: tuple[Incident, ...]
    reports: frozenset[str] = frozenset()
    knows_doubts: bool = False


def of_outcome(outcome: RunOutcome) -> RunFindings:
    """Findings of a completed run; a run without reports checked nothing."""
    troubles = [trouble for report in outcome.reports for trouble in _of_report(report)]
    troubles += map(_in_doubt, outcome.unresolved)
    troubles += [_of_run(outcome.trouble)] if outcome.trouble else []
    looked = bool(outcome.reports)
    known = {WHOLE_RUN, *(_key(report.report) for report in outcome.reports)} if looked else ()
    return RunFindings(
        outcome.run, outcome.exit_code, tuple(troubles), frozenset(known), looked and not outcome.trouble
    )


def of_error(error: Exception, exit_code: int) -> RunFindings:
    """Findings of a run that an error ended; the state of its reports is unknown."""
    return RunFindings(None, exit_code, (_of_run(error),))


def _of_run(error: Exception) -> Incident:
    name = type(error).__name__
    said = str(error) if isinstance(error, ReporterError) else f"A fault of the program, {name}: its log tells where."
    return Incident(WHOLE_RUN, WHOLE_RUN, WHOLE_RUN, STOPPED, _line(said), name)


def _of_report(outcome: ReportOutcome) -> Iterator[Incident]:
    """An incident for each unsent email; a report without emails is one incident as a whole."""
    planned, whole = outcome.report, _key(outcome.report)
    title = f"{planned.organization.title}, {planned.window.period} {planned.window.label}"
    if outcome.status not in {ReportStatus.FAILED, ReportStatus.UNKNOWN, ReportStatus.DEFERRED}:
        return
    for delivery in outcome.deliveries:
        if delivery.status is not DeliveryStatus.ACCEPTED:
            # Another run has a held message; whether that run is stuck shows only after a while.
            status = DeliveryStatus.DEFERRED if delivery.status.is_held else delivery.status
            about, called = f"{whole} {delivery.recipient}", f"{title}: {delivery.recipient}"
            yield Incident(whole, about, called, status.value, _line(delivery.reply))
    if not outcome.deliveries:
        nature = type(outcome.error).__name__
        yield Incident(whole, whole, title, outcome.status.value, _line(outcome.note or ""), nature)


def _in_doubt(record: MessageRecord) -> Incident:
    """The incident of an earlier run's unresolved email, identified as in the run that sent it."""
    whole = f"{record.organization_id} {record.period} {record.label}"
    about = f"{whole} {record.recipient}"
    return Incident(whole, about, record.title, DeliveryStatus.UNKNOWN.value, _line(record.reply))


def _key(report: PlannedReport) -> str:
    return f"{report.organization.id} {report.window.period} {report.window.label}"


def _line(said: str) -> str:
    return shortened(one_line(said), _LONGEST)

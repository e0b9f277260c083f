"""What of a run's end is trouble: each with what it is about, what happened, and how long it may pass by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import ReporterError
from reporter.domain.one_line import one_line, shortened
from reporter.ledger.record import MessageRecord
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome
from reporter.planning import PlannedReport

ALMOST_A_DAY = timedelta(hours=23)
"""A run at the same time of every day comes a little earlier on one day than on the one before."""

WHOLE_RUN = "the run itself"
"""What an error is about that is no single report's."""

STOPPED = "stopped"
_PATIENCE = {ReportStatus.DEFERRED.value: ALMOST_A_DAY}
"""How long a kind of trouble may last before anybody is told: servers put off a mail every day."""

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went wrong.

    `about` names it in every run that meets it: the report, and the reader where it is one mail's. With another
    `nature` it is another trouble about the same thing.
    """

    report: str
    about: str
    title: str
    status: str
    said: str
    nature: str = ""

    @property
    def kind(self) -> str:
        """What it is: operators hear of it again when this changes."""
        return f"{self.status} {self.nature}".strip()

    @property
    def patience(self) -> timedelta:
        """How long it may last before it is told."""
        return _PATIENCE.get(self.status, timedelta())


@dataclass(frozen=True, slots=True)
class RunFindings:
    """What one run knows. Of `reports` it knows everything; where it `knows_doubts`, of every mail in doubt as well."""

    run: str | None
    exit_code: int
    troubles: tuple[Incident, ...]
    reports: frozenset[str] = frozenset()
    knows_doubts: bool = False


def of_outcome(outcome: RunOutcome) -> RunFindings:
    """What a run that came to its end has met. Where nothing was to be made, it looked at nothing."""
    troubles = [trouble for report in outcome.reports for trouble in _of_report(report)]
    troubles += map(_in_doubt, outcome.unresolved)
    troubles += [_of_run(outcome.trouble)] if outcome.trouble else []
    looked = bool(outcome.reports)
    known = {WHOLE_RUN, *(_key(report.report) for report in outcome.reports)} if looked else ()
    return RunFindings(
        outcome.run, outcome.exit_code, tuple(troubles), frozenset(known), looked and not outcome.trouble
    )


def of_error(error: Exception, exit_code: int) -> RunFindings:
    """What a run has met that an error ended; of its reports it knows nothing."""
    return RunFindings(None, exit_code, (_of_run(error),))


def _of_run(error: Exception) -> Incident:
    name = type(error).__name__
    said = str(error) if isinstance(error, ReporterError) else f"A fault of the program, {name}: its log tells where."
    return Incident(WHOLE_RUN, WHOLE_RUN, WHOLE_RUN, STOPPED, _line(said), name)


def _of_report(outcome: ReportOutcome) -> Iterator[Incident]:
    """Each mail that did not go out; a report that came to no mail is one trouble as a whole."""
    planned, whole = outcome.report, _key(outcome.report)
    title = f"{planned.organization.title}, {planned.window.period} {planned.window.label}"
    if outcome.status not in {ReportStatus.FAILED, ReportStatus.UNKNOWN, ReportStatus.DEFERRED}:
        return
    for delivery in outcome.deliveries:
        if delivery.status is not DeliveryStatus.ACCEPTED:
            about, called = f"{whole} {delivery.recipient}", f"{title}: {delivery.recipient}"
            yield Incident(whole, about, called, delivery.status.value, _line(delivery.reply))
    if not outcome.deliveries:
        nature = type(outcome.error).__name__
        yield Incident(whole, whole, title, outcome.status.value, _line(outcome.note or ""), nature)


def _in_doubt(record: MessageRecord) -> Incident:
    """A mail of an earlier run that nobody has settled, as the run that sent it has told of it."""
    whole = f"{record.organization_id} {record.period} {record.label}"
    about = f"{whole} {record.recipient}"
    return Incident(whole, about, record.title, DeliveryStatus.UNKNOWN.value, _line(record.reply))


def _key(report: PlannedReport) -> str:
    return f"{report.organization.id} {report.window.period} {report.window.label}"


def _line(said: str) -> str:
    return shortened(one_line(said), _LONGEST)

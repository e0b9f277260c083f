"""The outcome of each report and of the whole run, for people and for scripts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from reporter.archive.edition import DATA, PDF, StoredEdition
from reporter.codec import read_settings
from reporter.delivery.channel import Delivery, DeliveryStatus, worst_status
from reporter.domain.errors import ApiKeyRefused, ApiUnreachable, ArchiveError, ReporterError
from reporter.domain.window import Window
from reporter.ledger.record import MessageRecord
from reporter.planning import PlannedReport


class ReportStatus(StrEnum):
    """The status of one report: the worst of its deliveries, if it has any."""

    SENT = "sent"
    ARCHIVED = "archived"
    """Rendered and archived; no email was sent."""
    SKIPPED = "skipped"
    """Sent before: nothing was rendered or sent again."""
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """The paths of a report's files, for an operator to open, and what identifies them."""

    pdf: str
    pdf_sha256: str
    email: str | None
    message_id: str | None


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """The outcome of one report. `note` is the reason for a skip, deferral, or failure; `error` its exception."""

    report: PlannedReport
    status: ReportStatus
    currency: str | None = None
    locale: str | None = None
    files: ReportPaths | None = None
    deliveries: tuple[Delivery, ...] = ()
    note: str | None = None
    error: ReporterError | None = None

    def as_json(self) -> dict[str, Any]:
        """The report's entry in the `--json` document."""
        return {
            "organization_id": self.report.organization.id,
            "organization": self.report.organization.name,
            "status": self.status.value,
            "window": _span(self.report.window),
            "previous": _span(self.report.window.previous()),
            "currency": self.currency,
            "locale": self.locale,
            **(asdict(self.files) if self.files else dict.fromkeys(ReportPaths.__slots__)),
            "deliveries": [
                {"recipient": delivery.recipient, "status": delivery.status.value, "reply": delivery.reply}
                for delivery in self.deliveries
            ],
            "error": self.note,
        }


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The outcome of a run: every report, in the order requested, and the error that left the archive incomplete.

    `unresolved` are emails of earlier runs whose delivery is uncertain and that no operator has resolved.
    """

    run: str
    reports: Sequence[ReportOutcome]
    error: ReporterError | None = None
    unresolved: Sequence[MessageRecord] = ()

    @property
    def period(self) -> str | None:
        """The period of all reports, None if they differ."""
        periods = {report.report.window.period.value for report in self.reports}
        return periods.pop() if len(periods) == 1 else None

    @property
    def exit_code(self) -> int:
        """The exit code: unknown before failed before deferred; 3 if every report failed because of the API."""
        statuses = {report.status for report in self.reports}
        if ReportStatus.UNKNOWN in statuses or self.unresolved:
            return 4
        if ReportStatus.FAILED in statuses:
            return 3 if all(_api_gone(report) for report in self.reports) else 1
        if self.error:
            return 1
        return 75 if ReportStatus.DEFERRED in statuses else 0

    def as_json(self) -> dict[str, Any]:
        """The `--json` document."""
        counted = Counter(report.status for report in self.reports)
        document = {
            "run": self.run,
            "period": self.period,
            "reports": [report.as_json() for report in self.reports],
            "counts": {status.value: counted[status] for status in ReportStatus},
            "unresolved": [record.as_json() for record in self.unresolved],
            "exit_code": self.exit_code,
        }
        return {**document, "error": str(self.error)} if self.error else document


def unreported(unresolved: Iterable[MessageRecord], reports: Iterable[ReportOutcome]) -> tuple[MessageRecord, ...]:
    """The emails of unknown outcome that no report of this run includes."""
    deliveries = (delivery for report in reports for delivery in report.deliveries)
    told = {delivery.message_id for delivery in deliveries if delivery.status is DeliveryStatus.UNKNOWN}
    return tuple(record for record in unresolved if record.message_id not in told)


def _api_gone(report: ReportOutcome) -> bool:
    return isinstance(report.error, ApiKeyRefused | ApiUnreachable)


def _span(window: Window) -> dict[str, str]:
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def delivered(
    report: PlannedReport, currency: str | None, kept: StoredEdition, deliveries: Sequence[Delivery]
) -> ReportOutcome:
    """A report that was rendered, archived, and delivered as far as possible, if it has recipients."""
    status = _status(worst_status(delivery.status for delivery in deliveries))
    note = None if status in {ReportStatus.SENT, ReportStatus.ARCHIVED} else _reason(status, deliveries)
    locale = report.config.locale
    return ReportOutcome(report, status, currency, locale, _files(kept, deliveries), tuple(deliveries), note)


def skipped(report: PlannedReport, known: Sequence[Delivery], kept: StoredEdition | None) -> ReportOutcome:
    """A report with nothing to do now: its recipients have it, or delivery has to wait or needs an operator."""
    status = _status(worst_status(delivery.status for delivery in known))
    if status in {ReportStatus.SENT, ReportStatus.ARCHIVED}:
        status, note = ReportStatus.SKIPPED, "sent before; --force REASON sends it again"
    else:
        note = _reason(status, known)
    if kept is None:
        return ReportOutcome(report, status, deliveries=tuple(known), note=note)
    currency, locale = _made_with(kept)
    return ReportOutcome(report, status, currency, locale, _files(kept, known), tuple(known), note)


def _reason(status: ReportStatus, deliveries: Sequence[Delivery]) -> str:
    """The reply of the first message with the report's status."""
    return next(delivery.reply for delivery in deliveries if _status(delivery.status) is status)


def _status(worst: DeliveryStatus | None) -> ReportStatus:
    """The status of a report whose least advanced delivery is in this state; None if it has no deliveries."""
    if worst in {None, DeliveryStatus.OUTBOX}:
        return ReportStatus.ARCHIVED
    if worst is DeliveryStatus.ACCEPTED:
        return ReportStatus.SENT
    if worst in {DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED}:
        return ReportStatus(worst)
    return ReportStatus.DEFERRED


def waiting(report: PlannedReport) -> ReportOutcome:
    """A report that another run is working on."""
    note = "another run is working on this report; run again later"
    return ReportOutcome(report, ReportStatus.DEFERRED, report.config.currency, report.config.locale, note=note)


def failed(report: PlannedReport, note: str, error: ReporterError | None = None) -> ReportOutcome:
    """A report that could not be rendered, archived, or delivered."""
    config = report.config
    return ReportOutcome(report, ReportStatus.FAILED, config.currency, config.locale, note=note, error=error)


def _made_with(kept: StoredEdition) -> tuple[str | None, str | None]:
    """The currency and locale of an archived edition, which may differ from the current ones; None if unreadable."""
    try:
        settings = read_settings((kept.folder / DATA).read_bytes())
    except (OSError, ArchiveError):  # `verify` reports this
        return None, None
    return settings.currency, settings.locale


def _files(kept: StoredEdition, deliveries: Sequence[Delivery]) -> ReportPaths:
    first = deliveries[0] if deliveries else None
    return ReportPaths(
        pdf=str(kept.folder / PDF),
        pdf_sha256=kept.pdf_sha256,
        email=str(kept.folder / first.file) if first else None,
        message_id=first.message_id if first else None,
    )

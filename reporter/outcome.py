"""The end of the way: what became of each report, and of the run as a whole, for people and for scripts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reporter.delivery.interface import Delivery
from reporter.errors import ApiKeyRefused, ApiUnreachable, ReporterError
from reporter.hyperrep.snapshot import Organization
from reporter.window import Window


class Status(StrEnum):
    """What became of one report; the worst of its deliveries where it has any."""

    SENT = "sent"
    ARCHIVED = "archived"
    """Made and kept; no mail was handed to a server."""
    SKIPPED = "skipped"
    """Sent before: nothing was made or sent again."""
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Files:
    """Where a report's files lie, as paths an operator can open, and what identifies them."""

    pdf: str
    pdf_sha256: str
    email: str | None
    message_id: str | None


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """One report's end. `note` is the reason of a skip, deferral or failure in a sentence; `error` its exception."""

    organization: Organization
    window: Window
    status: Status
    currency: str | None
    locale: str
    files: Files | None = None
    deliveries: tuple[Delivery, ...] = ()
    note: str | None = None
    error: ReporterError | None = None

    def as_json(self) -> dict[str, Any]:
        """The report's part of the `--json` document."""
        previous = self.window.previous()
        return {
            "organization_id": self.organization.id,
            "organization": self.organization.name,
            "status": self.status.value,
            "period": self.window.period.value,
            "window": {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()},
            "previous": {"start": previous.start.isoformat(), "end": previous.end.isoformat()},
            "currency": self.currency,
            "locale": self.locale,
            "pdf": self.files.pdf if self.files else None,
            "pdf_sha256": self.files.pdf_sha256 if self.files else None,
            "email": self.files.email if self.files else None,
            "message_id": self.files.message_id if self.files else None,
            "deliveries": [
                {"recipient": delivery.recipient, "status": delivery.status.value, "reply": delivery.reply}
                for delivery in self.deliveries
            ],
            "error": self.note,
        }


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A run's end: every report, in the order asked for."""

    run: str
    period: str | None
    reports: Sequence[ReportOutcome]

    @property
    def exit_code(self) -> int:
        """What a script sees: unknown before failed before deferred; 3 when the API failed every report."""
        statuses = {report.status for report in self.reports}
        if Status.UNKNOWN in statuses:
            return 4
        if Status.FAILED in statuses:
            return 3 if all(_api_gone(report) for report in self.reports) else 1
        return 75 if Status.DEFERRED in statuses else 0

    def as_json(self) -> dict[str, Any]:
        """The `--json` document."""
        counted = Counter(report.status for report in self.reports)
        return {
            "run": self.run,
            "period": self.period,
            "reports": [report.as_json() for report in self.reports],
            "counts": {status.value: counted[status] for status in Status},
            "exit_code": self.exit_code,
        }


def _api_gone(report: ReportOutcome) -> bool:
    return isinstance(report.error, ApiKeyRefused | ApiUnreachable)

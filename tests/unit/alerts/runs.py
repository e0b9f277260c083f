"""Runs and their errors, for the tests of alerts."""

from datetime import UTC, date, datetime

from reporter.alerts.incident import RunFindings, of_outcome
from reporter.config.load import load_environment
from reporter.config.settings import Overrides
from reporter.delivery.channel import Delivery, DeliveryStatus
from reporter.domain.snapshot import Organization
from reporter.domain.window import Period, last_complete
from reporter.outcome import ReportOutcome, RunOutcome, delivered, failed
from reporter.planning import PlannedReport
from tests.unit.test_outcome import KEPT

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CEO = "ceo@acme.example"
_DEFAULTS = load_environment({}, Overrides()).defaults
_APRIL = last_complete(Period.MONTH, date(2026, 5, 4), "America/New_York")


def planned(name: str = "Acme Roofing") -> PlannedReport:
    """April's report of an organization."""
    return PlannedReport(Organization(f"id of {name}", name), _DEFAULTS, _APRIL)


def mailed(status: DeliveryStatus, reply: str = "said so", name: str = "Acme Roofing") -> ReportOutcome:
    """April's report, with one email in this delivery state."""
    return delivered(planned(name), "USD", KEPT, [Delivery(CEO, "<1@acme.example>", "email.eml", status, reply)])


def broken(name: str = "Acme Roofing") -> ReportOutcome:
    """April's report, which could not be rendered."""
    return failed(planned(name), "the API said no")


def seen(*reports: ReportOutcome) -> RunFindings:
    """The observations of a run that completed with these reports."""
    return of_outcome(RunOutcome("4711", reports))

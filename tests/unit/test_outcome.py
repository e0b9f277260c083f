"""The result of a run for people and scripts: statuses, counts, exit codes, and the JSON document."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter import codec
from reporter.archive.edition import StoredEdition
from reporter.config.load import load_environment
from reporter.config.settings import Overrides
from reporter.delivery.channel import Delivery, DeliveryStatus, Purpose, worst_status
from reporter.domain.errors import ApiKeyRefused, ApiRefused, ApiUnreachable, ArchiveError, ReporterError
from reporter.domain.snapshot import Organization
from reporter.domain.window import Period, last_complete
from reporter.ledger.record import MessageRecord
from reporter.outcome import (
    ReportOutcome,
    ReportStatus,
    RunOutcome,
    delivered,
    failed,
    skipped,
    unreported,
    waiting,
)
from reporter.planning import PlannedReport
from tests.unit.archive.samples import report

DEFAULTS = load_environment({}, Overrides()).defaults
REPORT = PlannedReport(
    Organization("id-1", "Acme Roofing"), DEFAULTS, last_complete(Period.MONTH, date(2026, 5, 4), "America/New_York")
)
WEEKLY = replace(REPORT, window=last_complete(Period.WEEK, date(2026, 5, 4), "America/New_York"))
KEPT = StoredEdition(Path("reports/acme-roofing/month/2026-04"), "ab12")


MOMENT = datetime(2026, 4, 1, 8, tzinfo=UTC)
DOUBT = MessageRecord(
    id=7,
    purpose=Purpose.REPORT,
    organization_id="id-1",
    organization="Acme Roofing",
    period="month",
    label="2026-03",
    recipient="ceo@acme.example",
    revision=1,
    reason=None,
    state=DeliveryStatus.UNKNOWN,
    attempts=1,
    next_try=None,
    message_id="<ceo@acme.example>",
    file="email.eml",
    sha256=None,
    reply="the server hung up",
    planned_at=MOMENT,
    changed_at=MOMENT,
)


def delivery(status: DeliveryStatus, recipient: str = "ceo@acme.example") -> Delivery:
    """A message in this delivery state."""
    return Delivery(recipient, f"<{recipient}>", "email.eml", status, f"reply: {status}")


def of(status: ReportStatus, error: ReporterError | None = None) -> ReportOutcome:
    """A report with this status."""
    return ReportOutcome(REPORT, status, error=error)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([], 0),
        ([ReportStatus.SENT, ReportStatus.SKIPPED, ReportStatus.ARCHIVED], 0),
        ([ReportStatus.SENT, ReportStatus.FAILED], 1),
        ([ReportStatus.SENT, ReportStatus.DEFERRED], 75),
        ([ReportStatus.DEFERRED, ReportStatus.FAILED], 1),
        ([ReportStatus.DEFERRED, ReportStatus.FAILED, ReportStatus.UNKNOWN, ReportStatus.SENT], 4),
    ],
)
def test_the_exit_code_is_the_worst_of_the_reports(statuses: list[ReportStatus], code: int) -> None:
    """The exit code is 4 before 1 before 75 before 0, in any order of the reports."""
    for order in permutations(statuses):
        assert RunOutcome("run", [of(status) for status in order]).exit_code == code


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([of(ReportStatus.FAILED, ApiUnreachable("x")), of(ReportStatus.FAILED, ApiKeyRefused("x"))], 3),
        ([of(ReportStatus.FAILED, ApiUnreachable("x")), of(ReportStatus.FAILED, ApiRefused("x"))], 1),
        ([of(ReportStatus.FAILED, ApiUnreachable("x")), of(ReportStatus.SENT)], 1),
        ([of(ReportStatus.FAILED, ApiUnreachable("x")), of(ReportStatus.FAILED)], 1),
    ],
)
def test_an_api_that_failed_every_report_is_told_apart(outcomes: list[ReportOutcome], code: int) -> None:
    """The exit code is 3 only if every report failed because the API was unavailable or refused the key."""
    assert RunOutcome("run", outcomes).exit_code == code


@pytest.mark.parametrize(
    ("status", "code"), [(ReportStatus.SENT, 1), (ReportStatus.DEFERRED, 1), (ReportStatus.UNKNOWN, 4)]
)
def test_an_incomplete_archive_is_no_success(status: ReportStatus, code: int) -> None:
    """If index or manifest cannot be written, the run has failed; an unknown outcome still takes precedence."""
    outcome = RunOutcome("run", [of(status)], ArchiveError("the disk is full"))
    assert (outcome.exit_code, outcome.as_json()["error"]) == (code, "the disk is full")


@pytest.mark.parametrize("status", ReportStatus)
def test_an_earlier_doubt_is_no_success(status: ReportStatus) -> None:
    """An unresolved email of an earlier run is reported, and takes precedence over the reports' statuses."""
    outcome = RunOutcome("run", [of(status)], ArchiveError("the disk is full"), (DOUBT,))
    assert outcome.exit_code == 4
    (told,) = outcome.as_json()["unresolved"]
    assert (told["id"], told["recipient"], told["changed_at"]) == (7, "ceo@acme.example", "2026-04-01T08:00:00+00:00")


def test_a_doubt_is_told_once() -> None:
    """An unknown outcome is listed once: in the report of this run, or else among the earlier ones."""
    doubt, settled = delivery(DeliveryStatus.UNKNOWN), delivery(DeliveryStatus.ACCEPTED)
    assert unreported([DOUBT], [delivered(REPORT, None, KEPT, [doubt])]) == ()
    assert unreported([DOUBT], [delivered(REPORT, None, KEPT, [settled]), of(ReportStatus.FAILED)]) == (DOUBT,)


@given(st.lists(st.sampled_from(ReportStatus), max_size=30))
def test_the_counts_add_up(statuses: list[ReportStatus]) -> None:
    """Each status has a count, even zero, and the counts add up to the number of reports."""
    document = RunOutcome("run", [of(status) for status in statuses]).as_json()
    assert list(document["counts"]) == [status.value for status in ReportStatus]
    assert sum(document["counts"].values()) == len(document["reports"]) == len(statuses)


def test_the_period_is_the_one_they_share() -> None:
    """The run has a period if all reports have the same one."""
    monthly, weekly = ReportOutcome(REPORT, ReportStatus.SENT), ReportOutcome(WEEKLY, ReportStatus.SENT)
    assert RunOutcome("run", [monthly, monthly]).period == "month"
    assert RunOutcome("run", [monthly, weekly]).period is None
    assert RunOutcome("run", []).period is None


@pytest.mark.parametrize(
    ("came_to", "status"),
    [
        ([], ReportStatus.ARCHIVED),
        ([DeliveryStatus.OUTBOX], ReportStatus.ARCHIVED),
        ([DeliveryStatus.ACCEPTED, DeliveryStatus.ACCEPTED], ReportStatus.SENT),
        ([DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED], ReportStatus.DEFERRED),
        ([DeliveryStatus.DEFERRED, DeliveryStatus.FAILED], ReportStatus.FAILED),
        ([DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED], ReportStatus.UNKNOWN),
    ],
)
def test_a_report_is_what_its_worst_delivery_is(came_to: list[DeliveryStatus], status: ReportStatus) -> None:
    """Its reply is the report's reason, unless the message was accepted."""
    outcome = delivered(REPORT, "USD", KEPT, [delivery(each) for each in came_to])
    worst = {
        ReportStatus.DEFERRED: "reply: deferred",
        ReportStatus.FAILED: "reply: failed",
        ReportStatus.UNKNOWN: "reply: unknown",
    }
    assert (outcome.status, outcome.note) == (status, worst.get(status))


def test_a_report_is_as_good_as_its_worst_delivery() -> None:
    """The worst delivery state counts: unknown, failed, deferred, and so on to accepted, in any order."""
    worst_first = [
        DeliveryStatus.UNKNOWN,
        DeliveryStatus.FAILED,
        DeliveryStatus.DEFERRED,
        DeliveryStatus.SENDING,
        DeliveryStatus.CLAIMED,
        DeliveryStatus.PLANNED,
        DeliveryStatus.OUTBOX,
        DeliveryStatus.ACCEPTED,
    ]
    for worse, better in combinations(worst_first, 2):
        assert worst_status([worse, better]) is worst_status([better, worse]) is worse
    assert worst_status([]) is None


def test_the_document_of_a_report() -> None:
    """The document has every key of the contract, with paths that can be opened as they are."""
    document = delivered(REPORT, "USD", KEPT, [delivery(DeliveryStatus.ACCEPTED)]).as_json()
    assert document == {
        "organization_id": "id-1",
        "organization": "Acme Roofing",
        "status": "sent",
        "window": {"start": "2026-04-01T00:00:00-04:00", "end": "2026-05-01T00:00:00-04:00"},
        "previous": {"start": "2026-03-01T00:00:00-05:00", "end": "2026-04-01T00:00:00-04:00"},
        "currency": "USD",
        "locale": "en_US",
        "pdf": "reports/acme-roofing/month/2026-04/report.pdf",
        "pdf_sha256": "ab12",
        "email": "reports/acme-roofing/month/2026-04/email.eml",
        "message_id": "<ceo@acme.example>",
        "deliveries": [{"recipient": "ceo@acme.example", "status": "accepted", "reply": "reply: accepted"}],
        "error": None,
    }


def test_what_was_not_made_has_no_files() -> None:
    """A failed report, and one that another run is processing, have a reason and no files."""
    for outcome, status in ((failed(REPORT, "why"), "failed"), (waiting(REPORT), "deferred")):
        document = outcome.as_json()
        assert (document["status"], document["pdf"], document["email"], document["deliveries"]) == (
            status,
            None,
            None,
            [],
        )
        assert document["error"]


def test_what_was_sent_before_is_told_as_it_was_made(tmp_path: Path) -> None:
    """Currency and locale are those of the archived edition, whatever is configured now; null if it is lost."""
    kept = replace(KEPT, folder=tmp_path)
    (tmp_path / "report.json").write_bytes(codec.document(report(), figures=(), headlines=()))
    told = skipped(REPORT, [delivery(DeliveryStatus.ACCEPTED)], kept).as_json()
    assert (told["currency"], told["locale"], DEFAULTS.locale) == ("EUR", "de_DE", "en_US")
    for content in (b"", b"{}", b'{"report": []}'):
        (tmp_path / "report.json").write_bytes(content)
        told = skipped(REPORT, [delivery(DeliveryStatus.ACCEPTED)], kept).as_json()
        assert (told["currency"], told["locale"]) == (None, None)


@pytest.mark.parametrize(
    ("came_to", "status"),
    [(DeliveryStatus.ACCEPTED, ReportStatus.SKIPPED), (DeliveryStatus.UNKNOWN, ReportStatus.UNKNOWN)],
)
def test_what_was_sent_before_is_skipped_unless_nobody_knows(came_to: DeliveryStatus, status: ReportStatus) -> None:
    """An unknown outcome is reported by every later run, even if the files are missing."""
    for kept in (KEPT, None):
        outcome = skipped(REPORT, [delivery(came_to)], kept)
        assert (outcome.status, bool(outcome.note)) == (status, True)
        assert (outcome.files is None) is (kept is None)

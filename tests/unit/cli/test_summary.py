"""The summary table at the end of a run, in the terminal and in a CI step summary: it adds up, and it is only text."""

from pathlib import Path

import pytest

from reporter.cli.output import table
from reporter.cli.summary import COLUMNS, STEP_SUMMARY, rows, totals, write_step_summary
from reporter.delivery.channel import Delivery, DeliveryStatus
from reporter.outcome import ReportOutcome, RunOutcome, delivered
from tests.unit.alerts.runs import broken, mailed, planned
from tests.unit.test_outcome import KEPT

HOSTILE = "<script>|`x`[a](https://evil.example)*b*\\"


def partly() -> ReportOutcome:
    """A report that one of two recipients received."""
    statuses = {"ceo@acme.example": DeliveryStatus.ACCEPTED, "cfo@acme.example": DeliveryStatus.FAILED}
    deliveries = [Delivery(to, f"<{to}>", "email.eml", status, "550\r\nno") for to, status in statuses.items()]
    return delivered(planned("Corner Bakery"), "USD", KEPT, deliveries)


RUN = RunOutcome("4711", [partly(), mailed(DeliveryStatus.ACCEPTED), broken(HOSTILE)])


def test_the_rows_are_the_reports_and_the_totals_their_sum() -> None:
    """Each report has a row with its number of successful deliveries, the worst last; the final row has the totals."""
    assert rows(RUN) == [
        ("sent", "Acme Roofing", "month 2026-04", "1/1", ""),
        ("failed", "Corner Bakery", "month 2026-04", "1/2", "550 no"),
        ("failed", HOSTILE, "month 2026-04", "0/0", "the API said no"),
    ]
    assert totals(RUN) == ("Total", "3 reports", "", "2/3", "1 sent, 2 failed")


def test_plain_text_stands_in_columns() -> None:
    """Without a terminal there is no color, no truncation, and no trailing whitespace, and the columns are aligned."""
    lines = table(COLUMNS, rows(RUN), totals(RUN))
    assert len({line.index("month 2026-04") for line in lines if "month" in line}) == 1
    assert HOSTILE in lines[-2]
    assert "\x1b" not in "".join(lines)
    assert lines == [line.rstrip() for line in lines]
    assert lines[-1].split() == ["Total", "3", "reports", "2/3", "1", "sent,", "2", "failed"]


def test_a_steps_summary_gets_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is appended to the existing summary; a name cannot start a cell, a link, or a tag."""
    file = tmp_path / "summary.md"
    file.write_text("before\n", "utf-8")
    monkeypatch.setenv(STEP_SUMMARY, str(file))
    write_step_summary(RUN)
    text = file.read_text("utf-8")
    assert text.startswith("before\n### hyperrep-report\n")
    assert "| sent | Acme Roofing | month 2026\\-04 | 1\\/1 |  |\n" in text
    escaped = r"\<script\>\|\`x\`\[a\]\(https\:\/\/evil\.example\)\*b\*\\"
    assert f"| failed | {escaped} | month" in text
    assert text.endswith("| Total | 3 reports |  | 2\\/3 | 1 sent\\, 2 failed |\n\nExit code 1.\n\n")


def test_a_summary_that_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write error does not fail the step; without the variable or without reports, nothing is written."""
    monkeypatch.setenv(STEP_SUMMARY, str(tmp_path))
    write_step_summary(RUN)
    monkeypatch.setenv(STEP_SUMMARY, str(tmp_path / "summary.md"))
    write_step_summary(RunOutcome("4711", []))
    monkeypatch.delenv(STEP_SUMMARY)
    write_step_summary(RUN)
    assert not list(tmp_path.iterdir())

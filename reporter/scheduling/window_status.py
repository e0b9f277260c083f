"""The status of each configured report: what should have been sent by now, and what was, for monitoring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from reporter.config.settings import ReportConfig
from reporter.delivery.channel import DeliveryStatus, worst_status
from reporter.ledger.schedules import Progress, Schedule
from reporter.scheduling.calendar import Occurrence
from reporter.scheduling.due_list import Archived, OpenWindows, WindowProgress

LOOK_BACK = timedelta(days=31)
"""How far back unsent windows are reported."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""The start of a report's schedule that no scheduled run has seen: every window counts then."""


class WindowStatus(StrEnum):
    """The status of a window's report where no delivery state says it."""

    DUE = "due"
    """Nothing was done for some recipient yet."""
    MISSED = "missed"
    """Too old to be sent automatically."""
    SENT = "sent"
    ARCHIVED = "archived"
    """Rendered, and without recipients."""
    NOT_OWED = "not owed"
    """It was due before the report was first seen."""


_COMPLETE = {WindowStatus.SENT, WindowStatus.ARCHIVED, WindowStatus.NOT_OWED}


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One window of one report. `is_expected`: every recipient should have this one by now.

    `status` is the state of the recipient whose delivery is least advanced, unless no delivery is open.
    """

    report: ReportConfig
    organization_id: str | None
    occurrence: Occurrence
    progress: WindowProgress
    status: DeliveryStatus | WindowStatus
    is_expected: bool
    next_due: datetime

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self.status in _COMPLETE


def windows_to_check(
    report: ReportConfig, schedule: Schedule | None, identity: str | None, now: datetime, grace: timedelta
) -> OpenWindows:
    """The windows to check: the last that is due, the last that is expected, and all since the report was first seen.

    `identity` is the organization's id if the schedule does not have it.
    """
    table = report.timetable
    since = max(schedule.since, now - LOOK_BACK) if schedule else now
    found = {table.last(now - grace), table.last(now), *table.occurrences(since, now)}
    known = schedule or Schedule(report.organization or "", report.period, None, _LONG_AGO, _LONG_AGO)
    identified = replace(known, organization_id=known.organization_id or identity)
    return OpenWindows(report, identified, tuple(sorted(found, key=lambda occurrence: occurrence.moment)))


def status_rows(
    checked: OpenWindows, found: Progress, archived: Archived, now: datetime, grace: timedelta
) -> Iterator[StatusRow]:
    """The last due window, the last expected one, and every other that is not complete; oldest first."""
    table = checked.report.timetable
    expected, following = table.last(now - grace), table.next(now).moment
    identity = checked.schedule.organization_id
    for occurrence in checked.occurrences:
        progress = checked.progress(occurrence, found, archived)
        status = _status(checked.schedule, occurrence, progress)
        row = StatusRow(checked.report, identity, occurrence, progress, status, occurrence == expected, following)
        if occurrence in {expected, checked.occurrences[-1]} or not row.is_complete:
            yield row


def exit_code(rows: Sequence[StatusRow]) -> int:
    """The exit code: 4 if delivery of an expected report is uncertain, 1 if one was not delivered, otherwise 0."""
    expected = [row for row in rows if row.is_expected]
    if any(row.status is DeliveryStatus.UNKNOWN for row in expected):
        return 4
    return 0 if all(row.is_complete for row in expected) else 1


def _status(schedule: Schedule, occurrence: Occurrence, progress: WindowProgress) -> DeliveryStatus | WindowStatus:
    states = {recipient.state for recipient in progress.recipients.values() if recipient}
    worst = worst_status(states - {DeliveryStatus.ACCEPTED})
    if worst is DeliveryStatus.UNKNOWN:
        return worst
    if progress.is_out:
        return worst or (WindowStatus.SENT if states else WindowStatus.ARCHIVED)
    if occurrence.moment <= schedule.since and not states:
        return WindowStatus.NOT_OWED
    if occurrence.moment <= schedule.settled_until:
        return WindowStatus.MISSED
    return worst or WindowStatus.DUE

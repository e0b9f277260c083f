"""The status of each configured report: what should have been sent by now, and what was, for monitoring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from reporter.config.settings import ReportConfig
from reporter.delivery.channel import DeliveryStatus
from reporter.ledger.schedules import Progress, Schedule
from reporter.scheduling.calendar import Occurrence
from reporter.scheduling.catch_up import Archived, OpenWindows, WindowProgress, owing, readers

LOOK_BACK = timedelta(days=31)
"""How far back unsent windows are reported."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""The start of a report's schedule that no scheduled run has seen: every window counts then."""


class ReportState(StrEnum):
    """The state of one window's report: that of the recipient whose delivery is least advanced."""

    UNKNOWN = "unknown"
    """Delivery to some recipient is uncertain."""
    FAILED = "failed"
    DEFERRED = "deferred"
    PLANNED = "planned"
    """Emails are planned or being sent."""
    DUE = "due"
    """Nothing was done for some recipient yet."""
    MISSED = "missed"
    """Too old to be sent automatically."""
    SENT = "sent"
    ARCHIVED = "archived"
    """Rendered, and without recipients."""
    NOT_OWED = "not owed"
    """It was due before the report was first seen."""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self in {ReportState.SENT, ReportState.ARCHIVED, ReportState.NOT_OWED}


_STANDINGS = {
    DeliveryStatus.FAILED: ReportState.FAILED,
    DeliveryStatus.DEFERRED: ReportState.DEFERRED,
    DeliveryStatus.COMMITTING: ReportState.PLANNED,
    DeliveryStatus.CLAIMED: ReportState.PLANNED,
    DeliveryStatus.PLANNED: ReportState.PLANNED,
}
"""The report state for each message state, worst first."""


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One window of one report. `is_expected`: every recipient should have this one by now."""

    report: ReportConfig
    organization_id: str | None
    occurrence: Occurrence
    readers: WindowProgress
    standing: ReportState
    is_expected: bool
    next_due: datetime


def windows(
    report: ReportConfig, schedule: Schedule | None, identity: str | None, now: datetime, grace: timedelta
) -> OpenWindows:
    """The windows to check: the last that is due, the last that is expected, and all since the report was first seen.

    `identity` is the organization's id if the schedule does not have it.
    """
    table = report.timetable
    since = max(schedule.since, now - LOOK_BACK) if schedule else now
    found = {table.last(now - grace), table.last(now), *table.occurrences(since, now)}
    known = schedule or Schedule(report.organization or "", report.period, None, _LONG_AGO, _LONG_AGO)
    named = replace(known, organization_id=known.organization_id or identity)
    return owing(report, named, found)


def lines(
    owed: OpenWindows, progress: Progress, archived: Archived, now: datetime, grace: timedelta
) -> Iterator[StatusRow]:
    """The last due window, the last expected one, and every other that is not finished; oldest first."""
    table = owed.report.timetable
    expected, following = table.last(now - grace), table.next(now).moment
    for occurrence in owed.occurrences:
        state = readers(owed, occurrence, progress, archived)
        standing = _standing(owed.schedule, occurrence, state)
        if occurrence in {expected, owed.occurrences[-1]} or not standing.is_well:
            identity = owed.schedule.organization_id
            yield StatusRow(owed.report, identity, occurrence, state, standing, occurrence == expected, following)


def exit_code(told: Sequence[StatusRow]) -> int:
    """The exit code: 4 if delivery of an expected report is uncertain, 1 if one was not delivered, otherwise 0."""
    standings = {line.standing for line in told if line.is_expected}
    if ReportState.UNKNOWN in standings:
        return 4
    return 0 if all(standing.is_well for standing in standings) else 1


def _standing(schedule: Schedule, occurrence: Occurrence, state: WindowProgress) -> ReportState:
    states = {mark.state for mark in state.marks.values() if mark}
    if DeliveryStatus.UNKNOWN in states:
        return ReportState.UNKNOWN
    if state.is_out:
        return (
            ReportState.FAILED
            if DeliveryStatus.FAILED in states
            else ReportState.SENT
            if state.marks
            else ReportState.ARCHIVED
        )
    if occurrence.moment <= schedule.since and not states:
        return ReportState.NOT_OWED
    if occurrence.moment <= schedule.settled_until:
        return ReportState.MISSED
    return next((standing for found, standing in _STANDINGS.items() if found in states), ReportState.DUE)

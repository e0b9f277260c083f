"""Decide which windows of the scheduled reports are due now, and which were missed.

    configured reports ─ `owed` ─▶ OpenWindows (windows ended since the report was first seen) ─ the ledger's progress
    ─ `judge` ─▶ DueDecision (what to send now, what is too old)

Nothing here reads a clock, the ledger, or the archive: their data are arguments.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from reporter.config.settings import ReportConfig
from reporter.domain.window import Window
from reporter.ledger.schedules import Progress, RecipientProgress, Schedule, WindowKey
from reporter.scheduling.calendar import Occurrence

FIRST_SIGHT = timedelta(hours=1)
"""When a report is first seen, windows that became due within this time are sent; older ones are not started."""

FRESH = timedelta(hours=1)
"""How long after its due time a window counts as on time if nothing is caught up."""

Archived = Callable[[str, Window], bool]
"""Whether the archive has the report for this organization id and window."""


class CatchUp(StrEnum):
    """Which windows are still sent if they became due while nothing ran."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class CatchUpPolicy:
    """What is still sent late: which windows, and up to what age."""

    catch_up: CatchUp = CatchUp.LATEST
    max_age: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenWindows:
    """The windows of a report to check, delivered or not, oldest first, and the configured recipients."""

    report: ReportConfig
    schedule: Schedule
    occurrences: tuple[Occurrence, ...]
    recipients: tuple[str, ...]

    @property
    def windows(self) -> tuple[WindowKey, ...]:
        """The keys to query in the ledger; empty while the organization's id is not known."""
        return tuple(filter(None, (self.key(occurrence.window) for occurrence in self.occurrences)))

    def key(self, window: Window) -> WindowKey | None:
        """The window's key in the ledger."""
        identity = self.schedule.organization_id
        return WindowKey(identity, window.period, window.label) if identity else None


@dataclass(frozen=True, slots=True)
class DueDecision:
    """Windows of one report to send now, oldest first; windows too old to send; and the schedule after that."""

    due: tuple[Occurrence, ...]
    missed: tuple[Occurrence, ...]
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class WindowProgress:
    """The progress of one window: that of each configured recipient, None if no email to them is planned."""

    marks: Mapping[str, RecipientProgress | None]
    is_archived: bool = True

    @property
    def is_out(self) -> bool:
        """Whether nothing is left to do for any recipient; without recipients, whether the report is archived."""
        return self.is_archived and all(mark is not None and mark.is_settled for mark in self.marks.values())

    @property
    def is_begun(self) -> bool:
        """Whether an email is planned, or was left behind, that may be sent now."""
        marks = filter(None, self.marks.values())
        return any(not mark.is_settled and not mark.is_resting for mark in marks)

    @property
    def is_lacking(self) -> bool:
        """Whether nothing was ever planned for some recipient, or the report was never rendered."""
        return not self.is_archived or None in self.marks.values()


def owed(
    reports: Sequence[ReportConfig], known: Mapping[tuple[str, str], Schedule], policy: CatchUpPolicy, now: datetime
) -> tuple[OpenWindows, ...]:
    """The windows of each of these reports, all with an organization, that may be due at `now`."""
    return tuple(_owed(report, known, policy, now) for report in reports)


def readers(owed: OpenWindows, occurrence: Occurrence, progress: Progress, archived: Archived) -> WindowProgress:
    """The progress of this window for the currently configured recipients."""
    key = owed.key(occurrence.window)
    marks = progress.get(key, {}) if key else {}
    if owed.recipients:
        return WindowProgress({to: marks.get(to) for to in owed.recipients})
    return WindowProgress({}, is_archived=key is not None and archived(key.organization_id, occurrence.window))


def judge(
    owed: OpenWindows, progress: Progress, archived: Archived, policy: CatchUpPolicy, now: datetime
) -> DueDecision:
    """Decide which of this report's open windows to send, and which were missed."""
    due, missed, settled_until = [], [], owed.schedule.settled_until
    for occurrence in owed.occurrences:
        state = readers(owed, occurrence, progress, archived)
        is_owed = occurrence.moment > owed.schedule.since
        if occurrence.moment < now - policy.max_age:
            settled_until = occurrence.moment
            missed += [occurrence] if is_owed and not state.is_out else []
        elif state.is_begun or (is_owed and state.is_lacking and _is_wanted(occurrence, owed, policy, now)):
            due.append(occurrence)
    return DueDecision(tuple(due), tuple(missed), replace(owed.schedule, settled_until=settled_until))


def owing(report: ReportConfig, schedule: Schedule, occurrences: Iterable[Occurrence]) -> OpenWindows:
    """These windows of a report, open for the currently configured recipients."""
    listed = tuple(sorted(occurrences, key=lambda each: each.moment))
    return OpenWindows(report, schedule, listed, tuple(to.canonical for to in report.recipients) if listed else ())


def _owed(
    report: ReportConfig, known: Mapping[tuple[str, str], Schedule], policy: CatchUpPolicy, now: datetime
) -> OpenWindows:
    """The open windows of a report; a new one is checked as far back as a started delivery may be finished."""
    assert report.organization is not None
    since = now - FIRST_SIGHT
    new = Schedule(report.organization, report.period, None, since, min(since, now - policy.max_age))
    schedule = known.get(new.key, new)
    return owing(report, schedule, report.timetable.occurrences(schedule.settled_until, now))


def _is_wanted(occurrence: Occurrence, owed: OpenWindows, policy: CatchUpPolicy, now: datetime) -> bool:
    """Whether delivery of a window may still be started, even if late."""
    match policy.catch_up:
        case CatchUp.ALL:
            return True
        case CatchUp.LATEST:
            return occurrence == owed.occurrences[-1]
        case CatchUp.NONE:
            return occurrence.moment > now - FRESH

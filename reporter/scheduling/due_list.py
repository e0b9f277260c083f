"""The due list: what the configured reports have to send now, and what they missed, according to the ledger.

configured reports ─▶ OpenWindows (windows ended since the report was first seen) ─ the ledger's progress ─▶ DueList
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from reporter.config.settings import ReportConfig
from reporter.domain.errors import UsageError
from reporter.domain.window import Window
from reporter.ledger.database import Transaction
from reporter.ledger.schedules import (
    Progress,
    RecipientProgress,
    Schedule,
    WindowKey,
    progress,
    save_schedules,
    schedules,
)
from reporter.scheduling.calendar import Occurrence

NEW_SINCE = timedelta(hours=1)
"""When a report is first seen, windows that became due within this time are sent; older ones are not started."""

ON_TIME = timedelta(hours=1)
"""How long after its due time a window counts as on time if nothing is caught up."""

Archived = Callable[[str, Window], bool]
"""Whether the archive has the report for this organization id and window."""

Find = Callable[[str], str]
"""Looks up the id of an organization named in the configuration; raises UsageError if the key does not have it."""


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
class DueReport:
    """One window of one report; `organization_id` is None if it is not known, and `error` may say why."""

    report: ReportConfig
    occurrence: Occurrence
    organization_id: str | None = None
    error: UsageError | None = None


@dataclass(frozen=True, slots=True)
class DueList:
    """What to send now, what is too old to send, and what has to wait for its organization's id; oldest first."""

    due: tuple[DueReport, ...] = ()
    missed: tuple[DueReport, ...] = ()
    unidentified: tuple[DueReport, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done, as far as is known without the API."""
        return not self.due and not self.unidentified


@dataclass(frozen=True, slots=True)
class WindowProgress:
    """The progress of one window: that of each configured recipient, None if no email to them is planned."""

    recipients: Mapping[str, RecipientProgress | None]
    is_archived: bool = True

    @property
    def is_out(self) -> bool:
        """Whether nothing is left to do for any recipient; without recipients, whether the report is archived."""
        return self.is_archived and all(each is not None and each.is_settled for each in self.recipients.values())

    @property
    def is_begun(self) -> bool:
        """Whether an email is planned, or was left behind, that may be sent now."""
        planned = filter(None, self.recipients.values())
        return any(not each.is_settled and not each.is_resting for each in planned)

    @property
    def is_lacking(self) -> bool:
        """Whether nothing was ever planned for some recipient, or the report was never rendered."""
        return not self.is_archived or None in self.recipients.values()


@dataclass(frozen=True, slots=True)
class OpenWindows:
    """The windows of a report to check, delivered or not, oldest first; `error` is why its id is not known."""

    report: ReportConfig
    schedule: Schedule
    occurrences: tuple[Occurrence, ...]
    error: UsageError | None = None

    @property
    def keys(self) -> tuple[WindowKey, ...]:
        """The keys to query in the ledger; empty while the organization's id is not known."""
        return tuple(filter(None, (self.key(occurrence.window) for occurrence in self.occurrences)))

    def key(self, window: Window) -> WindowKey | None:
        """The window's key in the ledger."""
        identity = self.schedule.organization_id
        return WindowKey(identity, window.period, window.label) if identity else None

    def progress(self, occurrence: Occurrence, found: Progress, archived: Archived) -> WindowProgress:
        """The progress of this window for the currently configured recipients."""
        key = self.key(occurrence.window)
        if recipients := [mailbox.canonical for mailbox in self.report.recipients]:
            planned = found.get(key, {}) if key else {}
            return WindowProgress({to: planned.get(to) for to in recipients})
        return WindowProgress({}, is_archived=key is not None and archived(key.organization_id, occurrence.window))

    def due_reports(self, occurrences: Iterable[Occurrence]) -> list[DueReport]:
        """These windows as entries of the due list."""
        identity = self.schedule.organization_id
        return [DueReport(self.report, occurrence, identity, self.error) for occurrence in occurrences]


def find_due(
    at: Transaction,
    reports: Sequence[ReportConfig],
    policy: CatchUpPolicy,
    now: datetime,
    archived: Archived,
    *,
    find: Find | None = None,
    saves: bool = True,
) -> DueList:
    """What is due at `now` for these reports, all with an organization; nothing is due twice, however many ask at once.

    With `find`, every organization's id is looked up again; without it, the last known one is used. Unless it `saves`
    the schedules, as in a dry run, new and missed reports are reported again next time.
    """
    known = schedules(at)
    opened = [_identified(_opened(report, known, policy, now), find) for report in reports]
    identified = [each for each in opened if each.schedule.organization_id]
    found = progress(at, [key for each in identified for key in each.keys])
    decisions = [(each, *_decide(each, found, archived, policy, now)) for each in identified]
    if saves:
        current = [_settled(each, policy, now) for each in opened]
        save_schedules(at, [schedule for schedule in current if known.get(schedule.key) != schedule])
    waiting = [each for each in opened if not each.schedule.organization_id]
    return DueList(
        due=tuple(item for each, due, _ in decisions for item in each.due_reports(due)),
        missed=tuple(item for each, _, missed in decisions for item in each.due_reports(missed)),
        unidentified=tuple(item for each in waiting for item in each.due_reports(each.occurrences[-1:])),
    )


def _opened(
    report: ReportConfig, known: Mapping[tuple[str, str], Schedule], policy: CatchUpPolicy, now: datetime
) -> OpenWindows:
    """The open windows of a report; a new one is checked as far back as a started delivery may be finished."""
    assert report.organization is not None
    since = now - NEW_SINCE
    new = Schedule(report.organization, report.period, None, since, min(since, now - policy.max_age))
    schedule = known.get(new.key, new)
    return OpenWindows(report, schedule, tuple(report.timetable.occurrences(schedule.settled_until, now)))


def _identified(each: OpenWindows, find: Find | None) -> OpenWindows:
    """The report with its organization's id, or the error if it has none; not looked up if no window is open."""
    if find is None or not each.occurrences:
        return each
    identity, error = None, None
    try:
        identity = find(each.schedule.organization)
    except UsageError as failed:
        error = failed
    return replace(each, schedule=replace(each.schedule, organization_id=identity), error=error)


def _decide(
    each: OpenWindows, found: Progress, archived: Archived, policy: CatchUpPolicy, now: datetime
) -> tuple[list[Occurrence], list[Occurrence]]:
    """Which of this report's open windows to send, and which were missed."""
    due, missed = [], []
    for occurrence in each.occurrences:
        state = each.progress(occurrence, found, archived)
        is_expected = occurrence.moment > each.schedule.since
        if occurrence.moment < now - policy.max_age:
            missed += [occurrence] if is_expected and not state.is_out else []
        elif state.is_begun or (is_expected and state.is_lacking and _is_wanted(occurrence, each, policy, now)):
            due.append(occurrence)
    return due, missed


def _is_wanted(occurrence: Occurrence, each: OpenWindows, policy: CatchUpPolicy, now: datetime) -> bool:
    """Whether delivery of a window may still be started, even if late."""
    match policy.catch_up:
        case CatchUp.ALL:
            return True
        case CatchUp.LATEST:
            return occurrence == each.occurrences[-1]
        case CatchUp.NONE:
            return occurrence.moment > now - ON_TIME


def _settled(each: OpenWindows, policy: CatchUpPolicy, now: datetime) -> Schedule:
    """The schedule after this due list: windows that are too old are not checked again, once the id is known."""
    old = [occurrence.moment for occurrence in each.occurrences if occurrence.moment < now - policy.max_age]
    if not old or not each.schedule.organization_id:
        return each.schedule
    return replace(each.schedule, settled_until=old[-1])

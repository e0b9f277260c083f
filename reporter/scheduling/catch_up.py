"""What comes before a run that goes by each report's own clock: which windows are due at this moment, and why not.

    configured reports ─ owed ─▶ Owed (windows over since the report was first seen) ─ the ledger's progress ─ judge ─▶
    Verdict (what is to be sent now, what has become too old)

Nothing here reads a clock, the ledger or the archive: what they know is given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from reporter.config.settings import ReportConfig
from reporter.domain.mailbox import reader
from reporter.domain.window import Window
from reporter.ledger.recipient_progress import Progress, RecipientProgress, WindowKey
from reporter.ledger.schedules import Schedule
from reporter.scheduling.calendar import Occurrence

FIRST_SIGHT = timedelta(hours=1)
"""A report that is seen for the first time owes what became due this long before, and nothing older is begun."""

FRESH = timedelta(hours=1)
"""How long after its time a window counts as on time where nothing is caught up."""

Archived = Callable[[str, Window], bool]
"""Whether the archive has the report of this organization's id and window."""


class CatchUp(StrEnum):
    """Which windows are sent that should have gone out while nothing ran."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class CatchUpPolicy:
    """What is still sent when it is late: which windows, and how long after their time at the most."""

    catch_up: CatchUp = CatchUp.LATEST
    max_age: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenWindows:
    """What a report may owe, delivered or not: the windows that are not settled, oldest first, to these readers."""

    report: ReportConfig
    schedule: Schedule
    occurrences: tuple[Occurrence, ...]
    recipients: tuple[str, ...]

    @property
    def windows(self) -> tuple[WindowKey, ...]:
        """What the ledger is asked about; nothing while the organization's id is not known."""
        return tuple(filter(None, (self.key(occurrence.window) for occurrence in self.occurrences)))

    def key(self, window: Window) -> WindowKey | None:
        """The ledger's key of a window."""
        identity = self.schedule.organization_id
        return WindowKey(identity, window.period, window.label) if identity else None


@dataclass(frozen=True, slots=True)
class DueDecision:
    """What is to be sent of one report now, oldest first; what is too old to be; and its schedule after that."""

    due: tuple[Occurrence, ...]
    missed: tuple[Occurrence, ...]
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class WindowProgress:
    """How far one window has come: the mark of each configured reader, None for one who has no mail planned."""

    marks: Mapping[str, RecipientProgress | None]
    is_archived: bool = True

    @property
    def is_out(self) -> bool:
        """Whether nothing is left to be done for any reader; without any, whether the report is archived."""
        return self.is_archived and all(mark is not None and mark.is_settled for mark in self.marks.values())

    @property
    def is_begun(self) -> bool:
        """Whether a mail is planned, or left behind, that may be sent now."""
        marks = filter(None, self.marks.values())
        return any(not mark.is_settled and not mark.is_resting for mark in marks)

    @property
    def is_lacking(self) -> bool:
        """Whether there is a reader for whom nothing was ever planned, or nothing was ever made."""
        return not self.is_archived or None in self.marks.values()


def owed(
    reports: Sequence[ReportConfig], known: Mapping[tuple[str, str], Schedule], policy: CatchUpPolicy, now: datetime
) -> tuple[OpenWindows, ...]:
    """What each of these reports, all with an organization, owes at `now`."""
    return tuple(_owed(report, known, policy, now) for report in reports)


def readers(owed: OpenWindows, occurrence: Occurrence, progress: Progress, archived: Archived) -> WindowProgress:
    """How far this window has come for the readers that are configured now."""
    key = owed.key(occurrence.window)
    marks = progress.get(key, {}) if key else {}
    if owed.recipients:
        return WindowProgress({to: marks.get(to) for to in owed.recipients})
    return WindowProgress({}, is_archived=key is not None and archived(key.organization_id, occurrence.window))


def judge(
    owed: OpenWindows, progress: Progress, archived: Archived, policy: CatchUpPolicy, now: datetime
) -> DueDecision:
    """What is to be done about the windows that this report owes."""
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
    """These windows of a report, owed to the readers that are configured now."""
    listed = tuple(sorted(occurrences, key=lambda each: each.moment))
    return OpenWindows(report, schedule, listed, tuple(map(reader, report.recipients)) if listed else ())


def _owed(
    report: ReportConfig, known: Mapping[tuple[str, str], Schedule], policy: CatchUpPolicy, now: datetime
) -> OpenWindows:
    """A report that is new to the ledger is looked at for as long back as a mail that was begun may be finished."""
    assert report.organization is not None
    since = now - FIRST_SIGHT
    new = Schedule(report.organization, report.period, None, since, min(since, now - policy.max_age))
    schedule = known.get(new.key, new)
    return owing(report, schedule, report.timetable.occurrences(schedule.settled_until, now))


def _is_wanted(occurrence: Occurrence, owed: OpenWindows, policy: CatchUpPolicy, now: datetime) -> bool:
    """Whether a window is still begun, late as it may be."""
    match policy.catch_up:
        case CatchUp.ALL:
            return True
        case CatchUp.LATEST:
            return occurrence == owed.occurrences[-1]
        case CatchUp.NONE:
            return occurrence.moment > now - FRESH

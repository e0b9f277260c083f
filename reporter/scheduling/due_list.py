"""The due list: what the configured reports have to send now, according to the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reporter.config.settings import ReportConfig
from reporter.domain.errors import UsageError
from reporter.ledger.database import Transaction
from reporter.ledger.schedules import progress, save_schedules, schedules
from reporter.scheduling.calendar import Occurrence
from reporter.scheduling.catch_up import Archived, CatchUpPolicy, DueDecision, OpenWindows, judge, owed

Find = Callable[[str], str]
"""Looks up the id of an organization named in the configuration; raises UsageError if the key does not have it."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """One window of one report; `organization_id` and `trouble` are None if the organization is not yet looked up."""

    report: ReportConfig
    occurrence: Occurrence
    organization_id: str | None = None
    trouble: UsageError | None = None


@dataclass(frozen=True, slots=True)
class DueList:
    """What to send now, what is too old to send, and what has to wait for its organization's id."""

    due: tuple[DueReport, ...] = ()
    missed: tuple[DueReport, ...] = ()
    nameless: tuple[DueReport, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done, as far as is known without the API."""
        return not self.due and not self.nameless


def look(
    at: Transaction,
    reports: Sequence[ReportConfig],
    policy: CatchUpPolicy,
    now: datetime,
    archived: Archived,
    *,
    find: Find | None = None,
    keeps: bool = True,
) -> DueList:
    """What is due at `now`; nothing is listed twice, however many processes ask at once.

    With `find`, every organization's id is looked up again; without it, the last known one is used. Unless it `keeps`
    the schedules, as in a dry run, new and missed reports are reported again next time.
    """
    known = schedules(at)
    named = [_named(each, find) for each in owed(reports, known, policy, now)]
    marks = progress(at, [key for each, _ in named for key in each.windows])
    verdicts = [
        judge(each, marks, archived, policy, now)
        if each.schedule.organization_id
        else DueDecision((), (), each.schedule)
        for each, _ in named
    ]
    if keeps:
        save_schedules(
            at, [verdict.schedule for verdict in verdicts if known.get(verdict.schedule.key) != verdict.schedule]
        )
    told = list(zip(named, verdicts, strict=True))
    return DueList(
        due=tuple(item for (each, _), verdict in told for item in _items(each, verdict.due)),
        missed=tuple(item for (each, _), verdict in told for item in _items(each, verdict.missed)),
        nameless=tuple(
            item
            for (each, trouble), verdict in told
            if verdict.schedule.organization_id is None
            for item in _items(each, each.occurrences[-1:], trouble)
        ),
    )


def _named(each: OpenWindows, find: Find | None) -> tuple[OpenWindows, UsageError | None]:
    """The report with its organization's id, or the error if it has none; not looked up if no window is open."""
    if find is None or not each.occurrences:
        return each, None
    try:
        identity = find(each.schedule.organization)
    except UsageError as error:
        return replace(each, schedule=replace(each.schedule, organization_id=None)), error
    return replace(each, schedule=replace(each.schedule, organization_id=identity)), None


def _items(each: OpenWindows, occurrences: Sequence[Occurrence], trouble: UsageError | None = None) -> list[DueReport]:
    identity = each.schedule.organization_id
    return [DueReport(each.report, occurrence, identity, trouble) for occurrence in occurrences]

"""One look at the ledger: what the configured reports owe their readers, and what is therefore to be sent now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reporter.config.settings import ReportConfig
from reporter.domain.errors import UsageError
from reporter.ledger.database import Transaction
from reporter.ledger.recipient_progress import progress
from reporter.ledger.schedules import remember, schedules
from reporter.scheduling.calendar import Occurrence
from reporter.scheduling.catch_up import Archived, CatchUpPolicy, DueDecision, OpenWindows, judge, owed

Find = Callable[[str], str]
"""From what the configuration calls an organization to its id; raises UsageError where that is none of the key's."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """One window of one report; `organization_id` and `trouble` are None where the organization is not known yet."""

    report: ReportConfig
    occurrence: Occurrence
    organization_id: str | None = None
    trouble: UsageError | None = None


@dataclass(frozen=True, slots=True)
class DueList:
    """What is to be sent now, what has become too old for it, and what waits for its organization's name."""

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
    """What is due at `now`, and nothing twice, however many look at once.

    With `find` every organization's id is asked for anew; without, it is the one that was found last. Unless it `keeps`
    what it learns, as a rehearsal does not, what is seen for the first time and what was missed is told again.
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
        remember(at, [verdict.schedule for verdict in verdicts if known.get(verdict.schedule.key) != verdict.schedule])
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
    """The report with its organization's id, or why it has none; one that owes nothing needs none."""
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

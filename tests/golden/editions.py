"""The reports of the golden files: the sandbox's organizations at a fixed noon, and one with huge numbers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from reporter.analysis.metrics import FIGURES
from reporter.config.settings import ReportConfig
from reporter.domain.report import MarkedAsTest, Paper, ReportData, Revision, Section, Stamp
from reporter.domain.snapshot import Organization, ResponseRate, Sales, Snapshot, Stage, Volume
from reporter.domain.window import Period, WeekStart, last_complete
from reporter.fetch import fetch
from reporter.planning import PlannedReport
from reporter.sandbox.organizations import ORGANIZATIONS
from reporter.sandbox.source import SandboxSource

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HUGE = "huge"
"""An organization that is not in the sandbox: Acme, with conversations and sales in the billions."""


@dataclass(frozen=True, slots=True)
class Case:
    """One organization and period, by the beginning of the organization's name."""

    organization: str
    period: Period

    def __str__(self) -> str:
        return f"{self.organization.strip('<>').lower().replace(' ', '-')}-{self.period}"

    def data(self, locale: str, paper: Paper = Paper.A4) -> ReportData:
        """The report's data for a locale."""
        data = _data(self)
        return replace(data, settings=replace(data.settings, locale=locale, paper=paper))


KEPT = (Case("Acme", Period.MONTH), Case("Not Yet Open", Period.WEEK))
"""The cases of the golden files."""
STAMPED: Mapping[str, Stamp] = {"revised": Revision(2, "späte Antworten sind da, bei „A & B“"), "test": MarkedAsTest()}
"""The stamps of the golden files, by the name that they add to the file's name."""
TYPICAL = (*KEPT, Case("Corner Bakery", Period.MONTH), Case("Tokyo", Period.MONTH))
ODD = (
    Case("<script>", Period.MONTH),
    Case("Endless", Period.WEEK),
    Case("Odd Stage", Period.MONTH),
    Case(HUGE, Period.MONTH),
)


@cache
def _data(case: Case) -> ReportData:
    if case.organization != HUGE:
        return asyncio.run(_fetched(case))
    acme = _data(replace(case, organization="Acme"))
    history = tuple(_swollen(snapshot, 1) if snapshot else None for snapshot in acme.history)
    return replace(acme, current=_swollen(acme.current, 2), previous=_swollen(acme.previous, 1), history=history)


async def _fetched(case: Case) -> ReportData:
    """The sandbox's answers, requested as a run requests them."""
    nature = next(each for each in ORGANIZATIONS if each.name.startswith(case.organization))
    window = last_complete(case.period, NOON.date(), nature.timezone)
    report = PlannedReport(Organization(nature.id, nature.name), _config(case.period, nature.timezone), window)
    return await fetch(SandboxSource(NOON), report, NOON.date())


def _config(period: Period, timezone: str) -> ReportConfig:
    return ReportConfig(
        organization=None,
        recipients=(),
        period=period,
        timezone=timezone,
        timezone_given=True,
        locale="en_US",
        currency=None,
        currency_given_by=None,
        week_start=WeekStart.MONDAY,
        template="executive",
        paper=Paper.A4,
        figures=tuple(FIGURES),
        sections=tuple(Section),
    )


def _swollen(snapshot: Snapshot, times: int) -> Snapshot:
    """The window with numbers in the billions."""
    stages: Sequence[Stage] = (
        Stage("Qualified", None, 2_345_678_901 * times, Decimal("9876543210.54") * times),
        Stage("Accepted", "accepted", 1_234_567_890 * times, Decimal("8765432109.56") * times),
    )
    return replace(
        snapshot,
        response_rate=ResponseRate(1_234_567_890 * times, 987_654_321 * times, Decimal("0.8")),
        response_time=Decimal(8_640_000 * times),
        volume=Volume(9_876_543_210 * times, 8_765_432_109 * times, 5_432_109_876 * times),
        channels={"textMessages": 4_444_444_444 * times, "calls": 987_665_432 * times},
        sales=Sales(tuple(stages), Decimal("0.53")),
    )

"""Input of the benchmarks: two-page reports of the sandbox's organizations, each with different figures."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from reporter.analysis.metrics import FIGURES
from reporter.domain.report import HISTORY, CurrencySource, ReportData, ReportSettings, Section
from reporter.domain.window import Period, last_complete
from reporter.fetch import needed
from reporter.rendering.render import make_view, page_html
from reporter.rendering.templates import stylesheet
from reporter.sandbox.source import SandboxSource

TODAY = date(2026, 5, 4)
ORGANIZATION = 0
"""The first of the sandbox's organizations fills every section of the report."""


@dataclass(frozen=True, slots=True)
class Page:
    """One report as input of the renderers."""

    html: str
    stylesheet: str


def pages(count: int) -> list[Page]:
    """Different documents of the same kind: the same organization's weeks under different names."""
    data = report_data()
    made = []
    for number in range(count):
        named = replace(data, organization=replace(data.organization, name=f"Acme Roofing {number:03}"))
        made.append(Page(page_html(named, make_view(named)), stylesheet(named.settings.template)))
    return made


def report_data() -> ReportData:
    """A month of the sandbox's first organization with its whole history, fetched from the sandbox."""
    return asyncio.run(_fetched())


async def _fetched() -> ReportData:
    sandbox = SandboxSource(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC))
    organization = (await sandbox.organizations())[ORGANIZATION]
    window = last_complete(Period.MONTH, TODAY, "America/New_York")
    settings = ReportSettings("en_US", tuple(FIGURES), currency="USD", currency_source=CurrencySource.OPTION)
    blocks = needed(settings.figures, tuple(Section))
    windows = (*window.history(HISTORY), window)
    *history, previous, current = [await sandbox.snapshot(organization, each, blocks) for each in windows]
    return ReportData(organization, settings, TODAY, current, previous, tuple(history))

"""Fetch everything that one report needs from a source, concurrently."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

import structlog

from reporter.analysis.metrics import lacks_accepted_stage, shown_metrics
from reporter.archive.archived_reports import EarlierReports
from reporter.config.settings import ReportConfig
from reporter.domain.errors import ApiError, ApiKeyRefused
from reporter.domain.report import HISTORY, CurrencySource, ReportData, ReportSettings, Section
from reporter.domain.snapshot import Block, Organization, Snapshot
from reporter.domain.window import Window
from reporter.planning import PlannedReport

log = structlog.get_logger(__name__)

_NOTHING = EarlierReports()


class Source(Protocol):
    """Where reports get their data: implemented by the HyperRep client and by the sandbox.

    Each method raises ApiKeyRefused, ApiUnreachable, ApiRefused, or ApiAnswerInvalid.
    """

    async def organizations(self) -> tuple[Organization, ...]:
        """The organizations that reports can be about, in the source's order."""
        ...

    async def snapshot(self, organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        """The analytics of these blocks in one window, which has ended."""
        ...

    async def currencies(self, organization: Organization, start: datetime, end: datetime) -> frozenset[str]:
        """The currencies (ISO 4217) of the sales records from `start` (inclusive) to `end` (exclusive)."""
        ...


async def fetch(source: Source, report: PlannedReport, made_on: date, past: EarlierReports = _NOTHING) -> ReportData:
    """Fetch the report's data: the reported and the previous window, and earlier windows where available.

    Windows in the archive are not fetched again, except for the latest two, whose data may still change.

    Raises:
        ApiError: the reported window or the previous one could not be fetched.
    """
    blocks = needed(report.config.figures, report.config.sections)
    windows = report.window.history(HISTORY)
    try:
        async with asyncio.TaskGroup() as group:
            current = group.create_task(source.snapshot(report.organization, report.window, blocks))
            previous = group.create_task(source.snapshot(report.organization, windows[-1], blocks))
            recorded = group.create_task(_recorded(source, report, windows[-1]))
            history = [group.create_task(_earlier(source, report, window, past)) for window in windows[:-1]]
    except* ApiError as errors:
        # A rejected key is the most informative error.
        raise min(errors.exceptions, key=lambda error: not isinstance(error, ApiKeyRefused)) from None
    _check_stages(report.config, current.result())
    settings = _settings(report.config, recorded.result())
    earlier = tuple(task.result() for task in history)
    return ReportData(
        organization=report.organization,
        settings=settings,
        made_on=made_on,
        current=current.result(),
        previous=previous.result(),
        history=earlier,
        reported=past.reported,
    )


def needed(figures: Iterable[str], sections: Iterable[Section] = ()) -> frozenset[Block]:
    """The blocks of analytics that these figures and sections need."""
    blocks = {metric.block for metric in shown_metrics(figures)}
    of_section = {Section.CHANNELS: Block.MODALITY, Section.PIPELINE: Block.SALES}
    return frozenset(blocks | {of_section[section] for section in sections})


async def _earlier(source: Source, report: PlannedReport, window: Window, past: EarlierReports) -> Snapshot | None:
    """A window for one point of a trend line only; None if unavailable, as the report can do without it."""
    blocks = needed(report.config.figures)
    known = past.snapshots.get(window)
    if known and blocks <= known.blocks:
        return known
    try:
        return await source.snapshot(report.organization, window, blocks)
    except ApiKeyRefused:
        raise
    except ApiError as error:
        log.warning("history.unavailable", window=window.label, reason=str(error))
        return None


def _check_stages(config: ReportConfig, current: Snapshot) -> None:
    """Warn if accepted sales cannot be distinguished from others, so that the report shows no data for them."""
    if any(metric.of_accepted_stage for metric in shown_metrics(config.figures)) and lacks_accepted_stage(current):
        hint = "give the stage of accepted sales the status accepted, or the name Accepted, in HyperRep"
        log.warning("accepted_stage.missing", hint=hint)


async def _recorded(source: Source, report: PlannedReport, previous: Window) -> frozenset[str] | None:
    """The currencies of both windows' sales records, fetched only if nothing else determines the currency."""
    if report.config.currency is not None or Block.SALES not in needed(report.config.figures, report.config.sections):
        return frozenset()
    try:
        return await source.currencies(report.organization, previous.start, report.window.end)
    except ApiKeyRefused:
        raise
    except ApiError as error:
        log.warning("currency.unavailable", reason=str(error))
        return None


def _settings(config: ReportConfig, recorded: frozenset[str] | None) -> ReportSettings:
    currency, source = _currency(config, recorded)
    return ReportSettings(
        locale=config.locale,
        figures=config.figures,
        sections=config.sections,
        template=config.template,
        paper=config.paper,
        currency=currency,
        currency_source=source,
        brand=config.brand,
        targets=config.targets,
    )


def _currency(config: ReportConfig, recorded: frozenset[str] | None) -> tuple[str | None, CurrencySource]:
    """The ISO 4217 code for amounts (None: a bare number) and its source; it is never guessed and has no default.

    The configured one takes precedence over those of the sales records, which must agree; None means that the records
    could not be read.
    """
    if config.currency and config.currency_given_by:
        return config.currency, config.currency_given_by
    if recorded is None:
        return None, CurrencySource.UNAVAILABLE
    if len(recorded) > 1:
        return None, CurrencySource.MIXED_RECORDS
    return next(iter(recorded), None), CurrencySource.SALES_RECORDS if recorded else CurrencySource.NO_RECORDS

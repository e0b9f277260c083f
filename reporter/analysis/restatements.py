"""Restated figures: archived snapshots compared with current ones, window by window."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reporter.analysis.arithmetic import difference
from reporter.analysis.metric import Metric, Reason
from reporter.analysis.metrics import accepted_stage, shown_metrics
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Window


@dataclass(frozen=True, slots=True)
class Restatement:
    """One metric of one window, as reported and as it is now; None where there was or is no data."""

    metric: Metric
    window: Window
    reported: Decimal | None
    current: Decimal | None
    reason: Reason


def restatements(data: ReportData) -> tuple[Restatement, ...]:
    """The restated metrics on the page, in page order; the latest window first."""
    now = {snapshot.window: snapshot for snapshot in (data.current, data.previous)}
    return tuple(
        restated
        for reported in data.reported
        if reported.window in now
        for restated in _restated(data, reported, now[reported.window])
    )


def _restated(data: ReportData, reported: Snapshot, now: Snapshot) -> Iterator[Restatement]:
    for metric in shown_metrics(data.settings.figures):
        before, value = metric.read(reported), metric.read(now)
        if before != value and metric.block in reported.blocks:
            yield Restatement(metric, now.window, before, value, _reason(metric, reported, now))


def _reason(metric: Metric, reported: Snapshot, now: Snapshot) -> Reason:
    """The reason. More sales explain only a larger figure; more answers change a time in either direction."""
    if metric.restated_by is Reason.ANSWERED and _more_answered(reported, now):
        return Reason.ANSWERED
    is_larger = (difference(metric.read(now), metric.read(reported)) or 0) > 0
    if metric.restated_by is Reason.ACCEPTED and is_larger and _more_accepted(reported, now):
        return Reason.ACCEPTED
    return Reason.UNKNOWN


def _more_answered(reported: Snapshot, now: Snapshot) -> bool:
    """Whether more of the same number of conversations were answered."""
    before, after = reported.response_rate, now.response_rate
    return bool(before and after and before.received == after.received and before.responded < after.responded)


def _more_accepted(reported: Snapshot, now: Snapshot) -> bool:
    before, after = accepted_stage(reported), accepted_stage(now)
    return bool(before and after and before.volume < after.volume)

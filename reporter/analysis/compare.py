"""Comparison of a report's two windows: every metric, channel, and stage."""

from collections.abc import Mapping
from decimal import Decimal

from reporter.analysis.arithmetic import difference, ratio
from reporter.analysis.behavior import Behaviour, Signal, behaviour
from reporter.analysis.chance import Measure
from reporter.analysis.change import change_between, judged
from reporter.analysis.comparison import Change, ChannelComparison, Comparison, MetricComparison
from reporter.analysis.decomposition import decompose
from reporter.analysis.intervals import unsure
from reporter.analysis.metric import Better, Metric, Unit
from reporter.analysis.metrics import METRICS
from reporter.analysis.stages import compare_stages
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Snapshot


def compare(data: ReportData) -> Comparison:
    """Compare all `METRICS` (no data if their block was not requested), the channels, and the stages.

    Money is compared without conversion: a report has one currency, or none.
    """
    return Comparison(
        metrics={metric.key: _metric(metric, data) for metric in METRICS.values()},
        channels=_channels(data.current, data.previous),
        stages=compare_stages(data.current, data.previous),
        days=data.current.window.days,
        previous_days=data.previous.window.days,
        decomposition=decompose(data.current, data.previous),
    )


def _metric(metric: Metric, data: ReportData) -> MetricComparison:
    """The metric's change, judged by its usual range if enough windows determine one, otherwise by chance alone."""
    change = change_between(metric.unit, metric.better, _measure(metric, data.current), _measure(metric, data.previous))
    behaves = behaviour(metric, data.snapshots)
    if behaves.signal is not Signal.NONE:
        change = judged(change, metric.better, notable=_left_its_range(change, behaves))
    line = tuple(metric.read(snapshot) if snapshot else None for snapshot in data.snapshots)
    return MetricComparison(metric, change, line, behaves, unsure(metric, data.current))


def _left_its_range(change: Change, behaves: Behaviour) -> bool:
    """Whether the number left its usual range in the direction of its change, both as shown and scaled to equal length.

    A short month's total may be smaller than a long month's although its daily average is larger. Changes from or to
    a window with few events are never judged.
    """
    moved = difference(behaves.line[-1], behaves.line[-2]) or Decimal(0)
    side = behaves.signal.side
    return not change.few and side != 0 and change.sign == side and moved != 0 and (moved > 0) == (side > 0)


def _measure(metric: Metric, snapshot: Snapshot) -> Measure:
    return Measure(metric.read(snapshot), metric.sample(snapshot), snapshot.window.days, metric.part(snapshot))


def _channels(current: Snapshot, previous: Snapshot) -> tuple[ChannelComparison, ...]:
    """The modalities of either window, the largest first; a modality missing from a window counts as zero there."""
    if current.channels is None:
        return ()
    counts = current.channels
    keys = sorted({*counts, *(previous.channels or {})}, key=lambda key: (-counts.get(key, 0), key))
    return tuple(_channel(key, current, previous) for key in keys)


def _channel(key: str, current: Snapshot, previous: Snapshot) -> ChannelComparison:
    now, before = _channel_measure(key, current), _channel_measure(key, previous)
    share, previous_share = _share(key, current.channels), _share(key, previous.channels)
    return ChannelComparison(
        key=key,
        change=change_between(Unit.COUNT, Better.NEITHER, now, before),
        share=share,
        previous_share=previous_share,
        share_change=difference(share, previous_share),
    )


def _channel_measure(key: str, snapshot: Snapshot) -> Measure:
    count = None if snapshot.channels is None else snapshot.channels.get(key, 0)
    return Measure.of_count(count, snapshot.window.days)


def _share(key: str, channels: Mapping[str, int] | None) -> Decimal | None:
    return None if channels is None else ratio(Decimal(channels.get(key, 0)), Decimal(sum(channels.values())))

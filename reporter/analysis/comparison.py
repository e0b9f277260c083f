"""Comparison of a report's two windows: every metric, channel, and stage, with the line of windows before them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reporter.analysis.arithmetic import difference, ratio
from reporter.analysis.behavior import Behavior, Signal, UsualRange, behavior
from reporter.analysis.chance import Interval, Measure, interval_of_few
from reporter.analysis.change import Change, change_between, judged
from reporter.analysis.metric import Better, Metric, Unit
from reporter.analysis.metrics import METRICS
from reporter.analysis.sales import Decomposition, StageComparison, compare_stages, decompose
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Snapshot

PLACES = 6
"""Decimal places of calculated values; values from the API are unchanged."""


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric in both windows, with its line: the values of all windows, oldest first, None where missing.

    `behavior` compares the latest with the others; `interval` is the confidence interval of a share of few events.
    """

    metric: Metric
    change: Change
    line: tuple[Decimal | None, ...]
    behavior: Behavior
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class ChannelComparison:
    """Conversations of one modality in both windows, and their share of the total (None if that is 0)."""

    key: str
    change: Change
    share: Decimal | None
    share_change: Decimal | None
    """In points; None if either window had no conversations."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The complete comparison of two windows."""

    metrics: Mapping[str, MetricComparison]
    channels: tuple[ChannelComparison, ...]
    stages: tuple[StageComparison, ...]
    days: int
    previous_days: int
    decomposition: Decomposition | None = None
    """Causes of the change in the value of accepted sales; None if there is nothing to decompose."""

    @property
    def unequal(self) -> bool:
        """Whether the two windows differ in length, so that totals are not directly comparable."""
        return self.days != self.previous_days


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
    behaves = behavior(metric, data.snapshots)
    if behaves.signal is not Signal.NONE:
        change = judged(change, metric.better, notable=_left_its_range(change, behaves))
    line = tuple(metric.read(snapshot) if snapshot else None for snapshot in data.snapshots)
    return MetricComparison(metric, change, line, behaves, interval_of_few(metric, data.current))


def _left_its_range(change: Change, behaves: Behavior) -> bool:
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
    (now, share), (before, previous_share) = _count_and_share(key, current), _count_and_share(key, previous)
    return ChannelComparison(
        key=key,
        change=change_between(Unit.COUNT, Better.NEITHER, now, before),
        share=share,
        share_change=difference(share, previous_share),
    )


def _count_and_share(key: str, snapshot: Snapshot) -> tuple[Measure, Decimal | None]:
    days, channels = snapshot.window.days, snapshot.channels
    if channels is None:
        return Measure.of_count(None, days), None
    count = channels.get(key, 0)
    return Measure.of_count(count, days), ratio(Decimal(count), Decimal(sum(channels.values())))


def measures(comparison: Comparison, targets: Mapping[str, Decimal]) -> Mapping[str, Mapping[str, object]]:
    """Each metric's unit, values, usual range, signal, and target, by key, for the archive; None where missing.

    Decimals are text, so that no digit is lost.
    """
    return {
        key: {
            "unit": metric.metric.unit.value,
            "value": _text(metric.change.current),
            "previous": _text(metric.change.previous),
            "notable": metric.change.notable,
            "range": _range(metric.behavior.usual),
            "signal": metric.behavior.signal.value,
            "target": _text(targets.get(key)),
        }
        for key, metric in comparison.metrics.items()
    }


def _range(usual: UsualRange | None) -> Mapping[str, str | None] | None:
    if usual is None:
        return None
    ends = {"mean": usual.mean, "low": usual.low, "high": usual.high}
    return {name: _text(round(value, PLACES).normalize()) for name, value in ends.items()}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"

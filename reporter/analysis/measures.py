"""The figures as numbers, for the archive and other programs. Decimals are text, so that no digit is lost."""

from collections.abc import Mapping
from decimal import Decimal

from reporter.analysis.behavior import UsualRange
from reporter.analysis.comparison import Comparison, MetricComparison

PLACES = 6
"""Decimal places of calculated values; values from the API are unchanged."""


def measures(comparison: Comparison, targets: Mapping[str, Decimal]) -> Mapping[str, Mapping[str, object]]:
    """Each metric's unit, values, usual range, signal, and target, by key; None where missing."""
    return {key: _measure(metric, targets.get(key)) for key, metric in comparison.metrics.items()}


def _measure(metric: MetricComparison, target: Decimal | None) -> Mapping[str, object]:
    return {
        "unit": metric.metric.unit.value,
        "value": _text(metric.change.current),
        "previous": _text(metric.change.previous),
        "notable": metric.change.notable,
        "range": _range(metric.behaviour.usual),
        "signal": metric.behaviour.signal.value,
        "target": _text(target),
    }


def _range(usual: UsualRange | None) -> Mapping[str, str] | None:
    if usual is None:
        return None
    return {"mean": _calculated(usual.mean), "low": _calculated(usual.low), "high": _calculated(usual.high)}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _calculated(value: Decimal) -> str:
    return f"{round(value, PLACES).normalize():f}"

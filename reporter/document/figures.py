"""The figures of page 1: values, changes, the line of the periods before, the target."""

from dataclasses import replace
from decimal import Decimal

from reporter.analysis import metrics
from reporter.analysis.comparison import Comparison, MetricComparison
from reporter.analysis.metrics import Better, Metric
from reporter.document import brand, charts, phrases
from reporter.document.changes import NONE_ACCEPTED, change_view, value_text
from reporter.document.numbers import Numbers
from reporter.document.view import ChangeView, FigureView, ValueView
from reporter.report import ReportData


def figure_view(numbers: Numbers, data: ReportData, comparison: Comparison, key: str) -> FigureView:
    """One figure as the reader sees it; the line is the leading metric's."""
    parts = [comparison.metrics[metric.key] for metric in metrics.FIGURES[key]]
    lead = parts[0]
    title = numbers.words(phrases.FIGURES[key])
    caption = _caption(numbers, data, lead)
    return FigureView(
        key=key,
        title=title,
        values=tuple(_value(numbers, data, part, alone=len(parts) == 1) for part in parts),
        note=_note(numbers, data, lead.metric),
        line=charts.line(lead.line, f"{title}, {caption}", brand.accent(data.settings.brand)),
        caption=caption,
        target=_target(numbers, data, lead),
    )


def _value(numbers: Numbers, data: ReportData, part: MetricComparison, *, alone: bool) -> ValueView:
    metric = part.metric
    return ValueView(
        key=metric.key,
        name=numbers.words(phrases.METRICS[metric.key]),
        label="" if alone else numbers.words(phrases.METRICS_IN_FIGURE[metric.key]),
        value=value_text(numbers, metric.unit, part.change.current),
        change=_change(numbers, data, part),
    )


def _change(numbers: Numbers, data: ReportData, part: MetricComparison) -> ChangeView:
    """The change; where accepted sales have no figure since no stage is theirs, that."""
    change = change_view(numbers, part.metric.unit, part.change)
    accepted = part.metric in metrics.FIGURES["accepted_sales"]
    if accepted and metrics.lacks_accepted_stage(data.current):
        return replace(change, text=numbers.words(NONE_ACCEPTED))
    return change


def _note(numbers: Numbers, data: ReportData, metric: Metric) -> str:
    """The counts a response rate is made of, so that 3 of 4 never looks like 300 of 400."""
    block = data.current.response_rate
    if metric.key != "response_rate" or block is None or not block.received:
        return ""
    return numbers.words(
        "%(answered)s of %(received)s answered",
        answered=numbers.count(block.responded),
        received=numbers.count(block.received),
    )


def _caption(numbers: Numbers, data: ReportData, part: MetricComparison) -> str:
    known = [value for value in part.line if value is not None]
    if len(known) < 2:
        return numbers.words("no earlier figures to show")
    low, high = numbers.value(part.metric.unit, min(known)), numbers.value(part.metric.unit, max(known))
    return phrases.line_caption(numbers.words, data.window, len(part.line), low, high)


def _target(numbers: Numbers, data: ReportData, part: MetricComparison) -> str:
    target, current = data.settings.targets.get(part.metric.key), part.change.current
    if target is None:
        return ""
    shown = numbers.value(part.metric.unit, target)
    if current is None:
        return numbers.words("target %(target)s", target=shown)
    if _meets(part.metric.better, current, target):
        return numbers.words("target %(target)s: met", target=shown)
    return numbers.words("target %(target)s: not met", target=shown)


def _meets(better: Better, current: Decimal, target: Decimal) -> bool:
    return current <= target if better is Better.LOWER else current >= target

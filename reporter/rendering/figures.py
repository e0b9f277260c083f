"""The figures of page 1: values, changes, the line of earlier periods, and the target."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from markupsafe import Markup

from reporter.analysis.behavior import Behaviour
from reporter.analysis.comparison import Comparison, MetricComparison
from reporter.analysis.intervals import CONFIDENCE
from reporter.analysis.metric import Better, Unit
from reporter.analysis.metrics import FIGURES, lacks_accepted_stage
from reporter.domain.report import ReportData
from reporter.rendering import brand, charts, phrases
from reporter.rendering.changes import NONE_ACCEPTED, change_view, value_text
from reporter.rendering.numbers import Numbers
from reporter.rendering.view import ChangeView, FigureView, ValueView

_APART = " · "
"""Separator for details on one line that templates can also show on separate lines."""


def figure_view(numbers: Numbers, data: ReportData, comparison: Comparison, key: str) -> FigureView:
    """Build one figure as displayed; the line is the leading metric's."""
    parts = [comparison.metrics[metric.key] for metric in FIGURES[key]]
    lead = parts[0]
    title = numbers.words(lead.metric.title)
    caption = _caption(numbers, data, lead)
    values = tuple(_value(numbers, data, part) for part in parts)
    return FigureView(
        key=key,
        title=title,
        values=values,
        note=_APART.join(filter(None, (_counts(numbers, data, lead), _sure(numbers, lead)))),
        line=_line(data, lead, title=_alternative(numbers, title, values[0], caption), rtl=numbers.words.is_rtl),
        caption=caption,
        target=_target(numbers, data, lead),
        progress=_progress(data, lead),
    )


def _alternative(numbers: Numbers, title: str, value: ValueView, caption: str) -> str:
    """Alternative text of the line: the current figure, the windows and their range, and the usual range."""
    return numbers.words.listed(text for text in (f"{title} {value.value}", caption, value.usual) if text)


def _value(numbers: Numbers, data: ReportData, part: MetricComparison) -> ValueView:
    metric = part.metric
    change, usual = _change(numbers, data, part), tuple(_usual(numbers, metric.unit, part.behaviour))
    details = (change.detail, _counts(numbers, data, part), _sure(numbers, part), *usual)
    return ValueView(
        key=metric.key,
        name=numbers.words(metric.name),
        label=numbers.words(metric.label) if metric.label else "",
        value=value_text(numbers, metric.unit, part.change.current),
        change=change,
        usual=_APART.join(usual),
        details=tuple(filter(None, details)),
    )


def _change(numbers: Numbers, data: ReportData, part: MetricComparison) -> ChangeView:
    """The change, or that accepted sales have no figure because no stage counts as accepted."""
    change = change_view(numbers, part.metric.unit, part.change, part.behaviour.signal)
    if part.metric.of_accepted_stage and lacks_accepted_stage(data.current):
        return replace(change, text=numbers.words(NONE_ACCEPTED))
    return change


def _usual(numbers: Numbers, unit: Unit, behaviour: Behaviour) -> Iterator[str]:
    """The usual range, whether the figure is outside it, and how long it has been on one side of its average."""
    if behaviour.usual is None:
        return
    low, high = numbers.usual(unit, behaviour.usual.low), numbers.usual(unit, behaviour.usual.high)
    if low == high:
        yield numbers.words(phrases.USUALLY, value=low)
    else:
        yield numbers.words(phrases.USUAL.get(behaviour.signal, phrases.USUAL_RANGE), low=low, high=high)
    if behaviour.signal in phrases.IN_A_ROW:
        mean = numbers.usual(unit, behaviour.usual.mean)
        count = numbers.words.digits(behaviour.run)
        yield numbers.words(phrases.IN_A_ROW[behaviour.signal], count=count, mean=mean)


def _counts(numbers: Numbers, data: ReportData, part: MetricComparison) -> str:
    """The counts behind a share, to distinguish 3 of 4 from 300 of 400."""
    part_of, whole = part.metric.part(data.current), part.metric.sample(data.current)
    if not part.metric.counts or part_of is None or not whole or part.change.current is None:
        return ""
    return numbers.words(part.metric.counts, part=numbers.count(part_of), whole=numbers.count(whole))


def _sure(numbers: Numbers, part: MetricComparison) -> str:
    """The confidence interval of a share of few events."""
    if part.interval is None:
        return ""
    return numbers.words(
        "%(sure)s sure: %(low)s to %(high)s",
        sure=numbers.percent(CONFIDENCE),
        low=numbers.usual(Unit.RATE, part.interval.low),
        high=numbers.usual(Unit.RATE, part.interval.high),
    )


def _caption(numbers: Numbers, data: ReportData, part: MetricComparison) -> str:
    known = [value for value in part.line if value is not None]
    if len(known) < 2:
        return numbers.words("no earlier figures to show")
    low, high = numbers.value(part.metric.unit, min(known)), numbers.value(part.metric.unit, max(known))
    return phrases.line_caption(numbers.words, data.window, len(part.line), low, high)


def _line(data: ReportData, part: MetricComparison, *, title: str, rtl: bool) -> Markup:
    target = data.settings.targets.get(part.metric.key)
    color = brand.accent(data.settings.brand)
    return charts.line(part.behaviour.line, title, color, usual=part.behaviour.usual, target=target, rtl=rtl)


def _target(numbers: Numbers, data: ReportData, part: MetricComparison) -> str:
    target, current = data.settings.targets.get(part.metric.key), part.change.current
    if target is None:
        return ""
    shown = numbers.value(part.metric.unit, target)
    if current is None:
        return numbers.words("target %(target)s", target=shown)
    if _meets(part.metric.better, current, target):
        return numbers.words("target %(target)s: met", target=shown)
    if data.window.is_partial:
        return numbers.words("target %(target)s: not met so far", target=shown)
    return numbers.words("target %(target)s: not met", target=shown)


def _progress(data: ReportData, part: MetricComparison) -> int | None:
    """Progress towards the target in percent, at most 100; for times, the target as a share of the actual time."""
    target, current = data.settings.targets.get(part.metric.key), part.change.current
    if target is None or current is None:
        return None
    if _meets(part.metric.better, current, target):
        return 100
    whole, reached = (current, target) if part.metric.better is Better.LOWER else (target, current)
    return int(reached * 100 / whole) if whole else 0


def _meets(better: Better, current: Decimal, target: Decimal) -> bool:
    return current <= target if better is Better.LOWER else current >= target

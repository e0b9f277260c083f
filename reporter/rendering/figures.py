"""The figures of page 1: values, changes, the line of earlier periods, and the target."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from reporter.analysis.behavior import Behavior, Signal
from reporter.analysis.chance import CONFIDENCE
from reporter.analysis.comparison import Comparison, MetricComparison
from reporter.analysis.metric import Better, Unit
from reporter.analysis.metrics import FIGURES, lacks_accepted_stage
from reporter.domain.report import ReportData
from reporter.domain.strings import mark, mark_plural
from reporter.domain.window import Period, Window
from reporter.rendering import brand, charts
from reporter.rendering.changes import change_view
from reporter.rendering.numbers import Numbers
from reporter.rendering.translation import Words
from reporter.rendering.view import ChangeView, FigureView, ValueView

_SEPARATOR = " · "
"""Separator for details on one line that templates can also show on separate lines."""

_USUAL = {
    Signal.ABOVE: mark("above the usual range: %(low)s to %(high)s"),
    Signal.BELOW: mark("below the usual range: %(low)s to %(high)s"),
}
_USUAL_RANGE = mark("usual range: %(low)s to %(high)s")
_IN_A_ROW = {
    Signal.RUN_ABOVE: mark("%(count)s in a row above the average of %(mean)s"),
    Signal.RUN_BELOW: mark("%(count)s in a row below the average of %(mean)s"),
}
_WINDOWS = {
    Period.DAY: mark_plural("%(count)s day", "%(count)s days"),
    Period.WEEK: mark_plural("%(count)s week", "%(count)s weeks"),
    Period.MONTH: mark_plural("%(count)s month", "%(count)s months"),
    Period.QUARTER: mark_plural("%(count)s quarter", "%(count)s quarters"),
    Period.YEAR: mark_plural("%(count)s year", "%(count)s years"),
}


def figure_view(numbers: Numbers, data: ReportData, comparison: Comparison, key: str) -> FigureView:
    """Build one figure as displayed; the line is the leading metric's."""
    words = numbers.words
    parts = [comparison.metrics[metric.key] for metric in FIGURES[key]]
    lead = parts[0]
    values = tuple(_value(numbers, data, part) for part in parts)
    title, caption = words(lead.metric.title), line_caption(numbers, lead.metric.unit, data.window, lead.line)
    target, progress = _target(numbers, data, lead)
    line = charts.line(
        lead.behavior.line,
        title=words.listed(text for text in (f"{title} {values[0].value}", caption, values[0].usual) if text),
        color=brand.accent(data.settings.brand),
        usual=lead.behavior.usual,
        target=data.settings.targets.get(lead.metric.key),
        rtl=words.is_rtl,
    )
    return FigureView(
        key=key,
        title=title,
        values=values,
        note=_SEPARATOR.join(filter(None, (_counts(numbers, data, lead), _interval(numbers, lead)))),
        line=line,
        caption=caption,
        target=target,
        progress=progress,
    )


def _value(numbers: Numbers, data: ReportData, part: MetricComparison) -> ValueView:
    metric = part.metric
    change, usual = _change(numbers, data, part), tuple(_usual(numbers, metric.unit, part.behavior))
    details = (change.detail, _counts(numbers, data, part), _interval(numbers, part), *usual)
    return ValueView(
        key=metric.key,
        name=numbers.words(metric.name),
        label=numbers.words(metric.label) if metric.label else "",
        value=numbers.value(metric.unit, part.change.current),
        change=change,
        usual=_SEPARATOR.join(usual),
        details=tuple(filter(None, details)),
    )


def _change(numbers: Numbers, data: ReportData, part: MetricComparison) -> ChangeView:
    """The change, or that accepted sales have no figure because no stage counts as accepted."""
    change = change_view(numbers, part.metric.unit, part.change, part.behavior.signal)
    if part.metric.of_accepted_stage and lacks_accepted_stage(data.current):
        return replace(change, text=numbers.words("no stage counts as accepted"))
    return change


def _usual(numbers: Numbers, unit: Unit, behavior: Behavior) -> Iterator[str]:
    """The usual range, whether the figure is outside it, and how long it has been on one side of its average."""
    if behavior.usual is None:
        return
    words = numbers.words
    low, mean, high = numbers.usual_range(unit, behavior.usual)
    if low == high:
        yield words("usually %(value)s", value=low)
    else:
        yield words(_USUAL.get(behavior.signal, _USUAL_RANGE), low=low, high=high)
    if behavior.signal in _IN_A_ROW:
        yield words(_IN_A_ROW[behavior.signal], count=words.digits(behavior.run), mean=mean)


def _counts(numbers: Numbers, data: ReportData, part: MetricComparison) -> str:
    """The counts behind a share, to distinguish 3 of 4 from 300 of 400."""
    part_of, whole = part.metric.part(data.current), part.metric.sample(data.current)
    if not part.metric.counts or part_of is None or not whole or part.change.current is None:
        return ""
    return numbers.words(part.metric.counts, part=numbers.count(part_of), whole=numbers.count(whole))


def _interval(numbers: Numbers, part: MetricComparison) -> str:
    """The confidence interval of a share of few events."""
    if part.interval is None:
        return ""
    return numbers.words(
        "%(sure)s sure: %(low)s to %(high)s",
        sure=numbers.percent(CONFIDENCE),
        low=numbers.usual(Unit.RATE, part.interval.low),
        high=numbers.usual(Unit.RATE, part.interval.high),
    )


def line_caption(numbers: Numbers, unit: Unit, window: Window, line: Sequence[Decimal | None]) -> str:
    """The caption below the line: the number of windows and the range of their values."""
    known = [value for value in line if value is not None]
    if len(known) < 2:
        return numbers.words("no earlier figures to show")
    number = _windows(numbers.words, window, len(line))
    low, high = numbers.value(unit, min(known)), numbers.value(unit, max(known))
    if low == high:
        return numbers.words("%(number)s: %(value)s throughout", number=number, value=low)
    return numbers.words("%(number)s: %(low)s to %(high)s", number=number, low=low, high=high)


def _windows(words: Words, window: Window, number: int) -> str:
    """The number of windows with their unit; partial periods are counted as windows of equal length."""
    count = words.digits(number)
    if window.period in _WINDOWS and not window.is_partial:
        return words.plural(*_WINDOWS[window.period], number, count=count)
    return words.plural(
        "%(count)s spans of %(days)s day",
        "%(count)s spans of %(days)s days",
        window.days,
        count=count,
        days=words.digits(window.days),
    )


def _target(numbers: Numbers, data: ReportData, part: MetricComparison) -> tuple[str, int | None]:
    """The target and whether it is met, and the progress toward it in percent, at most 100.

    The progress of a time is the target as a share of the actual time.
    """
    target, current = data.settings.targets.get(part.metric.key), part.change.current
    if target is None:
        return "", None
    shown = numbers.value(part.metric.unit, target)
    if current is None:
        return numbers.words("target %(target)s", target=shown), None
    whole, reached = (current, target) if part.metric.better is Better.LOWER else (target, current)
    if reached >= whole:
        return numbers.words("target %(target)s: met", target=shown), 100
    progress = int(reached * 100 / whole)
    if data.window.is_partial:
        return numbers.words("target %(target)s: not met so far", target=shown), progress
    return numbers.words("target %(target)s: not met", target=shown), progress

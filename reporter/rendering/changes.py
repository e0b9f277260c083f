"""A change in words: its size in the metric's unit, what it was before, and whether it is good."""

from decimal import Decimal

from reporter.analysis.behavior import Signal
from reporter.analysis.change import Change, ChangeKind, Verdict
from reporter.analysis.metric import Unit
from reporter.domain.strings import mark
from reporter.rendering.numbers import Numbers, unbroken
from reporter.rendering.view import ChangeView

UNCHANGED = mark("unchanged")
_SHAPES = {1: "▲", -1: "▼", 0: "●"}
_WITHOUT_SHAPE = {
    ChangeKind.NO_DATA: mark("no data for this period"),
    ChangeKind.NOT_COMPARABLE: mark("no figure to compare with"),
    ChangeKind.NOTHING: mark("zero in both periods"),
}
_WITHOUT_SIZE = {**_WITHOUT_SHAPE, ChangeKind.UNCHANGED: UNCHANGED}
_VERDICTS = {Verdict.GOOD: mark("better"), Verdict.BAD: mark("worse")}


def change_view(numbers: Numbers, unit: Unit, change: Change, signal: Signal = Signal.NONE) -> ChangeView:
    """The change as displayed; each kind of missing or zero change has its own text.

    There is no arrow if there are too few events to judge a direction.
    """
    return ChangeView(
        text=_text(numbers, unit, change),
        detail=_detail(numbers, unit, change),
        tone=change.verdict.value,
        shape="" if change.few or change.kind in _WITHOUT_SHAPE else _SHAPES[change.sign],
        verdict=_verdict(numbers, change, signal),
    )


def size(numbers: Numbers, unit: Unit, change: Change) -> str:
    """The size of a change without its sign: points for rates, percent if defined, otherwise the amount.

    For periods of unequal length, the change of the daily average is added.
    """
    if change.points is not None:
        return numbers.points(abs(change.points))
    if change.percent is None:
        return numbers.value(unit, abs(change.absolute or Decimal(0)))
    percent = numbers.percent(abs(change.percent))
    if change.per_day is None or not change.per_day.percent:
        return percent
    per_day = numbers.signed_percent(change.per_day.percent)
    return numbers.words("%(percent)s (%(per_day)s per day)", percent=percent, per_day=per_day)


def _text(numbers: Numbers, unit: Unit, change: Change) -> str:
    """The change with its sign; counts, money, and time as amount and percent."""
    if change.kind in _WITHOUT_SIZE:
        return numbers.words(_WITHOUT_SIZE[change.kind])
    if change.points is not None:
        return numbers.signed_points(change.points)
    amount = numbers.difference(unit, change.current or Decimal(0), change.previous or Decimal(0))
    return _with_percent(numbers, amount, change.percent)


def _detail(numbers: Numbers, unit: Unit, change: Change) -> str:
    """The previous value; for a total in periods of unequal length, both daily averages."""
    if change.previous is None or change.kind is ChangeKind.NOTHING:
        return ""
    if change.per_day is None:
        return numbers.words("before: %(value)s", value=numbers.value(unit, change.previous))
    value, before = numbers.value(unit, change.per_day.current), numbers.value(unit, change.per_day.previous)
    text = numbers.words("per day: %(value)s, before: %(before)s", value=value, before=before)
    return _with_percent(numbers, text, change.per_day.percent or None)


def _with_percent(numbers: Numbers, text: str, percent: Decimal | None) -> str:
    return text if percent is None else f"{text} ({numbers.signed_percent(percent)})"


def _verdict(numbers: Numbers, change: Change, signal: Signal) -> str:
    """The verdict of a notable change; otherwise that it is noise, unless the figure is outside its range."""
    if change.sign == 0:
        return ""
    if change.few:
        return unbroken(numbers.words("too few to judge"))
    if change.notable:
        return numbers.words(_VERDICTS[change.verdict]) if change.verdict in _VERDICTS else ""
    if signal.side:
        return ""
    return unbroken(numbers.words("may be chance") if signal is Signal.NONE else numbers.words("usual variation"))

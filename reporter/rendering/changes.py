"""A change in words: its size in the metric's unit, what it was before, and whether it is good."""

from decimal import Decimal

from reporter.analysis.behavior import Signal
from reporter.analysis.comparison import Change, ChangeKind, PerDay, Verdict
from reporter.analysis.metric import Unit
from reporter.domain.strings import mark
from reporter.rendering import phrases
from reporter.rendering.numbers import Numbers
from reporter.rendering.view import ChangeView

NO_VALUE = "–"
NONE_ACCEPTED = mark("no stage counts as accepted")
SHAPES = {1: "▲", -1: "▼", 0: "●"}
UNCHANGED = mark("unchanged")
_WITHOUT_SHAPE = frozenset({ChangeKind.NO_DATA, ChangeKind.NOT_COMPARABLE, ChangeKind.NOTHING})
_NOTHING = {
    ChangeKind.NO_DATA: mark("no data for this period"),
    ChangeKind.NOT_COMPARABLE: mark("no figure to compare with"),
    ChangeKind.NOTHING: mark("zero in both periods"),
    ChangeKind.UNCHANGED: UNCHANGED,
}


def change_view(numbers: Numbers, unit: Unit, change: Change, signal: Signal = Signal.NONE) -> ChangeView:
    """The change as displayed; each kind of missing or zero change has its own text.

    There is no arrow if there are too few events to judge a direction.
    """
    return ChangeView(
        text=change_text(numbers, unit, change),
        detail=_detail(numbers, unit, change),
        tone=change.verdict.value,
        shape="" if change.few or change.kind in _WITHOUT_SHAPE else SHAPES[change.sign],
        verdict=_verdict(numbers, change, signal),
    )


def value_text(numbers: Numbers, unit: Unit, value: Decimal | None) -> str:
    """A value, or a dash if there is none; the change's text gives the reason."""
    return NO_VALUE if value is None else numbers.value(unit, value)


def size(numbers: Numbers, unit: Unit, change: Change) -> str:
    """The size of a change without its sign: points for rates, percent if defined, otherwise the amount.

    For periods of unequal length, the change of the daily average is added.
    """
    if change.points is not None:
        return numbers.points(abs(change.points))
    if change.percent is not None:
        percent = numbers.percent(abs(change.percent))
        if change.per_day is None or not change.per_day.percent:
            return percent
        per_day = numbers.percent_moved(change.per_day.percent)
        return numbers.words("%(percent)s (%(per_day)s per day)", percent=percent, per_day=per_day)
    return numbers.value(unit, abs(change.absolute or Decimal(0)))


def change_text(numbers: Numbers, unit: Unit, change: Change) -> str:
    """The change with its sign; counts, money, and time as amount and percent."""
    if change.kind in _NOTHING:
        return numbers.words(_NOTHING[change.kind])
    if change.points is not None:
        return numbers.points_moved(change.points)
    amount = numbers.difference(unit, change.current or Decimal(0), change.previous or Decimal(0))
    amount = numbers.signed(amount, change.sign)
    if change.percent is None:
        return amount
    return f"{amount} ({numbers.percent_moved(change.percent)})"


def _detail(numbers: Numbers, unit: Unit, change: Change) -> str:
    if change.previous is None or change.kind is ChangeKind.NOTHING:
        return ""
    if change.per_day is not None:
        return _per_day(numbers, unit, change.per_day)
    return numbers.words("before: %(value)s", value=numbers.value(unit, change.previous))


def _per_day(numbers: Numbers, unit: Unit, per_day: PerDay) -> str:
    """The daily averages of a total in periods of unequal length."""
    text = numbers.words(
        "per day: %(value)s, before: %(before)s",
        value=numbers.value(unit, per_day.current),
        before=numbers.value(unit, per_day.previous),
    )
    if not per_day.percent:
        return text
    return f"{text} ({numbers.percent_moved(per_day.percent)})"


def _verdict(numbers: Numbers, change: Change, signal: Signal) -> str:
    """The verdict of a notable change; otherwise that it is noise, unless the figure is outside its range."""
    if change.sign == 0:
        return ""
    if change.few:
        return _unbroken(numbers.words("too few to judge"))
    if not change.notable:
        noise = numbers.words("may be chance") if signal is Signal.NONE else numbers.words("usual variation")
        return "" if signal.side else _unbroken(noise)
    return numbers.words(phrases.VERDICTS[change.verdict]) if change.verdict is not Verdict.NEUTRAL else ""


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")

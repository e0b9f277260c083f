"""What became of one number between two windows: points for rates, absolute and percent for everything else."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal

from reporter.analysis.chance import Measure, larger_than_chance
from reporter.analysis.comparison import Change, Kind, PerDay, Verdict
from reporter.analysis.metrics import Better, Unit

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
"""The context of every difference and division, so that no caller's context changes a report."""

_TOTALS = frozenset({Unit.COUNT, Unit.MONEY})
"""Units that grow with a window's length and of which zero means that nothing happened."""


def change_between(unit: Unit, better: Better, current: Measure, previous: Measure) -> Change:
    """The change from `previous` to `current`, with its verdict; values must be finite and not negative."""
    change = _change(unit, current.value, previous.value)
    if unit in _TOTALS and current.days != previous.days:
        change = replace(change, per_day=_per_day(current, previous))
    notable = larger_than_chance(unit, current, previous)
    return replace(change, notable=notable, verdict=_verdict(change, better) if notable else Verdict.NEUTRAL)


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` as a share of `whole`; None where the whole is nothing."""
    return ARITHMETIC.divide(part, whole) if whole else None


def difference(current: Decimal | None, previous: Decimal | None) -> Decimal | None:
    """`current` less `previous`; None where either is missing."""
    return None if current is None or previous is None else ARITHMETIC.subtract(current, previous)


def _change(unit: Unit, current: Decimal | None, previous: Decimal | None) -> Change:
    moved = difference(current, previous)
    if current is None or previous is None or moved is None:
        return Change(Kind.NO_DATA if current is None else Kind.NOT_COMPARABLE, current, previous)
    kind = _kind(unit, current, previous)
    if unit is Unit.RATE:
        return Change(kind, current, previous, points=moved)
    return Change(kind, current, previous, absolute=moved, percent=ratio(moved, previous))


def _kind(unit: Unit, current: Decimal, previous: Decimal) -> Kind:
    """A total of zero is nothing; a rate or a duration of zero is a figure like any other."""
    if current == previous:
        return Kind.UNCHANGED if current or unit not in _TOTALS else Kind.NOTHING
    return Kind.CHANGED if previous or unit not in _TOTALS else Kind.FROM_ZERO


def _per_day(current: Measure, previous: Measure) -> PerDay | None:
    if current.value is None or previous.value is None:
        return None
    average = ARITHMETIC.divide(current.value, current.days)
    average_before = ARITHMETIC.divide(previous.value, previous.days)
    scaled = ARITHMETIC.multiply(current.value, previous.days)
    scaled_before = ARITHMETIC.multiply(previous.value, current.days)
    return PerDay(average, average_before, ratio(ARITHMETIC.subtract(scaled, scaled_before), scaled_before))


def _verdict(change: Change, better: Better) -> Verdict:
    if better is Better.NEITHER:
        return Verdict.NEUTRAL
    return Verdict.GOOD if (change.sign > 0) == (better is Better.HIGHER) else Verdict.BAD

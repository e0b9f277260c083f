"""The change of one number between two windows: points for rates, absolute and percent for everything else."""

from dataclasses import replace
from decimal import Decimal

from reporter.analysis.arithmetic import ARITHMETIC, difference, ratio
from reporter.analysis.chance import ENOUGH, Measure, larger_than_chance
from reporter.analysis.comparison import Change, ChangeKind, PerDay, Verdict
from reporter.analysis.metric import JUDGED_BY_SAMPLE, TOTALS, Better, Unit


def change_between(unit: Unit, better: Better, current: Measure, previous: Measure) -> Change:
    """The change from `previous` to `current`, with its verdict; values must be finite and not negative."""
    change = _change(unit, current.value, previous.value)
    if unit in TOTALS and current.days != previous.days:
        change = replace(change, per_day=_per_day(current, previous))
    change = replace(change, few=unit in JUDGED_BY_SAMPLE and min(_events(current), _events(previous)) < ENOUGH)
    return judged(change, better, notable=larger_than_chance(unit, current, previous))


def judged(change: Change, better: Better, *, notable: bool) -> Change:
    """The change with a verdict: good or bad only if it is notable."""
    return replace(change, notable=notable, verdict=_verdict(change, better) if notable else Verdict.NEUTRAL)


def _change(unit: Unit, current: Decimal | None, previous: Decimal | None) -> Change:
    moved = difference(current, previous)
    if current is None or previous is None or moved is None:
        return Change(ChangeKind.NO_DATA if current is None else ChangeKind.NOT_COMPARABLE, current, previous)
    kind = _kind(unit, current, previous)
    if unit is Unit.RATE:
        return Change(kind, current, previous, points=moved)
    return Change(kind, current, previous, absolute=moved, percent=ratio(moved, previous))


def _kind(unit: Unit, current: Decimal, previous: Decimal) -> ChangeKind:
    """The kind of change; zero means that nothing happened for totals only, not for rates and durations."""
    if current == previous:
        return ChangeKind.UNCHANGED if current or unit not in TOTALS else ChangeKind.NOTHING
    return ChangeKind.CHANGED if previous or unit not in TOTALS else ChangeKind.FROM_ZERO


def _per_day(current: Measure, previous: Measure) -> PerDay | None:
    if current.value is None or previous.value is None:
        return None
    average = ARITHMETIC.divide(current.value, current.days)
    average_before = ARITHMETIC.divide(previous.value, previous.days)
    scaled = ARITHMETIC.multiply(current.value, previous.days)
    scaled_before = ARITHMETIC.multiply(previous.value, current.days)
    return PerDay(average, average_before, ratio(ARITHMETIC.subtract(scaled, scaled_before), scaled_before))


def _events(measure: Measure) -> int:
    """The sample size of a measure; `ENOUGH` if its value or sample is missing, since it is not judged."""
    return ENOUGH if measure.value is None or measure.sample is None else measure.sample


def _verdict(change: Change, better: Better) -> Verdict:
    if better is Better.NEITHER:
        return Verdict.NEUTRAL
    return Verdict.GOOD if (change.sign > 0) == (better is Better.HIGHER) else Verdict.BAD

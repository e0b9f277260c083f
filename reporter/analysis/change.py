"""The change of one number between two windows: points for rates, absolute and percent for everything else.

Percent and points are separate fields, so they cannot be mixed up.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.arithmetic import ARITHMETIC, difference, ratio
from reporter.analysis.chance import ENOUGH, Measure, larger_than_chance
from reporter.analysis.metric import JUDGED_BY_SAMPLE, TOTALS, Better, Unit


class ChangeKind(StrEnum):
    """The kind of change of a number between two windows."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOTHING = "nothing"
    """A count or amount that is zero in both windows."""
    FROM_ZERO = "from-zero"
    """A count or amount that was zero before: an absolute change, no percentage."""
    NO_DATA = "no-data"
    """The API returned null for this window."""
    NOT_COMPARABLE = "not-comparable"
    """The previous window has no figure."""


class Verdict(StrEnum):
    """Whether a change is good; noise and neutral metrics are neither."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class PerDay:
    """A total per day in each window, if the windows differ in length. `percent` is a fraction."""

    current: Decimal
    previous: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change from `previous` to `current`.

    Rates change in `points` (a fraction: 0.04 is four points), also from zero; counts, money, and durations by
    `absolute` and `percent` (a fraction of the previous value; None if that is zero). Others are None.
    """

    kind: ChangeKind
    current: Decimal | None
    previous: Decimal | None
    absolute: Decimal | None = None
    percent: Decimal | None = None
    points: Decimal | None = None
    verdict: Verdict = Verdict.NEUTRAL
    notable: bool = False
    """Whether the change is more than noise: outside the usual range, or larger than chance if there is no range."""
    few: bool = False
    """Whether a rate or a duration has too few events, in either window, to judge a change."""
    per_day: PerDay | None = None

    @property
    def sign(self) -> int:
        """1 up, -1 down, 0 unchanged or not comparable."""
        moved = self.points if self.points is not None else self.absolute
        return 0 if moved is None or moved == 0 else 1 if moved > 0 else -1


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

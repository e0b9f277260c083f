"""Chance: tests of whether a change between two windows exceeds it, and confidence intervals of shares of few events.

The tests have one rule per unit, and require about two standard deviations. Counts and shares determine their own
variance; the API reports no spread of medians and sums of money, so a typical one is assumed, and a wide one.
The intervals are Wilson score intervals: E. B. Wilson, Journal of the American Statistical Association 22 (1927);
R. G. Newcombe, Statistics in Medicine 17 (1998), method 3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import log, sqrt

from reporter.analysis.arithmetic import ARITHMETIC, spread
from reporter.analysis.metric import Metric, Unit
from reporter.domain.snapshot import Snapshot

ENOUGH = 10
"""Minimum number of events in a window for judging a share, a median, or an average."""
_ROUNDING = Fraction(1, 100)
"""Maximum difference between a share and its counts: the API rounds shares to whole percents."""
_DEVIATIONS = 2
_SPREAD_OF_ANSWERS = 1.5
"""Standard deviation of the logarithm of response times: two in three answers take a fifth to five times the median."""
_SPREAD_OF_SALES = 1.0
"""Standard deviation of the value of a sale, as a share of the average sale."""
_MEDIAN = 1.2533
"""Standard error of a median relative to that of an average: the square root of half of pi."""

CONFIDENCE = Decimal("0.95")
_QUANTILE = Decimal("1.959963984540054")
"""Quantile 0.975 of the standard normal distribution."""
_WIDE = Decimal("0.2")
"""An interval wider than twenty points is shown with the share; a narrower one is omitted."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of one window, its sample size in events (None if unknown), and the window's days.

    For a share, `part` is how many of those events it counts, if known: `value` is rounded, counts are not.
    """

    value: Decimal | None
    sample: int | None
    days: int
    part: int | None = None

    @classmethod
    def of_count(cls, count: int | None, days: int) -> "Measure":
        """A count, whose sample is the events it counts."""
        return cls(None if count is None else Decimal(count), count, days)


@dataclass(frozen=True, slots=True)
class _Known:
    value: Fraction
    sample: int
    days: int
    shown: Fraction

    @property
    def per_day(self) -> Fraction:
        return self.value / self.days

    @property
    def events(self) -> "_Known":
        return _Known(Fraction(self.sample), self.sample, self.days, Fraction(self.sample))


def larger_than_chance(unit: Unit, current: Measure, previous: Measure) -> bool:
    """Whether `current` differs from `previous` by more than chance often does; False if undecidable.

    A displayed value that is unchanged, or that moved in the opposite direction to its counts, is no change.
    """
    now, before = _known(current), _known(previous)
    if now is None or before is None:
        return False
    return (now.value - before.value) * (now.shown - before.shown) > 0 and _RULES[unit](now, before)


def _known(measure: Measure) -> _Known | None:
    if measure.value is None or measure.sample is None:
        return None
    shown = Fraction(measure.value)
    return _Known(_exact(shown, measure.part, measure.sample), measure.sample, measure.days, shown)


def _exact(shown: Fraction, part: int | None, sample: int) -> Fraction:
    """A share computed from its counts, unless they do not match it; everything else as shown."""
    if part is None or not sample:
        return shown
    counted = Fraction(part, sample)
    return counted if abs(counted - shown) < _ROUNDING else shown


def _counts_differ(now: _Known, before: _Known) -> bool:
    """Two Poisson counts a and b: |a - b| - 1 ≥ 2·√(a + b), with expectations proportional to the windows' days.

    Messages come in conversations, so clumps of the average conversation's size are counted. A total that fell while
    its daily average rose, or the reverse, is no change.
    """
    if not now.sample + before.sample:
        return False
    clump = max(Fraction(1), (now.value + before.value) / (now.sample + before.sample))
    count, count_before = now.value / clump, before.value / clump
    gap = abs(count * before.days - count_before * now.days) - Fraction(now.days + before.days, 2)
    variance = (count + count_before) * now.days * before.days
    return (
        gap > 0 and gap**2 >= _DEVIATIONS**2 * variance and (now.value > before.value) == (now.per_day > before.per_day)
    )


def _rates_differ(now: _Known, before: _Known) -> bool:
    """Two shares of at least ten events each, by the two-proportion z-test."""
    if min(now.sample, before.sample) < ENOUGH:
        return False
    pooled = (now.value * now.sample + before.value * before.sample) / (now.sample + before.sample)
    variance = pooled * (1 - pooled) * (Fraction(1, now.sample) + Fraction(1, before.sample))
    return variance > 0 and (now.value - before.value) ** 2 >= _DEVIATIONS**2 * variance


def _durations_differ(now: _Known, before: _Known) -> bool:
    """Two medians of at least ten answered conversations each, by the logarithm of their ratio."""
    if min(now.sample, before.sample) < ENOUGH:
        return False
    ratio = max(now.value, Fraction(1)) / max(before.value, Fraction(1))
    return abs(log(ratio)) >= _DEVIATIONS * _SPREAD_OF_ANSWERS * _MEDIAN * _root(now, before)


def _sums_differ(now: _Known, before: _Known) -> bool:
    """Two sums of money that moved with their number of sales, or further than number and size of sales explain.

    The second case requires at least ten sales each and compares the sums per day.
    """
    rose = now.value > before.value
    if _counts_differ(now.events, before.events) and (now.sample > before.sample) == rose:
        return True
    if min(now.sample, before.sample) < ENOUGH or (now.per_day > before.per_day) != rose:
        return False
    if not now.value or not before.value:
        return True
    spread = sqrt(1 + _SPREAD_OF_SALES**2)
    return abs(log(now.per_day / before.per_day)) >= _DEVIATIONS * spread * _root(now, before)


def _root(now: _Known, before: _Known) -> float:
    """Standard error factor of the difference of two averages: the root of 1/n + 1/m."""
    return sqrt(1 / now.sample + 1 / before.sample)


_RULES: Mapping[Unit, Callable[[_Known, _Known], bool]] = {
    Unit.COUNT: _counts_differ,
    Unit.RATE: _rates_differ,
    Unit.DURATION: _durations_differ,
    Unit.MONEY: _sums_differ,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """Confidence interval of a share at level `CONFIDENCE`, from 0 to 1."""

    low: Decimal
    high: Decimal


def wilson(part: int, whole: int) -> Interval:
    """The interval of `part` out of `whole`, which must be at least 1; no continuity correction."""
    share = ARITHMETIC.divide(Decimal(part), whole)
    square = ARITHMETIC.multiply(_QUANTILE, _QUANTILE)
    variance = ARITHMETIC.divide(spread(share), whole)
    reach = ARITHMETIC.sqrt(ARITHMETIC.add(variance, ARITHMETIC.divide(square, 4 * whole * whole)))
    reach = ARITHMETIC.multiply(_QUANTILE, reach)
    middle = ARITHMETIC.add(share, ARITHMETIC.divide(square, 2 * whole))
    scale = ARITHMETIC.add(Decimal(1), ARITHMETIC.divide(square, whole))
    low = ARITHMETIC.divide(ARITHMETIC.subtract(middle, reach), scale)
    high = ARITHMETIC.divide(ARITHMETIC.add(middle, reach), scale)
    return Interval(max(low, Decimal(0)) if part else Decimal(0), min(high, Decimal(1)) if part < whole else Decimal(1))


def interval_of_few(metric: Metric, snapshot: Snapshot) -> Interval | None:
    """The interval of a share of too few events to be shown alone; None for everything else."""
    part, whole = metric.part(snapshot), metric.sample(snapshot)
    if metric.unit is not Unit.RATE or part is None or not whole or part > whole or metric.read(snapshot) is None:
        return None
    interval = wilson(part, whole)
    return interval if ARITHMETIC.subtract(interval.high, interval.low) > _WIDE else None

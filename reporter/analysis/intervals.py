"""Confidence interval of a share of few events: the Wilson score interval.

Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927); R. G. Newcombe, Statistics in Medicine
17 (1998), method 3.
"""

from dataclasses import dataclass
from decimal import Decimal

from reporter.analysis.arithmetic import ARITHMETIC, spread
from reporter.analysis.metric import Metric, Unit
from reporter.domain.snapshot import Snapshot

CONFIDENCE = Decimal("0.95")
_QUANTILE = Decimal("1.959963984540054")
"""Quantile 0.975 of the standard normal distribution."""
_WIDE = Decimal("0.2")
"""An interval wider than twenty points is shown with the share; a narrower one is omitted."""


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


def unsure(metric: Metric, snapshot: Snapshot) -> Interval | None:
    """The interval of a share of too few events to be shown alone; None for everything else."""
    part, whole = metric.part(snapshot), metric.sample(snapshot)
    if metric.unit is not Unit.RATE or part is None or not whole or part > whole or metric.read(snapshot) is None:
        return None
    interval = wilson(part, whole)
    return interval if ARITHMETIC.subtract(interval.high, interval.low) > _WIDE else None

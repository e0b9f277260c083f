"""Usual ranges and signals of a metric, from process behavior (XmR) charts.

Only the earlier windows determine the range, so that an extreme latest window cannot widen it.
Source: D. J. Wheeler, Understanding Variation, 2nd edition, SPC Press 2000 (formulas on page 137).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from reporter.analysis.arithmetic import ARITHMETIC, average, spread
from reporter.analysis.chance import ENOUGH
from reporter.analysis.metric import JUDGED_BY_SAMPLE, TOTALS, Metric, Unit
from reporter.domain.snapshot import Snapshot

LEAST = 6
"""Minimum number of earlier windows with a value; with fewer there is no range and no verdict."""
RUN = 8
"""Consecutive windows on one side of the average that are a signal, even if each is within the range."""
SCALING = Decimal("2.66")
"""Distance of each natural limit from the average, in average moving ranges: three standard deviations."""
_DEVIATIONS = Decimal(3)


class Signal(StrEnum):
    """How the latest window compares with those before it."""

    NONE = "none"
    """No verdict: too few earlier windows, or too few events in this one."""
    USUAL = "usual"
    ABOVE = "above"
    BELOW = "below"
    RUN_ABOVE = "run-above"
    RUN_BELOW = "run-below"

    @property
    def side(self) -> int:
        """1 if the latest window is above the range, -1 if below, 0 if within it or not judged."""
        return {Signal.ABOVE: 1, Signal.BELOW: -1}.get(self, 0)

    @property
    def is_news(self) -> bool:
        """Whether the signal is more than usual variation."""
        return self not in {Signal.NONE, Signal.USUAL}


@dataclass(frozen=True, slots=True)
class UsualRange:
    """The range of usual variation, in the metric's unit; both ends are inclusive."""

    mean: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Behavior:
    """A metric's comparable values: `line` has totals scaled to the latest window's length, oldest first.

    `run` is the number of consecutive windows, including the latest, on the latest one's side of the average.
    """

    line: tuple[Decimal | None, ...]
    usual: UsualRange | None = None
    signal: Signal = Signal.NONE
    run: int = 0


def behavior(metric: Metric, snapshots: Sequence[Snapshot | None]) -> Behavior:
    """Compare the latest window with the others; `snapshots` are oldest first, with None for a gap."""
    latest = snapshots[-1]
    assert latest is not None
    line = tuple(comparable(metric, snapshot, latest.window.days) if snapshot else None for snapshot in snapshots)
    earlier, current = line[:-1], line[-1]
    limits = natural_limits(earlier)
    if limits is None or sum(value is not None for value in earlier) < LEAST:
        return Behavior(line)
    usual = _usual_range(metric, *limits, snapshots)
    run = _run(line, usual.mean)
    few = metric.unit in JUDGED_BY_SAMPLE and (metric.sample(latest) or 0) < ENOUGH
    signal = Signal.NONE if few or current is None else _signal(current, usual, run)
    return Behavior(line, usual, signal, run)


def comparable(metric: Metric, snapshot: Snapshot, days: int) -> Decimal | None:
    """The metric's value; totals are scaled to a window of `days` days."""
    value = metric.read(snapshot)
    if value is None or metric.unit not in TOTALS or snapshot.window.days == days:
        return value
    return ARITHMETIC.divide(ARITHMETIC.multiply(value, days), snapshot.window.days)


def natural_limits(values: Sequence[Decimal | None]) -> tuple[Decimal, Decimal] | None:
    """The average, and the distance of Wheeler's natural process limits from it; None without two adjacent values."""
    known = [value for value in values if value is not None]
    moves = [
        ARITHMETIC.subtract(value, before).copy_abs()
        for before, value in pairwise(values)
        if before is not None and value is not None
    ]
    if not moves:
        return None
    return average(known), ARITHMETIC.multiply(SCALING, average(moves))


def _usual_range(metric: Metric, mean: Decimal, reach: Decimal, snapshots: Sequence[Snapshot | None]) -> UsualRange:
    """The limits, at least as wide as counting noise: after twelve weeks of two sales each, three are no signal.

    They are clipped to possible values: none is negative, and no share is above one.
    """
    reach = max(_counting(metric, mean, snapshots), reach)
    low, high = ARITHMETIC.subtract(mean, reach), ARITHMETIC.add(mean, reach)
    return UsualRange(mean, max(low, Decimal(0)), min(high, Decimal(1)) if metric.unit is Unit.RATE else high)


def _counting(metric: Metric, mean: Decimal, snapshots: Sequence[Snapshot | None]) -> Decimal:
    """Three standard deviations of a share of this window's events, or of a Poisson count; otherwise zero.

    Messages come in conversations, so clumps of the average conversation's size are counted.
    """
    if metric.unit is Unit.RATE:
        sample = metric.sample(snapshots[-1]) if snapshots[-1] else None
        variance = ARITHMETIC.divide(spread(mean), sample) if sample else Decimal(0)
    elif metric.unit is Unit.COUNT:
        variance = ARITHMETIC.multiply(mean, _clump(metric, [each for each in snapshots[:-1] if each]))
    else:
        variance = Decimal(0)
    return ARITHMETIC.multiply(_DEVIATIONS, ARITHMETIC.sqrt(max(variance, Decimal(0))))


def _clump(metric: Metric, snapshots: Sequence[Snapshot]) -> Decimal:
    """Average number of counted items per event over these windows, at their original lengths; at least 1."""
    counted = sum(metric.read(snapshot) or 0 for snapshot in snapshots)
    events = sum(metric.sample(snapshot) or 0 for snapshot in snapshots)
    return max(Decimal(1), ARITHMETIC.divide(Decimal(counted), events)) if events else Decimal(1)


def _run(line: Sequence[Decimal | None], mean: Decimal) -> int:
    """Number of consecutive values, up to the last, on the last one's side of the average."""
    sides = [None if value is None else (value > mean) - (value < mean) for value in reversed(line)]
    if not sides[0]:
        return 0
    return next((count for count, side in enumerate(sides) if side != sides[0]), len(sides))


def _signal(current: Decimal, usual: UsualRange, run: int) -> Signal:
    if current > usual.high:
        return Signal.ABOVE
    if current < usual.low:
        return Signal.BELOW
    if run >= RUN:
        return Signal.RUN_ABOVE if current > usual.mean else Signal.RUN_BELOW
    return Signal.USUAL

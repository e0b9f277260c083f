"""Decomposition of the change in the value of accepted sales into a volume effect and a size effect.

As in management accounting: the difference in number at the previous average, and the difference in the average at
the current number. Both add up to the change, to the cent.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.arithmetic import ARITHMETIC
from reporter.analysis.metrics import accepted_stage
from reporter.domain.snapshot import Snapshot

_MOST = Decimal("0.75")
"""Minimum share of the sum of both effects for one of them to be the driver."""

_INEXACT = Decimal(1).scaleb(ARITHMETIC.prec - 6)
"""Amounts from here on leave too few digits of precision for exact cents."""


class Driver(StrEnum):
    """The main cause of the change in value."""

    VOLUME = "volume"
    SIZE = "size"
    BOTH = "both"
    MORE_BUT_SMALLER = "more-but-smaller"
    FEWER_BUT_LARGER = "fewer-but-larger"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The effects of volume and average size on the value, in the report's currency, and both windows' averages."""

    volume: int
    previous_volume: int
    average: Decimal
    previous_average: Decimal
    volume_effect: Decimal
    size_effect: Decimal

    @property
    def driver(self) -> Driver:
        """The main driver, or that the effects oppose each other."""
        number, size = self.volume_effect, self.size_effect
        most = ARITHMETIC.multiply(_MOST, ARITHMETIC.add(number.copy_abs(), size.copy_abs()))
        if number.copy_abs() >= most:
            return Driver.VOLUME
        if size.copy_abs() >= most:
            return Driver.SIZE
        if (number > 0) == (size > 0):
            return Driver.BOTH
        return Driver.MORE_BUT_SMALLER if number > 0 else Driver.FEWER_BUT_LARGER


def decompose(current: Snapshot, previous: Snapshot) -> Decomposition | None:
    """Decompose the change in value; None if it did not change, or either window has no accepted sales.

    Also None if the numbers differ so much that the effects are not exact to the cent.
    """
    now, before = accepted_stage(current), accepted_stage(previous)
    if now is None or before is None or not now.volume or not before.volume or now.value == before.value:
        return None
    average = ARITHMETIC.divide(now.value, now.volume)
    previous_average = ARITHMETIC.divide(before.value, before.volume)
    volume_effect = ARITHMETIC.divide(ARITHMETIC.multiply(before.value, now.volume - before.volume), before.volume)
    if volume_effect.copy_abs() >= _INEXACT:
        return None
    whole = ARITHMETIC.subtract(now.value, before.value)
    return Decomposition(
        volume=now.volume,
        previous_volume=before.volume,
        average=average,
        previous_average=previous_average,
        volume_effect=volume_effect,
        size_effect=ARITHMETIC.subtract(whole, volume_effect),
    )

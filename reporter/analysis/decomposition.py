"""Where a change in the value of accepted sales came from: how many there were, and how large they were on average.

The split of management accounting: the difference in number at the former average, and the difference in the average
times today's number. Both together are the change to the cent.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.arithmetic import ARITHMETIC
from reporter.analysis.metrics import accepted_stage
from reporter.domain.snapshot import Snapshot

_MOST = Decimal("0.75")
"""The share of both effects from which one of them is called the cause."""

_INEXACT = Decimal(1).scaleb(ARITHMETIC.prec - 6)
"""From here on a money amount has less than its cents and some digits to spare."""


class Driver(StrEnum):
    """What made the value change."""

    VOLUME = "volume"
    SIZE = "size"
    BOTH = "both"
    MORE_BUT_SMALLER = "more-but-smaller"
    FEWER_BUT_LARGER = "fewer-but-larger"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The effects of number and of average size on the value, in the report's currency; averages of both windows."""

    volume: int
    previous_volume: int
    average: Decimal
    previous_average: Decimal
    volume_effect: Decimal
    size_effect: Decimal

    @property
    def driver(self) -> Driver:
        """The cause in a word; where the effects oppose each other, that."""
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
    """The change in value taken apart; None where it did not change, or either window has no accepted sale.

    None also of numbers so far apart that no cent of their effects is exact.
    """
    now, before = accepted_stage(current.sales), accepted_stage(previous.sales)
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

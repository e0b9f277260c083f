"""Decimal arithmetic for every report, in one context, with None for unknown values."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
"""The context of every difference and division, so that a caller's context cannot change a report."""


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` as a share of `whole`; None if `whole` is zero."""
    return ARITHMETIC.divide(part, whole) if whole else None


def difference(current: Decimal | None, previous: Decimal | None) -> Decimal | None:
    """`current` minus `previous`; None if either is None."""
    return None if current is None or previous is None else ARITHMETIC.subtract(current, previous)


def spread(share: Decimal) -> Decimal:
    """Bernoulli variance p(1-p)."""
    return ARITHMETIC.multiply(share, ARITHMETIC.subtract(Decimal(1), share))


def average(values: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean; needs at least one value."""
    total = Decimal(0)
    for value in values:
        total = ARITHMETIC.add(total, value)
    return ARITHMETIC.divide(total, len(values))

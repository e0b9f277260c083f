"""The arithmetic of every report: decimal, in one context, with None for what is not known."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
"""The context of every difference and division, so that no caller's context changes a report."""


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` as a share of `whole`; None where the whole is nothing."""
    return ARITHMETIC.divide(part, whole) if whole else None


def difference(current: Decimal | None, previous: Decimal | None) -> Decimal | None:
    """`current` less `previous`; None where either is missing."""
    return None if current is None or previous is None else ARITHMETIC.subtract(current, previous)


def spread(share: Decimal) -> Decimal:
    """The variance of one event of which this share has it: a coin's is a quarter."""
    return ARITHMETIC.multiply(share, ARITHMETIC.subtract(Decimal(1), share))


def average(values: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean of at least one value."""
    total = Decimal(0)
    for value in values:
        total = ARITHMETIC.add(total, value)
    return ARITHMETIC.divide(total, len(values))

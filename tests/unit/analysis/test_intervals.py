"""Confidence intervals of shares with small samples."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.intervals import unsure, wilson
from reporter.analysis.metrics import METRICS
from tests.unit.analysis.examples import answered, busy


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_the_intervals_that_newcombe_printed(part: int, whole: int, low: str, high: str) -> None:
    """Intervals equal method 3 of table I in Newcombe (1998), to its four digits."""
    interval = wilson(part, whole)
    assert (f"{interval.low:.4f}", f"{interval.high:.4f}") == (low, high)


@given(st.integers(1, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_an_interval_holds_its_share(counts: tuple[int, int]) -> None:
    """An interval is between zero and one and contains the share; the complement's interval is its mirror image."""
    part, whole = counts
    interval, other = wilson(part, whole), wilson(whole - part, whole)
    assert 0 <= interval.low <= Fraction(part, whole) <= interval.high <= 1
    assert abs(interval.low + other.high - 1) < Fraction(1, 10**20)


@pytest.mark.parametrize(("received", "responded", "told"), [(4, 3, True), (40, 30, True), (400, 300, False)])
def test_only_an_unsure_share_is_told_with_its_interval(received: int, responded: int, told: bool) -> None:  # noqa: FBT001
    """Three of four has an interval, three hundred of four hundred has none."""
    assert (unsure(METRICS["response_rate"], answered(busy(), received, responded)) is not None) is told


def test_what_is_no_share_has_no_interval() -> None:
    """Counts, durations, and amounts are not shares, and nor is zero of zero."""
    assert unsure(METRICS["conversations"], busy()) is None
    assert unsure(METRICS["response_rate"], answered(busy(), 0, 0)) is None

"""Chance: which changes exceed it, from both sides of each threshold, and the intervals of small samples."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.chance import Measure, interval_of_few, larger_than_chance, wilson
from reporter.analysis.metric import Unit
from reporter.analysis.metrics import METRICS
from tests.unit.analysis.examples import answered, busy


def measure(value: object, sample: int | None, days: int = 7) -> Measure:
    """A value, given as text, and its sample size."""
    return Measure(Decimal(str(value)), sample, days)


def share(value: str, part: int, sample: int) -> Measure:
    """A share as the API rounds it, with its counts."""
    return Measure(Decimal(value), sample, 7, part)


def count(value: int, days: int = 7) -> Measure:
    """A count of independent events."""
    return Measure.of_count(value, days)


@pytest.mark.parametrize(
    ("current", "previous", "notable"),
    [
        (count(11), count(13), False),
        (count(3), count(0), False),
        (count(5), count(0), False),
        (count(6), count(0), True),
        (count(0), count(6), True),
        (count(129), count(100), False),
        (count(132), count(100), True),
        (count(0), count(0), False),
        (count(1000, 28), count(1080, 31), False),
        (count(1000, 28), count(1250, 31), True),
        (count(1000, 28), count(1150, 31), False),
        (count(10000, 31), count(10000, 28), False),  # the same number in more days: no change
        (count(10000, 28), count(10700, 31), False),  # fewer in total, but more per day
        (measure(132, 10), measure(100, 10), False),  # messages in conversations of a dozen each
        (measure(132, 132), measure(100, 100), True),
        (measure(50, 1000), measure(35, 1000), False),  # fewer messages than conversations
        (measure(7, 0), measure(100, 0), False),
    ],
)
def test_counts_differ_by_two_deviations(current: Measure, previous: Measure, notable: bool) -> None:  # noqa: FBT001
    """Counts are judged by their square root, their number of days, and their clustering."""
    assert larger_than_chance(Unit.COUNT, current, previous) is notable


@pytest.mark.parametrize(
    ("current", "previous", "notable"),
    [
        (measure("0.74", 20), measure("0.70", 20), False),
        (measure("0.74", 400), measure("0.70", 400), False),
        (measure("0.77", 400), measure("0.70", 400), True),
        (measure(1, 9), measure(0, 400), False),
        (measure(1, 400), measure(0, 9), False),
        (measure(1, 10), measure(0, 10), True),
        (measure(1, 400), measure(1, 400), False),
        (measure("1.5", 400), measure("1.2", 400), False),  # not shares
    ],
)
def test_rates_differ_by_the_conversations_behind_them(current: Measure, previous: Measure, notable: bool) -> None:  # noqa: FBT001
    """Four points on twenty conversations may be chance; seven on four hundred are not; nine are too few to judge."""
    assert larger_than_chance(Unit.RATE, current, previous) is notable


@pytest.mark.parametrize(
    ("current", "previous", "notable"),
    [
        (measure("0.74", 800), measure("0.69", 800), True),
        (share("0.74", 589, 800), share("0.69", 555, 800), False),  # 73.6 % and 69.4 %
        (measure("0.74", 800), measure("0.70", 800), False),
        (share("0.74", 595, 800), share("0.70", 557, 800), True),  # 74.4 % and 69.6 %
        (share("0.70", 704_000, 1_000_000), share("0.70", 696_000, 1_000_000), False),  # same display
        (share("0.70", 696_000, 1_000_000), share("0.69", 699_000, 1_000_000), False),  # shown in reverse order
        (share("0.74", 800, 800), share("0.70", 0, 800), False),  # no counts of these shares
    ],
)
def test_rates_are_judged_by_their_counts(current: Measure, previous: Measure, notable: bool) -> None:  # noqa: FBT001
    """A rounded share is judged by its counts where they are known, but no verdict contradicts the displayed values."""
    assert larger_than_chance(Unit.RATE, current, previous) is notable


@pytest.mark.parametrize(
    ("current", "previous", "notable"),
    [
        (measure(1022, 100), measure(600, 100), True),
        (measure(1020, 100), measure(600, 100), False),
        (measure(350, 100), measure(600, 100), True),
        (measure(150, 10), measure(600, 10), False),
        (measure(60, 10), measure(600, 10), True),
        (measure(60, 9), measure(600, 10), False),
        (measure(60, 10), measure(600, 9), False),
        (measure(0, 100), measure(1, 100), False),
        (measure(0, 100), measure(60, 100), True),
    ],
)
def test_durations_differ_by_far(current: Measure, previous: Measure, notable: bool) -> None:  # noqa: FBT001
    """A median is judged from ten answered conversations on; the smaller the sample, the larger the change must be."""
    assert larger_than_chance(Unit.DURATION, current, previous) is notable


@pytest.mark.parametrize(
    ("current", "previous", "notable"),
    [
        (measure("20000.00", 20), measure("50000.00", 50), True),  # same direction as the count
        (measure("55000.00", 20), measure("50000.00", 50), False),  # opposite to the count, and not by far
        (measure("55000.00", 20), measure("20000.00", 20), True),  # by more than the spread of the sales' sizes
        (measure("48000.00", 20), measure("20000.00", 20), False),
        (measure("49000.00", 20), measure("20000.00", 20), True),
        (measure("90000.00", 9), measure("10000.00", 9), False),  # one large sale among few
        (measure("20800.00", 16), measure("20000.00", 20), False),  # larger sales, fewer of them
        (measure("19000.00", 22), measure("20000.00", 16), False),  # smaller sales, more of them
        (measure("20000.00", 27), measure("16000.00", 16), False),  # not by far, with smaller sales
        (measure("21000.00", 20), measure("16000.00", 16), False),  # not by far, with sales of the same size
        (measure("16000.00", 20, 28), measure("20000.00", 20, 31), False),  # fewer days
        (measure("15000.00", 0), measure("20000.00", 0), False),
    ],
)
def test_money_differs_with_its_count_or_by_far(current: Measure, previous: Measure, notable: bool) -> None:  # noqa: FBT001
    """A sum changes notably together with its number of sales, or by more than ten or more sales' sizes explain."""
    assert larger_than_chance(Unit.MONEY, current, previous) is notable


@given(
    st.sampled_from(Unit),
    st.builds(
        Measure, st.none() | st.decimals(0, 10**6, places=2), st.none() | st.integers(0, 10**4), st.integers(1, 31)
    ),
    st.builds(
        Measure, st.none() | st.decimals(0, 10**6, places=2), st.none() | st.integers(0, 10**4), st.integers(1, 31)
    ),
)
def test_what_is_not_known_or_equal_is_never_notable(unit: Unit, current: Measure, previous: Measure) -> None:
    """Any two measures get a verdict; a missing value, a missing sample, or equal values are never notable."""
    notable = larger_than_chance(unit, current, previous)
    if None in {current.value, current.sample, previous.value, previous.sample} or current.value == previous.value:
        assert not notable


@given(
    st.sampled_from([Unit.COUNT, Unit.RATE, Unit.MONEY]),
    st.integers(0, 10**4),
    st.integers(0, 10**4),
)
def test_chance_needs_more_than_a_few_events(unit: Unit, value: int, other: int) -> None:
    """With samples of up to two events nothing is notable, whatever the values."""
    current, previous = Measure(Decimal(value) / 10000, 2, 7), Measure(Decimal(other) / 10000, 2, 7)
    assert not larger_than_chance(unit, current, previous)


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
    assert (interval_of_few(METRICS["response_rate"], answered(busy(), received, responded)) is not None) is told


def test_what_is_no_share_has_no_interval() -> None:
    """Counts, durations, and amounts are not shares, and nor is zero of zero."""
    assert interval_of_few(METRICS["conversations"], busy()) is None
    assert interval_of_few(METRICS["response_rate"], answered(busy(), 0, 0)) is None

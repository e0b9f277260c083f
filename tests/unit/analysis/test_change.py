"""One number in two windows: points, percent, and amount, and the four kinds of nothing."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporter.analysis.chance import Measure
from reporter.analysis.change import Change, ChangeKind, Verdict, change_between
from reporter.analysis.metric import Better, Unit

COUNTS = st.integers(0, 10**9).map(Decimal)
MONEY = st.decimals(0, 10**9, places=2)
RATES = st.decimals(0, 1, places=4)
VALUES = {Unit.COUNT: COUNTS, Unit.MONEY: MONEY, Unit.DURATION: MONEY, Unit.RATE: RATES}
UNITS = st.sampled_from(Unit)
LENGTHS = st.integers(1, 366)
TINY = Fraction(1, 10**20)


@st.composite
def measures(draw: st.DrawFn, unit: Unit, days: int = 7) -> Measure:
    """A measure with a value that fits the unit and its own sample size."""
    return Measure(draw(VALUES[unit]), draw(st.none() | st.integers(0, 10**6)), days)


def between(unit: Unit, current: object, previous: object, *, days: int = 7, previous_days: int = 7) -> Change:
    """The change of a metric where more is better, with a large sample."""
    now, before = (None if value is None else Decimal(str(value)) for value in (current, previous))
    return change_between(unit, Better.HIGHER, Measure(now, 1000, days), Measure(before, 1000, previous_days))


@pytest.mark.parametrize(
    ("unit", "current", "previous", "kind"),
    [
        (Unit.COUNT, 0, 0, ChangeKind.NOTHING),
        (Unit.MONEY, "0.00", "0", ChangeKind.NOTHING),
        (Unit.RATE, 0, 0, ChangeKind.UNCHANGED),
        (Unit.DURATION, 0, 0, ChangeKind.UNCHANGED),
        (Unit.COUNT, 7, 0, ChangeKind.FROM_ZERO),
        (Unit.MONEY, "7.50", 0, ChangeKind.FROM_ZERO),
        (Unit.RATE, "0.2", 0, ChangeKind.CHANGED),
        (Unit.DURATION, 30, 0, ChangeKind.CHANGED),
        (Unit.COUNT, 0, 7, ChangeKind.CHANGED),
        (Unit.COUNT, 7, 7, ChangeKind.UNCHANGED),
        (Unit.MONEY, "7.50", "7.5", ChangeKind.UNCHANGED),
        (Unit.COUNT, 7, None, ChangeKind.NOT_COMPARABLE),
        (Unit.COUNT, 0, None, ChangeKind.NOT_COMPARABLE),
        (Unit.COUNT, None, 7, ChangeKind.NO_DATA),
        (Unit.RATE, None, None, ChangeKind.NO_DATA),
    ],
)
def test_each_pair_of_values_is_of_one_kind(unit: Unit, current: object, previous: object, kind: ChangeKind) -> None:
    """Zero, null, and numbers in either window give the kind in the table."""
    assert between(unit, current, previous).kind is kind


def test_counts_and_money_change_by_amount_and_percent() -> None:
    """From 8 to 10 is two more, or 25 percent."""
    change = between(Unit.COUNT, 10, 8)
    assert (change.absolute, change.percent, change.points) == (Decimal(2), Decimal("0.25"), None)


def test_rates_change_in_points_even_from_zero() -> None:
    """From 0 to 20 % is twenty points up, without a percentage."""
    change = between(Unit.RATE, "0.2", 0)
    assert (change.points, change.absolute, change.percent, change.sign) == (Decimal("0.2"), None, None, 1)


def test_from_something_to_nothing_is_all_of_it() -> None:
    """From 7 to 0 is seven less, or -100 percent."""
    change = between(Unit.COUNT, 0, 7)
    assert (change.absolute, change.percent, change.sign) == (Decimal(-7), Decimal(-1), -1)


def test_from_nothing_there_is_no_percentage() -> None:
    """From 0 to 7 is seven more, without a percentage; the same applies to a duration."""
    for unit in (Unit.COUNT, Unit.MONEY, Unit.DURATION):
        change = between(unit, 7, 0)
        assert (change.absolute, change.percent) == (Decimal(7), None)


@pytest.mark.parametrize(("current", "previous"), [(None, 7), (7, None), (None, None)])
def test_without_a_figure_nothing_is_computed(current: object, previous: object) -> None:
    """If either window has no data, there is no difference, no sign, no verdict, and no daily average."""
    change = between(Unit.COUNT, current, previous, days=28, previous_days=31)
    assert (change.absolute, change.percent, change.points, change.per_day) == (None, None, None, None)
    assert (change.sign, change.notable, change.verdict) == (0, False, Verdict.NEUTRAL)


def test_totals_of_unequal_windows_are_spread_over_their_days() -> None:
    """280 in February's 28 days is 10 per day, and 248 in January's 31 days is 8."""
    for unit in (Unit.COUNT, Unit.MONEY):
        per_day = between(unit, 280, 248, days=28, previous_days=31).per_day
        assert per_day is not None
        assert (per_day.current, per_day.previous, per_day.percent) == (Decimal(10), Decimal(8), Decimal("0.25"))


def test_from_nothing_a_daily_average_has_no_percentage_either() -> None:
    """A daily average that was zero gives no percentage."""
    per_day = between(Unit.COUNT, 28, 0, days=28, previous_days=31).per_day
    assert per_day is not None
    assert (per_day.current, per_day.previous, per_day.percent) == (Decimal(1), Decimal(0), None)


def test_only_totals_of_unequal_windows_have_a_daily_average() -> None:
    """A rate or duration does not depend on the window's length, and windows of equal length compare as they are."""
    assert between(Unit.COUNT, 280, 248).per_day is None
    assert between(Unit.RATE, "0.5", "0.4", days=28, previous_days=31).per_day is None
    assert between(Unit.DURATION, 280, 248, days=28, previous_days=31).per_day is None


@given(UNITS.flatmap(lambda unit: st.tuples(st.just(unit), measures(unit), measures(unit))))
def test_differences_turn_round(case: tuple[Unit, Measure, Measure]) -> None:
    """Swapping the windows reverses the difference; rates change in points, everything else in amounts."""
    unit, one, other = case
    there = change_between(unit, Better.HIGHER, one, other)
    back = change_between(unit, Better.HIGHER, other, one)
    assert there.sign == -back.sign
    if unit is Unit.RATE:
        assert there.points is not None
        assert there.points == -(back.points or 0)
        assert there.absolute is there.percent is None
    else:
        assert there.absolute is not None
        assert there.absolute == -(back.absolute or 0)
        assert there.points is None


@given(
    st.sampled_from([Unit.COUNT, Unit.MONEY, Unit.DURATION]).flatmap(
        lambda unit: st.tuples(st.just(unit), measures(unit), measures(unit))
    )
)
def test_percent_leads_from_the_previous_value_to_the_current(case: tuple[Unit, Measure, Measure]) -> None:
    """The previous value increased by the percentage is the current one, to twenty digits; the amount is exact."""
    unit, current, previous = case
    assert current.value is not None
    assume(previous.value)
    assert previous.value is not None
    change = change_between(unit, Better.HIGHER, current, previous)
    assert change.percent is not None
    assert change.absolute is not None
    now, before = Fraction(current.value), Fraction(previous.value)
    assert abs(before * (1 + Fraction(change.percent)) - now) <= TINY * (now + before)
    assert Fraction(change.absolute) == now - before


@given(
    st.sampled_from([Unit.COUNT, Unit.MONEY]),
    COUNTS,
    COUNTS,
    st.tuples(LENGTHS, LENGTHS),
)
def test_daily_averages_are_totals_over_days(
    unit: Unit, current: Decimal, previous: Decimal, lengths: tuple[int, int]
) -> None:
    """The averages times the days are the totals, and the percentage is that of the averages, to twenty digits."""
    days, previous_days = lengths
    assume(days != previous_days)
    per_day = between(unit, current, previous, days=days, previous_days=previous_days).per_day
    assert per_day is not None
    assert abs(Fraction(per_day.current) * days - Fraction(current)) <= TINY * Fraction(current)
    assert abs(Fraction(per_day.previous) * previous_days - Fraction(previous)) <= TINY * Fraction(previous)
    assert (per_day.percent is None) == (previous == 0)
    if per_day.percent is not None:
        exact = Fraction(current) * previous_days / (Fraction(previous) * days) - 1
        assert abs(Fraction(per_day.percent) - exact) <= TINY * (1 + abs(exact))


@given(UNITS.flatmap(lambda unit: st.tuples(st.just(unit), measures(unit, 28), measures(unit, 31))))
def test_the_verdict_turns_with_the_direction_that_is_good(case: tuple[Unit, Measure, Measure]) -> None:
    """Good where more is better is bad where less is; it is neither for a neutral metric or a change within chance."""
    unit, current, previous = case
    higher, lower, neither = (change_between(unit, better, current, previous) for better in Better)
    assert neither.verdict is Verdict.NEUTRAL
    assert {higher.notable, lower.notable, neither.notable} == {higher.notable}
    if higher.notable:
        assert {higher.verdict, lower.verdict} == {Verdict.GOOD, Verdict.BAD}
        assert (higher.verdict is Verdict.GOOD) == (higher.sign > 0)
    else:
        assert {higher.verdict, lower.verdict} == {Verdict.NEUTRAL}


@given(UNITS.flatmap(lambda unit: st.tuples(st.just(unit), measures(unit, 28), measures(unit, 31))))
def test_every_number_of_a_change_is_finite(case: tuple[Unit, Measure, Measure]) -> None:
    """No value is NaN or infinite, whatever the input; a decimal context of two digits makes no difference."""
    unit, current, previous = case
    change = change_between(unit, Better.HIGHER, current, previous)
    numbers = [change.absolute, change.percent, change.points]
    if change.per_day:
        numbers += [change.per_day.current, change.per_day.previous, change.per_day.percent]
    assert all(number.is_finite() for number in numbers if number is not None)
    with localcontext() as context:
        context.prec = 2
        assert change_between(unit, Better.HIGHER, current, previous) == change

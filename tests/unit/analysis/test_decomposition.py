"""The causes of a change in the value of accepted sales."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporter.analysis.decomposition import Decomposition, Driver, decompose
from tests.unit.analysis.examples import busy, sold


def taken_apart(volume: int, value: str, before: int, value_before: str) -> Decomposition | None:
    """The change between two numbers and values of accepted sales."""
    current = replace(busy(), sales=sold(5000, volume, value))
    return decompose(current, replace(busy(), sales=sold(5000, before, value_before)))


def test_the_split_of_management_accounting() -> None:
    """From 1,000 at 50 to 1,100 at 48: 5,000 more by number, 2,200 less by price, 2,800 more in total."""
    parts = taken_apart(1100, "52800.00", 1000, "50000.00")
    assert parts is not None
    assert (parts.previous_average, parts.average) == (Decimal(50), Decimal(48))
    assert (parts.volume_effect, parts.size_effect) == (Decimal(5000), Decimal(-2200))


@pytest.mark.parametrize(
    ("volume", "value", "driver"),
    [
        (60, "120000.00", Driver.VOLUME),
        (50, "120000.00", Driver.SIZE),
        (60, "150000.00", Driver.BOTH),
        (60, "100800.00", Driver.MORE_BUT_SMALLER),
        (40, "100800.00", Driver.FEWER_BUT_LARGER),
        (40, "64000.00", Driver.BOTH),
    ],
)
def test_the_cause_in_a_word(volume: int, value: str, driver: Driver) -> None:
    """The cause is named, compared with 50 sales of 2,000 each."""
    parts = taken_apart(volume, value, 50, "100000.00")
    assert parts is not None
    assert parts.driver is driver


@pytest.mark.parametrize(
    ("volume", "value", "before", "value_before"),
    [(0, "0.00", 5, "100.00"), (5, "100.00", 0, "0.00"), (5, "100.00", 4, "100.00")],
)
def test_nothing_to_take_apart(volume: int, value: str, before: int, value_before: str) -> None:
    """A window without sales has no average, and a value that did not change has no cause."""
    assert taken_apart(volume, value, before, value_before) is None


volumes = st.integers(1, 4999)
cents = st.integers(1, 10**12).map(lambda amount: f"{amount / Decimal(100):.2f}")


@given(volumes, cents, volumes, cents)
def test_both_effects_are_the_whole_change(volume: int, value: str, before: int, value_before: str) -> None:
    """The two effects add up to the change, far beyond the cent, whatever the numbers."""
    assume(value != value_before)
    parts = taken_apart(volume, value, before, value_before)
    assert parts is not None
    whole = Decimal(value) - Decimal(value_before)
    assert abs(parts.volume_effect + parts.size_effect - whole) < Decimal("1e-9")

"""Data quality warnings about answers with conflicting data."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reporter.analysis.data_quality import Contradiction, disagreements
from reporter.domain.snapshot import ResponseRate, Sales, Snapshot, Stage
from tests.unit.analysis.examples import PIPELINE, busy, channelled, report, silent, staged, usual


@pytest.mark.parametrize("snapshot", [busy(), usual(), silent()])
def test_answers_that_agree(snapshot: Snapshot) -> None:
    """The documentation's own example and everyday numbers give no warning."""
    assert disagreements(report(snapshot)) == ()


RISING = Stage("Signed", "signed", 30, Decimal(1))


@pytest.mark.parametrize(
    ("snapshot", "fault", "left", "right"),
    [
        (channelled(usual(), {"calls": 10, "emails": 30}), Contradiction.CHANNELS, 40, 42),
        (replace(usual(), response_rate=ResponseRate(20, 21, Decimal(1))), Contradiction.ANSWERED, 21, 20),
        (
            replace(usual(), response_rate=ResponseRate(20, 15, Decimal("0.8"))),
            Contradiction.RESPONSE_RATE,
            Decimal("0.8"),
            Decimal("0.75"),
        ),
        (replace(usual(), sales=Sales(PIPELINE[::2], Decimal("0.9"))), Contradiction.SALES_RATE, Decimal("0.9"), None),
        (staged(usual(), *PIPELINE, RISING), Contradiction.STAGES, 11, 30),
    ],
)
def test_each_fault_is_found(snapshot: Snapshot, fault: Contradiction, left: Decimal, right: Decimal | None) -> None:
    """Each warning contains both numbers and is given once for each window that has it."""
    found = disagreements(report(snapshot, usual()))
    assert [disagreement.fault for disagreement in found] == [fault]
    assert found[0].left == left
    assert right is None or found[0].right == right
    assert found[0].window == snapshot.window


def test_the_window_before_is_looked_at_too() -> None:
    """The previous window is checked too, because every change depends on it."""
    found = disagreements(report(usual(), channelled(usual(), {"calls": 1})))
    assert [disagreement.window for disagreement in found] == [usual().window.previous()]


def test_a_rounded_rate_agrees() -> None:
    """The API's own 0.46 for 11 of 24 gives no warning, nor does 0.45, which results from rounding down."""
    assert disagreements(report(replace(usual(), sales=Sales(PIPELINE, Decimal("0.45"))))) == ()

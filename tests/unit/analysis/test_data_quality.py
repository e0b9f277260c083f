"""Data quality warnings about conflicting data, and restated figures."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from reporter.analysis.data_quality import ConflictKind, conflicts, restatements
from reporter.analysis.metric import Reason
from reporter.analysis.metrics import METRICS
from reporter.domain.snapshot import COMBINED, Block, ResponseRate, Sales, Snapshot, Stage, Volume
from tests.unit.analysis.examples import PIPELINE, answered, busy, channelled, report, silent, sold, staged, usual


@pytest.mark.parametrize("snapshot", [busy(), usual(), silent()])
def test_answers_that_agree(snapshot: Snapshot) -> None:
    """The documentation's own example and everyday numbers give no warning."""
    assert conflicts(report(snapshot)) == ()


RISING = Stage("Signed", "signed", 30, Decimal(1))


@pytest.mark.parametrize(
    ("snapshot", "fault", "left", "right"),
    [
        (channelled(usual(), {"calls": 10, "emails": 30}), ConflictKind.CHANNELS, 40, 42),
        (replace(usual(), response_rate=ResponseRate(20, 21, Decimal(1))), ConflictKind.ANSWERED, 21, 20),
        (
            replace(usual(), response_rate=ResponseRate(20, 15, Decimal("0.8"))),
            ConflictKind.RESPONSE_RATE,
            Decimal("0.8"),
            Decimal("0.75"),
        ),
        (replace(usual(), sales=Sales(PIPELINE[::2], Decimal("0.9"))), ConflictKind.SALES_RATE, Decimal("0.9"), None),
        (staged(usual(), *PIPELINE, RISING), ConflictKind.STAGES, 11, 30),
    ],
)
def test_each_fault_is_found(snapshot: Snapshot, fault: ConflictKind, left: Decimal, right: Decimal | None) -> None:
    """Each warning contains both numbers and is given once for each window that has it."""
    found = conflicts(report(snapshot, usual()))
    assert [disagreement.kind for disagreement in found] == [fault]
    assert found[0].left == left
    assert right is None or found[0].right == right
    assert found[0].window == snapshot.window


def test_the_window_before_is_looked_at_too() -> None:
    """The previous window is checked too, because every change depends on it."""
    found = conflicts(report(usual(), channelled(usual(), {"calls": 1})))
    assert [disagreement.window for disagreement in found] == [usual().window.previous()]


def test_a_rounded_rate_agrees() -> None:
    """The API's own 0.46 for 11 of 24 gives no warning, nor does 0.45, which results from rounding down."""
    assert conflicts(report(replace(usual(), sales=Sales(PIPELINE, Decimal("0.45"))))) == ()


BOTH: Mapping[str, object] = {COMBINED: {}, Block.SALES.value: {}}


def restated(reported: Snapshot, now: Snapshot) -> list[tuple[str, Decimal | None, Decimal | None, Reason]]:
    """The restatements of the previous window."""
    data = report(usual(), now)
    before = replace(reported, window=data.previous.window, answers=reported.answers or BOTH)
    found = restatements(replace(data, reported=(before,)))
    return [(each.metric.key, each.reported, each.current, each.reason) for each in found]


def test_later_answers_are_the_reason_they_give() -> None:
    """If more of the same conversations were answered, the rate is restated, with that cause."""
    found = restated(answered(usual(), 20, 14, 420), answered(usual(), 20, 15, 420))
    assert found == [("response_rate", Decimal("0.7"), Decimal("0.75"), Reason.ANSWERED)]


def test_later_sales_are_the_reason_they_give() -> None:
    """If more sales were accepted since, rate, number, and value are restated."""
    found = restated(replace(usual(), sales=sold(24, 10, "20000.00")), replace(usual(), sales=sold(24, 12, "25000.00")))
    assert [key for key, *_ in found] == ["sales_rate", "accepted_sales", "accepted_value"]
    assert {reason for *_, reason in found} == {Reason.ACCEPTED}


def test_more_sales_are_no_reason_for_less() -> None:
    """If more sales were accepted and qualified, for less value, the fall in rate and value has no known cause."""
    found = restated(replace(usual(), sales=sold(24, 12, "25000.00")), replace(usual(), sales=sold(40, 13, "24000.00")))
    assert {key: reason for key, *_, reason in found} == {
        "sales_rate": Reason.UNKNOWN,
        "accepted_sales": Reason.ACCEPTED,
        "accepted_value": Reason.UNKNOWN,
    }


def test_other_conversations_are_no_later_answers() -> None:
    """If the conversations themselves changed, the cause is unknown."""
    found = restated(answered(usual(), 21, 14, 420), answered(usual(), 20, 15, 420))
    assert [reason for *_, reason in found] == [Reason.UNKNOWN]


def test_what_did_not_change_is_not_told() -> None:
    """Neither an unchanged figure nor one that was not requested earlier is restated."""
    assert restated(usual(), usual()) == []
    assert restated(replace(usual(), sales=None, answers={COMBINED: {}}), usual()) == []


def test_only_the_page_is_restated() -> None:
    """A metric that is not on the page is not restated."""
    data = report(usual(), replace(usual(), volume=Volume(1, 2, 3)), figures=("response_rate",))
    before = replace(usual(), window=data.previous.window, answers=BOTH)
    assert restatements(replace(data, reported=(before,))) == ()
    assert METRICS["conversations"].read(data.previous) == 3

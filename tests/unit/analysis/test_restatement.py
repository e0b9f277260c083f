"""Restated figures: previous values that differ from the ones reported earlier."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from reporter.analysis.metric import Reason
from reporter.analysis.metrics import METRICS
from reporter.analysis.restatements import restatements
from reporter.domain.blocks import COMBINED, Block
from reporter.domain.snapshot import Snapshot, Volume
from tests.unit.analysis.examples import answered, report, sold, usual

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

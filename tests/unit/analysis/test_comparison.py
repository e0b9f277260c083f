"""The comparison of a report's data: each metric's field and line, and the channels with their shares."""

from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.change import ChangeKind, Verdict
from reporter.analysis.comparison import ChannelComparison, compare
from reporter.analysis.metrics import FIGURES, METRICS
from reporter.domain.snapshot import ResponseRate, Sales, Snapshot, Stage
from tests.unit.analysis.examples import (
    APRIL,
    CHANNELS,
    WEEK,
    answered,
    busy,
    channelled,
    report,
    silent,
    sold,
    staged,
    talked,
    usual,
)

COUNTS = st.dictionaries(st.sampled_from([*CHANNELS, "carrierPigeons", ""]), st.integers(0, 10**6))


def value(key: str, snapshot: Snapshot) -> Decimal | None:
    """A metric of the snapshot, as it appears in a comparison."""
    return compare(report(snapshot)).metrics[key].change.current


def channels(current: Snapshot, previous: Snapshot) -> dict[str, ChannelComparison]:
    """The channels of two snapshots by key, in order."""
    return {channel.key: channel for channel in compare(report(current, previous)).channels}


def test_every_metric_is_read_from_its_field() -> None:
    """In the documentation's example, each of the eight metrics has its own number."""
    metrics = compare(report(usual())).metrics
    assert {key: metrics[key].change.current for key in metrics} == {
        "response_rate": Decimal("0.75"),
        "response_time": Decimal(420),
        "conversations": Decimal(42),
        "messages_received": Decimal(120),
        "messages_sent": Decimal(96),
        "sales_rate": Decimal("0.46"),
        "accepted_sales": Decimal(11),
        "accepted_value": Decimal("28800.00"),
    }


def test_every_metric_stands_in_one_figure() -> None:
    """Each metric appears in exactly one figure."""
    assert [metric.key for figure in FIGURES.values() for metric in figure] == list(METRICS)


def test_what_was_not_asked_for_is_no_data() -> None:
    """An empty snapshot has no metric, channel, or stage, and nothing in it is zero."""
    comparison = compare(report(Snapshot(WEEK)))
    assert {metric.change.kind for metric in comparison.metrics.values()} == {ChangeKind.NO_DATA}
    assert (comparison.channels, comparison.stages) == ((), ())


@pytest.mark.parametrize(
    ("snapshot", "seconds"),
    [
        (answered(usual(), 20, 15, 420), 420),
        (answered(usual(), 20, 15, 0), 0),
        (answered(usual(), 20, 0, 0), None),
        (answered(usual(), 0, 0, 0), None),
        (answered(usual(), 20, 0, 90), 90),  # replies to conversations of an earlier window
        (answered(usual(), 20, 15, None), None),
        (Snapshot(WEEK, response_time=Decimal(0)), None),
        (Snapshot(WEEK, response_time=Decimal(90)), 90),
    ],
)
def test_a_response_time_of_zero_counts_only_where_someone_was_answered(
    snapshot: Snapshot, seconds: int | None
) -> None:
    """The API returns 0 or null if no conversation was answered; only then is 0 treated as no data."""
    assert value("response_time", snapshot) == seconds


def test_a_rate_of_nothing_is_no_data() -> None:
    """The share of no conversations, or of no opportunities, is not a rate of zero."""
    nobody = replace(usual(), response_rate=ResponseRate(0, 0, Decimal(0)))
    assert value("response_rate", nobody) is None
    assert value("response_rate", answered(usual(), 20, 0)) == 0
    assert value("sales_rate", replace(usual(), sales=sold(0, 0, "0"))) is None
    assert value("sales_rate", replace(usual(), sales=Sales((), Decimal(0)))) is None
    assert value("sales_rate", replace(usual(), sales=sold(20, 0, "0"))) == 0


@pytest.mark.parametrize(
    ("stages", "accepted"),
    [
        ((Stage("Accepted", None, 3, Decimal(1)), Stage("Gewonnen", "accepted", 4, Decimal(2))), 4),
        ((Stage("Accepted", "declined", 3, Decimal(1)), Stage(" ACCEPTED", None, 4, Decimal(2))), 4),
        ((Stage("Won", "won", 3, Decimal(1)),), None),
        ((), None),
    ],
)
def test_accepted_sales_are_known_by_status_before_name(stages: tuple[Stage, ...], accepted: int | None) -> None:
    """The stage with status `accepted` counts, else a stage of that name without status; otherwise there is no data."""
    assert value("accepted_sales", staged(usual(), *stages)) == accepted


def test_the_line_holds_every_window_oldest_first() -> None:
    """The line ends with the previous and the reported window, and has a gap for each missing window."""
    history = (None, talked(usual(), 5), silent())
    line = compare(report(talked(usual(), 9), talked(usual(), 7), history=history)).metrics["conversations"].line
    assert line == (None, Decimal(5), Decimal(0), Decimal(7), Decimal(9))


def test_months_of_unequal_length_are_compared_by_day() -> None:
    """In April against March, the comparison has 30 and 31 days, and so do its counts and amounts."""
    comparison = compare(report(usual(APRIL)))
    assert (comparison.days, comparison.previous_days, comparison.unequal) == (30, 31, True)
    spread = {key for key, metric in comparison.metrics.items() if metric.change.per_day}
    assert spread == {"conversations", "messages_received", "messages_sent", "accepted_sales", "accepted_value"}
    assert all(channel.change.per_day for channel in comparison.channels)
    assert not compare(report(usual(WEEK))).unequal


@pytest.mark.parametrize(
    ("key", "better", "worse"),
    [
        ("response_rate", answered(busy(), 400, 320), answered(busy(), 400, 240)),
        ("response_time", answered(busy(), 400, 280, 300), answered(busy(), 400, 280, 900)),
        ("conversations", talked(busy(), 500), talked(busy(), 300)),
        ("sales_rate", replace(busy(), sales=sold(200, 80, "1")), replace(busy(), sales=sold(200, 20, "1"))),
        ("accepted_sales", replace(busy(), sales=sold(200, 80, "1")), replace(busy(), sales=sold(200, 20, "1"))),
        ("accepted_value", replace(busy(), sales=sold(200, 50, "9e5")), replace(busy(), sales=sold(200, 50, "9e3"))),
    ],
)
def test_each_metric_knows_what_is_good(key: str, better: Snapshot, worse: Snapshot) -> None:
    """A change larger than chance is good in the metric's direction and bad in the opposite one."""
    for snapshot, verdict in ((better, Verdict.GOOD), (worse, Verdict.BAD), (busy(), Verdict.NEUTRAL)):
        change = compare(report(snapshot, busy())).metrics[key].change
        assert (change.verdict, change.notable) == (verdict, verdict is not Verdict.NEUTRAL)


def test_rates_are_judged_by_the_counts_beside_them() -> None:
    """73.6 % after 69.4 % of 800 may be chance, although 74 % after 69 %, as the API rounds them, would not be."""
    now = replace(answered(busy(), 800, 589), sales=sold(800, 589, "1.00"))
    before = replace(answered(busy(), 800, 555), sales=sold(800, 555, "1.00"))
    metrics = compare(report(now, before)).metrics
    assert [metrics[key].change.points for key in ("response_rate", "sales_rate")] == [Decimal("0.05")] * 2
    assert not metrics["response_rate"].change.notable
    assert not metrics["sales_rate"].change.notable


def test_messages_are_neither_good_nor_bad() -> None:
    """Many more messages are notable, but neither good nor bad; chance depends on the number of conversations."""
    metrics = compare(report(talked(busy(), 400, received=2600, sent=1280), busy())).metrics
    assert (metrics["messages_received"].change.notable, metrics["messages_sent"].change.notable) == (True, False)
    assert metrics["messages_received"].change.verdict is Verdict.NEUTRAL


def test_channels_are_sorted_by_size_then_key() -> None:
    """The largest is first, then by key; a channel of the previous window alone is sorted in the same way."""
    current = channelled(usual(), {"calls": 3, "emails": 9, "carrierPigeons": 3, "liveChats": 0})
    found = channels(current, channelled(usual(), {"calls": 3, "faxes": 2}))
    assert list(found) == ["emails", "calls", "carrierPigeons", "faxes", "liveChats"]
    assert found["faxes"].change.percent == -1
    assert found["emails"].change.kind is ChangeKind.FROM_ZERO
    assert found["liveChats"].change.kind is ChangeKind.NOTHING


def test_shares_are_compared_in_points() -> None:
    """A change from a quarter to a half is 25 points."""
    current, previous = {"calls": 2, "emails": 2}, {"calls": 1, "emails": 3}
    calls = channels(channelled(usual(), current), channelled(usual(), previous))["calls"]
    assert (calls.share, calls.share_change) == (Decimal("0.5"), Decimal("0.25"))


def test_a_window_without_conversations_has_no_shares() -> None:
    """A window without conversations or data has no shares, and nothing is compared with them."""
    for nothing in (dict.fromkeys(CHANNELS, 0), None):
        calls = channels(usual(), channelled(usual(), nothing))["calls"]
        assert (calls.share, calls.share_change) == (Decimal(4) / Decimal(42), None)
    assert channels(channelled(usual(), None), usual()) == {}
    assert channels(usual(), channelled(usual(), None))["calls"].change.kind is ChangeKind.NOT_COMPARABLE


@given(COUNTS, COUNTS)
def test_channels_lose_nothing_and_shares_add_up(current: dict[str, int], previous: dict[str, int]) -> None:
    """Every channel of either window appears once; counts add up exactly, shares to one, their changes to zero."""
    found = compare(report(channelled(usual(), current), channelled(usual(), previous))).channels
    sizes = [(-current.get(channel.key, 0), channel.key) for channel in found]
    assert sizes == sorted(sizes)
    assert {channel.key for channel in found} == {*current, *previous}
    assert len(found) == len({*current, *previous})
    assert sum(channel.change.current or 0 for channel in found) == sum(current.values())
    tiny = Decimal("1e-20")
    shares = [channel.share for channel in found if channel.share is not None]
    changes = [channel.share_change for channel in found if channel.share_change is not None]
    assert (len(shares) > 0) == any(current.values())
    assert (len(changes) > 0) == (any(current.values()) and any(previous.values()))
    assert not shares or abs(sum(shares, Decimal(-1))) < tiny
    assert abs(sum(changes, Decimal(0))) < tiny


def test_no_caller_changes_a_comparison() -> None:
    """Every figure is the same under a decimal context of two digits."""
    data = report(usual(APRIL), busy(APRIL))
    expected = compare(data)
    with localcontext() as context:
        context.prec = 2
        assert compare(data) == expected

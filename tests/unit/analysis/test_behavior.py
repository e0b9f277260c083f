"""Signal and noise: control limits against published examples, and a window's verdict among earlier windows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.behavior import LEAST, RUN, Behavior, Signal, behavior, natural_limits
from reporter.analysis.change import Verdict
from reporter.analysis.comparison import compare
from reporter.analysis.highlights import HighlightKind, headlines
from reporter.analysis.metric import Unit
from reporter.analysis.metrics import METRICS
from reporter.domain.snapshot import Snapshot, Volume
from reporter.domain.window import Period, last_complete
from tests.unit.analysis.examples import APRIL, WEEK, answered, busy, report, sold, talked

FEBRUARY = last_complete(Period.MONTH, date(2026, 3, 1), "America/New_York")
TRADE_DEFICIT = ("10.5", "11.2", "9.2", "10.1", "10.4", "10.5")
VISCOSITY = (
    *("33.75", "33.05", "34.00", "33.81", "33.46", "34.02", "33.68", "33.27"),
    *("33.49", "33.20", "33.62", "33.00", "33.54", "33.12", "33.84"),
)
FLOW_RATE = ("49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1")


@pytest.mark.parametrize(
    ("values", "mean", "low", "high"),
    [
        pytest.param(TRADE_DEFICIT, "10.32", "8.19", "12.44", id="Wheeler, U.S. trade deficit, July to December 1988"),
        pytest.param(VISCOSITY, "33.52", "32.24", "34.80", id="Montgomery, viscosity of aircraft primer paint"),
        pytest.param(FLOW_RATE, "50.81", "45.82", "55.80", id="NIST handbook 6.3.2.2, flow rate"),
        pytest.param(("10", "50", "40", "30"), "32.50", "-20.70", "85.70", id="a range that reaches below zero"),
    ],
)
def test_natural_limits_of_published_examples(values: Sequence[str], mean: str, low: str, high: str) -> None:
    """Average and limits equal the published ones, to the last printed digit."""
    limits = natural_limits([Decimal(value) for value in values])
    assert limits is not None
    average, reach = limits
    assert [f"{value:.2f}" for value in (average, average - reach, average + reach)] == [mean, low, high]


def test_a_gap_is_no_step() -> None:
    """Values on both sides of a gap are not neighbors: only the steps 1 to 2 and 8 to 9 count."""
    limits = natural_limits([Decimal(1), Decimal(2), None, Decimal(8), Decimal(9)])
    assert limits == (Decimal(5), Decimal("2.66"))


def conversations(*counts: int | None) -> Behavior:
    """The verdict on the last of these weekly numbers of conversations."""
    snapshots = [None if count is None else talked(busy(WEEK), count) for count in counts]
    return behavior(METRICS["conversations"], snapshots)


STEADY = (400, 410, 395, 405, 402, 398, 407, 393)


@pytest.mark.parametrize(
    ("counts", "signal"),
    [
        ((*STEADY, 404), Signal.USUAL),
        ((*STEADY, 520), Signal.ABOVE),
        ((*STEADY, 300), Signal.BELOW),
        ((400, 410, 395, 405, 402, 600), Signal.NONE),
        ((None, None, None, *STEADY[:5], 600), Signal.NONE),
        ((0, 0, 0, 0, 0, 0, 2), Signal.ABOVE),
        ((2, 2, 2, 2, 2, 2, 3), Signal.USUAL),
        ((380, 381, 382, 379, 378, *([410] * RUN)), Signal.RUN_ABOVE),
        ((380, 381, 382, 379, 378, *([410] * (RUN - 1))), Signal.USUAL),
        ((*([410] * 5), *([380] * RUN)), Signal.RUN_BELOW),
    ],
)
def test_what_a_week_is_among_the_weeks_before(counts: Sequence[int | None], signal: Signal) -> None:
    """A value beyond the limits is a signal, as are eight in a row on one side; fewer than six weeks give none."""
    assert conversations(*counts).signal is signal


def test_a_wild_week_does_not_widen_its_own_range() -> None:
    """The usual range comes from the earlier weeks alone, whatever the latest value."""
    assert conversations(*STEADY, 404).usual == conversations(*STEADY, 4_000).usual


def test_a_share_of_few_is_not_judged() -> None:
    """Three of four is no fall from ninety in a hundred, even with the usual range of nine weeks."""
    weeks = [answered(busy(), 100, 90) for _ in range(9)]
    few = behavior(METRICS["response_rate"], [*weeks, answered(busy(), 4, 3)])
    many = behavior(METRICS["response_rate"], [*weeks, answered(busy(), 400, 200)])
    assert (few.signal, many.signal) == (Signal.NONE, Signal.BELOW)
    assert few.usual is not None


def test_counting_alone_moves_a_share_of_forty() -> None:
    """After weeks with exactly the same share, a difference within chance is no signal."""
    weeks = [answered(busy(), 400, 280) for _ in range(9)]
    assert behavior(METRICS["response_rate"], [*weeks, answered(busy(), 40, 24)]).signal is Signal.USUAL


def test_months_compare_by_their_days() -> None:
    """February's total is no fall: every month is scaled to the length of the latest."""
    february, *earlier = [replace(busy(), window=window) for window in (APRIL, *APRIL.history(9))]
    months = [talked(month, 100 * month.window.days) for month in (*earlier, february)]
    behaves = behavior(METRICS["conversations"], months)
    assert set(behaves.line) == {Decimal(3000)}
    assert behaves.signal is Signal.USUAL


def test_clumps_do_not_grow_with_the_days_of_a_month() -> None:
    """Four messages per conversation stay four, even if the latest month is shorter than the earlier ones."""
    windows = (*FEBRUARY.history(9), FEBRUARY)
    months = [talked(busy(window), 100 * window.days, received=400 * window.days) for window in windows]
    usual = behavior(METRICS["messages_received"], months).usual
    assert usual is not None
    assert usual.mean == 400 * 28
    assert usual.high - usual.mean == pytest.approx(3 * (Decimal(400 * 28) * 4).sqrt())


def test_a_change_within_the_usual_range_is_not_notable() -> None:
    """A difference larger than chance is usual variation if the earlier weeks vary as much."""
    wild = [talked(busy(), count) for count in (300, 500, 320, 480, 310, 510, 330, 490)]
    change = compare(report(talked(busy(), 480), talked(busy(), 320), history=tuple(wild))).metrics["conversations"]
    alone = compare(report(talked(busy(), 480), talked(busy(), 320))).metrics["conversations"]
    assert (alone.change.notable, change.change.notable) == (True, False)


def test_a_return_to_the_usual_is_not_notable() -> None:
    """The week after one extreme week is within the usual range, however far it fell."""
    steady = tuple(talked(busy(), count) for count in (*STEADY, *STEADY[:4]))
    metric = compare(report(talked(busy(), 401), talked(busy(), 900), history=steady)).metrics["conversations"]
    assert (metric.behavior.signal, metric.change.notable) == (Signal.USUAL, False)


counts = st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=14)


@given(counts, st.integers(0, 10**9), st.sampled_from(sorted(METRICS)))
def test_ranges_are_possible_and_signals_follow_from_them(earlier: list[int | None], latest: int, key: str) -> None:
    """A usual range holds only possible values and needs six windows, and every signal follows from the range."""
    metric = METRICS[key]
    snapshots = [None if count is None else _window(count) for count in (*earlier, latest)]
    behaves = behavior(metric, snapshots)
    known = [value for value in behaves.line[:-1] if value is not None]
    if len(known) < LEAST:
        assert behaves.usual is None
    if behaves.usual is None:
        assert behaves.signal is Signal.NONE
        return
    usual, current = behaves.usual, behaves.line[-1]
    assert 0 <= usual.low <= usual.mean <= usual.high
    assert metric.unit is not Unit.RATE or usual.high <= 1
    if current is not None and behaves.signal is not Signal.NONE:
        assert behaves.signal.side == (current > usual.high) - (current < usual.low)


def _window(count: int) -> Snapshot:
    answering = answered(busy(), count, count // 2)
    return replace(answering, volume=Volume(3 * count, 2 * count, count), sales=sold(2 * count, count, f"{count}.00"))


def test_a_total_that_only_a_short_month_made_smaller_did_not_fall() -> None:
    """28 days with fewer conversations in total but more per day, below the range like the month before: no fall."""
    february = replace(APRIL, first=date(2026, 2, 1), until=date(2026, 3, 1))
    months = february.history(9)
    history = tuple(talked(busy(month), 10 * month.days) for month in months[:-1])
    for count, notable in ((95, False), (80, True)):
        january, now = talked(busy(months[-1]), 100), talked(busy(february), count)
        change = compare(report(now, january, history=history)).metrics["conversations"].change
        assert change.per_day is not None
        assert (change.sign, change.per_day.current > change.per_day.previous) == (-1, not notable)
        assert (change.notable, change.verdict) == (notable, Verdict.BAD if notable else Verdict.NEUTRAL)


def test_nothing_rose_from_a_week_of_few() -> None:
    """A share above its range after a week of five conversations is outside the usual range but no reported rise."""
    weeks = tuple(answered(busy(week), 400, 280 + number) for number, week in enumerate(WEEK.history(9)[:-1]))
    data = report(answered(busy(), 400, 396), answered(busy(), 5, 2), history=weeks)
    share = compare(data).metrics["response_rate"]
    assert (share.behavior.signal, share.change.few) == (Signal.ABOVE, True)
    assert (share.change.notable, share.change.verdict) == (False, Verdict.NEUTRAL)
    told = next(each for each in headlines(compare(data), data) if each.metric is METRICS["response_rate"])
    assert told.finding is HighlightKind.STEADY

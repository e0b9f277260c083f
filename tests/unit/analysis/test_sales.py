"""The comparison of two pipelines: their stages, and the causes of a change in the value of accepted sales."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporter.analysis.change import ChangeKind
from reporter.analysis.sales import (
    Decomposition,
    Driver,
    StageComparison,
    StageFate,
    compare_stages,
    decompose,
    match_stages,
)
from reporter.domain.snapshot import Snapshot, Stage
from tests.unit.analysis.examples import APRIL, PIPELINE, WEEK, busy, sold, staged, usual

NAMES = ("Quoted", "quoted ", "QUOTED", "Accepted", "Straße", "STRASSE", "")
STAGES = st.builds(
    Stage,
    st.sampled_from(NAMES),
    st.sampled_from([None, None, "quote_sent", "accepted", "won"]),
    st.integers(0, 50),
    st.decimals(0, 1000, places=2),
)
PIPELINES = st.lists(STAGES, max_size=7).map(tuple)


def stage(name: str, status: str | None = None, volume: int = 10, value: str = "1000.00") -> Stage:
    """A stage with this name and status."""
    return Stage(name, status, volume, Decimal(value))


def side_by_side(current: tuple[Stage, ...], previous: tuple[Stage, ...]) -> tuple[StageComparison, ...]:
    """The comparison of two pipelines in windows of equal length."""
    return compare_stages(staged(usual(), *current), staged(usual(), *previous))


def told(rows: tuple[StageComparison, ...]) -> list[tuple[str, str]]:
    """The visible part of the rows: name, and whether the stage is kept, new, or gone."""
    return [((row.current or row.previous or stage("?")).name, row.fate.value) for row in rows]


def test_stages_are_matched_by_status_before_name() -> None:
    """A renamed stage is the same stage as long as its status is the same."""
    rows = side_by_side((stage("Won", "accepted"),), (stage("Won", "won"), stage("Accepted", "accepted")))
    assert told(rows) == [("Won", "gone"), ("Won", "kept")]
    assert rows[1].previous == stage("Accepted", "accepted")


def test_stages_without_a_status_are_matched_by_name() -> None:
    """Case and surrounding spaces are ignored, even if only one window has the status."""
    rows = side_by_side(
        (stage("Straße"), stage(" Quoted", "quote_sent")),
        (stage("STRASSE "), stage("quoted")),
    )
    assert [row.fate for row in rows] == [StageFate.KEPT, StageFate.KEPT]


def test_two_statuses_of_one_name_are_two_stages() -> None:
    """Stages with the same name and different statuses are different stages."""
    rows = side_by_side((stage("Quoted", "quote_sent"),), (stage("Quoted", "quote_seen"),))
    assert told(rows) == [("Quoted", "gone"), ("Quoted", "new")]


def test_stages_called_alike_are_matched_in_order() -> None:
    """The first of a name is matched with the first, the second with the second, and the third is new."""
    rows = side_by_side(
        (stage("Quoted", volume=1), stage("Quoted", volume=2), stage("Quoted", volume=3)),
        (stage("Quoted", volume=4), stage("Quoted", volume=5)),
    )
    assert [row.volume.current for row in rows] == [1, 2, 3]
    assert [row.volume.previous for row in rows] == [4, 5, None]


def test_gone_stages_stand_after_the_stage_they_followed() -> None:
    """The current order is kept; a removed stage stays after the stage that it followed, or comes first."""
    rows = side_by_side(
        (stage("C"), stage("New"), stage("A")),
        (stage("First"), stage("A"), stage("B"), stage("B2"), stage("C"), stage("D")),
    )
    assert told(rows) == [
        ("First", "gone"),
        ("C", "kept"),
        ("D", "gone"),
        ("New", "new"),
        ("A", "kept"),
        ("B", "gone"),
        ("B2", "gone"),
    ]


def test_steps_are_shares_of_the_stage_before_in_the_same_window() -> None:
    """The first stage has no conversion, nor has one after an empty stage; volumes may rise."""
    rows = side_by_side(
        (stage("A", volume=20), stage("C", volume=5), stage("B", volume=10), stage("D", volume=0), stage("E")),
        (stage("A", volume=0), stage("B", volume=3), stage("C", volume=4)),
    )
    assert [row.step for row in rows] == [None, Decimal("0.25"), Decimal(2), Decimal(0), None]


def test_a_gone_stage_has_no_data_and_a_new_one_nothing_to_compare() -> None:
    """Neither counts as a stage with zero sales."""
    gone, new = side_by_side((stage("B"),), (stage("A"),))
    assert {gone.volume.kind, gone.value.kind} == {ChangeKind.NO_DATA}
    assert {new.volume.kind, new.value.kind} == {ChangeKind.NOT_COMPARABLE}
    assert gone.volume.previous == new.volume.current == 10


def test_volume_and_value_change_by_amount_and_percent_and_day() -> None:
    """A kept stage's volume changes as a count and its value as money, both per day if the months' lengths differ."""
    current = staged(usual(APRIL), stage("A", volume=30, value="600.00"))
    previous = staged(usual(APRIL.previous()), stage("A", volume=31, value="310.00"))
    (row,) = compare_stages(current, previous)
    assert row.volume.absolute == -1
    assert row.value.absolute == Decimal(290)
    assert row.volume.per_day is not None
    assert row.volume.per_day.percent == 0
    assert row.value.per_day is not None
    assert row.value.per_day.percent == 1


def test_without_sales_there_are_no_rows_and_nothing_is_new() -> None:
    """Sales that were not requested remove no stage, and missing previous sales make no stage new."""
    assert compare_stages(Snapshot(WEEK), usual()) == ()
    rows = compare_stages(usual(), Snapshot(WEEK))
    assert [row.fate for row in rows] == [StageFate.KEPT] * len(PIPELINE)
    assert {row.volume.kind for row in rows} == {ChangeKind.NOT_COMPARABLE}


@given(PIPELINES, PIPELINES)
def test_no_stage_is_lost_or_shown_twice(current: tuple[Stage, ...], previous: tuple[Stage, ...]) -> None:
    """Every stage of both windows has exactly one row, current ones in the API's order, each marked correctly."""
    rows = side_by_side(current, previous)
    assert tuple(row.current for row in rows if row.current) == current
    assert Counter(row.previous for row in rows if row.previous) == Counter(previous)
    for row in rows:
        assert (row.fate is StageFate.GONE) == (row.current is None)
        assert (row.fate is StageFate.NEW) == (row.previous is None)


@given(PIPELINES, PIPELINES)
def test_a_stage_is_new_only_if_no_gone_one_could_be_it(
    current: tuple[Stage, ...], previous: tuple[Stage, ...]
) -> None:
    """No new stage shares a status with a removed one, nor a name if either has no status."""
    pairs = match_stages(current, previous)
    new = [current[place] for place in range(len(current)) if place not in pairs]
    gone = [previous[place] for place in range(len(previous)) if place not in pairs.values()]
    for stage in new:
        for other in gone:
            assert stage.status is None or stage.status != other.status
            assert (stage.status and other.status) or stage.name.strip().casefold() != other.name.strip().casefold()


@given(PIPELINES)
def test_a_pipeline_beside_itself_is_unchanged(pipeline: tuple[Stage, ...]) -> None:
    """Every stage is matched with itself, however many share a name."""
    assert all(row.current == row.previous for row in side_by_side(pipeline, pipeline))


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

"""The line chart of a figure: it stays in its frame whatever the values, and has its numbers in words."""

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.behavior import UsualRange
from reporter.rendering.charts import HEIGHT, MARGIN, WIDTH, line
from tests.unit.rendering.words import read

VALUES = st.lists(st.none() | st.decimals(0, 10**15, places=2), min_size=2, max_size=20)
COLOR = "#1f4fd8"


def points(chart: str) -> list[tuple[str, float, float]]:
    """The commands of the line's path with their coordinates."""
    path = re.search(r'<path d="([^"]*)" fill', chart)
    return [(c, float(x), float(y)) for c, x, y in re.findall(r"([ML])(\S+) ([^ML]+)", path[1])] if path else []


def drawn(*values: int | None) -> list[tuple[str, float, float]]:
    """The path of a line through these values."""
    return points(line([None if value is None else Decimal(value) for value in values], "", COLOR))


@given(VALUES)
def test_every_value_is_a_point_in_the_frame(values: list[Decimal | None]) -> None:
    """A line has a point for each known value, in chronological order, all within the frame."""
    known = [value for value in values if value is not None]
    path = points(line(values, "", COLOR))
    assert len(path) == (len(known) if len(known) > 1 else 0)
    assert all(MARGIN <= x <= WIDTH - MARGIN and MARGIN <= y <= HEIGHT - MARGIN for _, x, y in path)
    assert [x for _, x, _ in path] == sorted({x for _, x, _ in path})


@given(VALUES)
def test_higher_is_higher(values: list[Decimal | None]) -> None:
    """The larger of two values is never drawn below the smaller."""
    known = [value for value in values if value is not None]
    heights = [-y for _, _, y in points(line(values, "", COLOR))]
    ordered = [height for _, height in sorted(zip(known, heights, strict=False))]
    assert ordered == sorted(ordered)


def test_fewer_than_two_values_are_no_line() -> None:
    """One value, or none, gives no line."""
    assert line([], "", COLOR) == line([Decimal(1)], "", COLOR) == line([None, Decimal(1), None], "", COLOR) == ""


def test_a_gap_is_left_open() -> None:
    """A window without a value interrupts the line; a value between two gaps is a separate point."""
    assert [command for command, _, _ in drawn(1, 2, None, 3, 4)] == ["M", "L", "M", "L"]
    assert [command for command, _, _ in drawn(1, None, 2, None, 3)] == ["M", "M", "M"]
    assert [command for command, _, _ in drawn(None, 2, 3, None)] == ["M", "L"]


def test_the_reported_value_has_the_dot() -> None:
    """The dot marks the reported value, and no earlier value if the reported window has none."""
    chart = line([Decimal(1), None, Decimal(2)], "", COLOR)
    _, x, y = points(chart)[-1]
    assert f'd="M{x:.1f} {y:.1f}h0"' in chart
    assert "h0" not in line([Decimal(1), Decimal(2), None], "", COLOR)


def test_a_flat_line_runs_through_the_middle() -> None:
    """Equal values, including zeros, are a level line."""
    assert {y for _, _, y in drawn(7, 7, 7)} == {y for _, _, y in drawn(0, 0, 0)} == {HEIGHT / 2}


def test_a_ripple_is_no_wave() -> None:
    """Values with small differences are drawn close together; those with large differences use the full height."""
    ripple, wave = [y for _, _, y in drawn(100, 101)], [y for _, _, y in drawn(50, 101)]
    assert ripple[0] - ripple[1] < (HEIGHT - 2 * MARGIN) / 10
    assert wave == [HEIGHT - MARGIN, MARGIN]


def test_from_right_to_left_the_newest_is_leftmost() -> None:
    """Time follows the script's direction: the same heights, mirrored."""
    values = [Decimal(1), Decimal(3), None, Decimal(2)]
    forwards, backwards = points(line(values, "", COLOR)), points(line(values, "", COLOR, rtl=True))
    assert [y for _, _, y in forwards] == [y for _, _, y in backwards]
    assert [round(WIDTH - x, 1) for _, x, _ in forwards] == [x for _, x, _ in backwards]


@given(VALUES, st.decimals(0, 10**15, places=2), st.decimals(0, 10**15, places=2))
def test_the_usual_range_is_a_band_in_the_frame(values: list[Decimal | None], one: Decimal, other: Decimal) -> None:
    """The band spans the full width, its top is above its bottom, and the average is between them."""
    low, high = sorted((one, other))
    chart = line(values, "", COLOR, usual=UsualRange((low + high) / 2, low, high))
    if not chart:
        return
    (band,) = re.findall(r'<path d="M0 (\S+)H\d+V(\S+)H0z"', chart)
    (mean,) = re.findall(r'<path d="M0 (\S+)H\d+"', chart)
    assert MARGIN <= float(band[0]) <= float(mean) <= float(band[1]) <= HEIGHT - MARGIN


def test_a_target_is_drawn_where_it_is_near() -> None:
    """A target within reach is a dashed line; a distant one would flatten the rest and is only given in words."""
    values = [Decimal(70), Decimal(80)]
    assert "stroke-dasharray" in line(values, "", COLOR, target=Decimal(85))
    assert "stroke-dasharray" not in line(values, "", COLOR, target=Decimal(500))


def test_the_title_is_text() -> None:
    """A chart's words are escaped, and are read back unchanged."""
    chart = read(line([Decimal(1), Decimal(2)], '<b onload="x">&', COLOR))
    assert chart.elements == ["svg", "title", "path", "path"]
    assert chart.texts == ['<b onload="x">&']

"""A change in words: its unit, its sign, whether it is good, and the four kinds of nothing."""

from decimal import Decimal

import pytest

from reporter.analysis.chance import Measure
from reporter.analysis.change import change_between
from reporter.analysis.metric import Better, Unit
from reporter.rendering.changes import change_view, size
from reporter.rendering.numbers import NO_VALUE
from reporter.rendering.view import ChangeView
from tests.unit.rendering.test_numbers import spaced
from tests.unit.rendering.words import LOCALES, numbers

MONTH = 30


def change(
    unit: Unit, now: str | None, before: str | None, *, sample: int = 1000, days: tuple[int, int] = (MONTH, MONTH)
) -> ChangeView:
    """A change as displayed in American English."""
    measures = [
        Measure(None if value is None else Decimal(value), sample, length)
        for value, length in zip((now, before), days, strict=True)
    ]
    better = Better.LOWER if unit is Unit.DURATION else Better.HIGHER
    return change_view(numbers("en_US", "USD"), unit, change_between(unit, better, *measures))


def said(view: ChangeView) -> str:
    """The change as read from left to right."""
    return spaced(" ".join(part for part in (view.shape, view.text, view.verdict) if part))


@pytest.mark.parametrize(
    ("unit", "now", "before", "expected"),
    [
        (Unit.RATE, "0.83", "0.75", "▲ +8 points better"),
        (Unit.RATE, "0.74", "0.75", "▼ \N{MINUS SIGN}1 point may be chance"),
        (Unit.RATE, "0.75", "0.75", "● unchanged"),
        (Unit.RATE, "0.02", "0", "▲ +2 points better"),
        (Unit.DURATION, "1680", "2760", "▼ \N{MINUS SIGN}18 min (\N{MINUS SIGN}39%) better"),
        (Unit.DURATION, "2760", "1680", "▲ +18 min (+64%) worse"),
        (Unit.MONEY, "64195", "34455", "▲ +$29,740 (+86%) better"),
        (Unit.MONEY, "64195", "0", "▲ +$64,195 better"),
    ],
)
def test_changes(unit: Unit, now: str, before: str, expected: str) -> None:
    """Rates change in points, all else by amount and percent; sign, shape, and word are clear without color."""
    assert said(change(unit, now, before)) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (None, None, "no data for this period"),
        (None, "4", "no data for this period"),
        ("4", None, "no figure to compare with"),
        ("0", "0", "zero in both periods"),
        ("4", "4", "● unchanged"),
        ("4", "0", "▲ +$4 better"),
        ("0", "4", "▼ \N{MINUS SIGN}$4 (\N{MINUS SIGN}100%) worse"),
    ],
)
def test_the_kinds_of_nothing(now: str | None, before: str | None, expected: str) -> None:
    """No data, nothing to compare with, zero twice, and unchanged differ; none shows a percentage of zero."""
    assert said(change(Unit.MONEY, now, before)) == expected


def test_the_kinds_of_nothing_differ_in_every_language() -> None:
    """No translation uses the same words for two of them."""
    pairs = ((None, 1), (1, None), (0, 0), (1, 1))
    for locale in LOCALES:
        texts = {
            change_view(
                numbers(locale),
                Unit.COUNT,
                change_between(
                    Unit.COUNT, Better.HIGHER, Measure.of_count(now, MONTH), Measure.of_count(before, MONTH)
                ),
            ).text
            for now, before in pairs
        }
        assert len(texts) == len(pairs)


def test_chance_is_neither_good_nor_bad() -> None:
    """A change that may be chance is neither good nor bad, and its words stay on one line."""
    view = change(Unit.RATE, "0.74", "0.75")
    assert (view.tone, view.verdict) == ("neutral", "may\u00a0be\u00a0chance")


def test_what_it_was_before() -> None:
    """The previous value is beside the change; totals of unequal periods are given per day, rates are not."""
    assert change(Unit.RATE, "0.83", "0.75", days=(30, 31)).detail == "before: 75%"
    assert change(Unit.MONEY, "3000", "6200", days=(30, 31)).detail == "per day: $100, before: $200 (\N{MINUS SIGN}50%)"
    assert change(Unit.MONEY, None, "6200", days=(30, 31)).detail == "before: $6,200"
    assert change(Unit.MONEY, "0", "0").detail == change(Unit.MONEY, "4", None).detail == ""


def test_no_value_is_a_dash() -> None:
    """Missing data is shown as a dash, never as zero."""
    assert numbers("en_US").value(Unit.COUNT, None) == NO_VALUE
    assert numbers("en_US").value(Unit.COUNT, Decimal(0)) == "0"


def test_sizes_for_sentences_have_no_sign() -> None:
    """A sentence says rose or fell, so its size has no sign; the size of a change in daily averages has one."""
    measures = (Measure(Decimal("0.7"), 100, MONTH), Measure(Decimal("0.8"), 100, MONTH))
    fallen = change_between(Unit.RATE, Better.HIGHER, *measures)
    assert spaced(size(numbers("en_US"), Unit.RATE, fallen)) == "10 points"
    unequal = change_between(Unit.COUNT, Better.HIGHER, Measure.of_count(90, 30), Measure.of_count(62, 31))
    assert size(numbers("en_US"), Unit.COUNT, unequal) == "45% (+50% per day)"
    counts = [Measure.of_count(count, MONTH) for count in (50, 100, 0)]
    assert size(numbers("en_US"), Unit.COUNT, change_between(Unit.COUNT, Better.HIGHER, counts[0], counts[1])) == "50%"
    assert size(numbers("en_US"), Unit.COUNT, change_between(Unit.COUNT, Better.HIGHER, counts[0], counts[2])) == "50"

"""Headlines in words: the fact, and its context from the usual range, chance, and the causes of the value."""

from dataclasses import replace

import pytest

from reporter.domain.report import ReportData
from reporter.domain.snapshot import Snapshot
from reporter.rendering.view import NoteView
from tests.unit.analysis.examples import answered, busy, report, sold, talked
from tests.unit.rendering.test_numbers import spaced
from tests.unit.rendering.words import view

WEEKS = tuple(
    replace(
        answered(talked(busy(), 400 + n), 400, 280 + n, 600 + 10 * n), sales=sold(200, 50 + n % 3, f"{100_000 + n}.00")
    )
    for n in (0, 9, 4, 7, 2, 8, 1, 6, 3, 5)
)
"""Ten similar weeks."""


def said(data: ReportData, locale: str = "en_US") -> list[str]:
    """The headlines, with regular spaces."""
    return [spaced(headline) for headline in view(data, locale).headlines]


def after_ten_weeks(current: Snapshot) -> ReportData:
    """A week after ten ordinary ones, the last of which is the previous period."""
    return report(current, WEEKS[-1], history=WEEKS[:-1])


def test_a_calm_week_says_so_first_and_then_the_facts() -> None:
    """If everything is within the usual range, the first headline says so and no other repeats it."""
    assert said(after_ten_weeks(WEEKS[1])) == [
        "All figures lie within their usual range.",
        "Accepted sales came to 50, after 52.",
        "Response rate was 72%, after 71%.",
        "Sales rate was 25%, after 26%.",
    ]


def test_a_signal_is_told_with_its_range() -> None:
    """A rise beyond the usual range comes first; a change within it is stated without emphasis."""
    first, second, *_ = said(after_ten_weeks(answered(WEEKS[1], 400, 380)))
    assert first == "Response rate rose 24 points to 95%. That is above the usual range of 64% to 78%."
    assert second == "Accepted sales came to 50, after 52. That is within the usual range of 29 to 72."


def test_what_prints_alike_did_not_rise() -> None:
    """If two response times both print as 35 minutes, the second is given with its range, not as a rise."""
    slow = [answered(WEEKS[1], 400, 288, seconds) for seconds in (2095, 2101)]
    first = said(report(slow[1], slow[0], history=WEEKS))[0]
    assert first.startswith("The median response time was 35 min, after 35 min. That is above the usual range of ")


def test_the_first_headline_comes_in_two() -> None:
    """The first headline has two parts: the fact, with emphasis, and its range; a fact alone has no second part."""
    loud, calm = (view(after_ten_weeks(week)).lead for week in (answered(WEEKS[1], 400, 380), WEEKS[1]))
    assert loud is not None
    assert spaced(loud.term) == "Response rate rose 24 points to 95%."
    assert loud.text == "That is above the usual range of 64% to 78%."
    assert calm == NoteView("All figures lie within their usual range.", "")


def test_a_fact_that_ends_in_an_abbreviation_has_one_stop() -> None:
    """A fact that ends in an abbreviation has a single period, as in a sentence."""
    now, before = (replace(busy(), sales=sold(10**8, accepted, "1.00")) for accepted in (20_000_000, 10_000_000))
    lead = view(report(now, before, figures=("accepted_sales",)), "de_DE").lead
    assert lead is not None
    assert spaced(lead.term).endswith("20 Mio.")


def test_a_usual_range_of_one_value_is_that_value() -> None:
    """If no week had a sale, the range is given as zero, not as between zero and zero."""
    weeks = tuple(replace(week, sales=sold(200, 0, "0.00")) for week in WEEKS)
    data = report(replace(WEEKS[1], sales=sold(200, 1, "100.00")), weeks[-1], history=weeks[:-1])
    told = [headline for headline in said(data) if "accepted sales" in headline.lower()]
    assert told == ["Accepted sales: 1, after none in the previous period. The usual figure is 0."]
    shown = next(figure for figure in view(data).figures if figure.key == "accepted_sales")
    assert shown.values[0].details == ("before: 0", "usually 0")


def test_a_return_to_the_usual_is_told_as_such() -> None:
    """A fall from an extreme week back to the usual range is not an alarm."""
    data = report(WEEKS[1], answered(WEEKS[1], 400, 380), history=WEEKS)
    first, *facts = said(data)
    assert first == "All figures lie within their usual range."
    assert "Response rate was 72%, after 95%." in facts


def test_a_long_stay_on_one_side_is_told() -> None:
    """Eight weeks above the average are reported, although each is within the range."""
    weeks = [answered(busy(), 400, responded) for responded in (*[272] * 6, *[288] * 7)]
    data = report(answered(busy(), 400, 288), weeks[-1], history=tuple(weeks[:-1]))
    assert said(data)[0] == "Response rate stayed at 72%. For 8 periods in a row it has been above the average of 70%."
    shown = next(figure for figure in view(data).figures if figure.key == "response_rate")
    assert shown.values[0].usual.endswith(" · 8 in a row above the average of 70%")


def test_without_a_range_a_difference_may_be_chance() -> None:
    """With only two windows, a difference can only be compared with chance."""
    assert "Response rate was 71%, after 70%. The difference may be chance." in said(
        report(answered(busy(), 400, 284), answered(busy(), 400, 280))
    )


@pytest.mark.parametrize(
    ("accepted", "value", "expected"),
    [
        (50, "190000.00", "The average sale made the difference, not the number of sales."),
        (100, "200000.00", "The number of sales made the difference, not their average size."),
        (90, "250000.00", "Number and average size of the sales moved the same way."),
    ],
)
def test_what_made_the_value_change(accepted: int, value: str, expected: str) -> None:
    """If the value is the headline, its cause is given."""
    current = replace(busy(), sales=sold(200, accepted, value))
    data = report(current, busy(), figures=("accepted_sales", "conversations"))
    told = [headline for headline in said(data) if "value of accepted sales" in headline]
    assert [headline.endswith(expected) for headline in told] in ([True], [])
    parts = view(data).parts
    assert [row.name for row in parts] == ["Number of sales", "Average sale", "Value of accepted sales"]


def test_languages_without_spaces_join_sentences_without_one() -> None:
    """A Japanese period includes its own space."""
    first = said(after_ten_weeks(answered(WEEKS[1], 400, 380)), "ja_JP")[0]
    assert "。" in first[:-1]
    assert "。 " not in first

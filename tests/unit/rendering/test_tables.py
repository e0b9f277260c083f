"""The figures and tables of the pages: the content of each cell, even with little data."""

from decimal import Decimal

from reporter.domain.report import Section
from reporter.domain.snapshot import Stage
from reporter.rendering.tables import MOST_STAGES
from reporter.rendering.view import FigureView, ReportView
from tests.unit.analysis.examples import APRIL, busy, channelled, report, silent, staged, usual
from tests.unit.rendering.test_numbers import spaced
from tests.unit.rendering.words import NOTHING_READ, pipeline, spoken, view


def figure(shown: ReportView, key: str) -> FigureView:
    """The figure with this key."""
    return next(each for each in shown.figures if each.key == key)


def test_a_figure_says_what_it_rests_on() -> None:
    """The response rate is shown with its counts, so that 3 of 4 never looks like 300 of 400."""
    assert "280 of 400 answered" in figure(view(report(busy(), usual())), "response_rate").values[0].details
    assert figure(view(report(silent(), silent())), "response_rate").values[0].details == ()


def test_a_figure_of_two_numbers_labels_them() -> None:
    """Two numbers under one title have a label each; a single number needs none."""
    shown = view(report(busy()))
    assert [value.label for value in figure(shown, "accepted_sales").values] == ["sales", "total value"]
    assert [value.label for value in figure(shown, "sales_rate").values] == [""]


def test_a_line_is_captioned() -> None:
    """A line's caption has its number of periods and its range, or says that there are fewer than two values."""
    history = tuple(busy(window) for window in APRIL.history(3)[:2])
    assert figure(view(report(usual(APRIL), history=history)), "conversations").caption == "4 months: 42 to 400"
    assert figure(view(report(NOTHING_READ)), "conversations").caption == "no earlier figures to show"


def test_targets() -> None:
    """A target is marked as met or missed in the metric's own direction, and only stated if there is no data."""
    targets = {"response_rate": Decimal("0.8"), "response_time": Decimal(900)}
    met = view(spoken(report(busy()), "en_US", targets=targets))
    assert figure(met, "response_rate").target == "target 80%: not met"
    assert spaced(figure(met, "response_time").target) == "target 15 min: met"
    slow = view(spoken(report(busy()), "en_US", targets={"response_time": Decimal(300)}))
    assert spaced(figure(slow, "response_time").target) == "target 5 min: not met"
    none = view(spoken(report(NOTHING_READ), "en_US", targets=targets))
    assert figure(none, "response_rate").target == "target 80%"
    shares = [figure(seen, key).progress for seen, key in ((met, "response_rate"), (met, "response_time"))]
    assert (*shares, figure(slow, "response_time").progress) == (87, 100, 50)
    assert figure(none, "response_rate").progress is figure(met, "conversations").progress is None


def test_one_channel() -> None:
    """A single channel has all conversations, and an unknown name from the API is shown as is."""
    rows = view(report(channelled(usual(), {"pigeons<b>": 7}), channelled(usual(), {"pigeons<b>": 3}))).channels
    assert rows is not None
    assert [(row.name, row.value, row.previous, row.share, row.bar, row.previous_bar) for row in rows] == [
        ("pigeons<b>", "7", "3", "100%", 100, 43)
    ]
    assert rows[0].share_change == ""


def test_channels_say_how_their_share_moved() -> None:
    """A channel's share changes in points, with a sign."""
    rows = view(report(channelled(usual(), {"calls": 3, "emails": 1}), channelled(usual(), {"calls": 1, "emails": 1})))
    assert rows.channels is not None
    assert [spaced(row.share_change) for row in rows.channels] == ["+25 points", "\N{MINUS SIGN}25 points"]


def test_rows_of_zeros_are_short() -> None:
    """In a row with two zeros, the change is one word, and no bar is drawn."""
    shown = view(report(silent()))
    assert shown.channels is not None
    assert shown.stages is not None
    assert {(row.change.text, row.change.shape, row.bar) for row in shown.channels} == {("unchanged", "", 0)}
    assert {row.volume_change.text for row in shown.stages} == {"unchanged"}


def test_stages_that_are_new_or_gone() -> None:
    """A new stage has no previous value; a removed one shows its previous value."""
    now, before = (
        staged(usual(), Stage("Lead", None, 9, Decimal(900)), Stage(name, None, 4, Decimal(400)))
        for name in ("Visit", "Quote")
    )
    rows = view(report(now, before)).stages
    assert rows is not None
    assert [(row.name, row.fate, row.volume, row.volume_change.text, row.value) for row in rows] == [
        ("Lead", "", "9", "unchanged", "900"),
        ("Quote", "gone", "–", "before: 4", "–"),
        ("Visit", "new", "4", "–", "400"),
    ]


def test_a_long_pipeline_is_cut_and_says_so() -> None:
    """Of forty stages the first twelve are shown, and a note says that there are more."""
    shown = view(report(pipeline(usual(), [f"Stage {number}" for number in range(40)])))
    assert shown.stages is not None
    assert len(shown.stages) == MOST_STAGES
    assert any("12 of 40 stages are shown." in note.text for note in shown.notes)


def test_amounts_beyond_all_measure_are_not_taken_apart() -> None:
    """With one sale before and the maximum now, effects with more digits than the calculation allows are left out."""
    now, before = (
        staged(busy(), Stage("Accepted", "accepted", volume, Decimal(value)))
        for volume, value in ((2**53, 10**15), (1, 10**15 - 1))
    )
    assert view(report(now, before)).parts == ()


def test_no_pipeline_and_no_channels() -> None:
    """A section that was not requested is absent; one without data from the source is an empty table."""
    assert (view(report(NOTHING_READ)).channels, view(report(NOTHING_READ)).stages) == ((), ())
    bare = view(spoken(report(usual()), "en_US", sections=()))
    assert (bare.channels, bare.stages) == (None, None)
    assert view(spoken(report(usual()), "en_US", sections=(Section.CHANNELS,))).stages is None

"""The notes: definitions, limits of the comparison, restated figures, and conflicting data."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from reporter.domain.report import ReportData
from reporter.domain.snapshot import COMBINED, Block, Snapshot, Stage
from reporter.rendering.render import mail_html, mail_text, make_view, page_html
from tests.unit.analysis.examples import APRIL, PIPELINE, answered, busy, channelled, report, staged, usual
from tests.unit.rendering.test_numbers import spaced
from tests.unit.rendering.test_tables import figure
from tests.unit.rendering.words import NOTHING_READ, read, spoken, view

ANSWERS: Mapping[str, object] = {COMBINED: {}, Block.SALES.value: {}}


def reported_as(snapshot: Snapshot) -> ReportData:
    """A report whose previous window was previously reported with this snapshot."""
    data = report(usual(), answered(usual(), 20, 15, 420))
    before = replace(snapshot, window=data.previous.window, answers=ANSWERS)
    return replace(data, reported=(before,))


def test_a_restated_figure_is_told_with_its_reason() -> None:
    """A restated figure has both values, the period, and the reason that more answers came in."""
    assert [spaced(said) for said in view(reported_as(answered(usual(), 20, 14, 420))).restated] == [
        (
            "Response rate, Week 16, Apr 13 – 19, 2026: reported as 70%, now 75%. "
            "More of the conversations have been answered since."
        )
    ]


def test_what_prints_alike_is_not_restated() -> None:
    """A difference that rounding hides is not reported as a restatement."""
    seconds = replace(usual(), response_time=Decimal("420.2"))
    assert view(reported_as(seconds)).restated == ()


def test_answers_that_disagree_are_told() -> None:
    """Conflicting data is reported with the period and both numbers; a stage by its name, as text."""
    contrary = staged(channelled(usual(), {"calls": 40}), *PIPELINE, Stage("<b>Signed</b>", "signed", 30, Decimal(1)))
    assert [spaced(said) for said in view(report(contrary, usual())).doubts] == [
        "Week 17, Apr 20 – 26, 2026: the channels add up to 40 conversations, the total given is 42.",
        "Week 17, Apr 20 – 26, 2026: the stage “<b>Signed</b>” has 30 sales, the stage before it only 11.",
    ]


def test_a_doubt_begins_as_a_sentence_does() -> None:
    """A warning begins with a capital letter even in languages with lowercase month names, as it is a full sentence."""
    contrary = channelled(usual(APRIL), {"calls": 40})
    assert view(report(contrary, usual(APRIL.previous())), "fr_FR").doubts[0].startswith("Avril 2026")


def test_report_and_mail_say_both() -> None:
    """Page, email, and plain text contain both: the page in its notes, the email below the figures."""
    data = reported_as(answered(usual(), 20, 14, 420))
    data = spoken(replace(data, current=channelled(data.current, {"calls": 40})), "en_US")
    shown = make_view(data)
    for text in (page_html(data, shown), mail_html(data, shown), mail_text(data, shown)):
        words = " ".join("".join(read(text).texts).split())
        for sentence in (*shown.restated, *shown.doubts):
            assert " ".join(sentence.split()) in words


def test_notes_tell_what_limits_the_comparison() -> None:
    """Notes report unequal periods, an incomplete period, and windows that could not be read."""
    history = (None, *(busy(window) for window in APRIL.history(3)[1:2]))
    terms = [note.term for note in view(report(usual(APRIL), history=history)).notes]
    assert terms[-2:] == ["Unequal periods", "Not available"]
    partial = replace(APRIL, until=APRIL.first.replace(day=12), planned_until=APRIL.until)
    assert "So far" in [note.term for note in view(report(usual(partial))).notes]


NONE_ACCEPTED = staged(usual(), Stage("Enquiry", None, 9, Decimal(900)), Stage("Signed ✔", None, 4, Decimal(400)))
"""A pipeline in which no stage counts as accepted."""


def notes_about(data: ReportData, term: str, locale: str = "en_US") -> list[str]:
    """The notes with this term."""
    return [note.text for note in view(data, locale).notes if note.term == term]


def test_a_pipeline_without_accepted_sales_says_why() -> None:
    """If no stage counts as accepted, values and notes say so, for either period."""
    values = figure(view(report(NONE_ACCEPTED, usual())), "accepted_sales").values
    assert {(value.value, value.change.text) for value in values} == {("–", "no stage counts as accepted")}
    (note,) = notes_about(report(NONE_ACCEPTED, usual()), "No data")
    assert note.startswith("No stage of the sales pipeline counts as accepted in this period")
    (note,) = notes_about(report(usual(), NONE_ACCEPTED), "No data")
    assert note.startswith("No stage of the sales pipeline counted as accepted in the previous period")
    (note,) = notes_about(report(NONE_ACCEPTED, usual()), "Keine Daten", "de_DE")
    assert note.startswith("Keine Phase der Vertriebspipeline gilt")


def test_accepted_sales_that_are_there_or_not_shown_need_no_reason() -> None:
    """No note is shown if a stage counts as accepted, if sales were not read, or if no figure needs them."""
    assert notes_about(report(usual()), "No data") == []
    assert notes_about(report(NOTHING_READ), "No data") == []
    assert notes_about(report(NONE_ACCEPTED, figures=("sales_rate",)), "No data") == []
    assert figure(view(report(NOTHING_READ)), "accepted_sales").values[0].change.text == "no data for this period"


def test_notes_explain_the_figures_shown_and_no_other() -> None:
    """Each figure on the page is defined, in order; without sales there is no note about a currency."""
    terms = [note.term for note in view(report(NOTHING_READ, figures=("messages", "response_rate"))).notes]
    assert terms == ["Messages", "Response rate", "Changes", "This period", "Previous period"]

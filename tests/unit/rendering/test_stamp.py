"""A report that is not an ordinary one is marked as such, in its language, and an operator's text breaks nothing."""

import io
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from reporter.domain.report import MarkedAsTest, Paper, ReportData, Revision, Stamp
from reporter.domain.window import Period
from reporter.rendering.notes import REASON_LIMIT
from reporter.rendering.render import mail_html, mail_text, make_pdf, make_view, page_html
from reporter.rendering.text import clean, missing_glyphs
from tests.golden.editions import HUGE, LOCALES, Case
from tests.unit.analysis.examples import report, usual
from tests.unit.rendering.words import plain, read, spoken

ACME = Case("Acme", Period.MONTH)
FULLEST = (Case("<script>", Period.MONTH), Case(HUGE, Period.MONTH))
"""The organizations that leave the least space on page 1."""

REASONS = st.text(max_size=400) | st.sampled_from(
    (
        "W" * 10_000,
        "late answers came in " * 500,
        "</p><script>alert(1)</script>{{ 7 * 7 }} %(number)s",
        "\u202e\r\nBcc: a@b",
    )
)


def stamped(stamp: Stamp | None, locale: str = "en_US", case: Case = ACME, paper: Paper = Paper.A4) -> ReportData:
    """A report with this stamp."""
    return replace(case.data(locale, paper), stamp=stamp)


@pytest.mark.parametrize(
    ("locale", "stamp", "subject", "term", "text"),
    [
        ("en_US", Revision(2, "late answers"), "Revised: ", "Revised report, version 2", "late answers"),
        ("en_GB", Revision(11, ""), "Revised: ", "Revised report, version 11", "no reason was given"),
        ("de_DE", Revision(2, "späte"), "Überarbeitet: ", "Überarbeiteter Bericht, Fassung 2", "späte"),
        ("fr_FR", Revision(3, "Ελλάδα"), "Révisé\u00a0: ", "Rapport révisé, version 3", "Ελλάδα"),
        (
            "en_US",
            MarkedAsTest(),
            "Test: ",
            "Test",
            "this report was sent to try the delivery and is not meant for its readers",
        ),
    ],
)
def test_what_a_stamp_says(locale: str, stamp: Stamp, subject: str, term: str, text: str) -> None:
    """The heading has the kind of report and the reason, title and subject the kind; the rest is as without a stamp."""
    shown, ordinary = make_view(stamped(stamp, locale)), make_view(stamped(None, locale))
    assert ordinary.stamp is None
    assert shown.stamp is not None
    assert (shown.stamp.term, shown.stamp.text) == (term, text)
    assert (shown.subject, shown.title) == (subject + ordinary.subject, f"{ordinary.title} · {term}")
    assert replace(shown, stamp=None, subject=ordinary.subject, title=ordinary.title) == ordinary


@settings(max_examples=60)
@given(REASONS, st.sampled_from(LOCALES))
def test_a_reason_is_text_and_never_markup(reason: str, locale: str) -> None:
    """Page and email have the same elements for any reason, and a parser reads it back as displayed, on one line."""
    calm, hostile = (replace(spoken(report(usual()), locale), stamp=Revision(2, each)) for each in ("late", reason))
    shown = make_view(hostile).stamp
    assert shown is not None
    assert 0 < len(shown.text) <= REASON_LIMIT
    assert clean(reason, REASON_LIMIT) in {shown.text, ""}
    for render in (page_html, mail_html):
        page, peer = (read(render(data, make_view(data))) for data in (hostile, calm))
        assert page.elements == peer.elements
        assert page.attributes == peer.attributes
        assert f" {shown.text}" in page.texts
    assert plain(shown.text) in plain(mail_text(hostile, make_view(hostile)))


@settings(max_examples=12, deadline=None)
@given(REASONS, st.sampled_from(FULLEST), st.sampled_from(LOCALES), st.sampled_from(Paper))
@example("W" * 10_000, FULLEST[0], "fr_FR", Paper.LETTER)
@example("W" * 10_000, FULLEST[1], "de_DE", Paper.LETTER)
def test_a_reason_takes_no_page(reason: str, case: Case, locale: str, paper: Paper) -> None:
    """However long the reason is and however full the pages are, there are two pages."""
    data = stamped(Revision(2, reason), locale, case, paper)
    assert len(PdfReader(io.BytesIO(make_pdf(data, make_view(data)))).pages) == 2


def test_an_ordinary_reason_is_read_in_full() -> None:
    """A reason of maximum length, in words, is complete on page 1; each page's footer has the kind of report."""
    reason = ("An agent answered forty conversations by hand over the weekend. " * 5)[: REASON_LIMIT - 1] + "!"
    data = stamped(Revision(2, reason), "de_DE")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(make_pdf(data, make_view(data)))).pages]
    assert reason in " ".join(pages[0].split())
    assert all("· Überarbeiteter Bericht, Fassung 2" in page for page in pages)


def test_the_operator_is_warned_of_what_cannot_be_drawn() -> None:
    """A character of the reason that no font has is reported, as for a name."""
    assert missing_glyphs(stamped(Revision(2, "ช้า answers"))) == "ช้า"
    assert missing_glyphs(stamped(Revision(2, "late answers"))) == missing_glyphs(stamped(MarkedAsTest())) == ""

"""The complete view: the order of its content, whatever the organization's name and figures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.domain.report import Paper, ReportData
from reporter.domain.snapshot import Sales, Snapshot
from reporter.rendering.build_view import NAME_LIMIT
from reporter.rendering.render import mail_html, mail_text, make_view, page_html
from reporter.rendering.text import clean, missing
from tests.unit.analysis.examples import answered, busy, report, silent, talked, usual
from tests.unit.rendering.test_numbers import spaced
from tests.unit.rendering.words import LOCALES, NOTHING_READ, named, pipeline, read, spoken, view

HOSTILE = (
    '<script>alert("1")</script>',
    "{{7*7}}{% raw %}${7*7}%(value)s%s",
    '" onload="alert(1)',
    "</title></style><img src=x onerror=alert(1)>",
    "&lt;b&gt; & <!-- ]]> -->",
    "\u202egnp.exe ../../etc/passwd\r\nBcc: a@example.com",
)
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=60)


@settings(max_examples=40)
@given(NAMES, NAMES, st.sampled_from(LOCALES))
def test_names_are_text_and_never_markup(organization: str, stage: str, locale: str) -> None:
    """Page and email have the same elements for any name, and a parser reads the name back as displayed."""
    calm = spoken(named(report(pipeline(usual(), ["Lead", "Won"])), "Acme"), locale)
    hostile = spoken(named(report(pipeline(usual(), [stage, "Won"])), organization), locale)
    for render in (page_html, mail_html):
        page, peer = (read(render(data, make_view(data))) for data in (hostile, calm))
        assert page.elements == peer.elements
        assert [name for name, _ in page.attributes] == [name for name, _ in peer.attributes]
        assert make_view(hostile).organization in page.texts
    assert clean(stage, 60) in "".join(read(page_html(hostile, make_view(hostile))).texts)
    assert mail_text(hostile, make_view(hostile)).startswith(make_view(hostile).organization + "\n")


@pytest.mark.parametrize("name", ["", "\u200b\n", "x" * 10_000, "Endless " * 1250])
def test_names_that_are_nothing_or_endless(name: str) -> None:
    """An empty name is replaced by words, and a long one is truncated, in heading and subject."""
    shown = view(named(report(usual()), name))
    assert 0 < len(shown.organization) <= NAME_LIMIT
    assert shown.subject.startswith(shown.organization)
    assert shown.filename.endswith(".pdf")


def test_a_sentence_and_an_abbreviation_share_a_dot() -> None:
    """A German sentence that ends with "Min." ends with a single period."""
    shown = view(report(answered(busy(), 400, 300, 2000), answered(busy(), 400, 300, 900)), "de_DE")
    assert [spaced(said) for said in shown.headlines if "Median" in said] == [
        "Antworten dauerten länger: Der Median stieg von 15 Min. auf 33 Min."
    ]


def test_few_and_quiet() -> None:
    """Three conversations are reported as too few to judge; none at all is a quiet period, as the only headline."""
    few = view(report(talked(answered(usual(), 3, 2), 3), talked(answered(usual(), 4, 2), 4))).headlines
    assert "Only 3 conversations: too few to judge how they were answered." in few
    assert view(report(silent())).headlines == ("A quiet period: no conversations, no messages, no sales.",)


def test_an_organization_of_which_nothing_is_known() -> None:
    """Without any data there are dashes and words, but no headline, no zero, and no percentage."""
    shown = view(report(NOTHING_READ))
    assert shown.headlines == ()
    assert {value.value for figure in shown.figures for value in figure.values} == {"–"}
    assert {value.change.text for figure in shown.figures for value in figure.values} == {"no data for this period"}


def test_the_subject_says_the_first_headlines_figure() -> None:
    """An email's subject contains the organization, the period, and the first headline's figure."""
    data = report(answered(busy(), 400, 360), answered(busy(), 400, 280))
    assert view(data).headlines[0].startswith("Response rate rose")
    assert spaced(view(data).subject) == "Acme Roofing, Week 17, Apr 20 – 26, 2026: Response rate 90%, +20 points"
    assert " : Taux de réponse" in spaced(view(data, "fr_FR").subject)


def test_the_page_knows_its_language_and_paper() -> None:
    """The document has the recipient's language and the configured paper size."""
    data = spoken(report(usual()), "de_DE", paper=Paper.LETTER)
    attributes = dict(read(page_html(data, make_view(data))).attributes[:4])
    assert (attributes["lang"], attributes["dir"], attributes["class"]) == ("de-DE", "ltr", "Letter")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("current", "previous"),
    [
        (usual(), usual()),
        (usual(), NOTHING_READ),
        (NOTHING_READ, usual()),
        (silent(), usual()),
        (usual(), silent()),
        (Snapshot(usual().window, sales=Sales((), None)), NOTHING_READ),
    ],
)
def test_every_document_can_be_drawn(current: Snapshot, previous: Snapshot, locale: str) -> None:
    """In any case, page and emails contain only characters that the fonts have, and complete text."""
    data: ReportData = spoken(report(current, previous), locale)
    shown = make_view(data)
    for text in ("".join(read(page_html(data, shown)).texts), mail_text(data, shown)):
        assert missing(text) == ""
        assert "None" not in text
        assert "%(" not in text

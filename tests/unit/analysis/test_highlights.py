"""Which findings are reported: snapshots in, findings out."""

from dataclasses import replace
from decimal import Decimal, localcontext
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.change import ChangeKind
from reporter.analysis.comparison import compare
from reporter.analysis.highlights import LEAST, MOST, Headline, HighlightKind, headlines
from reporter.analysis.metrics import FIGURES
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Sales, Snapshot
from tests.unit.analysis.examples import WEEK, answered, busy, report, silent, sold, talked

FEW = replace(answered(talked(busy(), 4, 9, 8), 4, 3), sales=sold(5, 2, "800.00"))
"""A week of a tiny organization."""


def found(data: ReportData) -> tuple[Headline, ...]:
    """The headlines of the data."""
    return headlines(compare(data), data)


def told(data: ReportData) -> list[str]:
    """The findings of the data, each with its metric's key."""
    return [f"{headline.finding} {headline.metric.key if headline.metric else '-'}" for headline in found(data)]


@pytest.mark.parametrize(
    ("current", "previous", "expected"),
    [
        pytest.param(
            busy(),
            busy(),
            ["unchanged accepted_sales", "unchanged response_rate", "unchanged sales_rate"],
            id="a week like the one before",
        ),
        pytest.param(
            replace(answered(talked(busy(), 404), 400, 284), sales=sold(201, 52, "101000.00")),
            busy(),
            ["steady accepted_sales", "steady response_rate", "steady sales_rate"],
            id="noise",
        ),
        pytest.param(
            talked(answered(busy(), 400, 400), 403),
            busy(),
            ["rose response_rate", "steady conversations", "unchanged accepted_sales"],
            id="one notable change, then calm",
        ),
        pytest.param(
            replace(answered(talked(busy(), 520, 2900, 700), 520, 260, 1500), sales=sold(100, 10, "10000.00")),
            busy(),
            [
                "fell accepted_sales",
                "fell response_rate",
                "fell sales_rate",
                "rose response_time",
                "rose conversations",
            ],
            id="everything moved: five at most, messages last",
        ),
        pytest.param(
            answered(busy(), 400, 280, 300),
            busy(),
            ["fell response_time", "unchanged accepted_sales", "unchanged response_rate"],
            id="a response time that fell",
        ),
        pytest.param(
            replace(busy(), sales=sold(200, 50, "190000.00")),
            busy(),
            ["rose accepted_value", "unchanged response_rate", "unchanged sales_rate"],
            id="as many sales, larger ones: the figure is told of once",
        ),
        pytest.param(
            replace(busy(), sales=sold(200, 0, "0.00")),
            busy(),
            ["fell accepted_sales", "fell sales_rate", "unchanged response_rate"],
            id="no sale any more",
        ),
        pytest.param(
            busy(),
            silent(),
            ["appeared accepted_sales", "appeared conversations", "appeared messages_received"],
            id="a beginning: rates have nothing to be compared with",
        ),
        pytest.param(
            replace(busy(), sales=sold(100, 1, "500.00")),
            replace(busy(), sales=sold(100, 0, "0.00")),
            ["appeared accepted_sales", "steady sales_rate", "unchanged response_rate"],
            id="a first sale is a fact, and calm",
        ),
        pytest.param(silent(), busy(), ["quiet conversations"], id="nothing after something"),
        pytest.param(silent(), silent(), ["quiet conversations"], id="nothing after nothing"),
        pytest.param(
            talked(silent(), 0, 3, 0),
            silent(),
            ["appeared messages_received", "unchanged accepted_sales", "unchanged conversations"],
            id="late messages are something",
        ),
        pytest.param(
            answered(silent(), 2, 0),
            silent(),
            ["unchanged accepted_sales", "unchanged conversations", "unchanged messages_received"],
            id="conversations by the API's other count are something",
        ),
        pytest.param(
            replace(FEW, response_time=Decimal(60)),
            replace(FEW, sales=sold(5, 3, "900.00")),
            ["few conversations", "steady accepted_sales", "steady sales_rate"],
            id="four conversations are too few to judge the answers",
        ),
        pytest.param(
            answered(talked(FEW, 4), 4, 1),
            busy(),
            ["fell accepted_sales", "fell conversations", "steady sales_rate"],
            id="a fall to few is told as a fall",
        ),
        pytest.param(Snapshot(WEEK), Snapshot(WEEK), [], id="no data is no headline"),
        pytest.param(
            Snapshot(WEEK, sales=sold(0, 0, "0.00")),
            Snapshot(WEEK, sales=sold(0, 0, "0.00")),
            ["unchanged accepted_sales"],
            id="not known to be quiet where conversations were not asked for",
        ),
        pytest.param(
            replace(silent(), sales=None),
            replace(silent(), sales=None),
            ["unchanged conversations", "unchanged messages_received"],
            id="nor where sales were not",
        ),
    ],
)
def test_what_is_said_of_two_windows(current: Snapshot, previous: Snapshot, expected: list[str]) -> None:
    """Notable findings come first, by weight and size; calm ones follow until there are three; one per figure."""
    assert told(report(current, previous)) == expected


def test_only_what_the_page_shows_is_spoken_of() -> None:
    """A report with two figures has headlines about these two alone, however much the others changed."""
    moved = replace(answered(talked(busy(), 520), 520, 260, 1500), sales=sold(100, 10, "10000.00"))
    assert told(report(moved, busy(), figures=("messages", "response_time"))) == [
        "rose response_time",
        "unchanged messages_received",
    ]
    assert told(report(silent(), figures=("sales_rate",))) == ["quiet -"]


def test_few_speaks_of_the_conversations_the_page_tells_of() -> None:
    """The count is of the conversations shown, else of those behind the response rate; otherwise none is given."""
    few = replace(FEW, response_rate=replace(busy().response_rate, received=6))  # type: ignore[type-var]
    for figures, expected in (
        (("conversations", "response_rate"), ("conversations", 4)),
        (("response_rate",), ("response_rate", 6)),
    ):
        (headline,) = [said for said in found(report(few, figures=figures)) if said.finding is HighlightKind.FEW]
        assert headline.metric is not None
        assert (headline.metric.key, headline.count) == expected
    assert HighlightKind.FEW not in {said.finding for said in found(report(few, figures=("sales_rate",)))}


@pytest.mark.parametrize(("conversations", "few"), [(0, False), (1, True), (9, True), (10, False)])
def test_few_are_one_to_nine(conversations: int, few: bool) -> None:  # noqa: FBT001
    """Zero is not few, and ten are enough."""
    said = found(report(talked(busy(), conversations)))
    assert (HighlightKind.FEW in {headline.finding for headline in said}) is few


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """The answers for any window, with or without sales, without contradictions."""
    received, qualified = draw(st.integers(0, 500)), draw(st.integers(0, 200))
    responded, accepted = draw(st.integers(0, received)), draw(st.integers(0, qualified))
    sales = sold(qualified, accepted, f"{draw(st.integers(0, 10**6)) if accepted else 0}.00")
    talk = talked(busy(), received, draw(st.integers(0, 2000)), draw(st.integers(0, 2000)))
    with_answers = answered(talk, received, responded, draw(st.none() | st.integers(0, 10**5)))
    return replace(with_answers, sales=draw(st.sampled_from([sales, sales, None, Sales((), None)])))


@given(snapshots(), snapshots(), st.lists(st.sampled_from(list(FIGURES)), min_size=1, unique=True).map(tuple))
def test_headlines_keep_their_promises(current: Snapshot, previous: Snapshot, figures: tuple[str, ...]) -> None:
    """At most five, one per figure on the page, ranked; only notable ones are loud; a quiet one stands alone."""
    data = report(current, previous, figures=figures)
    comparison = compare(data)
    said = headlines(comparison, data)
    shown = {metric.key: figure for figure in figures for metric in FIGURES[figure]}
    told_of = [shown[headline.metric.key] for headline in said if headline.metric]
    findings = [headline.finding for headline in said]
    assert len(said) <= min(MOST, len(figures))
    assert len(told_of) == len(set(told_of))
    assert all(earlier.importance >= later.importance for earlier, later in pairwise(said))
    assert HighlightKind.QUIET not in findings or len(said) == 1
    assert len(said) <= LEAST or all(
        headline.finding is HighlightKind.FEW or (headline.change and headline.change.notable) for headline in said
    )
    for headline in said:
        assert (headline.count is not None) == (headline.finding is HighlightKind.FEW)
        if headline.finding is HighlightKind.QUIET:
            continue
        assert headline.metric is not None
        assert headline.change is not None
        assert headline.change == comparison.metrics[headline.metric.key].change
        assert headline.change.kind is not ChangeKind.NO_DATA
        if headline.finding in {HighlightKind.ROSE, HighlightKind.FELL}:
            assert headline.change.notable
            assert (headline.finding is HighlightKind.ROSE) == (headline.change.sign > 0)
        if headline.finding is HighlightKind.STEADY:
            assert not headline.change.notable


@given(snapshots(), snapshots())
def test_what_can_be_chance_never_outranks_what_cannot(current: Snapshot, previous: Snapshot) -> None:
    """A notable change is left out only for five other notable ones, or for a notable one of the same figure."""
    data = report(current, previous)
    comparison = compare(data)
    said = headlines(comparison, data)
    loud = {headline.metric.key for headline in said if headline.metric and headline.change and headline.change.notable}
    for metrics in FIGURES.values():
        notable = {metric.key for metric in metrics if comparison.metrics[metric.key].change.notable}
        quiet = said and said[0].finding is HighlightKind.QUIET
        assert not notable or notable & loud or len(loud) == MOST or quiet


def test_no_caller_changes_the_headlines() -> None:
    """The headlines, including their importance, are the same under a decimal context of one digit."""
    data = report(replace(busy(), sales=sold(300, 77, "170000.00")), busy())
    expected = found(data)
    with localcontext() as context:
        context.prec = 1
        assert found(data) == expected

"""The figures as CSV: every number once, exact, and no name that a spreadsheet would calculate."""

import re
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.domain.report import Section
from reporter.domain.snapshot import Organization, Stage
from reporter.rendering.figure_rows import COLUMNS, ROWS_AT_ONCE, FigureRow, Role, RowKind, csv_of, figures_csv, rows_of
from reporter.rendering.render import make_view
from tests.office import PROJECT
from tests.unit.analysis.examples import APRIL, PIPELINE, busy, channelled, report, silent, staged, usual
from tests.unit.rendering.tables import of, read, table
from tests.unit.rendering.words import NOTHING_READ, named, spoken

BEFORE = (None, silent(APRIL.history(2)[0]))
DATA = spoken(report(usual(APRIL), busy(), history=BEFORE), "de_DE", currency="JPY")
DANGEROUS = r"=+\-@＝＋－＠"  # noqa: RUF001 - a spreadsheet takes the wide ones too


def test_the_form_is_the_one_that_scripts_read() -> None:
    """RFC 4180: commas, CRLF, and a header; UTF-8 without a byte order mark; the same report gives the same bytes."""
    content = figures_csv(DATA, make_view(DATA))
    lines = content.decode().split("\r\n")
    assert lines[0] == (
        "organization_id,organization,period,label,first,until,timezone,made_on,role,kind,metric,position,item,name,"
        "unit,currency,value,shown"
    )
    assert lines[-1] == ""
    assert not any(sign in line for line in lines for sign in "\r\n")
    assert figures_csv(DATA, make_view(DATA)) == content


def test_every_column_is_explained() -> None:
    """docs/archive.md has a line for each column, in order, with the same text as the workbook."""
    lines = (PROJECT / "docs" / "archive.md").read_text("utf-8").splitlines()
    first = lines.index("| column | what it holds |") + 2
    assert lines[first : first + len(COLUMNS)] == [f"| `{column}` | {text} |" for column, text in COLUMNS.items()]
    assert list(COLUMNS) == [field.name for field in fields(FigureRow)]


def test_every_window_has_its_numbers() -> None:
    """Oldest first, each window has its dates and its position in the report; a missing one is left out."""
    rows = of(table(DATA), metric="conversations")
    assert [(row["role"], row["label"], row["value"]) for row in rows] == [
        ("history", "2026-02", "0"),
        ("previous", "2026-03", "400"),
        ("current", "2026-04", "42"),
    ]
    assert rows[2] == {
        "organization_id": "HR_id_1",
        "organization": "Acme Roofing",
        "period": "month",
        "label": "2026-04",
        "first": "2026-04-01",
        "until": "2026-05-01",
        "timezone": "America/New_York",
        "made_on": "2026-05-01",
        "role": "current",
        "kind": "figure",
        "metric": "conversations",
        "position": "3",
        "item": "",
        "name": "Konversationen",
        "unit": "count",
        "currency": "",
        "value": "42",
        "shown": "42",
    }


def test_values_are_exact_and_carry_their_unit() -> None:
    """Shares of 1, seconds, and money with currency and all digits are exact; missing data is empty, never zero."""
    rows = of(table(DATA), role="current", kind="figure")
    assert {row["metric"]: (row["unit"], row["currency"], row["value"]) for row in rows} == {
        "response_rate": ("rate", "", "0.75"),
        "response_time": ("duration", "", "420"),
        "conversations": ("count", "", "42"),
        "messages_received": ("count", "", "120"),
        "messages_sent": ("count", "", "96"),
        "sales_rate": ("rate", "", "0.46"),
        "accepted_sales": ("count", "", "11"),
        "accepted_value": ("money", "JPY", "28800.00"),
    }
    assert {row["value"] for row in table(report(NOTHING_READ))} == {""}
    huge = staged(usual(), Stage("Accepted", "accepted", 1, Decimal("1E+9")))
    assert of(table(report(huge)), metric="accepted_value")[-1]["value"] == "1000000000"


def test_the_tables_of_the_second_page_are_there() -> None:
    """Channels as on the page, with 0 if an answer does not contain one; every stage, in its order."""
    now, before = channelled(usual(), {"calls": 3, "pigeons": 9}), channelled(usual(), {"calls": 4, "faxes": 1})
    rows = table(report(now, before))
    channels = [(row["role"], row["item"], row["name"], row["value"]) for row in of(rows, kind="channel")]
    assert channels == [
        *(
            ("previous", *rest)
            for rest in [("pigeons", "pigeons", "0"), ("calls", "Calls", "4"), ("faxes", "faxes", "1")]
        ),
        *(
            ("current", *rest)
            for rest in [("pigeons", "pigeons", "9"), ("calls", "Calls", "3"), ("faxes", "faxes", "0")]
        ),
    ]
    stages = of(rows, kind="stage", role="current")
    assert [(row["metric"], row["position"], row["item"], row["value"]) for row in stages] == [
        ("stage_volume", "1", "", "24"),
        ("stage_value", "1", "", "52000.00"),
        ("stage_volume", "2", "quote_sent", "18"),
        ("stage_value", "2", "quote_sent", "41500.00"),
        ("stage_volume", "3", "accepted", "11"),
        ("stage_value", "3", "accepted", "28800.00"),
    ]
    long = staged(usual(), *(replace(PIPELINE[0], name=f"{number}") for number in range(40)))
    assert len(of(table(report(long)), metric="stage_value", role="current")) == 40


def test_a_section_that_was_not_asked_for_has_no_rows() -> None:
    """The table has only the sections of the report."""
    assert {row["kind"] for row in table(spoken(DATA, "en_US", sections=()))} == {"figure"}
    assert {row["kind"] for row in table(spoken(DATA, "en_US", sections=(Section.PIPELINE,)))} == {"figure", "stage"}
    assert {row["metric"] for row in table(spoken(DATA, "en_US", figures=("messages",), sections=()))} == {
        "messages_received",
        "messages_sent",
    }


def test_only_the_windows_asked_for() -> None:
    """Only the reported window of each report is included, for a table of many reports."""
    rows = list(rows_of(DATA, {}, frozenset({Role.CURRENT})))
    assert {row.label for row in rows} == {"2026-04"}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text("'=+-@ \t\r\n\",;a", max_size=8)


@given(TEXTS)
@example('=HYPERLINK("http://evil.example")')
@example("'=1")
@example("'t Hof")
@example(" \r\n@SUM(A1)")
@example("\uff1d1+1")
def test_no_text_calculates_and_none_is_lost(text: str) -> None:
    """No cell begins like a formula, and the original text can be restored by the documented rule."""
    (cells,) = read(csv_of([_row(text)]))
    for cell in (cells["organization_id"], cells["name"]):
        assert not re.match(rf"\s*[{DANGEROUS}]", cell)
        assert (cell[1:] if re.match(rf"'[\s']*[{DANGEROUS}]", cell) else cell) == text


@pytest.mark.parametrize("name", ["=1+1", "+49 Roofing", "-", "@home"])
def test_a_name_that_looks_like_a_formula_is_marked(name: str) -> None:
    """The organization's name is prefixed with an apostrophe; a negative number is not."""
    assert {row["organization"] for row in table(named(DATA, name))} == {f"'{name}"}
    below = staged(usual(), Stage(name, name, 1, Decimal("-5.20")))
    row = of(table(report(below)), metric="stage_value")[-1]
    assert (row["item"], row["name"], row["value"]) == (f"'{name}", f"'{name}", "-5.20")


def test_half_a_surrogate_pair_is_written_as_an_escape() -> None:
    """Half a surrogate pair, which UTF-8 cannot encode, does not prevent the rest from being written."""
    data = replace(DATA, organization=Organization("\ud800", "\ud800"))
    assert {(row["organization_id"], row["organization"]) for row in table(data)} == {
        ("\\ud800", "Organisation ohne Namen")
    }


def test_a_long_table_comes_in_pieces() -> None:
    """A long table is written in pieces, so that only part of it is in memory."""
    pieces = list(csv_of(_row(str(number)) for number in range(2 * ROWS_AT_ONCE + 1)))
    assert len(pieces) == 3
    assert [row["name"] for row in read(pieces)] == [str(number) for number in range(2 * ROWS_AT_ONCE + 1)]


def _row(text: str) -> FigureRow:
    window = APRIL
    return FigureRow(
        organization_id=text,
        organization="Acme",
        period=window.period,
        label=window.label,
        first=window.first,
        until=window.until,
        timezone=window.timezone,
        made_on=date(2026, 5, 1),
        role=Role.CURRENT,
        kind=RowKind.FIGURE,
        metric="conversations",
        position=1,
        item="",
        name=text,
        unit=next(iter(rows_of(DATA, {}))).unit,
        currency="",
        value=None,
        shown="",
    )

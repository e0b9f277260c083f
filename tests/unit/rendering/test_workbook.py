"""The figures as a workbook, read with a different library from the one that wrote it."""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.utils.escape import unescape

from reporter.domain.errors import UsageError
from reporter.domain.snapshot import Organization, Stage
from reporter.rendering.figure_rows import COLUMNS, FigureRow, rows_of
from reporter.rendering.workbook import write_workbook
from tests.unit.analysis.examples import APRIL, busy, report, staged, usual
from tests.unit.rendering.words import NOTHING_READ, spoken

DATA = spoken(report(usual(APRIL), busy()), "de_DE", currency="JPY")


def written(rows: Iterable[FigureRow]) -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    write_workbook(rows, target)
    return target.getvalue()


def opened(rows: Iterable[FigureRow]) -> Any:
    """The workbook as the other library reads it."""
    return load_workbook(io.BytesIO(written(rows)))


def cells(sheet: Any) -> list[dict[str, Cell]]:
    """The cells below the header row, by column name."""
    heading, *rows = sheet.iter_rows()
    return [dict(zip([cell.value for cell in heading], row, strict=True)) for row in rows]


def test_each_kind_has_its_sheet() -> None:
    """Figures, channels, and pipeline have a sheet each with fixed header rows; one more sheet explains the columns."""
    book = opened(rows_of(DATA, {"conversations": "42"}))
    assert book.sheetnames == ["figures", "channels", "pipeline", "about"]
    assert {sheet.freeze_panes for sheet in book.worksheets[:3]} == {"A2"}
    assert [cell.value for cell in book["channels"][1]] == list(COLUMNS)
    assert {row["metric"].value for row in cells(book["pipeline"])} == {"stage_volume", "stage_value"}
    assert [row[0].value for row in book["about"].iter_rows(min_row=3)] == list(COLUMNS)


def test_numbers_and_dates_are_numbers_and_dates() -> None:
    """A value is a number displayed in its unit, yen without decimals; a date is a date, and missing data is empty."""
    rows = {row["metric"].value: row for row in cells(opened(rows_of(DATA, {}))["figures"])}
    shown = {metric: (row["value"].value, row["value"].number_format) for metric, row in rows.items()}
    assert shown["response_rate"] == (0.75, "0.0%")
    assert shown["response_time"] == (420, '#,##0" s"')
    assert shown["conversations"] == (42, "#,##0")
    assert shown["accepted_value"] == (28800, "[$JPY] #,##0")
    first = rows["conversations"]["first"]
    assert (first.value, first.number_format) == (datetime(2026, 4, 1), "yyyy-mm-dd")  # noqa: DTZ001 - a sheet has no zone
    assert {row["value"].value for row in cells(opened(rows_of(report(NOTHING_READ), {}))["figures"])} == {None}


@pytest.mark.parametrize(("currency", "pattern"), [("KWD", "[$KWD] #,##0.000"), (None, "#,##0.00"), ('"]', "#,##0.00")])
def test_money_is_shown_in_its_currency(currency: str | None, pattern: str) -> None:
    """Money has as many decimals as its currency; without a currency code, none is assumed."""
    sheet = opened(rows_of(spoken(DATA, "en_US", currency=currency), {}))["pipeline"]
    assert {row["value"].number_format for row in cells(sheet) if row["unit"].value == "money"} == {pattern}


@pytest.mark.parametrize(
    "name",
    ["=1+1", "<r><t>a</t></x></r>", "http://evil.example/", "\x01_x0041_", "a\tb", "1e5", "{=1}", "&<>\"'"],
)
def test_a_text_is_a_text(name: str) -> None:
    """The name of an organization or status is complete, and never a formula, a link, or markup."""
    data = staged(usual(), Stage(name, name, 1, Decimal(5)))
    rows = rows_of(replace(report(data), organization=Organization(name, name)), {})
    for row in cells(opened(rows)["pipeline"]):
        texts = {unescape(str(row[column].value)) for column in ("organization_id", "item")}
        assert {text.rstrip(" ") for text in texts} == {name}
        assert (row["item"].data_type, row["item"].hyperlink) == ("s", None)


def test_what_a_sheet_cannot_hold_is_text() -> None:
    """A number or date out of the format's range, and half a surrogate pair, are written as text."""
    (row,) = (row for row in rows_of(DATA, {}) if (row.metric, row.role) == ("conversations", "current"))
    odd = replace(row, organization_id="\ud800", first=date(1066, 10, 14), value=Decimal("1E+400"))
    (cell,) = cells(opened([odd])["figures"])
    assert [cell[column].value for column in ("organization_id", "first", "value")] == [
        "\\ud800",
        "1066-10-14",
        "1" + "0" * 400,
    ]


def test_the_same_rows_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes depend on no clock or time zone: the file's date is that of the last API request."""
    first = written(rows_of(DATA, {}))
    monkeypatch.setenv("TZ", "Pacific/Apia")
    assert written(rows_of(DATA, {})) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {each.date_time[0] for each in packed.infolist()} == {1980}
    assert load_workbook(io.BytesIO(first)).properties.created == datetime(2026, 5, 1)  # noqa: DTZ001 - as above


def test_more_than_a_sheet_holds_is_refused() -> None:
    """A table too long for a sheet is refused, never silently truncated."""
    with pytest.raises(UsageError, match="holds no more than 10 rows"):
        write_workbook(rows_of(DATA, {}), io.BytesIO(), most_rows=10)

"""Rows as a workbook (XLSX): real numbers, dates, and formats, with a sheet each for figures, channels, and pipeline.

Column names are the same as in CSV and in every language, so that formulas and queries can refer to them. Text is
never interpreted as a formula. Rows are written through temporary files.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import IO, Any

from babel.numbers import get_currency_precision
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from reporter import __version__
from reporter.analysis.metric import Unit
from reporter.domain.errors import UsageError
from reporter.rendering.figure_rows import COLUMNS, FigureRow, RowKind

SHEETS = {RowKind.FIGURE: "figures", RowKind.CHANNEL: "channels", RowKind.STAGE: "pipeline"}
ABOUT = "about"
MOST_ROWS = 1_048_576
"""Maximum number of rows in a sheet, including the heading, that spreadsheets can open."""

_WIDTHS = {"organization": 28, "label": 12, "made_on": 11, "metric": 22, "name": 26, "value": 14, "shown": 14}
_FORMATS = {Unit.RATE: "0.0%", Unit.DURATION: '#,##0" s"', Unit.COUNT: "#,##0"}
_DATE = "yyyy-mm-dd"
_EARLIEST = 1900
"""The first year that spreadsheets support in dates."""
_CODE = re.compile(r"[A-Z]{3}")
_GENERATOR = f"hyperrep-report {__version__}"


def write_workbook(rows: Iterable[FigureRow], target: IO[bytes], *, most_rows: int = MOST_ROWS) -> None:
    """Write the workbook of these rows to a seekable file. The same rows give the same bytes.

    Raises UsageError if the rows do not fit in a sheet or on the disk; the file is then unusable.
    """
    try:
        _write(rows, target, most_rows)
    except FileCreateError as error:
        raise UsageError(
            f"The workbook cannot be written ({error}): free some space, or name another place."
        ) from error


def _write(rows: Iterable[FigureRow], target: IO[bytes], most_rows: int) -> None:
    with Workbook(target, {"constant_memory": True}) as workbook:
        workbook.use_zip64()
        sheets = {kind: _Sheet(workbook, name, most_rows) for kind, name in SHEETS.items()}
        newest = date(_EARLIEST, 1, 1)
        for row in rows:
            sheets[row.kind].add(row)
            newest = max(newest, row.made_on)
        _add_descriptions(workbook)
        workbook.set_properties({"created": datetime.combine(newest, time.min, UTC), "comments": _GENERATOR})


class _Sheet:
    """A sheet with a table below a frozen heading."""

    def __init__(self, workbook: Any, name: str, most_rows: int) -> None:
        self._format = cache(lambda pattern: workbook.add_format({"num_format": pattern}))
        self._most_rows = most_rows
        self._sheet = workbook.add_worksheet(name)
        self._next = 1
        self._sheet.freeze_panes(1, 0)
        self._sheet.autofilter(0, 0, 0, len(COLUMNS) - 1)
        bold = workbook.add_format({"bold": True})
        for place, column in enumerate(COLUMNS):
            self._sheet.set_column(place, place, _WIDTHS.get(column, 10))
            self._sheet.write_string(0, place, column, bold)

    def add(self, row: FigureRow) -> None:
        """Append a row."""
        if self._next == self._most_rows:
            raise UsageError(f"A sheet holds no more than {self._most_rows} rows: ask for less, or for --format csv.")
        for place, column in enumerate(COLUMNS):
            self._write(place, row, getattr(row, column))
        self._next += 1

    def _write(self, place: int, row: FigureRow, value: object) -> None:
        """Write a cell: as text if a spreadsheet cannot represent the number or date; nothing without data."""
        if isinstance(value, Decimal) and isfinite(float(value)):
            self._sheet.write_number(self._next, place, float(value), self._format(_number_format(row)))
        elif isinstance(value, int):
            self._sheet.write_number(self._next, place, value)
        elif isinstance(value, date) and value.year >= _EARLIEST:
            self._sheet.write_datetime(self._next, place, value, self._format(_DATE))
        elif value not in {None, ""}:
            self._sheet.write_string(self._next, place, _text(value))


def _number_format(row: FigureRow) -> str:
    """The number format of the row's value; money with its currency code and digits."""
    if row.unit is not Unit.MONEY:
        return _FORMATS[row.unit]
    if not _CODE.fullmatch(row.currency):
        return "#,##0.00"
    digits = get_currency_precision(row.currency)
    return f"[${row.currency}] #,##0" + (f".{'0' * digits}" if digits else "")


def _text(value: object) -> str:
    """The text for a cell, without lone surrogates, which UTF-8 cannot encode."""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text  # otherwise inserted as markup


def _add_descriptions(workbook: Any) -> None:
    """Add the sheet that describes the columns."""
    sheet = workbook.add_worksheet(ABOUT)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, _GENERATOR, workbook.add_format({"bold": True}))
    for place, cells in enumerate(COLUMNS.items(), 2):
        sheet.write_row(place, 0, cells)

"""Rows as CSV: RFC 4180, UTF-8 without a byte order mark.

It is intended for scripts: a byte order mark would become part of the first column's name, and spreadsheets in many
European locales expect semicolons anyway. For spreadsheets, use the workbook.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from operator import attrgetter

from reporter.domain.report import ReportData
from reporter.rendering.exports.figure_rows import COLUMNS, FigureRow, printed, rows_of
from reporter.rendering.view import ReportView

_cells = attrgetter(*COLUMNS)
ROWS_AT_ONCE = 1_000

_LIKE_A_FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""A text that a spreadsheet could interpret as a formula, also after apostrophes are removed."""


def figures_csv(data: ReportData, view: ReportView) -> bytes:
    """The table of one report with all its windows, for attaching to its PDF. The same report gives the same bytes."""
    return b"".join(csv_of(rows_of(data, printed(view))))


def csv_of(rows: Iterable[FigureRow]) -> Iterator[bytes]:
    """The table in chunks; the first line has the column names.

    Text that looks like a formula is prefixed with an apostrophe, so that spreadsheets do not evaluate it. To restore
    it, remove one apostrophe from text that starts with apostrophes followed by `=`, `+`, `-`, or `@`.
    """
    page = StringIO()
    writer = csv.writer(page)  # commas, CRLF, quotes where needed
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        writer.writerow(map(_cell, _cells(row)))
        if number % ROWS_AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _cell(value: object) -> str:
    """A number in plain digits, a date in ISO 8601, empty for no data; text is never evaluated as a formula."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else _harmless(str(value))


@lru_cache(1_000)  # most texts occur in many rows
def _harmless(text: str) -> str:
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def _taken(page: StringIO) -> bytes:
    """The text written since the last call; lone surrogates, which UTF-8 cannot encode, become escapes."""
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text.encode("utf-8", "backslashreplace")

"""Rows as text divided by commas: RFC 4180, UTF-8 without a mark at its beginning.

Scripts are who reads it: a mark would become a part of the first column's name, and a spreadsheet in half of Europe
would still look for semicolons. For a spreadsheet there is the workbook.
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
"""A text that a spreadsheet could take for a formula, or would after an apostrophe of ours were taken away."""


def figures_csv(data: ReportData, view: ReportView) -> bytes:
    """The table of one report, with every window of it, for its PDF to carry. The same report gives the same bytes."""
    return b"".join(csv_of(rows_of(data, printed(view))))


def csv_of(rows: Iterable[FigureRow]) -> Iterator[bytes]:
    """The table piece by piece, its first line the names of the columns.

    A text that looks like a formula gets an apostrophe in front, so that no name can make a spreadsheet calculate. To
    have it as it was, take one apostrophe from the front of what begins with apostrophes and then `=`, `+`, `-` or `@`.
    """
    page = StringIO()
    writer = csv.writer(page)  # commas, CRLF, quotes where they are needed
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        writer.writerow(map(_cell, _cells(row)))
        if number % ROWS_AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _cell(value: object) -> str:
    """A number in plain digits, a date by ISO 8601, nothing for no data; a text such that it calculates nothing."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else _harmless(str(value))


@lru_cache(1_000)  # most texts of a table stand in many rows
def _harmless(text: str) -> str:
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def _taken(page: StringIO) -> bytes:
    """What was written since; half a surrogate pair, which UTF-8 cannot hold, becomes an escape."""
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text.encode("utf-8", "backslashreplace")

"""Read a table as any script would, with the standard library."""

import csv
import io
from collections.abc import Iterable

from reporter.domain.report import ReportData
from reporter.rendering.figure_rows import figures_csv
from reporter.rendering.render import make_view


def table(data: ReportData) -> list[dict[str, str]]:
    """The rows of a report's table, by column name."""
    return read([figures_csv(data, make_view(data))])


def read(pieces: Iterable[bytes]) -> list[dict[str, str]]:
    """The rows in these bytes; each has as many cells as there are columns."""
    rows = list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8"), newline=""), strict=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def of(rows: list[dict[str, str]], **wanted: str) -> list[dict[str, str]]:
    """The rows with these values."""
    return [row for row in rows if wanted.items() <= row.items()]

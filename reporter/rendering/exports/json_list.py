"""Rows as JSON: one list, an object on each line, whose keys are the columns."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter

from reporter.rendering.exports.figure_rows import COLUMNS, FigureRow

_cells = attrgetter(*COLUMNS)


def json_of(rows: Iterable[FigureRow]) -> Iterator[bytes]:
    """The list piece by piece. A value is decimal text, as money in `report.json`; null where there is no data."""
    before = "[\n"
    for row in rows:
        record = dict(zip(COLUMNS, map(_plain, _cells(row)), strict=True))
        text = json.dumps(record, ensure_ascii=False)
        yield (before + text).encode("utf-8", "backslashreplace")  # half a surrogate pair stays JSON's own escape
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value

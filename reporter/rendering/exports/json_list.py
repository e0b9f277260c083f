"""Rows as JSON: one list with an object on each line, with the columns as keys."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter

from reporter.rendering.exports.figure_rows import COLUMNS, FigureRow

_cells = attrgetter(*COLUMNS)


def json_of(rows: Iterable[FigureRow]) -> Iterator[bytes]:
    """The list in chunks. Values are decimal text, like money in `report.json`; null if there is no data."""
    before = "[\n"
    for row in rows:
        record = dict(zip(COLUMNS, map(_plain, _cells(row)), strict=True))
        text = json.dumps(record, ensure_ascii=False)
        yield (before + text).encode("utf-8", "backslashreplace")  # lone surrogates become escapes
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value

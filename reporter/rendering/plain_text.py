"""Plain text for emails: aligned columns, and lines short enough for any email client.

Widths are in columns of a fixed-width font: two for wide East Asian characters, zero for combining marks.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WIDTH = 72
"""Columns per line, which still fit when quoted in a reply."""

_GAP = "  "
_ROOM = 24
"""Minimum width of the text column; if there is less room, its text goes on separate lines below."""

_NOT_FIRST, _NOT_LAST = {"Lm", "Pe", "Pf", "Po"}, {"Ps", "Pi"}
"""Unicode categories that must not start, or end, a line in languages without spaces."""


def columns(text: str, width: int = WIDTH) -> str:
    """Align lines of tab-separated cells in columns: the first column left, the middle ones right.

    The last column is text, wrapped to as many lines as needed. Empty lines are removed.
    """
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    widths = [max(map(_width, cells)) for cells in zip(*(row[:-1] for row in rows), strict=True)]
    indent = sum(widths) + len(_GAP) * len(widths)
    return "\n".join(line for row in rows for line in _row(row, widths, indent, width - indent))


def folded(text: str, width: int = WIDTH) -> str:
    """Wrap lines that are too long between words; continuation lines keep the indentation."""
    return "\n".join(part for line in text.split("\n") for part in _folded(line, width))


def _row(row: list[str], widths: list[int], indent: int, room: int) -> Iterator[str]:
    *cells, words = row
    padded = [
        _padded(cell, width, at_end=place > 0) for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    if room >= _ROOM:
        first, *others = _filled(words, room)
        yield (_GAP.join([*padded, ""]) + first).rstrip()
    else:
        indent, others = len(_GAP), _filled(words, indent + room - len(_GAP))
        if any(cells):
            yield _GAP.join(padded).rstrip()
    yield from (" " * indent + line for line in others if line)


def _padded(cell: str, width: int, *, at_end: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if at_end else cell + space


def _folded(line: str, width: int) -> list[str]:
    if _width(line) <= width:
        return [line]
    indent = len(line) - len(line.lstrip(" *"))
    first, *others = _filled(line[indent:], width - indent)
    return [line[:indent] + first, *(" " * indent + other for other in others)]


def _filled(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns; longer words get a line of their own."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """The text split where a line may break: after spaces, and between wide characters."""
    begin = 0
    for place in range(1, len(text)):
        if _may_break(text[place - 1], text[place]):
            yield text[begin:place]
            begin = place
    yield text[begin:]


def _may_break(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return before == " " != after
    is_barred = unicodedata.category(after) in _NOT_FIRST or unicodedata.category(before) in _NOT_LAST
    return not is_barred and 2 in {_width(before), _width(after)}


def _width(text: str) -> int:
    return sum(map(_character_width, text))


@lru_cache(4_096)
def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1

"""Joining the tags of tables that continue over several pages of a PDF.

WeasyPrint tags the part on each page as a separate table, without caption and with the head repeated. A screen reader
announces it as a table without a name. So its rows are moved to the first table, and the heads that are repeated only
visually are left to become artifacts.
"""

from collections.abc import Callable, Iterator
from typing import Any

At = Callable[[bytes], Any]
"""The object that a reference refers to."""


def join_tables(document: Any, at: At) -> None:
    """Move the rows of each table that continues the previous one to that table, and detach what remains."""
    before: Any = {}
    for reference in list(document["K"]):
        element = at(reference)
        if element.get("S") == "/Table" and _continues(element, before, at):
            _move_rows(element, before, at)
            document["K"].remove(reference)
        else:
            before = element


def _continues(table: Any, before: Any, at: At) -> bool:
    """Whether the table has no caption and, on a later page, the same head: same roles and same glyphs.

    Tables whose head has a link are kept, since a link on each page needs a place in the tree.
    """
    bodies = _parts(before, "/TBody", at) if before.get("S") == "/Table" else []
    if _parts(table, "/Caption", at) or not bodies or bodies[-1]["Pg"] == table["Pg"]:
        return False
    head = list(_drawn(table, at))
    return bool(head) and "/Link" not in head and head == list(_drawn(before, at))


def _move_rows(table: Any, before: Any, at: At) -> None:
    """Insert the rows after the first table's last ones, above its foot, and point their cells to its headings."""
    names = ([cell["ID"] for cell in _head(each, at) if "ID" in cell] for each in (table, before))
    first = {repeated.string: name for repeated, name in zip(*names, strict=True)}
    below = before["K"].index(_parts(before, "/TBody", at)[-1].reference) + 1
    for place, body in enumerate(_parts(table, "/TBody", at), below):
        for headers in (cell["A"]["Headers"] for cell in _within(body, at) if "Headers" in cell.get("A", {})):
            headers[:] = [first.get(name.string, name) for name in headers]
        body["P"] = before.reference
        before["K"].insert(place, body.reference)
        table["K"].remove(body.reference)


def _parts(table: Any, role: str, at: At) -> list[Any]:
    return [part for part in map(at, table["K"]) if part.get("S") == role]


def _within(element: Any, at: At) -> Iterator[Any]:
    """The elements below this one, in order."""
    for kid in element.get("K", ()):
        if isinstance(kid, bytes):
            yield at(kid)
            yield from _within(at(kid), at)


def _head(table: Any, at: At) -> Iterator[Any]:
    """The elements of the table's head."""
    return (each for head in _parts(table, "/THead", at) for each in _within(head, at) if "S" in each)


def _drawn(table: Any, at: At) -> Iterator[Any]:
    """The roles of the elements in the table's head, and the operators that draw its text, in order."""
    for element in _head(table, at):
        yield element["S"]
        for mark in (kid for kid in element["K"] if isinstance(kid, int)):
            yield from _letters(at(at(element["Pg"])["Contents"]).stream, mark)


def _letters(stream: list[Any], mark: int) -> Iterator[bytes]:
    """The operators that show text within the marked content with this id."""
    is_within = False
    for item in stream:
        if isinstance(item, dict):
            is_within = item.get("MCID") == mark
        elif is_within and isinstance(item, bytes) and item.endswith(b"TJ"):
            yield item

"""Tables that go over pages, made one again in a PDF's tags.

WeasyPrint tags what stands on each page as a table of its own, which has no caption and begins with the head again. To
who hears it that is a table without a name. So its rows join the first one's, and the heads that are only repeated for
the eye are left to be made no part of the text.
"""

from collections.abc import Callable, Iterator
from typing import Any

At = Callable[[bytes], Any]
"""The object that a reference refers to."""


def join_tables(document: Any, at: At) -> None:
    """Give the rows of each table that continues the one before to that one; what is left of it hangs loose."""
    before: Any = {}
    for reference in list(document["K"]):
        element = at(reference)
        if element.get("S") == "/Table" and _continues(element, before, at):
            _move_rows(element, before, at)
            document["K"].remove(reference)
        else:
            before = element


def _continues(table: Any, before: Any, at: At) -> bool:
    """Whether the table has no name and, on a later page, the same head: drawn with the very same letters.

    A head with a link stays, as what can be clicked on each page needs a place in the tree.
    """
    bodies = _parts(before, "/TBody", at) if before.get("S") == "/Table" else []
    if _parts(table, "/Caption", at) or not bodies or bodies[-1]["Pg"] == table["Pg"]:
        return False
    head = list(_drawn(table, at))
    return bool(head) and "/Link" not in head and head == list(_drawn(before, at))


def _move_rows(table: Any, before: Any, at: At) -> None:
    """Let the rows stand below the first table's last, above its foot, and their cells name that one's headings."""
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
    """The roles of what is in the table's head, and what draws its letters, in order."""
    for element in _head(table, at):
        yield element["S"]
        for mark in (kid for kid in element["K"] if isinstance(kid, int)):
            yield from _letters(at(at(element["Pg"])["Contents"]).stream, mark)


def _letters(stream: list[Any], mark: int) -> Iterator[bytes]:
    """The operators that show text within the content of this mark."""
    is_within = False
    for item in stream:
        if isinstance(item, dict):
            is_within = item.get("MCID") == mark
        elif is_within and isinstance(item, bytes) and item.endswith(b"TJ"):
            yield item

"""Shorter ways through WeasyPrint to the same bytes: a document in half the work.

Each leaves out work whose result is known or nobody looks at. They rely on how WeasyPrint is made inside, which it does
not promise, so they are taken through the versions that they were written for, and no others; a test holds that these
are the locked ones, and that no byte differs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reporter.document.shortcuts.document import FIT, Document

__all__ = ["FIT", "Document", "the_long_way"]

_WAYS: tuple[tuple[Any, str, Any], ...] = ()
if FIT:  # what they are made of is not there in each version
    from reporter.document.shortcuts import boxes, lines, objects, styles

    _WAYS = (*boxes.WAYS, *lines.WAYS, *objects.WAYS, *styles.WAYS)
_OWN = [(owner, name, vars(owner)[name]) for owner, name, _ in _WAYS]


@contextmanager
def the_long_way() -> Iterator[None]:
    """WeasyPrint's own ways inside the block, to compare with."""
    for owner, name, own in _OWN:
        setattr(owner, name, own)
    try:
        yield
    finally:
        _take()


def _take() -> None:
    for owner, name, way in _WAYS:
        setattr(owner, name, way)


_take()

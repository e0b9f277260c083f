"""Mapping of rendering errors to files and lines of the template.

The renderer knows only texts, not files. For a stylesheet, its messages contain the line; for the pages, they quote
the cause, which is searched for in the template's files.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reporter.domain.errors import RenderError
from reporter.rendering.templates import REPORT, STYLESHEET, stylesheet, template_folder

_OF_STYLESHEET = "The stylesheet has flaws: "
_OF_PAGES = "The document has flaws: "
_OF_A_FILE = "The document cannot be rendered: "
_AT = re.compile(r" at (\d+):\d+")
_QUOTED = re.compile(r"[`'](.+?)\s*[`']|(\S+) is not part of the document")


@contextmanager
def blamed_on(template: str) -> Iterator[None]:
    """Add the template's file, and the line if known, to RenderErrors raised inside the block."""
    try:
        yield
    except RenderError as error:
        said = str(error)
        place = None if error.file else _place(said, template_folder(template), template)
        if place is None:
            raise
        file, line = place
        for beginning in (_OF_STYLESHEET, _OF_PAGES, _OF_A_FILE):
            said = said.removeprefix(beginning)
        where = f"{template}/{file.relative_to(template_folder(template))}" + (f", line {line}" if line else "")
        raise RenderError(f"{where}: {said}", file, line) from error


def _place(said: str, folder: Path, template: str) -> tuple[Path, int | None] | None:
    """The file and line of the error; None if the template may not be the cause."""
    quoted = _QUOTED.search(said)
    text = (quoted[1] or quoted[2]) if quoted else None
    if said.startswith(_OF_STYLESHEET):
        at = _AT.search(said)
        return folder / STYLESHEET, int(at[1]) if at else _line_of(text, stylesheet(template))
    for file in _pages(folder):
        if line := _line_of(text, file.read_text("utf-8", "replace")):
            return file, line
    return (folder / REPORT, None) if said.startswith(_OF_PAGES) else None


def _line_of(text: str | None, whole: str) -> int | None:
    before, found, _ = whole.partition(text) if text else ("", "", "")
    return before.count("\n") + 1 if found else None


def _pages(folder: Path) -> list[Path]:
    """The files that the pages may include, the main one first."""
    files = [path for path in folder.rglob("*.html.j2") if path.is_file() and not path.is_symlink()]
    return sorted(files, key=lambda path: (path != folder / REPORT, path))

"""What an author sees in place of a document that cannot be made: the reason, and the lines of the file it lies in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reporter.document.templates import STYLESHEET
from reporter.errors import RenderError, ReporterError

AROUND = 4
"""Lines that are shown before and after the one at fault."""

_FLAW_IN_STYLESHEET = re.compile(r"^The stylesheet has flaws: .*? at (\d+):\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a template."""

    number: int
    text: str
    is_at_fault: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a document cannot be made; `file` and `line` are empty and 0 where nobody knows."""

    reason: str
    file: str
    line: int
    lines: Sequence[Line]


def explain(error: ReporterError, folder: Path) -> Fault:
    """The error as a person wants it explained whose template lies in `folder`."""
    file, number = _place(error, folder)
    return Fault(str(error), str(file or ""), number, _lines(file, number) if file and number else ())


def _place(error: ReporterError, folder: Path) -> tuple[Path | None, int]:
    if isinstance(error, RenderError) and error.file:
        return error.file, error.line or 0
    flaw = _FLAW_IN_STYLESHEET.match(str(error))
    return (folder / STYLESHEET, int(flaw[1])) if flaw else (None, 0)


def _lines(file: Path, at: int) -> Sequence[Line]:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:  # it was there a moment ago
        return ()
    first = max(0, at - 1 - AROUND)
    return [Line(number, text, number == at) for number, text in enumerate(lines[first : at + AROUND], first + 1)]

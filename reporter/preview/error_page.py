"""What an author sees in place of a document that cannot be made: the reason, and the lines of the file it lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reporter.domain.errors import RenderError, ReporterError

AROUND = 4
"""Lines that are shown before and after the one at fault."""


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A line of a template."""

    number: int
    text: str
    is_at_fault: bool


@dataclass(frozen=True, slots=True)
class TemplateError:
    """Why a document cannot be made; `file` and `line` are empty and 0 where nobody knows."""

    reason: str
    file: str
    line: int
    lines: Sequence[TemplateLine]


def explain(error: ReporterError) -> TemplateError:
    """The error as an author of templates wants it explained."""
    file, number = (error.file, error.line or 0) if isinstance(error, RenderError) else (None, 0)
    return TemplateError(str(error), str(file or ""), number, _lines(file, number) if file and number else ())


def _lines(file: Path, at: int) -> Sequence[TemplateLine]:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:  # it was there a moment ago
        return ()
    first = max(0, at - 1 - AROUND)
    return [
        TemplateLine(number, text, number == at) for number, text in enumerate(lines[first : at + AROUND], first + 1)
    ]

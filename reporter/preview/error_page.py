"""The error shown in place of a document that cannot be rendered: the cause, and the lines around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reporter.domain.errors import RenderError, ReporterError

AROUND = 4
"""Lines shown before and after the line with the error."""


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A line of a template."""

    number: int
    text: str
    is_at_fault: bool


@dataclass(frozen=True, slots=True)
class TemplateError:
    """Why a document cannot be rendered; `file` is empty and `line` is 0 if unknown."""

    reason: str
    file: str
    line: int
    lines: Sequence[TemplateLine]


def explain(error: ReporterError) -> TemplateError:
    """Explain an error to the author of the template."""
    file, number = (error.file, error.line or 0) if isinstance(error, RenderError) else (None, 0)
    return TemplateError(str(error), str(file or ""), number, _lines(file, number) if file and number else ())


def _lines(file: Path, at: int) -> Sequence[TemplateLine]:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:  # deleted in the meantime
        return ()
    first = max(0, at - 1 - AROUND)
    return [
        TemplateLine(number, text, number == at) for number, text in enumerate(lines[first : at + AROUND], first + 1)
    ]

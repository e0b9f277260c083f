"""Results of rendering a report, and the functions that run in worker processes.

The calling process imports this module only, and none of the rendering code, which would double its import time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.domain.report import ReportData
from reporter.rendering.view import ReportView

if TYPE_CHECKING:
    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Archived files of a report: the PDF, and the data of `report.json`, which is attached to the PDF unchanged."""

    pdf: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """A rendered report: its view, its files, both email bodies, and the PDF to attach to the email."""

    view: ReportView
    files: ReportFiles
    html: str
    text: str
    attached: bytes

    @property
    def pdf(self) -> bytes:
        """The PDF of the pages."""
        return self.files.pdf


def make_document(data: ReportData, password: "SecretStr | None" = None) -> RenderedReport:
    """`render.make_document`, for a worker."""
    from reporter.rendering import render  # noqa: PLC0415 - only in the process that renders

    return render.make_document(data, password)


def make_bodies(data: ReportData, files: ReportFiles, password: "SecretStr | None" = None) -> RenderedReport:
    """`render.make_bodies`, for a worker."""
    from reporter.rendering import render  # noqa: PLC0415 - only in the process that renders

    return render.make_bodies(data, files, password)

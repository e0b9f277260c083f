"""What rendering a report gives, and the functions that a worker process is asked for it with.

The process that asks imports this module, and none of what lays out, words or fills a document: importing that takes as
long again as everything else that it needs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.domain.report import ReportData
from reporter.rendering.view import ReportView

if TYPE_CHECKING:
    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What is kept of a report: the PDF, and the data of `report.json`, which the PDF has attached byte for byte."""

    pdf: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """A finished report: what was shown, its files, the mail's two bodies, and the PDF that is attached to it."""

    view: ReportView
    files: ReportFiles
    html: str
    text: str
    attached: bytes

    @property
    def pdf(self) -> bytes:
        """The pages."""
        return self.files.pdf


def make_document(data: ReportData, password: "SecretStr | None" = None) -> RenderedReport:
    """`render.make_document`, for a worker."""
    from reporter.rendering import render  # noqa: PLC0415 - only for the process that renders

    return render.make_document(data, password)


def make_bodies(data: ReportData, files: ReportFiles, password: "SecretStr | None" = None) -> RenderedReport:
    """`render.make_bodies`, for a worker."""
    from reporter.rendering import render  # noqa: PLC0415 - only for the process that renders

    return render.make_bodies(data, files, password)

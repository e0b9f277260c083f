"""Results of rendering a report, and the functions that run in worker processes.

The calling process imports this module only, and none of the rendering code, which would double its import time.
"""

from dataclasses import dataclass, replace
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


def make_document(
    data: ReportData, password: "SecretStr | None" = None, files: ReportFiles | None = None
) -> RenderedReport:
    """Render a report and its email bodies, or if its files already exist, the bodies alone.

    With a password, the PDF attached to the email is encrypted.
    """
    from reporter.rendering import encryption, render  # noqa: PLC0415 - only in the process that renders

    view = render.make_view(data)
    files = files or render.typeset(data, view)
    attached = encryption.encrypted(files.pdf, password.get_secret_value()) if password else files.pdf
    mailed = replace(view, locked=password is not None)
    return RenderedReport(view, files, render.mail_html(data, mailed), render.mail_text(data, mailed), attached)

"""The files that a report's data makes and that make up its edition: the same data gives the same bytes."""

from collections.abc import Mapping

from reporter.archive.codec import document
from reporter.archive.edition import DATA, PDF
from reporter.document.edition import make_pdf, make_view
from reporter.document.view import ReportView
from reporter.report import ReportData


def make_files(data: ReportData) -> Mapping[str, bytes]:
    """The edition's files made from its data alone; raises RenderError."""
    view = make_view(data)
    return edition_files(data, view, make_pdf(data, view))


def edition_files(data: ReportData, view: ReportView, pdf: bytes) -> Mapping[str, bytes]:
    """The edition's files from a finished document: the PDF, and the data with all that it shows."""
    return {PDF: pdf, DATA: document(data, figures=view.shown(), headlines=view.headlines)}

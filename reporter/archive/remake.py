"""The files that a report's data makes and that make up its edition: the same data gives the same bytes."""

from collections.abc import Mapping
from dataclasses import replace

from reporter.archive.codec import document
from reporter.archive.edition import DATA, PDF
from reporter.document.edition import make_pdf, make_view
from reporter.document.templates import is_stock, template_folder
from reporter.document.view import ReportView
from reporter.errors import ArchiveError, UsageError
from reporter.report import ReportData


class TemplateGone(ArchiveError):
    """The template of a report is not where it was, so that the report cannot be made again."""


def make_files(data: ReportData, own_template: str | None = None) -> Mapping[str, bytes]:
    """The edition's files made from its data alone; raises RenderError, and TemplateGone without its template.

    A template that does not come with the software is known by its folder, which may have moved: `own_template` is
    where it is now.
    """
    name = data.settings.template
    place = own_template if own_template and not is_stock(name) else name
    try:
        template_folder(place)
    except UsageError as error:
        raise TemplateGone(f"its template, '{name}', is not here: give its folder with --template DIR") from error
    view = make_view(data)
    return edition_files(data, view, make_pdf(replace(data, settings=replace(data.settings, template=place)), view))


def edition_files(data: ReportData, view: ReportView, pdf: bytes) -> Mapping[str, bytes]:
    """The edition's files from a finished document: the PDF, and the data with all that it shows."""
    return {PDF: pdf, DATA: document(data, figures=view.shown(), headlines=view.headlines)}

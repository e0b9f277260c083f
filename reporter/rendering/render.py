"""Rendering of a report's files from its data: compare ▸ find highlights ▸ build the view ▸ serialize ▸ render.

The serialized data in the PDF and in the archive is identical. The same data gives the same bytes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from reporter import codec
from reporter.analysis.comparison import compare
from reporter.analysis.highlights import headlines
from reporter.domain.report import ReportData
from reporter.rendering import pdf, template_filling, templates
from reporter.rendering.brand import assets
from reporter.rendering.build_view import build_view
from reporter.rendering.email_bodies import mail_html, mail_text
from reporter.rendering.encryption import encrypted
from reporter.rendering.pdf_attachment import enclosures
from reporter.rendering.rendered_report import RenderedReport, ReportFiles
from reporter.rendering.template_errors import blamed_on
from reporter.rendering.templates import DEFAULT
from reporter.rendering.text import missing
from reporter.rendering.translation import parse_locale
from reporter.rendering.view import ReportView

if TYPE_CHECKING:
    from pydantic import SecretStr


def warm_up() -> None:
    """Load in advance what most documents need, so that the first one need not wait.

    Raises RenderError.
    """
    missing("x")
    template_filling.warm_up(DEFAULT)
    pdf.warm_up(templates.stylesheet(DEFAULT))


def make_document(data: ReportData, password: "SecretStr | None" = None) -> RenderedReport:
    """Render a report and its email bodies; with a password, the PDF attached to the email is encrypted."""
    view = make_view(data)
    return _with_bodies(data, view, typeset(data, view), password)


def make_bodies(data: ReportData, files: ReportFiles, password: "SecretStr | None" = None) -> RenderedReport:
    """Render the email bodies of a report whose files already exist."""
    return _with_bodies(data, make_view(data), files, password)


def _with_bodies(
    data: ReportData, view: ReportView, files: ReportFiles, password: "SecretStr | None"
) -> RenderedReport:
    attached = encrypted(files.pdf, password.get_secret_value()) if password else files.pdf
    mailed = replace(view, locked=password is not None)
    return RenderedReport(view, files, mail_html(data, mailed), mail_text(data, mailed), attached)


def make_view(data: ReportData) -> ReportView:
    """Build the report's texts, before layout."""
    comparison = compare(data)
    return build_view(data, comparison, headlines(comparison, data))


def written(data: ReportData, view: ReportView) -> bytes:
    """`report.json`: the data, and its figures and headlines as displayed."""
    return codec.document(data, figures=view.shown(), headlines=view.headlines)


def typeset(data: ReportData, view: ReportView, template: str | None = None) -> ReportFiles:
    """Render the PDF and the data attached to it; `template` overrides the data's own, if it has moved."""
    shown = replace(data, settings=replace(data.settings, template=template)) if template else data
    kept = written(data, view)
    html, name = page_html(shown, view), shown.settings.template
    language = parse_locale(data.settings.locale).language
    with blamed_on(name):
        style, enclosed = templates.stylesheet(name), enclosures(data, view, kept)
        pages = pdf.renderer().render(html, style, assets(data.settings.brand), language=language, enclosures=enclosed)
    return ReportFiles(pages, kept)


def make_pdf(data: ReportData, view: ReportView) -> bytes:
    """Render the two pages to PDF."""
    return typeset(data, view).pdf


def page_html(data: ReportData, view: ReportView) -> str:
    """Render the two pages to HTML."""
    return template_filling.render(data.settings.template, templates.REPORT, view, data.settings.locale)

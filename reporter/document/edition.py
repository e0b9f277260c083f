"""From a report's data to its files: compare ▸ find insights ▸ build the view ▸ write down ▸ render.

What is written down, the data itself, goes into the PDF as it goes into the archive. Same data, same bytes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from reporter import codec
from reporter.analysis.compare import compare
from reporter.analysis.insights import headlines
from reporter.document import filling, pdf, templates
from reporter.document.blame import blamed_on
from reporter.document.composition import build_view
from reporter.document.enclosure import enclosures
from reporter.document.encryption import encrypted
from reporter.document.inputs import assets
from reporter.document.mail import mail_html, mail_text
from reporter.document.rendered import Document, Files
from reporter.document.templates import DEFAULT
from reporter.document.text import missing
from reporter.document.view import ReportView
from reporter.document.wording import parse_locale
from reporter.report import ReportData

if TYPE_CHECKING:
    from pydantic import SecretStr


def warm_up() -> None:
    """Pay now for what the first document would otherwise wait for, as far as it is the same for most documents.

    Raises RenderError.
    """
    missing("x")
    filling.warm_up(DEFAULT)
    pdf.warm_up(templates.stylesheet(DEFAULT))


def make_document(data: ReportData, password: "SecretStr | None" = None) -> Document:
    """The whole document of a report; with a password, the PDF for the mail opens with it alone."""
    view = make_view(data)
    return _with_bodies(data, view, typeset(data, view), password)


def make_bodies(data: ReportData, files: Files, password: "SecretStr | None" = None) -> Document:
    """The document of a report whose files are there already."""
    return _with_bodies(data, make_view(data), files, password)


def _with_bodies(data: ReportData, view: ReportView, files: Files, password: "SecretStr | None") -> Document:
    attached = encrypted(files.pdf, password.get_secret_value()) if password else files.pdf
    mailed = replace(view, locked=password is not None)
    return Document(view, files, mail_html(data, mailed), mail_text(data, mailed), attached)


def make_view(data: ReportData) -> ReportView:
    """What the document says, before it is laid out."""
    comparison = compare(data)
    return build_view(data, comparison, headlines(comparison, data))


def written(data: ReportData, view: ReportView) -> bytes:
    """`report.json`: the data, and beside it what the reader is shown of it."""
    return codec.document(data, figures=view.shown(), headlines=view.headlines)


def typeset(data: ReportData, view: ReportView, template: str | None = None) -> Files:
    """The PDF with what is attached to it; `template` is where the data's own lies now, if that is elsewhere."""
    shown = replace(data, settings=replace(data.settings, template=template)) if template else data
    kept = written(data, view)
    html, name = page_html(shown, view), shown.settings.template
    language = parse_locale(data.settings.locale).language
    with blamed_on(name):
        style, enclosed = templates.stylesheet(name), enclosures(data, view, kept)
        pages = pdf.renderer().render(html, style, assets(data), language=language, enclosures=enclosed)
    return Files(pages, kept)


def make_pdf(data: ReportData, view: ReportView) -> bytes:
    """The two pages."""
    return typeset(data, view).pdf


def page_html(data: ReportData, view: ReportView) -> str:
    """The two pages as HTML."""
    return filling.render(data.settings.template, templates.REPORT, view, data.settings.locale)

"""From a report's data to its files: compare ▸ find insights ▸ build the view ▸ render. Same data, same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

from reporter.analysis.compare import compare
from reporter.analysis.insights import headlines
from reporter.document import templates
from reporter.document.composition import build_view
from reporter.document.mail import mail_html, mail_text
from reporter.document.pdf import renderer
from reporter.document.text import missing
from reporter.document.view import ReportView
from reporter.document.wording import parse_locale
from reporter.report import ReportData, Revision


@dataclass(frozen=True, slots=True)
class Document:
    """A finished report: what was shown, the PDF, and the mail's two bodies."""

    view: ReportView
    pdf: bytes
    html: str
    text: str


def make_document(data: ReportData) -> Document:
    """The whole document of a report."""
    view = make_view(data)
    return _with_bodies(data, view, make_pdf(data, view))


def make_bodies(data: ReportData, pdf: bytes) -> Document:
    """The document of a report whose PDF is there already."""
    return _with_bodies(data, make_view(data), pdf)


def _with_bodies(data: ReportData, view: ReportView, pdf: bytes) -> Document:
    return Document(view, pdf, mail_html(data, view), mail_text(data, view))


def make_view(data: ReportData) -> ReportView:
    """What the document says, before it is laid out."""
    comparison = compare(data)
    return build_view(data, comparison, headlines(comparison, data))


def undrawn(data: ReportData) -> str:
    """The characters of others' texts that no bundled font has: the document shows a sign in their place."""
    stages = data.current.sales.pipeline if data.current.sales else ()
    brand = data.settings.brand
    reason = data.stamp.reason if isinstance(data.stamp, Revision) else ""
    texts = (data.organization.name, *(stage.name for stage in stages), brand.name or "", brand.footer or "", reason)
    return missing("".join(texts))


def make_pdf(data: ReportData, view: ReportView) -> bytes:
    """The two pages."""
    html, template = page_html(data, view), data.settings.template
    with templates.dressed_by(template):
        language = parse_locale(data.settings.locale).language
        return renderer().render(html, templates.stylesheet(template), assets(data), language)


def page_html(data: ReportData, view: ReportView) -> str:
    """The two pages as HTML."""
    return templates.render(data.settings.template, templates.REPORT, view, data.settings.locale)


def assets(data: ReportData) -> Mapping[str, bytes]:
    """The pictures a document may show, by name: the brand's logo."""
    brand = data.settings.brand
    return {f"logo.{brand.logo_type}": brand.logo} if brand.logo else {}

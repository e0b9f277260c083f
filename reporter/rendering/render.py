"""Rendering of a report's files from its data: compare ▸ find highlights ▸ build the view ▸ serialize ▸ render.

The serialized data in the PDF and in the archive is identical. The same data gives the same bytes.
"""

from dataclasses import replace
from functools import cache

from css_inline import CSSInliner

from reporter import codec
from reporter.analysis.comparison import compare
from reporter.analysis.highlights import headlines
from reporter.domain.report import ReportData
from reporter.domain.window import local_midnight
from reporter.rendering import pdf, template_filling, templates
from reporter.rendering.brand import assets
from reporter.rendering.build_view import build_view
from reporter.rendering.figure_rows import figures_csv
from reporter.rendering.plain_text import folded
from reporter.rendering.rendered_report import ReportFiles
from reporter.rendering.text import missing
from reporter.rendering.translation import Words, parse_locale
from reporter.rendering.view import ReportView

FIGURES = "figures.csv"
"""File name of the table of figures that is attached to the PDF."""


def warm_up() -> None:
    """Load in advance what most documents need, so that the first one need not wait.

    Raises RenderError.
    """
    missing("x")
    template_filling.warm_up(templates.DEFAULT)
    pdf.warm_up(templates.stylesheet(templates.DEFAULT))


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
    document = written(data, view)
    html, name = page_html(shown, view), shown.settings.template
    language = parse_locale(data.settings.locale).language
    with template_filling.attributed_to(name):
        style, enclosed = templates.stylesheet(name), _enclosures(data, view, document)
        pages = pdf.renderer().render(html, style, assets(data.settings.brand), language=language, enclosures=enclosed)
    return ReportFiles(pages, document)


def _enclosures(data: ReportData, view: ReportView, document: bytes) -> tuple[pdf.Enclosure, ...]:
    """The files attached to the PDF: the report's figures as a table, and all its data."""
    words = Words(parse_locale(data.settings.locale))
    made_at = local_midnight(data.made_on, data.window.timezone)
    return (  # sorted by name, as PDF requires
        pdf.Enclosure(FIGURES, figures_csv(data, view), words("The figures of this report (CSV)"), "Data", made_at),
        pdf.Enclosure(codec.FILE, document, words("All data of this report (JSON)"), "Source", made_at),
    )


def make_pdf(data: ReportData, view: ReportView) -> bytes:
    """Render the two pages to PDF."""
    return typeset(data, view).pdf


def page_html(data: ReportData, view: ReportView) -> str:
    """Render the two pages to HTML."""
    return _filled(templates.REPORT, data, view)


def mail_html(data: ReportData, view: ReportView) -> str:
    """The HTML body of the email, with inline styles for email clients that drop others; media queries are kept."""
    return _inliner().inline(_filled(templates.MAIL_HTML, data, view))


def mail_text(data: ReportData, view: ReportView) -> str:
    """The plain-text body of the email, with lines short enough for any email client."""
    return folded(_filled(templates.MAIL_TEXT, data, view))


def _filled(file: str, data: ReportData, view: ReportView) -> str:
    return template_filling.render(data.settings.template, file, view, data.settings.locale)


@cache
def _inliner() -> CSSInliner:
    # Media queries are kept for dark mode and phones; nothing is loaded from the network.
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, keep_style_tags=False)

"""Email bodies: HTML with inlined styles, and plain text with the same figures."""

from functools import cache

from css_inline import CSSInliner

from reporter.domain.report import ReportData
from reporter.rendering.plain_text import folded
from reporter.rendering.template_filling import render
from reporter.rendering.templates import MAIL_HTML, MAIL_TEXT
from reporter.rendering.view import ReportView


def mail_html(data: ReportData, view: ReportView) -> str:
    """The HTML body, with inline styles for email programs that drop others; media queries are kept."""
    return _inliner().inline(_render(MAIL_HTML, data, view))


def mail_text(data: ReportData, view: ReportView) -> str:
    """The plain-text body, with lines short enough for any email program."""
    return folded(_render(MAIL_TEXT, data, view))


def _render(file: str, data: ReportData, view: ReportView) -> str:
    return render(data.settings.template, file, view, data.settings.locale)


@cache
def _inliner() -> CSSInliner:
    # Media queries are kept for dark mode and phones; nothing is loaded from the network.
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, keep_style_tags=False)

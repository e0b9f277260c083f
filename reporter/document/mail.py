"""The mail's bodies: HTML with its styles inlined, and text with the same figures."""

from collections.abc import Mapping
from functools import cache

from css_inline import CSSInliner

from reporter.document import templates
from reporter.document.lines import folded
from reporter.document.view import ReportView
from reporter.report import ReportData


def mail_html(data: ReportData, view: ReportView) -> str:
    """The HTML body: inline styles, since mail programs drop others; what is for the dark and the small stays apart."""
    return _inliner().inline(_render(templates.MAIL_HTML, data, view))


def mail_text(data: ReportData, view: ReportView) -> str:
    """The text body, in lines that no mail program has to break."""
    return folded(_render(templates.MAIL_TEXT, data, view))


def pictures(assets: Mapping[str, bytes], html: str) -> Mapping[str, bytes]:
    """The pictures that the HTML body shows and the mail therefore brings along, by their Content-ID."""
    return {cid: picture for name, picture in assets.items() if f'"cid:{(cid := f"{name}@report")}"' in html}


def _render(file: str, data: ReportData, view: ReportView) -> str:
    return templates.render(data.settings.template, file, view, data.settings.locale)


@cache
def _inliner() -> CSSInliner:
    # Media queries stay (dark mode, phones); nothing is ever loaded from elsewhere.
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, keep_style_tags=False)

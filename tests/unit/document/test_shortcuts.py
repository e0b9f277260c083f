"""The shorter ways through WeasyPrint: the locked version allows each, and whatever is drawn, no byte differs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from weasyprint.text import line_break

from reporter.document.edition import make_view, page_html
from reporter.document.pdf import renderer
from reporter.document.templates import stylesheet
from reporter.document.typefaces import FAMILY
from tests.golden.editions import KEPT, LOCALES

renderer()  # the fonts must be told before the engine is loaded

from reporter.document import engine, shortcuts  # noqa: E402

XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
STYLE = f"""@page {{ size: 90mm 120mm; margin: 5mm; @bottom-left {{ content: counter(page) }} }}
html {{ font: 10pt '{FAMILY}' }} .narrow {{ width: 18mm }} .broken {{ overflow-wrap: anywhere; width: 9mm }}
.just {{ text-align: justify; width: 40mm }} .hyphens {{ hyphens: auto; width: 20mm }} .pre {{ white-space: pre-wrap }}
.spaced {{ letter-spacing: 1mm; word-spacing: 2mm }} .cut {{ text-overflow: ellipsis; overflow: hidden; width: 20mm;
white-space: nowrap }} .two {{ max-lines: 2; block-ellipsis: auto; continue: discard; width: 30mm }}
.lined {{ text-decoration: underline line-through }} .first::first-line {{ font-weight: 600 }}
.first::first-letter {{ font-size: 20pt }} table {{ width: 100% }}"""
CLASSES = ["narrow", "broken", "just", "hyphens", "pre", "spaced", "cut", "two", "lined", "first"]


def plain(html: str, style: str) -> bytes:
    """The PDF that WeasyPrint makes on its own way."""
    from weasyprint import HTML  # noqa: PLC0415  # after the fonts have been told

    fonts, fetcher = renderer()._fonts, engine.BundleFetcher({})
    css = engine.CSS(string=style, font_config=fonts, url_fetcher=fetcher)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_break, "Layout", line_break.Layout.__base__)
        document = HTML(string=html, url_fetcher=fetcher)
        pdf: bytes = document.write_pdf(stylesheets=[css], font_config=fonts, **engine.archival())
    return pdf


def document(body: str) -> str:
    """A document that is both HTML and XML."""
    return f'<!DOCTYPE html>\n<html {XHTML} lang="en" dir="ltr"><head><title>x</title></head><body>{body}</body></html>'


def test_every_shortcut_is_taken() -> None:
    """The locked WeasyPrint has the shape that each shortcut relies on."""
    assert shortcuts.taken() == {"document", "notes", "layout"}


def test_the_stock_look_is_spared_the_notes() -> None:
    """Nothing in its styles reads as if it had any, whichever way it runs: notes cost every element six styles."""
    for locale in ("en_US", "ar_EG"):
        data = KEPT[0].data(locale)
        html, style = page_html(data, make_view(data)), stylesheet(data.settings.template)
        document = shortcuts.Document(html, style, engine.BundleFetcher({}))
        (sheet,) = document._ua_stylesheets()
        assert not {rule[3] for rule in sheet.matcher.other_selectors} & shortcuts._NOTES


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("case", KEPT, ids=str)
def test_a_report_has_the_same_bytes(case: object, locale: str) -> None:
    """A report made the short way is the one WeasyPrint makes, in every language and direction, byte by byte."""
    data = case.data(locale)  # type: ignore[attr-defined]
    html, style = page_html(data, make_view(data)), stylesheet(data.settings.template)
    assert renderer().render(html, style) == plain(html, style)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(CLASSES), st.text("ab fi\n\xa0\xadŁд1.-", max_size=60)), max_size=6),
    st.sampled_from(["ltr", "rtl"]),
)
def test_no_text_is_drawn_otherwise(paragraphs: list[tuple[str, str]], direction: str) -> None:
    """Text however broken, justified, hyphenated, spaced, cut or decorated is drawn as WeasyPrint draws it."""
    body = "".join(f'<p class="{name}">{text}</p>' for name, text in paragraphs)
    html = document(f'<div dir="{direction}">{body}</div>').replace('dir="ltr"', f'dir="{direction}"', 1)
    assert renderer().render(html, STYLE) == plain(html, STYLE)


@pytest.mark.parametrize(
    "body",
    [
        f'<p class="just">{"justified words and gaps " * 9}</p>',
        '<p>Sold<span style="float: footnote">not counted</span></p>',
        "<ul><li>one</li><li>two</li></ul><q>said</q>",
        "<table><thead><tr><th>head</th></tr></thead><tbody>" + "<tr><td>row</td></tr>" * 40 + "</tbody></table>",
        '<p title="\x0b">a</p>',
        "<p>an unclosed<br>paragraph &amp; more",
    ],
    ids=["justified", "footnote", "marker", "repeated-head", "no-xml-character", "no-xml"],
)
def test_what_cannot_take_a_shortcut_does_without(body: str) -> None:
    """Justified lines, notes, markers, repeated heads and what is no XML come out as WeasyPrint makes them."""
    html = document(body)
    assert renderer().render(html, STYLE) == plain(html, STYLE)

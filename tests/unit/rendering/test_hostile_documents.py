"""Documents with hostile names, images, and data: they fetch nothing, run nothing, and expose no local file."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from pypdf import PdfReader

from reporter.codec import FILE
from reporter.domain.errors import RenderError
from reporter.domain.report import Brand, ReportData
from reporter.domain.snapshot import Organization, Stage
from reporter.rendering.pdf import renderer
from reporter.rendering.render import FIGURES
from reporter.rendering.rendered_report import make_document
from tests.tripwire import CANARY, Tripwire, tripwire
from tests.unit.archive.samples import report

NAMES = [
    "<img src=file://{file}>",
    "<img src='{url}/image'>",
    "<link rel=stylesheet href={url}/style.css>",
    "</title></style><script src={url}/x.js></script>",
    "<style>@import url({url}/import.css);</style>",
    "<link rel=attachment href=file://{file}>",
    "<a rel=attachment href='file://{file}'>x</a>",
    "<object data='file://{file}'></object><iframe src='{url}'></iframe>",
    "\" style=\"background: url('{url}/background')",
    "'); }} @import url('{url}/escaped.css'); p {{ background: url('{url}",
    "<svg><image href='{url}/svg'/><use href='file://{file}#x'/></svg>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file://{file}'>]>&e;",
    "{{{{ view.__class__.__mro__ }}}}{{% include '{file}' %}}",
    "]]><?xml-stylesheet href='{url}/pi.css'?><!-- ",
    "url({url}/bare) expression(alert(1)) javascript:alert(1)",
]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="9" height="9">{}</svg>'
LAUGHS = '<!ENTITY a "lollollollol">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
DRAWINGS = [
    SVG.format("<image href='{url}/image' width='9' height='9'/>"),
    SVG.format("<image x:href='file://{file}' width='9' height='9'/>"),
    SVG.format("<use href='file://{file}#x'/><use x:href='{url}/use.svg#x'/>"),
    SVG.format(
        "<style>@import url('{url}/import.css'); path {{{{ fill: url('{url}/fill') }}}}</style><path d='M0 0H9'/>"
    ),
    SVG.format("<path d='M0 0H9V9Z' fill='url({url}/fill#x)' filter='url({url}/filter#x)' onload='alert(1)'/>"),
    SVG.format("<script href='{url}/x.js'>alert(1)</script><path d='M0 0H9'/>"),
    SVG.format("<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' src='file://{file}'/></foreignObject>"),
    SVG.format("<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='file://{file}' parse='text'/>"),
    "<?xml-stylesheet href='{url}/pi.css'?>" + SVG.format("<path d='M0 0H9'/>"),
    "<!DOCTYPE svg SYSTEM '{url}/x.dtd'>" + SVG.format("<path d='M0 0H9'/>"),
    "<!DOCTYPE svg [<!ENTITY e SYSTEM 'file://{file}'>]>" + SVG.format("<text y='9'>&e;</text>"),
    "<!DOCTYPE svg [<!ENTITY % p SYSTEM '{url}/x.ent'> %p;]>" + SVG.format("<path d='M0 0H9'/>"),
    f"<!DOCTYPE svg [{LAUGHS}]>" + SVG.format("<text y='9'>&j;</text>"),
]


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Tripwire]:
    """A server and a file that must not be accessed."""
    with tripwire(tmp_path) as laid:
        yield laid


def named(text: str) -> ReportData:
    """A report in which everything that others name has this name."""
    data = report(Organization(text, text))
    assert data.current.sales
    sales = replace(data.current.sales, pipeline=(Stage(text, text, 3, Decimal(1)),))
    settings = replace(data.settings, brand=Brand(name=text, footer=text))
    return replace(data, settings=settings, current=replace(data.current, sales=sales))


def outcome(html: str, assets: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """The document's PDF, or the error if there is none."""
    try:
        return renderer().render(html, "", assets)
    except RenderError as error:
        return str(error).encode()


def assert_harmless(made: bytes, *attached: str) -> None:
    """Assert that the result contains nothing of the file; a PDF has only this attachment, no action, and no link."""
    assert CANARY.encode() not in made
    assert not re.search(rb"/JavaScript|/JS\b|/Launch|/OpenAction|/AA\b|/URI\b", made)
    if made.startswith(b"%PDF-"):
        reader = PdfReader(io.BytesIO(made))
        assert CANARY not in "".join(page.extract_text() for page in reader.pages)
        assert tuple(reader.attachments) == attached
        assert CANARY.encode() not in b"".join(file for files in reader.attachments.values() for file in files)
        assert not [page for page in reader.pages if page.get("/Annots")]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_fetches_nothing(name: str, trap: Tripwire) -> None:
    """Hostile names of organization, stage, brand, and footer are rendered as text, and nothing is requested."""
    document = make_document(named(name.format(url=trap.url, file=trap.file)))
    assert_harmless(document.pdf, FIGURES, FILE)
    assert CANARY not in document.html + document.text
    assert not re.search(r"<(script|link|img|object|iframe|svg|style)[^>]*(127\.0\.0\.1|canary)", document.html)
    assert trap.asked == []


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_hostile_drawing_fetches_nothing(drawing: str, trap: Tripwire) -> None:
    """A logo with references, scripts, or entity bombs is rendered without them or fails; nothing is requested."""
    logo = drawing.format(url=trap.url, file=trap.file).encode()
    page = '<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><img src="bundle:l.svg"/></body></html>'
    assert_harmless(outcome(page, {"l.svg": logo}))
    assert trap.asked == []


@pytest.mark.parametrize(
    "declared",
    [
        f'<!DOCTYPE html [<!ENTITY e "{CANARY}">]>',
        '<!DOCTYPE html [<!ENTITY e SYSTEM "file://{file}">]>',
        '<!DOCTYPE html [<!ENTITY % p SYSTEM "{url}/x.ent"> %p; <!ENTITY e "x">]>',
        '<!DOCTYPE html SYSTEM "{url}/x.dtd">',
        f"<!-- {{root}} --><!DOCTYPE html [{LAUGHS}<!ENTITY e '&j;'>]>",
    ],
    ids=["inside", "file", "parameter", "dtd", "laughs"],
)
def test_a_page_that_declares_entities_is_read_as_html(declared: str, trap: Tripwire) -> None:
    """XHTML that declares entities is read as HTML, which ignores them: nothing expands and nothing else is read."""
    root = 'xmlns="http://www.w3.org/1999/xhtml"'
    start = declared.format(url=trap.url, file=trap.file, root=f" <html {root}>")
    assert_harmless(outcome(f"{start}\n<html {root}><head><title>x</title></head><body><p>&e;</p></body></html>"))
    assert trap.asked == []

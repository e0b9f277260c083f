"""Every file in pdf.js, which shares no code with the other libraries: it opens, looks alike, and yields its words."""

from collections.abc import Mapping
from pathlib import Path

import pypdfium2
import pytest

from reporter.rendering.render import page_html
from reporter.rendering.rendered_report import RenderedReport
from tests.daemons import give_up
from tests.functional.file.conftest import Library
from tests.pdf import pdfjs
from tests.pdf.editions import Edition
from tests.pdf.pictures import DPI, MOST_SHARE, difference, drawn_by_pdfium
from tests.pdf.texts import missing, texts_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def readings(library: Library) -> Mapping[Path, pdfjs.Reading]:
    """The results of pdf.js for every file."""
    if reason := pdfjs.lacking():
        give_up(f"pdf.js cannot run: {reason}")
    library.every_path()
    return pdfjs.readings(library.folder, DPI)


@pytest.fixture
def reading(readings: Mapping[Path, pdfjs.Reading], path: Path) -> pdfjs.Reading:
    """The results of pdf.js for the edition's file."""
    return readings[path]


def test_it_opens_without_a_word(reading: pdfjs.Reading, path: Path) -> None:
    """4: pdf.js finds the same pages as PDFium, repairs nothing, and issues no warning in its strictest mode."""
    assert reading.said == ()
    with pypdfium2.PdfDocument(path) as pages:
        assert len(reading.pictures) == len(pages)


def test_it_draws_the_same(reading: pdfjs.Reading, path: Path) -> None:
    """10: the rendering of pdf.js differs from PDFium's in less than a thousandth of a page's pixels."""
    for theirs, ours in zip(reading.pictures, drawn_by_pdfium(path), strict=True):
        assert difference(theirs, ours) <= MOST_SHARE


def test_every_word_can_be_copied(reading: pdfjs.Reading, edition: Edition, document: RenderedReport) -> None:
    """9: each text of the page is found in what pdf.js extracts; in shaped scripts, 95% of the letters."""
    texts = texts_of(page_html(edition.data(), document.view))
    assert missing(texts, "".join(reading.texts), edition.locale) == []

"""How every file is read out: its headings, tables and pictures, and what is no part of the text."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest

from reporter.document.edition import Document
from tests.functional.file.conftest import Library
from tests.pdf.editions import EDITIONS, Edition
from tests.pdf.tree import Element, Tagged

HEADINGS = ("H1", "H2", "H3", "H4")
RTL = [edition for edition in EDITIONS if edition.locale in {"ar", "he"} and edition.nature == "typical"]
MOST_ALT = 250
"""Characters of a picture's text: what is heard in one go."""


def test_headings_are_in_order_and_are_the_bookmarks(tagged: Tagged) -> None:
    """16: one heading of the first rank, none that skips a rank, and each is a bookmark that leads to its page."""
    headings = tagged.root.all(*HEADINGS)
    ranks = [int(each.role[1]) for each in headings]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    assert [page for _, page in tagged.bookmarks] == [min(each.pages) for each in headings]
    assert all(title.strip() for title, _ in tagged.bookmarks)


def test_every_picture_is_told_in_words(document: Document, tagged: Tagged) -> None:
    """14: each chart's text states its numbers, each logo's whose it is; the place told is on the page."""
    figures = tagged.root.all("Figure")
    drawn = [figure for figure in document.view.figures if figure.line]
    logos = len(figures) - len(drawn)
    assert logos == bool(document.view.brand.logo)
    for figure in figures:
        assert 0 < len(str(figure.object.Alt)) <= MOST_ALT
        assert not re.search(r"\.(svg|png)\b|bundle:", str(figure.object.Alt))
        assert figure.page is not None
        left, bottom, right, top = map(float, figure.object.A.BBox)
        _, _, width, height = map(float, tagged.pdf.pages[figure.page].mediabox)
        assert 0 <= left < right <= width
        assert 0 <= bottom < top <= height
    assert all(re.search(r"\d", str(figure.object.Alt)) for figure in figures[logos:])


def test_every_table_is_named_and_headed(tagged: Tagged) -> None:
    """15: a table has caption and head; a heading cell says of what it is, and each cell's headings are cells."""
    for table in tagged.root.all("Table"):
        assert len(table.all("Caption")) == len(table.all("THead")) == 1
        names = {str(cell.object.ID) for cell in table.all("TH")}
        assert len(names) == len(table.all("TH"))
        in_head = table.all("THead")[0].all("TH")
        for cell in table.all("TH"):
            assert str(cell.object.A.Scope) == ("/Column" if cell in in_head else "/Row")
        for cell in table.all("TD"):
            assert {str(name) for name in cell.object.A.Headers} <= names
            assert len(cell.object.A.Headers) == 2


def test_margins_are_no_text(tagged: Tagged) -> None:
    """17: what stands in the margins is an artifact of pagination, and every mark leads to its place in the tree."""
    assert all("Pagination" in kinds for kinds in tagged.artifacts)
    numbers = tagged.pdf.Root.StructTreeRoot.ParentTree.Nums
    known = {mark for each in tagged.root.walk() for mark in each.marks}
    for page, marks in enumerate(tagged.marks):
        assert len(set(marks)) == len(marks)
        assert {(page, mark) for mark in marks} == {mark for mark in known if mark[0] == page}
        for mark in marks:
            kids = numbers[2 * page + 1][mark].K
            assert mark in list(kids)


def test_pages_break_where_nothing_is_torn(tagged: Tagged) -> None:
    """21: no row and no picture is on two pages, and no page ends in a heading."""
    assert [each for each in tagged.root.all("TR", "Figure", *HEADINGS) if len(each.pages) > 1] == []
    for before, after in pairwise(blocks(tagged.root)):
        if before.role in HEADINGS:
            assert before.pages <= after.pages


def test_nothing_is_outside_the_page(tagged: Tagged, library: Library, edition: Edition) -> None:
    """21: every character lies within the sheet."""
    with pypdfium2.PdfDocument(library.path(edition)) as pages:
        for page in pages:
            text = page.get_textpage()
            width, height = page.get_size()
            for number in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(number)
                assert -1 <= left <= right <= width + 1
                assert -1 <= bottom <= top <= height + 1


@pytest.mark.parametrize("edition", RTL, ids=str)
def test_a_mirrored_page_begins_on_the_right(tagged: Tagged) -> None:
    """19: where a script runs from the right, the first chart is the rightmost of its row."""
    charts = tagged.root.all("Figure")[1:4]
    edges = [float(each.object.A.BBox[0]) for each in charts]
    assert edges == sorted(edges, reverse=True)


def test_no_text_is_faint(tagged: Tagged) -> None:
    """20: every colour of text has a contrast of at least 4.5 to the paper."""
    for page in tagged.pdf.pages:
        for color in text_colors(page):
            assert contrast(color, (1.0, 1.0, 1.0)) >= 4.5, color


def blocks(root: Element) -> Iterator[Element]:
    """The headings, paragraphs, list items, rows and pictures, in the order of reading."""
    return (each for each in root.walk() if each.role in {"P", "LI", "TR", "Figure", *HEADINGS} and each.pages)


def text_colors(page: pikepdf.Page) -> set[tuple[float, float, float]]:
    """What text of the page is filled with."""
    color, kept, used = (0.0, 0.0, 0.0), [], set()
    for each in pikepdf.parse_content_stream(page):
        operator = str(each.operator)
        if operator == "q":
            kept.append(color)
        elif operator == "Q":
            color = kept.pop()
        elif operator == "rg":
            red, green, blue = (float(part) for part in each.operands)
            color = (red, green, blue)
        elif operator in {"TJ", "Tj"}:
            used.add(color)
    return used


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The contrast as WCAG counts it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: tuple[float, float, float]) -> float:
    """The relative luminance of a colour in sRGB."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

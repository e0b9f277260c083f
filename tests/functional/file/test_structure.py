"""The tagged structure of every file: headings, tables, pictures, and what is not part of the text."""

import re
from html import unescape
from itertools import pairwise

from reporter.rendering.render import page_html
from reporter.rendering.rendered_report import RenderedReport
from tests.pdf.editions import Edition
from tests.pdf.layout import Box, Layout
from tests.pdf.texts import squeezed
from tests.pdf.tree import Tagged

HEADINGS = ("H1", "H2", "H3", "H4")
MOST_ALT = 250
"""Maximum characters of a picture's text, which a screen reader reads without a pause."""
LINE = 3
"""Points by which the lines of a drawing may exceed its frame or fall short of it."""


def test_headings_are_in_order_and_are_the_bookmarks(
    edition: Edition, document: RenderedReport, tagged: Tagged
) -> None:
    """16: there is one top-level heading, no level is skipped, and each heading is a bookmark to its page."""
    written = re.findall(r"<h\d[^>]*>(.*?)</h\d>", page_html(edition.data(), document.view))
    headings = tagged.root.all(*HEADINGS)
    ranks = [int(each.role[1]) for each in headings]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    assert [page for _, page in tagged.bookmarks] == [min(each.pages) for each in headings]
    assert [squeezed(title) for title, _ in tagged.bookmarks] == [squeezed(unescape(title)) for title in written]


def test_every_picture_is_told_in_words(document: RenderedReport, tagged: Tagged, layout: Layout) -> None:
    """14: a logo's text names its owner, a chart's its figure and numbers; its bounding box is the picture's."""
    figures = tagged.root.all("Figure")
    brand, drawn = document.view.brand, [figure for figure in document.view.figures if figure.line]
    assert len(figures) == len(drawn) + bool(brand.logo)
    texts = [str(figure.object.Alt) for figure in figures]
    if brand.logo:
        assert texts.pop(0) == brand.name
    for text, shown in zip(texts, drawn, strict=True):
        assert re.match(re.escape(shown.title) + r".*\d", text)
    for figure in figures:
        assert 0 < len(str(figure.object.Alt)) <= MOST_ALT
        assert figure.page is not None
        told, seen = Box(*map(float, figure.object.A.BBox)), layout.box(figure)
        assert seen
        assert layout.sheets[figure.page].holds(told)
        assert told.holds(seen, slack=LINE)
        assert seen.right - seen.left >= told.right - told.left - LINE


def test_every_table_is_named_and_headed(tagged: Tagged) -> None:
    """15: a table has a caption and a head; each heading cell has a scope, and each cell's headings are cells."""
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
    """17: content in the margins is a pagination artifact, and every mark leads to its place in the structure tree."""
    assert all("Pagination" in kinds for kinds in tagged.artifacts)
    numbers = tagged.pdf.Root.StructTreeRoot.ParentTree.Nums
    known = {mark for each in tagged.root.walk() for mark in each.marks}
    for page, marks in enumerate(tagged.marks):
        assert len(set(marks)) == len(marks)
        assert {(page, mark) for mark in marks} == {mark for mark in known if mark[0] == page}
        for mark in marks:
            kids = numbers[2 * page + 1][mark].K
            assert mark in list(kids)

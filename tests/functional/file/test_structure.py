"""How every file is read out: its headings, tables and pictures, and what is no part of the text."""

import re
from itertools import pairwise

from reporter.document.edition import Document
from tests.pdf.tree import Element, Tagged

HEADINGS = ("H1", "H2", "H3", "H4")
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
    before = None
    for table in tagged.root.all("Table"):
        assert len(table.all("THead")) == 1
        assert len(table.all("Caption")) == 1 or (continues(table, before) and not table.all("Caption"))
        before = table
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


def continues(table: Element, before: Element | None) -> bool:
    """Whether it is the rest of the table before: WeasyPrint begins another on each page, with the head again."""
    if before is None or min(table.pages) != max(before.pages) + 1:
        return False
    return [cell.role for cell in table.all("THead")[0].walk()] == [cell.role for cell in before.all("THead")[0].walk()]

"""How every file looks: positions on the pages, colors, and page breaks."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import pytest

from reporter.domain.snapshot import Snapshot
from reporter.rendering.render import make_pdf, make_view, page_html
from reporter.rendering.rendered_report import RenderedReport
from reporter.rendering.view import ReportView
from tests.functional.file.conftest import Library
from tests.pdf.editions import EDITIONS, Edition
from tests.pdf.layout import Color, Layout
from tests.pdf.texts import texts_of, undirected
from tests.pdf.tree import Element, Tagged
from tests.tiers import by_language

CROWDED = [edition for edition in EDITIONS if edition.nature == "crowded"]
HEADINGS = ("H1", "H2", "H3", "H4")
MIRRORED = frozenset({"ar", "he"})
MOST_PAGES = {"typical": 2, "empty": 2, "hostile": 4}
"""Maximum pages of a report, except for one whose tables are longer than a page."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2 level AA for text."""
NUMBER = re.compile(r"[+\N{MINUS SIGN}-]?\d(?:[\d.,:/\u066b\u066c]*\d)?[%\u066a]?")
"""A number with its sign and its percent sign, as it is read from left to right in every script."""
DIRECTION = re.compile(r"[▲▼●]|[+\N{MINUS SIGN}]\d")


def test_tiles_and_columns_begin_where_the_script_does(edition: Edition, tagged: Tagged, layout: Layout) -> None:
    """19: the first figure of a row and the first column of a table are leftmost; in Arabic and Hebrew, rightmost."""
    titles = [box for title in tagged.root.all("H3") if (box := layout.box(title))]
    rows = [titles[place : place + 3] for place in range(0, len(titles), 3)]
    rows += [[box for cell in row.kids if (box := layout.box(cell))] for row in tagged.root.all("TR")]
    assert max(map(len, rows)) > 3 or edition.nature == "empty"
    for row in rows:
        edges = [-box.right if edition.locale in MIRRORED else box.left for box in row]
        assert edges == sorted(set(edges))


def test_numbers_are_not_turned_around(edition: Edition, document: RenderedReport, layout: Layout) -> None:
    """19: each number is shown from left to right as written, its sign before it and its percent sign after."""
    texts = map(undirected, texts_of(page_html(edition.data(), document.view)))
    written = Counter(number for text in texts for number in NUMBER.findall(text))
    seen = Counter(number for lines in layout.lines for line in lines for number in NUMBER.findall(line))
    assert written - seen == Counter()


def test_no_drawing_holds_text(edition: Edition, document: RenderedReport) -> None:
    """19: charts are geometry alone, since a renderer sets the text of a drawing letter by letter."""
    page = page_html(edition.data(), document.view)
    assert "<svg" in page or edition.nature == "empty"
    assert not re.search(r"<(text|tspan|foreignObject)\b", page)


def test_no_text_is_faint(layout: Layout) -> None:
    """20: every text color has a contrast of at least 4.5 to its background."""
    pairs = {(each.ink, layout.ground(each)) for each in layout.drawn if each.is_text}
    assert [pair for pair in pairs if contrast(*pair) < LEAST_CONTRAST] == []


def test_a_ground_is_seen(library: Library) -> None:
    """20: the contrast is measured to the actual background: one that is not white is found where there is one."""
    layout = library.layouts(Edition("crowded", "en"))
    assert len({layout.ground(each) for each in layout.drawn if each.is_text}) == 2


def test_good_and_bad_are_told_without_colours(edition: Edition, document: RenderedReport) -> None:
    """20: each colored change has an arrow or a sign, so that it can be read in gray as well."""
    page = page_html(edition.data(), document.view)
    changes = re.findall(r'class="[^"]*\b(?:good|bad)\b[^"]*">([^<]*)', page)
    assert changes or edition.nature != "typical"
    assert [change for change in changes if not DIRECTION.search(undirected(change))] == []


def test_a_report_is_short(edition: Edition, layout: Layout) -> None:
    """21: two pages; at most four with names that take up a page of their own."""
    assert 1 <= len(layout.sheets) <= MOST_PAGES.get(edition.nature, len(layout.sheets))


def test_pages_break_where_nothing_is_torn(tagged: Tagged, document: RenderedReport) -> None:
    """21: no row, picture, or figure is split across pages, and no page ends in a heading or a table's head."""
    assert list(torn(tagged.root)) == []
    assert whole(tagged.root) == expected(document.view)


@pytest.mark.parametrize("channels", [5, 6, 7, 13, 21, 28])
def test_nothing_is_torn_wherever_a_page_ends(channels: int, tmp_path: Path) -> None:
    """21: the same holds with fewer rows, which move the start and end of the tables below."""
    data = Edition("crowded", "en").data()
    data = replace(data, current=with_channels(data.current, channels), previous=with_channels(data.previous, channels))
    view = make_view(data)
    (tmp_path / "report.pdf").write_bytes(make_pdf(data, view))
    root = Tagged(tmp_path / "report.pdf").root
    assert list(torn(root)) == []
    assert whole(root) == expected(view)


@pytest.mark.parametrize("edition", by_language(CROWDED, lambda edition: edition.locale), ids=str)
def test_a_table_that_goes_on_repeats_its_head(tagged: Tagged, layout: Layout) -> None:
    """21: a table's head is repeated on each page that the table continues on, and is tagged once, on the first."""
    tables = [table for table in tagged.root.all("Table") if len(table.pages) > 1]
    assert len(tables) == 2
    for table in tables:
        marks = {mark for each in table.all("THead")[0].walk() for mark in each.marks}
        head = [each.box for each in layout.drawn if (each.page, each.mark) in marks]
        for page in table.pages - table.all("THead")[0].pages:
            rows = [row for row in table.all("TR") if row.pages == {page}]
            top = max(box.top for row in rows if (box := layout.box(row)))
            repeated = [
                each.box for each in layout.drawn if each.page == page and each.is_text and each.box.bottom > top
            ]
            assert [(box.left, box.right) for box in repeated] == [(box.left, box.right) for box in head]


def test_nothing_is_outside_the_page(layout: Layout) -> None:
    """21: every text and drawing is within the page."""
    assert [each for each in layout.drawn if not layout.sheets[each.page].holds(each.box, slack=1)] == []


def torn(root: Element) -> Iterator[Element]:
    """What is wrongly split across two pages, and headings with nothing below them."""
    yield from (each for each in root.all("TR", "Figure", *HEADINGS) if len(each.pages) > 1)
    yield from (tile[0] for tile in figures(root) if len(set().union(*(each.pages for each in tile))) > 1)
    yield from (one for one, after in pairwise(blocks(root)) if one.role in HEADINGS and not one.pages <= after.pages)
    for table in root.all("Table"):
        head, rows = table.all("THead")[0], table.all("TBody")[0].all("TR")
        yield from (each for each in (head, *table.all("Caption")) if each.pages != rows[0].pages)


def whole(root: Element) -> tuple[int, int]:
    """The number of figures and rows found: one that is split is tagged as two."""
    rows = [row for body in root.all("TBody") for row in body.all("TR")]
    return len(list(figures(root))), len(rows)


def expected(view: ReportView) -> tuple[int, int]:
    """The expected number of figures and rows."""
    return len(view.figures), len(view.channels or ()) + len(view.stages or ()) + len(view.parts)


def with_channels(snapshot: Snapshot, number: int) -> Snapshot:
    """The snapshot with only the first of its channels."""
    return replace(snapshot, channels=dict(islice((snapshot.channels or {}).items(), number)))


def blocks(root: Element) -> Iterator[Element]:
    """The headings, paragraphs, list items, rows, and pictures in reading order."""
    return (each for each in root.walk() if each.role in {"P", "LI", "TR", "Figure", *HEADINGS} and each.pages)


def figures(root: Element) -> Iterator[list[Element]]:
    """The parts of each figure: its title and everything up to the next heading."""
    tile: list[Element] = []
    for each in blocks(root):
        if each.role in HEADINGS:
            if tile:
                yield tile
            tile = [each] if each.role == "H3" else []
        elif tile:
            tile.append(each)


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio as defined by WCAG."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Color) -> float:
    """Relative luminance of an sRGB color."""
    shares = (channel / 255 for channel in color)
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""The visible text of reports: unchanged since the last review, and the same in PDF, email, and plain text.

After a change of text or templates, run `python -m tests.golden` and review the difference before committing it.
"""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from operator import itemgetter

import pytest
from pypdf import PdfReader

from reporter.domain.report import Paper
from reporter.domain.window import Period
from reporter.rendering.render import make_pdf, make_view
from reporter.rendering.rendered_report import make_document
from tests.golden.editions import HUGE, KEPT, LOCALES, ODD, TYPICAL, Case
from tests.golden.files import EDITIONS, FOLDER, Edition, golden, made, normalized
from tests.tiers import by_language, first_is_fast
from tests.unit.rendering.words import TRANSLATED, plain

MOST_BYTES = 150_000
A4, LETTER = (595, 842), (612, 792)
"""Width and height in points."""
EVERY_DOCUMENT = [(case, locale) for case in (*TYPICAL, *ODD) for locale in LOCALES]
UPDATE = "run `python -m tests.golden` and look at what changed"


@pytest.mark.parametrize("edition", EDITIONS, ids=str)
def test_readers_see_what_was_looked_at(edition: Edition) -> None:
    """Page, email, and plain text of a report are identical to the reviewed ones, word for word and tag for tag."""
    for name, text in made(edition.data()).items():
        path = FOLDER / f"{edition}.{name}"
        assert normalized(text) == path.read_text("utf-8"), UPDATE


def test_no_golden_file_is_left_over() -> None:
    """The folder contains only the files that are compared."""
    assert {path for path, _ in golden()} == set(FOLDER.iterdir()), UPDATE


@pytest.mark.parametrize(("case", "locale"), by_language(EVERY_DOCUMENT, itemgetter(1), {"de"}), ids=str)
def test_every_number_stands_in_pdf_mail_and_text(case: Case, locale: str) -> None:
    """Each value with its change is the same in PDF, email, and plain text, and the renderer logs nothing."""
    document = make_document(case.data(locale))
    shown = [(str(row["name"]), str(row["shown"]), str(row["change"])) for row in document.view.shown()]
    rows = [tuple(map(plain, row)) for row in shown]
    assert list(rows_of_mail(document.html)) == rows
    assert list(rows_of_text(document.text, rows)) == rows
    page = plain(text_of(document.pdf))
    for row in shown:
        assert [text for text in row[1:] if plain(text) not in page] == []
    assert sheets(document.pdf) == [A4, A4]
    assert len(document.pdf) <= MOST_BYTES


@pytest.mark.parametrize("case", first_is_fast([*TYPICAL, *ODD]), ids=str)
def test_a_letter_is_two_sheets(case: Case) -> None:
    """The shorter US Letter page has room for the longer languages too."""
    for locale in ("de_DE", "fr_FR"):
        data = case.data(locale, Paper.LETTER)
        assert sheets(make_pdf(data, make_view(data))) == [LETTER, LETTER]


@pytest.mark.parametrize("language", by_language(TRANSLATED))
def test_every_language_fits_its_pages(language: str) -> None:
    """The fullest reports have two pages in every language."""
    for case in (Case("Odd Stage", Period.MONTH), Case(HUGE, Period.MONTH)):
        data = case.data(language, Paper.LETTER)
        assert sheets(make_pdf(data, make_view(data))) == [LETTER, LETTER]


def test_a_document_does_not_remember_the_one_before() -> None:
    """Two languages rendered in one process, in either order, have the same bytes each time."""
    german, french = KEPT[0].data("de_DE"), KEPT[0].data("fr_FR")
    first = [make_pdf(data, make_view(data)) for data in (german, french)]
    second = [make_pdf(data, make_view(data)) for data in (french, german)]
    assert first == second[::-1]
    assert first[0] != first[1]


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """The size of each page."""
    return [(round(page.mediabox.width), round(page.mediabox.height)) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """The text that can be copied from the PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def rows_of_text(text: str, rows: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The consecutive rows in the plain text, at their maximum width."""
    rest = re.sub("[▲▼●]", "", plain(text))
    for row in rows:
        _, found, rest = rest.partition("".join(row))
        if found:
            yield row


class _Rows(HTMLParser):
    """The cells of the email's table of figures, without small, soft text."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"th", "td"} and "figure" in (dict(attrs).get("class") or ""):
            if tag == "th":
                self.rows.append([])
            self.rows[-1].append("")
        if tag == "span":
            self._open.append("soft" in (dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._open.pop()
        if tag == "tr" and self.rows:
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and not any(self._open):
            self.rows[-1][-1] += data


def rows_of_mail(html: str) -> Iterator[tuple[str, ...]]:
    """Name, value, and change of each figure in the email, without spaces."""
    reader = _Rows()
    reader.feed(html)
    for row in reader.rows:
        if len(row) == 3 and row != [""]:
            yield tuple(re.sub("^[▲▼●]", "", plain(cell)) for cell in row)

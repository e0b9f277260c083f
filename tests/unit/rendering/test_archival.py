"""The final step of a PDF with markup unlike ours: its conformance claims are true, and its repairs are complete."""

import ctypes
import io
import sys
import zlib
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import page as page_validation
import pikepdf
import pytest

from reporter.rendering.pdf import Enclosure, producer_of, renderer
from reporter.rendering.typefaces import FAMILY
from tests.pdf.tree import Tagged

CLAIM = b"<pdfuaid:part>1</pdfuaid:part>"
STYLE = f"@page {{ size: A5; @bottom-left {{ content: 'margin' }} }} html {{ font: 10pt '{FAMILY}' }}"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def made(body: str, *enclosures: Enclosure, html: str = "<html lang=en>", title: str = "A page") -> bytes:
    """The PDF of a document around `body`."""
    page = f"<!DOCTYPE html>{html}<head><title>{title}</title></head><body>{body}</body></html>"
    return renderer().render(
        page, STYLE, {"dot.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, enclosures=enclosures
    )


@pytest.mark.parametrize(
    ("body", "html", "title"),
    [
        ("<p>a", "<html>", "A page"),
        ("<p>a", "<html lang=en>", ""),
        ("<img src='bundle:dot.svg'>", "<html lang=en>", "A page"),
        ("<svg width=9 height=9><path d='M0 0H9'/></svg>", "<html lang=en>", "A page"),
    ],
    ids=["no-language", "no-title", "no-alt", "no-svg-title"],
)
def test_what_lacks_something_is_made_and_claims_less(body: str, html: str, title: str) -> None:
    """A template without a language, title, or alternative text gives a PDF that does not claim PDF/UA."""
    assert CLAIM in made("<p>a")
    assert CLAIM not in made(body, html=html, title=title)


def test_margins_are_no_text_and_leave_nothing_behind(tmp_path: Path) -> None:
    """Content in a margin is an artifact, and all other marked content is in the tag tree."""
    (tmp_path / "a.pdf").write_bytes(made("<h1>a</h1><p>b"))
    tagged = Tagged(tmp_path / "a.pdf")
    assert tagged.artifacts == [["Pagination"]]
    assert {mark for each in tagged.root.walk() for mark in each.marks} == {(0, mark) for mark in tagged.marks[0]}


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries' names are Linux's")
def test_the_libraries_that_rendered_it_are_named(tmp_path: Path) -> None:
    """The producer contains the loaded versions of Pango and HarfBuzz, the same in both places of the metadata."""
    (tmp_path / "a.pdf").write_bytes(made("<p>a"))
    with pikepdf.open(tmp_path / "a.pdf") as pdf, pdf.open_metadata() as metadata:
        named = str(pdf.docinfo["/Producer"])
        assert metadata["pdf:Producer"] == named
    assert producer_of((tmp_path / "a.pdf").read_bytes()) == named
    versions = dict(each.rsplit(" ", 1) for each in named.split(", "))
    for name, library, function in (
        ("Pango", "libpango-1.0.so.0", "pango_version_string"),
        ("HarfBuzz", "libharfbuzz.so.0", "hb_version_string"),
    ):
        said = getattr(ctypes.CDLL(library), function)
        said.restype = ctypes.c_char_p
        assert versions[name] == said().decode()


def test_a_cell_heads_its_row_or_its_column() -> None:
    """A header cell in a table's head is for its column, any other for its row."""
    table = "<table><caption>c</caption><thead><tr><th>a<th>b</thead><tr><th scope=row>c<td>d</table>"
    with pikepdf.open(io.BytesIO(made(table))) as pdf:
        scopes = [
            str(each.A.Scope)
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/A" in each and "/Scope" in each.A
        ]
    assert scopes == ["/Column", "/Column", "/Row"]


HEAD = "<thead><tr><th>a<th>b</thead>"
LINKED = "<thead><tr><th><a href='https://example.com'>a</a><th>b</thead>"
ROW = "<tr><th scope=row>c<td>d"
NEXT = "<table style='break-before: page'>"


def tagged(body: str, folder: Path) -> Tagged:
    """The tagged document around `body`, which a validator accepts."""
    (folder / "a.pdf").write_bytes(made(body))
    assert page_validation.validate_pdf(str(folder / "a.pdf"), profile="ua1").failures == []
    return Tagged(folder / "a.pdf")


def test_a_table_over_pages_is_one_table(tmp_path: Path) -> None:
    """A table over several pages has one caption, one head, and all rows in order; repeated heads are artifacts."""
    read = tagged(f"<table><caption>c</caption>{HEAD}{ROW * 99}</table><p>e", tmp_path)
    (table,) = read.root.all("Table")
    assert len(table.pages) > 2
    assert len(table.all("Caption")) == len(table.all("THead")) == 1
    assert [[cell.role for cell in row.kids] for row in table.all("TR")] == [["TH", "TH"], *[["TH", "TD"]] * 99]
    _, second = (str(cell.object.ID) for cell in table.all("THead")[0].all("TH"))
    assert {str(cell.object.A.Headers[1]) for cell in table.all("TD")} == {second}
    heads = [len(kinds) - 1 for kinds in read.artifacts]
    assert heads == [0, *[2] * (len(heads) - 1)]


def test_a_table_over_pages_has_its_foot_below_its_last_row(tmp_path: Path) -> None:
    """A foot that is repeated on each page is read once, after all rows."""
    read = tagged(f"<table>{HEAD}<tfoot><tr><th scope=row>e<td>f</tfoot>{ROW * 99}</table>", tmp_path)
    (table,) = read.root.all("Table")
    roles = [part.role for part in table.kids]
    assert roles == ["THead", *["TBody"] * (len(roles) - 2), "TFoot"]
    assert len(table.all("TBody")) > 2


@pytest.mark.parametrize(
    ("head", "second"),
    [
        (HEAD, f"{NEXT}<caption>c</caption>{HEAD}{ROW}</table>"),
        (HEAD, f"{NEXT}{HEAD.replace('b', 'B')}{ROW}</table>"),
        (HEAD, f"{NEXT}{HEAD.replace('b', 'b<th>')}{ROW}<td></table>"),
        (HEAD, f"{NEXT}{ROW}</table>"),
        ("", f"{NEXT}{ROW}</table>"),
        (HEAD, f"<table>{HEAD}{ROW}</table>"),
        (HEAD, f"<p>e</p>{NEXT}{HEAD}{ROW}</table>"),
        (LINKED, f"{NEXT}{LINKED}{ROW}</table>"),
    ],
    ids=["named", "other words", "other cells", "no head", "no heads", "same page", "words between", "link"],
)
def test_tables_that_only_follow_each_other_stay_apart(head: str, second: str, tmp_path: Path) -> None:
    """A table with its own caption or head, or that does not continue the one before, stays separate."""
    read = tagged(f"<table><caption>c</caption>{head}{ROW}</table>{second}", tmp_path)
    assert [len(table.all("TR")) for table in read.root.all("Table")] == [1 + bool(head), 1 + ("<thead>" in second)]


def test_a_stream_that_ends_in_a_carriage_return_keeps_it(tmp_path: Path) -> None:
    """A stream's final carriage return is not merged with the line break after it, so its length is correct."""
    content = next(text for text in (b"%d" % number for number in count()) if zlib.compress(text).endswith(b"\r"))
    enclosure = Enclosure("a.txt", content, "text", "Data", NOON)
    pdf = made("<p>a", enclosure)
    assert b"\r\r\nendstream" in pdf
    (tmp_path / "a.pdf").write_bytes(pdf)
    assert page_validation.validate_pdf(str(tmp_path / "a.pdf"), profile="3a").failures == []


def test_an_enclosed_file_is_dated_in_utc() -> None:
    """The date of an enclosed file is converted to UTC from any time zone."""
    noon = datetime.fromisoformat("2026-05-01T12:00:00+09:00")
    with pikepdf.open(io.BytesIO(made("<p>a", Enclosure("a.csv", b"1", "x", "Data", noon)))) as pdf:
        file = pdf.attachments["a.csv"].get_file()
        assert (file.creation_date, file.mime_type) == (datetime(2026, 5, 1, 3, tzinfo=UTC), "text/csv")

"""Conversion of a PDF to PDF/A-3a and PDF/UA-1, which WeasyPrint alone does not support together.

WeasyPrint tags the pages and claims PDF/A. Here the claim of PDF/UA is added, and wrong tags are corrected in one pass
over the finished objects, before they are written. Only documented parts of WeasyPrint and pydyf are used.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pydyf
from weasyprint import VERSION

from reporter.rendering.acceleration import native
from reporter.rendering.pdf_file import pdf_file

VARIANT = "pdf/a-3a"
"""WeasyPrint's PDF variant: a tagged archival file with attachments and extractable text."""

_PDF_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
"""The PDF/UA claim, and its extension schema, which PDF/A requires for metadata it does not define."""

_PRODUCER = re.compile(rb'pdf:Producer="[^"]*"')

_NOTHING = b"<034f>"
"""The combining grapheme joiner: invisible, ignored by search, and without effect on joining."""

_POINTS = 0.75
"""Points in one CSS pixel."""

At = Callable[[bytes], Any]
"""The object that a reference refers to."""


class ArchivalFile:
    """The PDF/A-3a and PDF/UA-1 file of one document: `content` has its bytes once WeasyPrint has called `finish`."""

    def __init__(self) -> None:
        self.content = b""

    def finish(self, _document: Any, pdf: pydyf.PDF) -> None:
        """Correct the objects and write the file: WeasyPrint's `finisher`.

        WeasyPrint then writes a file of its own, which is discarded, so its objects are removed to save time.
        """
        _correct(pdf)
        self.content = pdf_file(pdf)
        del pdf.objects[1:]


def _correct(pdf: pydyf.PDF) -> None:
    """Correct the objects to conform to PDF/A-3a and PDF/UA-1."""
    _name_attachments_once(pdf)
    _give_each_glyph_a_character(pdf)
    elements = [each for each in pdf.objects if isinstance(each, dict) and each.get("Type") == "/StructElem"]
    for element in elements:
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Column" if _is_in_head(pdf, element) else "/Row"
        elif element["S"] == "/Figure":
            _measure_in_points(pdf, element)
    is_accessible = _is_accessible(pdf, elements)
    _join_tables(_object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["K"][0]), partial(_object, pdf))
    _unbind_margins(pdf, elements)
    _write_metadata(pdf, is_accessible=is_accessible)


def _is_accessible(pdf: pydyf.PDF, elements: list[Any]) -> bool:
    """Whether the markup provides a title, a language, and alternative text for every picture."""
    is_named = "Title" in pdf.info and bool(pdf.catalog["Lang"].string)
    return is_named and all("Alt" in element for element in elements if element["S"] == "/Figure")


def _write_metadata(pdf: pydyf.PDF, *, is_accessible: bool) -> None:
    """Set the producer and claim PDF/UA in the metadata, uncompressed for programs that do not parse PDF."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.compress = False
    pdf.info["Producer"] = pydyf.String(_producer())
    text = _PRODUCER.sub(b'pdf:Producer="%b"' % _producer().encode(), b"".join(metadata.stream), 1)
    if is_accessible:
        end = b"</rdf:RDF>"
        text = text.replace(end, _PDF_UA + end, 1)
    metadata.stream = [text]


@cache
def _producer() -> str:
    """The libraries of this machine: `WeasyPrint 70.0, pydyf 0.13.0, Pango 1.50.12, …`."""
    versions = {
        "WeasyPrint": VERSION,
        "pydyf": pydyf.VERSION,
        "Pango": native.pango_version(),
        "HarfBuzz": native.harfbuzz_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _name_attachments_once(pdf: pydyf.PDF) -> None:
    """Remove duplicates, since WeasyPrint lists each attachment twice."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def _give_each_glyph_a_character(pdf: pydyf.PDF) -> None:
    """Map the glyphs without text to an invisible character, if several glyphs draw one letter."""
    for font in (each for each in pdf.objects if isinstance(each, dict) and "ToUnicode" in each):
        mapping = _object(pdf, font["ToUnicode"]).stream
        mapping[:] = [line[:-2] + _NOTHING if line.endswith(b" <>") else line for line in mapping]


def _is_in_head(pdf: pydyf.PDF, cell: Any) -> bool:
    """Whether the cell's row belongs to the head of its table."""
    row = _object(pdf, cell["P"])
    return bool(_object(pdf, row["P"])["S"] == "/THead")


def _measure_in_points(pdf: pydyf.PDF, figure: Any) -> None:
    """Convert a picture's box to points from the lower left, as in PDF; WeasyPrint has pixels from the top."""
    left, top, right, bottom = figure["A"]["BBox"]
    height = _object(pdf, figure["Pg"])["MediaBox"][3]
    place = (left * _POINTS, height - bottom * _POINTS, right * _POINTS, height - top * _POINTS)
    figure["A"]["BBox"] = pydyf.Array(round(edge, 3) for edge in place)


def _unbind_margins(pdf: pydyf.PDF, elements: list[Any]) -> None:
    """Turn content outside the structure tree into artifacts: the margins, which WeasyPrint tags nevertheless."""
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    lost = {element.reference for element in _outside(root["K"][0], pdf, elements)}
    numbers = _object(pdf, root["ParentTree"])["Nums"]
    for page, marked in zip(pdf.page_references, numbers[1::2], strict=False):
        margins = {mark for mark, element in enumerate(marked) if element in lost}
        marked[:] = ["null" if element in lost else element for element in marked]
        _make_pagination(_object(pdf, _object(pdf, page)["Contents"]).stream, margins)
    for reference in lost:
        _object(pdf, reference).clear()


def _outside(document: bytes, pdf: pydyf.PDF, elements: list[Any]) -> Iterator[Any]:
    """The elements that are not in the tree below `document`; parents come before their children."""
    kids = set(_object(pdf, document)["K"])
    lost = set()
    for element in elements:
        parent = element["P"]
        if parent in lost or (parent == document and element.reference not in kids):
            lost.add(element.reference)
            yield element


def _make_pagination(stream: list[Any], margins: set[int]) -> None:
    """Turn the marked content with these ids into pagination artifacts."""
    for place, item in enumerate(stream):
        if isinstance(item, pydyf.Dictionary) and item.get("MCID") in margins:
            stream[place - 1] = "/Artifact"
            stream[place] = pydyf.Dictionary({"Type": "/Pagination"})


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    """The object that a reference refers to."""
    return pdf.objects[int(reference.split()[0])]


def _join_tables(document: Any, at: At) -> None:
    """Move the rows of each table that continues the previous one to that table, and detach what remains.

    WeasyPrint tags the part of a table on each page as a separate table, without caption and with the head repeated. A
    screen reader announces it as a table without a name. So its rows are moved to the first table, and the heads that
    are repeated only visually are left to become artifacts.
    """
    before: Any = {}
    for reference in list(document["K"]):
        element = at(reference)
        if element.get("S") == "/Table" and _continues(element, before, at):
            _move_rows(element, before, at)
            document["K"].remove(reference)
        else:
            before = element


def _continues(table: Any, before: Any, at: At) -> bool:
    """Whether the table has no caption and, on a later page, the same head: same roles and same glyphs.

    Tables whose head has a link are kept, since a link on each page needs a place in the tree.
    """
    bodies = _parts(before, "/TBody", at) if before.get("S") == "/Table" else []
    if _parts(table, "/Caption", at) or not bodies or bodies[-1]["Pg"] == table["Pg"]:
        return False
    head = list(_drawn(table, at))
    return bool(head) and "/Link" not in head and head == list(_drawn(before, at))


def _move_rows(table: Any, before: Any, at: At) -> None:
    """Insert the rows after the first table's last ones, above its foot, and point their cells to its headings."""
    names = ([cell["ID"] for cell in _head(each, at) if "ID" in cell] for each in (table, before))
    first = {repeated.string: name for repeated, name in zip(*names, strict=True)}
    below = before["K"].index(_parts(before, "/TBody", at)[-1].reference) + 1
    for place, body in enumerate(_parts(table, "/TBody", at), below):
        for headers in (cell["A"]["Headers"] for cell in _within(body, at) if "Headers" in cell.get("A", {})):
            headers[:] = [first.get(name.string, name) for name in headers]
        body["P"] = before.reference
        before["K"].insert(place, body.reference)
        table["K"].remove(body.reference)


def _parts(table: Any, role: str, at: At) -> list[Any]:
    return [part for part in map(at, table["K"]) if part.get("S") == role]


def _within(element: Any, at: At) -> Iterator[Any]:
    """The elements below this one, in order."""
    for kid in element.get("K", ()):
        if isinstance(kid, bytes):
            yield at(kid)
            yield from _within(at(kid), at)


def _head(table: Any, at: At) -> Iterator[Any]:
    """The elements of the table's head."""
    return (each for head in _parts(table, "/THead", at) for each in _within(head, at) if "S" in each)


def _drawn(table: Any, at: At) -> Iterator[Any]:
    """The roles of the elements in the table's head, and the operators that draw its text, in order."""
    for element in _head(table, at):
        yield element["S"]
        for mark in (kid for kid in element["K"] if isinstance(kid, int)):
            yield from _letters(at(at(element["Pg"])["Contents"]).stream, mark)


def _letters(stream: list[Any], mark: int) -> Iterator[bytes]:
    """The operators that show text within the marked content with this id."""
    is_within = False
    for item in stream:
        if isinstance(item, dict):
            is_within = item.get("MCID") == mark
        elif is_within and isinstance(item, bytes) and item.endswith(b"TJ"):
            yield item

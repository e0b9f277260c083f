"""Conversion of a PDF to PDF/A-3a and PDF/UA-1, which WeasyPrint alone does not support together.

WeasyPrint tags the pages and claims PDF/A. Here the claim of PDF/UA is added, and wrong tags are corrected in one pass
over the finished objects, before they are written. Only documented parts of WeasyPrint and pydyf are used.
"""

import re
import zlib
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import pydyf
from weasyprint import VERSION

from reporter.rendering.acceleration import native
from reporter.rendering.pdf_file import pdf_file
from reporter.rendering.table_continuation import join_tables

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
    join_tables(_object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["K"][0]), partial(_object, pdf))
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

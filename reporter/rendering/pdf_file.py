"""The bytes of a PDF file, from the finished objects of a pydyf document.

pydyf can write the file too (`pydyf.PDF.write`). The structure here is the same: the objects without a stream of their
own are in one object stream, and a cross-reference stream ends the file. It differs in three ways:

- The data of a stream that ends in a carriage return is set apart from the line break before `endstream`. Otherwise,
  readers that take both for one line break find the stream a byte shorter than its length, which PDF/A forbids.
- Streams are compressed at level 7 instead of 9: half the work for 1 % more bytes.
- Each object is serialized once. pydyf serializes it again, compression included, for the identifier.
"""

import zlib
from collections.abc import Mapping
from hashlib import md5
from typing import Any

import pydyf

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_LEVEL = 7
"""Compression level of zlib."""

_FREE, _IN_FILE, _IN_OBJECT_STREAM = range(3)
"""Types of entries of a cross-reference stream (ISO 32000-1, 7.5.8.3)."""


def pdf_file(pdf: pydyf.PDF) -> bytes:
    """Write the file. It is compressed, and its identifier is a hash of its content."""
    pdf.add_object(pdf.info)
    bodies = {each.number: _body(each) for each in pdf.objects if each.free != "f"}
    packed = {each.number: bodies[each.number] for each in pdf.objects if each.compressible}
    container = len(pdf.objects)
    bodies[container] = _object_stream(packed)
    entries = {0: (_FREE, 0, 0xFFFF)}
    entries |= {number: (_IN_OBJECT_STREAM, container, index) for index, number in enumerate(packed)}
    file = bytearray(_HEADER)
    for number, body in bodies.items():
        if number not in packed:
            entries[number] = _IN_FILE, len(file), 0
            file += _indirect(number, body)
    start = len(file)
    entries[container + 1] = _IN_FILE, start, 0
    digest = pydyf.String(md5(b"".join(bodies.values()), usedforsecurity=False).hexdigest())
    trailer = {"Root": pdf.catalog.reference, "Info": pdf.info.reference, "ID": pydyf.Array([digest, digest])}
    file += _indirect(container + 1, _cross_reference_stream(entries, trailer))
    file += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(file)


def _body(item: pydyf.Object) -> bytes:
    """The object without its number."""
    if not isinstance(item, pydyf.Stream):
        return item.data  # type: ignore[no-any-return]  # pydyf has no types
    return _stream(b"\n".join(map(_operator, item.stream)), item.extra, is_compressed=item.compress)


def _operator(item: Any) -> bytes:
    """One item of a stream's content: usually an operator with its operands, which pydyf keeps as bytes."""
    if isinstance(item, bytes):
        return item
    return pydyf.Array([item]).data[1:-1]  # type: ignore[no-any-return]  # pydyf has no types


def _stream(content: bytes, extra: Mapping[str, Any], *, is_compressed: bool = True) -> bytes:
    about = pydyf.Dictionary(extra)
    if is_compressed:
        about["Filter"] = "/FlateDecode"
        content = zlib.compress(content, _LEVEL)
    about["Length"] = len(content)
    line_break = b"\r\n" if content.endswith(b"\r") else b"\n"
    return b"".join((about.data, b"\nstream\n", content, line_break, b"endstream"))


def _indirect(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, body)


def _object_stream(packed: Mapping[int, bytes]) -> bytes:
    """The stream that holds these objects, by their numbers: an index of numbers and offsets, then the objects."""
    index, offset = [], 0
    for number, body in packed.items():
        index.append(b"%d %d" % (number, offset))
        offset += len(body) + 1
    first = b" ".join(index)
    extra = {"Type": "/ObjStm", "N": len(packed), "First": len(first) + 1}
    return _stream(b"\n".join((first, *packed.values())), extra)


def _cross_reference_stream(entries: Mapping[int, tuple[int, int, int]], trailer: Mapping[str, Any]) -> bytes:
    """The cross-reference stream: the location of each object by number, and the trailer."""
    rows = [entries[number] for number in range(len(entries))]
    widths = [(max(column).bit_length() + 7) // 8 for column in zip(*rows, strict=True)]
    content = b"".join(value.to_bytes(width, "big") for row in rows for value, width in zip(row, widths, strict=True))
    about = {"Type": "/XRef", "Index": pydyf.Array([0, len(rows)]), "W": pydyf.Array(widths), "Size": len(rows)}
    return _stream(content, {**about, **trailer})

"""The writer of PDF files: the same output as pydyf, whatever bytes the compressed streams end in."""

import io
import zlib
from itertools import count
from random import Random

import pikepdf
import pydyf
import pytest

from reporter.rendering.pdf_file import pdf_file


def document(title: str, operators: list[object]) -> pydyf.PDF:
    """A page with these operators."""
    pdf = pydyf.PDF()
    stream = pydyf.Stream(operators, compress=True)
    pdf.add_object(stream)
    pdf.add_page(
        pydyf.Dictionary(
            {
                "Type": "/Page",
                "Parent": pdf.pages.reference,
                "MediaBox": pydyf.Array([0, 0, 99.5, 200]),
                "Contents": stream.reference,
            }
        )
    )
    pdf.info["Title"] = pydyf.String(title)
    return pdf


OPERATORS = [b"0 0 m", "/P", pydyf.Dictionary({"MCID": 0}), b"BDC", 7, 1.5, pydyf.Array([1, "/A"]), b"EMC"]


def test_a_file_has_the_objects_that_pydyf_would_write() -> None:
    """Numbers, objects, stream content, and trailer are the same as in pydyf's own file."""
    own = io.BytesIO()
    document("Łódź", OPERATORS).write(own, b"1.7", identifier=True, compress=True)
    with pikepdf.open(io.BytesIO(pdf_file(document("Łódź", OPERATORS)))) as ours, pikepdf.open(own) as theirs:
        assert ours.pdf_version == theirs.pdf_version
        assert _objects(ours) == _objects(theirs)
        assert ours.trailer.keys() == theirs.trailer.keys()
        assert [page.Contents.read_bytes() for page in ours.pages] == [
            page.Contents.read_bytes() for page in theirs.pages
        ]


def _objects(pdf: pikepdf.Pdf) -> dict[int, object]:
    plain = (each for each in pdf.objects if not isinstance(each, pikepdf.Stream))
    return {each.objgen[0]: each.unparse(resolved=True) for each in plain}


@pytest.mark.parametrize("kind", [b"/ObjStm", b"/XRef"])
def test_any_stream_may_end_in_a_carriage_return(kind: bytes) -> None:
    """All streams, including the file's structural ones, have the stated length and a separator after their data."""
    for number in count():
        _, stream = pdf_file(document("y" * number, [Random(0).randbytes(number)])).split(b"<</Type %b" % kind)
        about, _, rest = stream.partition(b">>\nstream\n")
        length = int(about.rpartition(b"/Length ")[2])
        data, end = rest[:length], rest[length:]
        assert zlib.decompress(data)
        assert end.startswith(b"\r\nendstream\n" if data.endswith(b"\r") else b"\nendstream\n")
        if data.endswith(b"\r"):
            break

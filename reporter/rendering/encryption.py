"""The copy of a finished PDF that opens with a password alone, by AES-256 as in PDF 2.0.

It is the same document, tagged and with its attachments, but for the claim of PDF/A, which allows no encryption.
"""

import io
import stringprep
from unicodedata import normalize

from reporter.domain.errors import RenderError
from reporter.domain.extras import installing

INSTALL = installing("password")
"""What brings the library, which is loaded only where there is a password."""

_LONGEST = 127
"""Bytes of a password that PDF knows. Of a longer one some readers drop the rest, others do not."""

_ARCHIVAL = "{http://www.aiim.org/pdfa/ns/id/}"


def prepared(password: str) -> str:
    """The password as people type it, which every reader of PDFs takes for the same.

    PDF asks for SASLprep (RFC 4013), which not all readers follow. Raises ValueError, which does not show it, where
    they would differ.
    """
    typed = normalize("NFC", password)
    if not typed.strip():
        raise ValueError("is empty; put the password into it")
    if len(typed.encode()) > _LONGEST:
        raise ValueError(f"has more than {_LONGEST} bytes in UTF-8, where PDF readers differ; shorten it")
    if normalize("NFKC", typed) != typed or any(map(stringprep.in_table_b1, typed)):
        raise ValueError("holds a character that PDF readers take for another; use plain letters, digits and signs")
    if not _runs_one_way(typed):
        raise ValueError("mixes writing from right to left with other characters as PDF readers refuse it; use one")
    return typed


def encrypted(pdf: bytes, password: str) -> bytes:
    """The copy, of other bytes each time. Raises RenderError where the library is missing."""
    try:
        import pikepdf  # noqa: PLC0415 - an extra: most reports have no password
    except ImportError as error:
        raise RenderError(f"A PDF with a password needs pikepdf: {INSTALL}") from error

    secret = prepared(password)
    # Who has the password may do all: an empty one for the owner would open the file to everyone.
    lock = pikepdf.Encryption(owner=secret, user=secret, R=6, allow=pikepdf.Permissions(accessibility=True))
    copy = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            for claim in [name for name in metadata if name.startswith(_ARCHIVAL)]:
                del metadata[claim]
        document.save(copy, encryption=lock)
    return copy.getvalue()


def _runs_one_way(text: str) -> bool:
    """Whether letters from right to left, where there are any, stand first and last, and none from left to right."""
    if not any(map(stringprep.in_table_d1, text)):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))

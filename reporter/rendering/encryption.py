"""Encryption of a finished PDF with a password, by AES-256 as in PDF 2.0.

The copy keeps tags and attachments, but not the PDF/A claim, since PDF/A does not allow encryption.
"""

import io
import stringprep
from unicodedata import normalize

from reporter.domain.errors import RenderError, installing

INSTALL = installing("password")
"""Installation command for the library, which is loaded only if there is a password."""

_LONGEST = 127
"""Maximum length of a PDF password in bytes; some PDF readers truncate longer ones, others do not."""

_ARCHIVAL = "{http://www.aiim.org/pdfa/ns/id/}"


def prepared(password: str) -> str:
    """The normalized password, which all PDF readers interpret alike.

    PDF requires SASLprep (RFC 4013), which not all readers implement. Raises ValueError, without the password in it, if
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
    """The encrypted copy, with different bytes each time. Raises RenderError if the library is missing."""
    try:
        import pikepdf  # noqa: PLC0415 - an extra: most reports have no password
    except ImportError as error:
        raise RenderError(f"A PDF with a password needs pikepdf: {INSTALL}") from error

    secret = prepared(password)
    # One password for all permissions; an empty owner password would open the file to everyone.
    lock = pikepdf.Encryption(owner=secret, user=secret, R=6, allow=pikepdf.Permissions(accessibility=True))
    copy = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            for claim in [name for name in metadata if name.startswith(_ARCHIVAL)]:
                del metadata[claim]
        document.save(copy, encryption=lock)
    return copy.getvalue()


def _runs_one_way(text: str) -> bool:
    """Whether right-to-left letters, if any, are first and last, and no left-to-right letters occur (RFC 3454, 6)."""
    if not any(map(stringprep.in_table_d1, text)):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))

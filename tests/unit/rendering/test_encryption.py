"""A PDF that opens only with a password: which passwords all PDF viewers accept, and what is kept of the file."""

import io
import subprocess
import unicodedata
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pypdf import PasswordType, PdfReader

from reporter.rendering.encryption import encrypted, prepared
from reporter.rendering.pdf import renderer
from tests.unit.rendering.test_pdf import STYLE, page

UA, ARCHIVAL = "{http://www.aiim.org/pdfua/ns/id/}part", "{http://www.aiim.org/pdfa/ns/id/}part"


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """An archival file."""
    return renderer().render(page("<h1>Acme</h1><p>74 %"), STYLE)


@pytest.mark.parametrize(
    "password", ["hush", "two words ", "naïve €", "пароль", "סיסמה", "パスワード", "x" * 127, "ß" * 63]
)
def test_every_reader_opens_it_with_the_password_alone(password: str, pdf: bytes, tmp_path: Path) -> None:
    """Four PDF viewers open it with the password, in any script and up to the maximum length, and with no other."""
    file = tmp_path / "copy.pdf"
    file.write_bytes(encrypted(pdf, password))
    for typed in (password, "", "Hush", f"{password}!"[-100:]):
        is_right = typed == password
        assert (PdfReader(file).decrypt(typed) is not PasswordType.NOT_DECRYPTED) == is_right
        qpdf = ["qpdf", "--password-mode=bytes", f"--password={typed}", "--requires-password", str(file)]
        assert (subprocess.run(qpdf, check=False, capture_output=True).returncode == 3) == is_right
        mutool = ["mutool", "pages", "-p", typed, str(file)]
        assert (subprocess.run(mutool, check=False, capture_output=True).returncode == 0) == is_right
        assert _opens_in_chrome(file, typed) == is_right


def _opens_in_chrome(file: Path, password: str) -> bool:
    try:
        pypdfium2.PdfDocument(file, password=password).close()
    except pypdfium2.PdfiumError:
        return False
    return True


def test_it_is_the_same_document_but_for_the_claim_of_the_archive(pdf: bytes) -> None:
    """Tags, text, and PDF/UA are kept, PDF/A is not; AES-256 covers the metadata, and accessibility is allowed."""
    copy = encrypted(pdf, "hush")
    assert b"pdfuaid" not in copy
    with pikepdf.open(io.BytesIO(copy), password="hush") as document, document.open_metadata() as metadata:
        assert (metadata[UA], metadata.get(ARCHIVAL), metadata["dc:title"]) == ("1", None, "A page")
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en"
        assert (document.encryption.R, document.encryption.bits) == (6, 256)
        assert document.encryption.stream_method.name == document.encryption.file_method.name == "aesv3"
        assert document.allow.accessibility
    reader = PdfReader(io.BytesIO(copy), password="hush")
    assert reader.pages[0].extract_text() == PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_letters_with_marks_are_the_same_however_they_are_composed(pdf: bytes) -> None:
    """A password with decomposed characters equals the one that people type."""
    apart = unicodedata.normalize("NFD", "naïveté")
    assert apart != "naïveté"
    reader = PdfReader(io.BytesIO(encrypted(pdf, apart)))
    assert reader.decrypt("naïveté") is not PasswordType.NOT_DECRYPTED


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("hush" * 50, "more than 127 bytes"),
        ("ß" * 64, "more than 127 bytes"),
        ("hush²", "take for another"),
        ("hush\u034fhush", "take for another"),
        ("hush סיסמה", "from right to left"),
        ("\u05e0 2026", "from right to left"),
    ],
)
def test_what_readers_differ_about_is_refused_unseen(password: str, reason: str) -> None:
    """A password that only some PDF viewers accept would lock recipients out, and is refused without being shown."""
    with pytest.raises(ValueError, match=reason) as caught:
        prepared(password)
    assert not password.strip() or password not in str(caught.value)

"""PDF passwords: the emailed copy is encrypted, and the archive keeps the unencrypted file, for verification."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pypdf import PasswordType, PdfReader
from pypdf.errors import FileNotDecryptedError

from tests.office import APRIL, CEO, CFO, CHEAP, NOW, PROJECT, Office, office, parts, words

TO_CEO = (*APRIL, "--to", CEO)
ALL, OWN = "HYPERREP_PDF_PASSWORD", "HYPERREP_PDF_PASSWORD_ACME"
PASSWORD = "long ago, in a naïve мир"
SENTENCE = "The PDF opens with the password that was agreed with you."

NO_PIKEPDF = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name == "pikepdf" else found(name, path, target)

PathFinder.find_spec = find_spec
"""
"""Every Python that finds it as `sitecustomize` runs as without the extra."""


@contextmanager
def locking(folder: Path) -> Iterator[Office]:
    """An office whose reports all have the password."""
    with office(folder) as place:
        place.environment[ALL] = PASSWORD
        place.configure(f'pdf_password_env = "{ALL}"\n')
        yield place


def opened(wire: bytes, password: str = PASSWORD) -> PdfReader:
    """An email's attachment, opened with a password that must be right."""
    reader = PdfReader(io.BytesIO(parts(wire)[3]))
    assert reader.is_encrypted
    assert reader.decrypt(password) is not PasswordType.NOT_DECRYPTED
    return reader


def test_the_mail_is_locked_and_the_archive_is_not(tmp_path: Path) -> None:
    """The copy and its attachments use AES-256; the email says so; the archived file is open and can be verified."""
    with locking(tmp_path) as place:
        report = place.report(*TO_CEO)
        (stored,) = place.mail.stored
        text, html, _, attached = parts(stored.wire)
        assert (words(text).count(SENTENCE), words(html).count(SENTENCE)) == (1, 1)
        locked = PdfReader(io.BytesIO(attached))
        assert {locked.decrypt(wrong) for wrong in ("", "wrong", ALL)} == {PasswordType.NOT_DECRYPTED}
        with pytest.raises(FileNotDecryptedError):
            locked.pages[0].extract_text()
        assert b"Acme" not in attached
        scheme = locked.trailer.raw_get("/Encrypt").get_object()
        assert (scheme["/R"], scheme["/CF"]["/StdCF"]["/CFM"]) == (6, "/AESV3")
        reader = opened(stored.wire)
        assert reader.attachments["report.json"] == [place.archived("report.json")]
        archived = place.archived("report.pdf")
        kept = PdfReader(io.BytesIO(archived))
        assert reader.attachments == kept.attachments
        assert [page.extract_text() for page in reader.pages] == [page.extract_text() for page in kept.pages]
        assert report["pdf_sha256"] == hashlib.sha256(archived).hexdigest()
        assert b"pdfaid:part" in archived
        assert stored.wire == place.archived("email.eml")
        assert place.run("verify").code == 0


@pytest.mark.slow
def test_a_retry_has_the_very_same_bytes_and_a_later_reader_a_copy_of_the_same_file(tmp_path: Path) -> None:
    """A retry sends the same encrypted bytes; an added recipient gets the same pages, encrypted separately."""
    with locking(tmp_path) as place:
        place.mail.faults = {"DOT": ["452 4.3.1 Insufficient system storage"]}
        place.report(*TO_CEO, code=75)
        wire, pdf = place.archived("email.eml"), place.archived("report.pdf")
        place.let_time_pass()
        place.report(*TO_CEO)
        place.environment[ALL] = "another, from now on"
        place.api.now = NOW.replace(day=9)
        place.report(*TO_CEO, "--to", CFO)
        first, second = place.mail.stored
        assert (place.readers(), first.wire) == ([CEO, CFO], wire)
        assert place.archived("report.pdf") == pdf
        pages = [[page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]]
        pages += [[page.extract_text() for page in opened(first.wire).pages]]
        pages += [[page.extract_text() for page in opened(second.wire, "another, from now on").pages]]
        assert pages[0] == pages[1] == pages[2]
        assert place.run("verify").code == 0


@pytest.mark.slow
def test_a_report_has_a_password_of_its_own(tmp_path: Path) -> None:
    """The report names a variable, or its file, for its password; without any, PDFs are sent as archived."""
    with office(tmp_path) as place:
        (tmp_path / "password").write_text(f"{PASSWORD}\n", "utf-8")
        place.environment[f"{OWN}_FILE"] = str(tmp_path / "password")
        place.configure(
            CHEAP + f'period = "month"\nrecipients = ["{CEO}"]\n[[reports]]\norganization = "Acme Roofing"\n'
            f'pdf_password_env = "{OWN}"\n[[reports]]\norganization = "Alpine Snow Removal"\n'
        )
        assert place.run().code == 0
        mails = {parts(stored.wire)[2].split(" –")[0]: stored.wire for stored in place.mail.stored}
    opened(mails["Acme Roofing"])
    text, html, _, attached = parts(mails["Alpine Snow Removal"])
    assert not PdfReader(io.BytesIO(attached)).is_encrypted
    assert SENTENCE not in words(text) + words(html)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, f"{OWN}: is named for the PDF of a report, and is not set; set it, or {OWN}_FILE."),
        ("", f"{OWN}: is named for the PDF of a report, and is not set; set it, or {OWN}_FILE."),
        ("   ", f"{OWN}: is empty; put the password into it."),
        ("hush" * 50, f"{OWN}: has more than 127 bytes in UTF-8, where PDF readers differ; shorten it."),
    ],
)
def test_a_password_that_is_none_stops_the_run(value: str | None, reason: str, tmp_path: Path) -> None:
    """Exit 2 with one sentence that does not show it, before any request: no PDF is sent unencrypted instead."""
    with office(tmp_path) as place:
        if value is not None:
            place.environment[OWN] = value
        place.configure(f'pdf_password_env = "{OWN}"\n')
        done = place.run(*TO_CEO)
        assert (done.code, place.api.asked, place.mail.connections) == (2, [], 0)
        assert done.err.count(reason) == 1
        assert "hush" not in done.out + done.err
        assert reason in place.run("doctor").out


@pytest.mark.slow
def test_without_the_extra_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    """Exit 2, and no PDF is sent unencrypted instead; `doctor` reports it, even if the password is missing as well."""
    (tmp_path / "sitecustomize.py").write_text(NO_PIKEPDF)
    with locking(tmp_path) as place:
        place.environment["PYTHONPATH"] = f"{tmp_path}:{PROJECT}"
        place.starts_programs = True
        done = place.run(*TO_CEO)
        assert (done.code, place.mail.connections) == (2, 0)
        told = [done.err, place.run("doctor").out]
        del place.environment[ALL]
        told.append(place.run("doctor").out)
    assert all(
        "needs pikepdf: in a checkout, pip install --no-deps --require-hashes -r requirements/password.txt" in text
        for text in told
    )
    assert "is not set" in told[2]


@pytest.mark.slow
def test_doctor_tells_who_has_a_password_and_its_test_is_locked(tmp_path: Path) -> None:
    """The reports with a password are counted, and the test send opens with it."""
    with locking(tmp_path) as place:
        assert _told(place, "passwords") == "1 of 1 report would be sent as a PDF with a password"
        place.run("doctor", "--send-test", CEO, "--org", "Acme Roofing")
        (stored,) = place.mail.stored
        opened(stored.wire)
        del place.environment[ALL]
        place.configure("")
        assert _told(place, "passwords") == "no report has one, so the PDFs in emails are not protected"


def _told(place: Office, check: str) -> str:
    findings = place.run("doctor", "--json").document["findings"]
    return next(str(finding["text"]) for finding in findings if finding["check"] == check)

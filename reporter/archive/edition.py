"""An edition of a report in the archive: its files and their names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reporter import codec
from reporter.domain.snapshot import Organization
from reporter.domain.window import Window

if TYPE_CHECKING:
    from reporter.rendering.rendered_report import ReportFiles

PDF = "report.pdf"
DATA = codec.FILE
RECEIPT = "receipt.json"
MAIL = "email.eml"
_MAIL_FILE = re.compile(r"email(-[0-9]{2,})?\.eml")


def mail_file(position: int) -> str:
    """File name of the email to the recipient at this position: `email.eml`, then `email-02.eml` and so on."""
    return MAIL if position == 0 else f"email-{position + 1:02}.eml"


def is_mail_file(name: str) -> bool:
    """Whether an untrusted name is that of an email file; other names and paths are not opened."""
    return _MAIL_FILE.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Edition:
    """One report's finished files by name; `revision` is above 1 if an operator forced a new edition."""

    organization: Organization
    window: Window
    files: Mapping[str, bytes]
    revision: int = 1


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition in the archive: its folder, and the SHA-256 of its PDF."""

    folder: Path
    pdf_sha256: str


def edition_files(files: "ReportFiles") -> Mapping[str, bytes]:
    """A rendered report's files by their names in the archive."""
    return {PDF: files.pdf, DATA: files.data}

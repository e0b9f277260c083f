"""What every way of installing the command must make of `--demo`: read from the archive, as a reader opens it."""

from pathlib import Path

from pypdf import PdfReader


def pages_by_report(archive: Path) -> dict[str, int]:
    """The number of pages of every report's PDF, by its path within the archive; empty when none was made."""
    return {str(pdf.relative_to(archive)): len(PdfReader(pdf).pages) for pdf in sorted(archive.rglob("report.pdf"))}

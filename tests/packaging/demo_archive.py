"""What `--demo` must produce, however the command was installed: read from the archive, as a person opens it."""

from pathlib import Path

from pypdf import PdfReader


def pages_by_report(archive: Path) -> dict[str, int]:
    """The number of pages of every report's PDF, by its path within the archive; empty without reports."""
    return {str(pdf.relative_to(archive)): len(PdfReader(pdf).pages) for pdf in sorted(archive.rglob("report.pdf"))}

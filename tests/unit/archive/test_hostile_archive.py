"""An untrusted archive, or one that others can write to, gives no access to anything outside of it."""

import asyncio
import json
from pathlib import Path

import pytest

from reporter.archive.store import Archive
from reporter.archive.verification import DiscrepancyKind, verify
from reporter.domain.errors import ArchiveError, ReporterError
from tests.unit.archive.samples import ACME, NEW, OLD, WEEK, edition, tree

FOLDER = "acme-roofing/week/2026-W17"
PLACES = [
    ".state",
    ".state/archive.lock",
    ".state/editions",
    ".state/unrecorded",
    ".state/index.json",
    "manifest.json",
    "index.html",
    "acme-roofing",
    "acme-roofing/organization.json",
    "acme-roofing/week",
    FOLDER,
    f"{FOLDER}/report.pdf",
    f"{FOLDER}/report.json",
    f"{FOLDER}/receipt.json",
    f"{FOLDER}/email.eml",
]
"""Every kind of file and folder in an archive."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive with one report."""
    archive = Archive(tmp_path / "reports")
    archive.keep(edition())
    archive.close()
    return archive.root


async def _whole_run(root: Path) -> None:
    """Everything that a run does to an archive, from the first read to the last write."""
    archive = Archive(root)
    archive.check_writable()
    async with archive.editing(ACME, WEEK):
        archive.find(ACME, WEEK)
        archive.keep(edition({**NEW, "receipt.json": b"{}"}))
    archive.close()


@pytest.mark.parametrize("place", PLACES)
def test_a_symbolic_link_anywhere_changes_nothing_elsewhere(place: str, root: Path, tmp_path: Path) -> None:
    """Whichever file or folder is a link, nothing is written or removed at its target, and the run reports why."""
    is_folder = place in {".state", ".state/editions", "acme-roofing", "acme-roofing/week", FOLDER}
    elsewhere = tmp_path / "elsewhere"
    path = root / place
    if is_folder:
        path.mkdir(parents=True, exist_ok=True)
        path.rename(elsewhere)
        (elsewhere / ".theirs.tmp").write_bytes(b"not ours to tidy up")
    else:
        path.unlink(missing_ok=True)
        elsewhere.write_bytes(b"theirs")
    path.symlink_to(elsewhere)
    before = tree(elsewhere) if is_folder else elsewhere.read_bytes()
    with pytest.raises(ReporterError, match=r"symbolic link|cannot be locked|organization\.json"):
        asyncio.run(_whole_run(root))
    assert (tree(elsewhere) if is_folder else elsewhere.read_bytes()) == before


@pytest.mark.parametrize("name", ["../secret", "acme-roofing/../../secret", "/etc/passwd", ".."])
def test_a_manifest_that_names_what_lies_outside_is_refused(name: str, root: Path, tmp_path: Path) -> None:
    """Neither verification nor the next run reads anything outside."""
    (tmp_path / "secret").write_bytes(b"theirs")
    (root / "manifest.json").write_text(json.dumps({"schema": 1, "files": {name: {"sha256": "00", "size": 6}}}))
    with pytest.raises(ArchiveError, match=r"manifest\.json is damaged \(it names '.*', which is no path below it"):
        verify(root, lambda _data: {})
    archive = Archive(root)
    archive.keep(edition(NEW))
    with pytest.raises(ArchiveError, match="no path below it"):
        archive.close()


def test_a_linked_edition_is_told_as_a_link(root: Path, tmp_path: Path) -> None:
    """Verification reports the link; its target is not what was archived."""
    (root / FOLDER).rename(tmp_path / "elsewhere")
    (root / FOLDER).symlink_to(tmp_path / "elsewhere")
    found = {(finding.path, finding.fault) for finding in verify(root, lambda _data: OLD).findings}
    assert (FOLDER, DiscrepancyKind.LINK) in found
    assert (f"{FOLDER}/report.pdf", DiscrepancyKind.MISSING) in found

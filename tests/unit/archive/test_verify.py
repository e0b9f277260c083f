"""Verification finds every difference, reports nothing else, and checks again if other processes are writing."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from reporter import __version__
from reporter.archive.store import Archive
from reporter.archive.verification import DiscrepancyKind, Verification, verify
from reporter.codec import document
from reporter.domain.errors import RenderError, UsageError
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Organization
from tests.unit.archive.samples import edition, finish, report, start

PLACE = "acme-roofing/week/2026-W17"
AJAX = Organization("2", "Ajax")


def make(data: ReportData) -> Mapping[str, bytes]:
    """Render a small edition from the data alone."""
    content = document(data, figures=[], headlines=[])
    return {"report.pdf": b"%PDF " + content[:200], "report.json": content}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of two organizations' editions, one with an email."""
    archive = Archive(tmp_path / "reports")
    kept = archive.keep(edition(make(report())))
    archive.add(kept, {"email.eml": b"Subject: x\r\n"})
    archive.keep(edition(make(report(AJAX)), organization=AJAX))
    archive.close()
    return archive.root


def faults(found: Verification) -> list[tuple[str, DiscrepancyKind]]:
    """The findings by path."""
    return [(finding.path, finding.fault) for finding in found.findings]


def other_version(root: Path, name: str = "report.json") -> None:
    """Rewrite an edition's data as another version of the program would have written it."""
    archive = Archive(root)
    kept = archive.keep(edition(make(report())))
    old = (kept.folder / name).read_bytes().replace(f'"version": "{__version__}"'.encode(), b'"version": "0.0.1"')
    archive.add(kept, {name: old})
    archive.record()


def test_an_archive_as_it_was_has_no_findings(root: Path) -> None:
    """Every file and edition is counted, nothing is found, and nothing is written."""
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    found = verify(root, make)
    assert (found.files, found.editions, found.findings, found.is_valid) == (8, 2, (), True)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_changed_missing_unlisted_and_linked_files_are_named(root: Path) -> None:
    """Each difference from the manifest is one finding with the file's path."""
    (root / PLACE / "email.eml").write_bytes(b"Subject: y\r\n")
    (root / "ajax/organization.json").unlink()
    (root / "notes.txt").write_text("mine")
    (root / "link").symlink_to(root / "ajax")
    found = verify(root, make)
    assert faults(found) == [
        (f"{PLACE}/email.eml", DiscrepancyKind.CHANGED),
        ("ajax/organization.json", DiscrepancyKind.MISSING),
        ("link", DiscrepancyKind.LINK),
        ("notes.txt", DiscrepancyKind.UNLISTED),
    ]
    assert not found.is_valid


def test_a_pdf_that_its_data_does_not_make_is_found(root: Path) -> None:
    """A PDF that was replaced together with its manifest entry still differs from the PDF rendered from its data."""
    archive = Archive(root)
    archive.keep(edition({**make(report()), "report.pdf": b"forged"}))
    archive.record()
    found = verify(root, make)
    assert faults(found) == [(PLACE, DiscrepancyKind.DIFFERS)]
    assert found.findings[0].text == "rendered again, it differs in report.pdf"


def test_figures_beside_the_data_are_made_again_too(root: Path) -> None:
    """Data whose printed figures were changed differs from the data computed again."""
    forged = json.loads((root / PLACE / "report.json").read_bytes()) | {"headlines": ["All is well."]}
    archive = Archive(root)
    archive.keep(edition({**make(report()), "report.json": json.dumps(forged).encode()}))
    archive.record()
    assert faults(verify(root, make)) == [(PLACE, DiscrepancyKind.DIFFERS)]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"schema": 1}'])
def test_damaged_data_is_found_and_the_others_are_still_checked(root: Path, damage: bytes) -> None:
    """An edition that cannot be rendered again is reported with the reason."""
    (root / "ajax/week/2026-W17/report.json").write_bytes(damage)
    (root / PLACE / "email.eml").unlink()
    assert set(faults(verify(root, make))) == {
        ("ajax/week/2026-W17/report.json", DiscrepancyKind.CHANGED),
        ("ajax/week/2026-W17", DiscrepancyKind.UNREADABLE),
        (f"{PLACE}/email.eml", DiscrepancyKind.MISSING),
    }


@pytest.mark.parametrize("error", [RenderError("the document has flaws"), KeyError("figure")])
def test_an_edition_that_cannot_be_rendered_is_found(root: Path, error: Exception) -> None:
    """Any error while an edition is rendered again is a finding about that edition."""

    def fail(data: ReportData) -> Mapping[str, bytes]:
        if data.organization == AJAX:
            raise error
        return make(data)

    assert faults(verify(root, fail)) == [("ajax/week/2026-W17", DiscrepancyKind.UNREADABLE)]


def test_another_versions_report_that_differs_is_told_but_no_error(root: Path) -> None:
    """If another version rendered the edition, a difference is reported but is not an error."""
    other_version(root)
    assert verify(root, make).findings == ()
    found = verify(root, lambda data: {**make(data), "report.pdf": b"another look"})
    assert (PLACE, DiscrepancyKind.OTHER_VERSION) in faults(found)
    assert f"version 0.0.1 rendered it, this is {__version__}" in next(
        f.text for f in found.findings if f.path == PLACE
    )
    assert ("ajax/week/2026-W17", DiscrepancyKind.DIFFERS) in faults(found)


NAMED = b'%%PDF pdf:Producer="Pango %b"'


def test_a_pdf_that_other_libraries_rendered_differs_without_fault(root: Path) -> None:
    """After an upgrade of Pango the PDF differs: both versions are named, and it is not an error."""
    archive = Archive(root)
    archive.keep(edition({**make(report()), "report.pdf": NAMED % b"1.50.12"}))
    archive.record()
    found = verify(root, lambda data: {**make(data), "report.pdf": NAMED % b"1.56.3"}, below=(PLACE,))
    assert faults(found) == [(PLACE, DiscrepancyKind.OTHER_LIBRARIES)]
    assert (
        found.findings[0].text
        == "rendered again, it differs in report.pdf: rendered by Pango 1.50.12; here Pango 1.56.3"
    )
    assert found.is_valid


def test_other_libraries_excuse_neither_a_changed_file_nor_changed_data(root: Path) -> None:
    """A PDF that differs from the archived one, a PDF that names no library, and differing data are still errors."""

    def remake(data: ReportData) -> Mapping[str, bytes]:
        return {**make(data), "report.pdf": NAMED % b"1.56.3"}

    (root / PLACE / "report.pdf").write_bytes(NAMED % b"1.50.12")
    assert (f"{PLACE}/report.pdf", DiscrepancyKind.CHANGED) in faults(verify(root, remake, below=(PLACE,)))
    archive = Archive(root)
    archive.keep(edition({**make(report()), "report.pdf": b"names none"}))
    archive.record()
    assert faults(verify(root, remake, below=(PLACE,))) == [(PLACE, DiscrepancyKind.DIFFERS)]
    forged = json.loads(make(report())["report.json"]) | {"headlines": ["All is well."]}
    changed = {"report.pdf": NAMED % b"1.50.12", "report.json": json.dumps(forged).encode()}
    archive.keep(edition({**make(report()), **changed}))
    archive.record()
    assert faults(verify(root, remake, below=(PLACE,))) == [(PLACE, DiscrepancyKind.DIFFERS)]


def test_former_revisions_are_checked_too(root: Path) -> None:
    """Former revisions are checked against the manifest and their data like all other editions."""
    archive = Archive(root)
    archive.keep(edition({**make(report()), "extra.txt": b"new"}, revision=2))
    archive.close()
    assert (verify(root, make).editions, verify(root, make).findings) == (3, ())
    (root / PLACE / "revision-1/report.pdf").write_bytes(b"forged")
    assert faults(verify(root, make)) == [
        (f"{PLACE}/revision-1", DiscrepancyKind.DIFFERS),
        (f"{PLACE}/revision-1/report.pdf", DiscrepancyKind.CHANGED),
    ]


def test_only_what_is_asked_for_is_checked(root: Path) -> None:
    """With a folder given, nothing else is checked; a folder without archived files is refused."""
    (root / PLACE / "email.eml").unlink()
    assert verify(root, make, below=["ajax"]).findings == ()
    assert (verify(root, make, below=["ajax"]).files, verify(root, make, below=["ajax"]).editions) == (3, 1)
    assert faults(verify(root, make, below=[PLACE, "ajax"])) == [(f"{PLACE}/email.eml", DiscrepancyKind.MISSING)]
    with pytest.raises(UsageError, match="nothing archived below aja"):
        verify(root, make, below=["aja"])


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    """A folder without a manifest is refused."""
    with pytest.raises(UsageError, match=r"is no archive: it has no manifest\.json"):
        verify(tmp_path, make)


def test_an_unfinished_run_is_told_but_no_error(root: Path) -> None:
    """Announced files that are not yet recorded are no difference; the next run records them."""
    archive = Archive(root)
    archive.add(archive.keep(edition(make(report()))), {"email.eml": b"Subject: z\r\n"})
    found = verify(root, make)
    assert (f"{PLACE}/email.eml", DiscrepancyKind.UNFINISHED) in faults(found)
    assert found.is_valid
    archive.record()
    assert verify(root, make).findings == ()


def test_an_archive_can_be_verified_while_it_is_written(root: Path) -> None:
    """While other processes keep and record editions without pause, no difference is found."""
    writers = [start("keep_many(*sys.argv[1:])", root, name) for name in ("one", "two")]
    known = {DiscrepancyKind.UNFINISHED, DiscrepancyKind.UNREADABLE}  # the writers' data is not a report
    while any(writer.poll() is None for writer in writers):
        assert {fault for _, fault in faults(verify(root, make))} <= known
    finish(writers)
    assert {fault for _, fault in faults(verify(root, make))} == {DiscrepancyKind.UNREADABLE}

"""An edition is stored completely, with its former revisions, and no crash or concurrent process loses anything."""

import hashlib
import json
import signal
from pathlib import Path

import pytest

from reporter.archive.manifest import measured
from reporter.archive.store import Archive
from reporter.archive.verification import DiscrepancyKind, verify
from reporter.domain.errors import ArchiveError, UsageError
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Organization
from tests.unit.archive.samples import ACME, NEW, OLD, WEEK, edition, finish, start, tree

PLACE = "acme-roofing/week/2026-W17"
REVISIONS = ("revision-1", "revision-2")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(tmp_path / "reports")


def manifest(archive: Archive) -> dict[str, object]:
    """The files in the manifest."""
    files: dict[str, object] = json.loads((archive.root / "manifest.json").read_bytes())["files"]
    return files


def no_files(data: ReportData) -> dict[str, bytes]:
    """Render nothing: these editions contain no report."""
    return {}


def assert_recorded(archive: Archive) -> None:
    """Assert that the manifest is sorted and describes exactly the files of the archive."""
    paths = tree(archive.root).keys() - {"manifest.json"}
    entries = {path: measured(archive.root, archive.root / path) for path in sorted(paths)}
    expected = {path: {"sha256": entry.sha256, "size": entry.size} for path, entry in entries.items() if entry}
    assert list(manifest(archive).items()) == list(expected.items())


def test_a_new_root_is_made_and_proved(tmp_path: Path) -> None:
    """Checking a root creates the folder with its parents, and nothing else."""
    Archive(tmp_path / "a/b").check_writable()
    assert [path.name for path in (tmp_path / "a/b").rglob("*")] == [".state"]


def test_a_root_that_cannot_be_written_is_a_wrong_option(locked_folder: Path) -> None:
    """A root that cannot be created or written to gives one sentence that names the missing permission."""
    with pytest.raises(
        UsageError, match=r"^The output folder .*/reports cannot be written \(Permission denied\): give"
    ):
        Archive(locked_folder / "reports").check_writable()
    with pytest.raises(UsageError, match=r"\(Permission denied\): give the user"):
        Archive(locked_folder).check_writable()


@pytest.mark.parametrize("name", ["file", "file/below", "zero\0byte", "long" * 100])
def test_a_root_that_can_be_no_folder_is_a_wrong_option(tmp_path: Path, name: str) -> None:
    """A file in place of the folder, or an invalid path, gives one sentence each."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^The output folder .*: "):
        Archive(tmp_path / name).check_writable()


def test_an_edition_lies_where_the_contract_says(archive: Archive) -> None:
    """The path consists of organization, period, and label, and the result has the PDF's hash."""
    kept = archive.keep(edition(OLD))
    assert kept.folder == archive.root / PLACE
    assert {path.name: path.read_bytes() for path in kept.folder.iterdir()} == OLD
    assert kept.pdf_sha256 == hashlib.sha256(OLD["report.pdf"]).hexdigest()
    assert archive.folder(ACME, WEEK) == kept.folder


def test_an_edition_is_found_when_pdf_and_data_are_there(archive: Archive) -> None:
    """An edition is not found before it is kept, with half of it lost, or in another window; finding writes nothing."""
    assert archive.find(ACME, WEEK) is None
    assert not archive.root.exists()
    kept = archive.keep(edition(OLD))
    assert Archive(archive.root).find(ACME, WEEK) == kept
    assert archive.find(ACME, WEEK.previous()) is None
    (kept.folder / "report.pdf").unlink()
    assert archive.find(ACME, WEEK) is None


def test_the_manifest_names_every_file(archive: Archive) -> None:
    """After the run is closed, every file except the manifest and the program's state has its hash and size."""
    archive.keep(edition(OLD))
    archive.keep(edition(OLD, organization=Organization("2", "Ajax")))
    archive.close()
    assert manifest(archive).keys() == {
        f"{PLACE}/report.pdf",
        f"{PLACE}/report.json",
        "acme-roofing/organization.json",
        "ajax/organization.json",
        "ajax/week/2026-W17/report.pdf",
        "ajax/week/2026-W17/report.json",
        "index.html",
    }
    assert_recorded(archive)


def test_the_manifest_follows_what_is_added_and_changed(archive: Archive) -> None:
    """An email and a receipt added to an edition, and a replaced receipt, are recorded."""
    kept = archive.keep(edition(OLD))
    archive.add(kept, {"email.eml": b"Subject: x\r\n", "receipt.json": b"{}\n"})
    archive.close()
    assert_recorded(archive)
    archive.add(kept, {"receipt.json": b'{"deliveries": []}\n'})
    archive.record()
    assert_recorded(archive)


def test_the_manifest_does_not_bless_what_was_not_kept(archive: Archive) -> None:
    """A PDF changed by someone else stays a difference when its receipt is updated."""
    kept = archive.keep(edition(OLD))
    archive.close()
    (kept.folder / "report.pdf").write_bytes(b"forged")
    archive.add(kept, {"email.eml": b"Subject: x\r\n", "receipt.json": b"{}\n"})
    archive.close()
    found = verify(archive.root, no_files).findings
    assert (f"{PLACE}/report.pdf", DiscrepancyKind.CHANGED) in {(finding.path, finding.fault) for finding in found}
    assert f"{PLACE}/receipt.json" not in {finding.path for finding in found}


def test_the_manifest_follows_a_renamed_organization(archive: Archive) -> None:
    """The folder's `organization.json` with the new name is recorded."""
    archive.keep(edition(OLD))
    archive.close()
    again = Archive(archive.root)
    again.keep(edition(OLD, organization=Organization(ACME.id, "Ajax")))
    again.close()
    assert_recorded(archive)


def test_keeping_the_same_edition_again_changes_nothing(archive: Archive) -> None:
    """A second run over the same data leaves every byte and every file unchanged."""
    kept = archive.keep(edition(OLD))
    archive.close()
    inodes = {path: (archive.root / path).stat().st_ino for path in tree(archive.root)}
    again = Archive(archive.root)
    assert again.keep(edition(OLD)) == kept
    again.close()
    assert {path: (archive.root / path).stat().st_ino for path in tree(archive.root)} == inodes


def test_a_revision_keeps_what_it_replaces(archive: Archive) -> None:
    """Each former revision is moved aside with its receipt; keeping the revision again moves nothing more."""
    first = archive.keep(edition(OLD))
    archive.add(first, {"receipt.json": b"first\n"})
    for _ in range(2):
        second = archive.keep(edition(NEW, revision=2))
        assert {path.name: path.read_bytes() for path in second.folder.iterdir() if path.is_file()} == NEW
    archive.add(second, {"receipt.json": b"second\n"})
    archive.keep(edition(NEW, revision=2))
    third = archive.keep(edition(OLD, revision=3))
    aside = {path: {file.name: file.read_bytes() for file in (third.folder / path).iterdir()} for path in REVISIONS}
    assert aside["revision-1"] == {**OLD, "receipt.json": b"first\n"}
    assert aside["revision-2"] == {**NEW, "receipt.json": b"second\n"}
    assert {path.name: path.read_bytes() for path in third.folder.iterdir() if path.is_file()} == OLD
    assert third == first
    archive.close()
    assert_recorded(archive)


def test_a_forced_revision_of_nothing_sets_nothing_aside(archive: Archive) -> None:
    """If there are no former files, a revision is kept like any other edition."""
    kept = archive.keep(edition(OLD, revision=2))
    assert sorted(path.name for path in kept.folder.iterdir()) == sorted(OLD)


def test_a_linked_period_folder_is_refused(archive: Archive, tmp_path: Path) -> None:
    """A link inside an organization's folder cannot redirect its report to another organization's folder."""
    theirs = archive.keep(edition(OLD, organization=Organization("2", "Ajax")))
    ours = archive.keep(edition(OLD)).folder.parent
    ours.rename(tmp_path / "gone")
    ours.symlink_to(theirs.folder.parent)
    with pytest.raises(ArchiveError, match="acme-roofing/week is a symbolic link"):
        archive.keep(edition(NEW))
    assert (theirs.folder / "report.pdf").read_bytes() == OLD["report.pdf"]


def test_a_damaged_manifest_is_named(archive: Archive) -> None:
    """A damaged manifest is neither trusted nor overwritten."""
    archive.keep(edition(OLD))
    for content in (b"{", b"[]", b'{"schema": 2, "files": {}}', b'{"schema": 1, "files": {"a": {}}}'):
        (archive.root / "manifest.json").write_bytes(content)
        with pytest.raises(ArchiveError, match=r"manifest\.json is damaged .*: put back a copy"):
            archive.record()
        assert (archive.root / "manifest.json").read_bytes() == content


def test_processes_that_record_at_once_lose_nothing(archive: Archive) -> None:
    """Three processes, two with the same editions, leave a complete manifest and index."""
    code = "keep_many(*sys.argv[1:])"
    finish([start(code, archive.root, name) for name in ("one", "two", "two")])
    assert len(manifest(archive)) == 2 * (25 * len(OLD) + 1) + 1
    assert_recorded(archive)
    assert (archive.root / "index.html").read_text().count('<th scope="row">') == 50


@pytest.mark.slow
@pytest.mark.parametrize("revision", [1, 2])
def test_a_kill_at_any_step_tears_nothing_and_the_next_run_mends(
    archive: Archive, tmp_path: Path, revision: int
) -> None:
    """If a run is killed before any file system change, every file is old or new, and the next run repairs the rest."""
    archive.keep(edition(OLD))
    archive.close()
    finish([start("crash_everywhere(*sys.argv[1:])", archive.root, tmp_path / "crashed", revision)])
    wanted = Archive(tmp_path / "wanted")
    wanted.keep(edition(OLD))
    wanted.keep(edition(NEW, revision=revision))
    wanted.close()
    crashed = sorted((tmp_path / "crashed").iterdir())
    assert len(crashed) > 20
    for root in crashed:
        for name in OLD:
            assert (root / PLACE / name).read_bytes() in (OLD[name], NEW[name])
        assert {finding.fault for finding in verify(root, no_files).findings} <= {
            DiscrepancyKind.UNFINISHED,
            DiscrepancyKind.UNREADABLE,
        }
        healing = Archive(root)
        healing.keep(edition(NEW, revision=revision))
        healing.close()
        assert tree(root) == tree(wanted.root)


def test_a_kill_in_the_middle_of_a_write_tears_nothing(archive: Archive) -> None:
    """If a run is killed while writing a file, the old file is kept; the next run removes the incomplete one."""
    archive.keep(edition(OLD))
    archive.close()
    process = start("crash_in_a_write(*sys.argv[1:])", archive.root)
    process.communicate()
    assert process.returncode == -signal.SIGXFSZ
    assert {path.name: path.read_bytes() for path in (archive.root / PLACE).glob("report.*")} == OLD
    assert list((archive.root / PLACE).glob(".*.tmp"))
    archive.close()
    assert_recorded(archive)
    assert not list((archive.root / PLACE).glob(".*.tmp"))


@pytest.mark.slow
def test_a_kill_at_any_moment_tears_nothing(archive: Archive) -> None:
    """A process killed while it keeps editions leaves complete files, and the next run restores consistency."""
    for kept in range(1, 6):
        process = start("keep_for_ever(*sys.argv[1:])", archive.root)
        assert process.stdout
        assert [process.stdout.readline() for _ in range(kept)] == ["kept\n"] * kept
        process.kill()
        process.communicate()
        for name in OLD:
            assert (archive.root / PLACE / name).read_bytes() in (OLD[name], NEW[name])
        healing = Archive(archive.root)
        healing.keep(edition(OLD))
        healing.close()
        assert_recorded(healing)
        assert not [path for path in tree(archive.root) if path.endswith(".tmp")]


def test_the_same_editions_give_the_same_bytes(tmp_path: Path) -> None:
    """Hash seed, time zone, and language of the machine do not change a byte of the archive."""
    environments = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8"},
    ]
    roots = [tmp_path / "one", tmp_path / "two"]
    code = "keep_many(*sys.argv[1:])"
    finish([start(code, root, "Ünï", environment=each) for root, each in zip(roots, environments, strict=True)])
    assert tree(roots[0]) == tree(roots[1])
    assert len(tree(roots[0])) > 50

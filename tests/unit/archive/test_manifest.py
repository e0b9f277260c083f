"""An announced change survives the process that announced it."""

from pathlib import Path

from reporter.archive.manifest import Manifest
from reporter.files import write


def test_a_torn_announcement_hides_no_later_one(tmp_path: Path) -> None:
    """A line cut off by a power failure is skipped; later announcements are recorded."""
    manifest = Manifest(tmp_path)
    write(tmp_path, tmp_path / "a/report.pdf", b"pdf")
    manifest.announce(["gone"])
    with (tmp_path / ".state/unrecorded").open("ab") as file:
        file.write(b"/etc/passwd\n../x\n\xff\0\na/rep")
    manifest.announce(["a/report.pdf"])
    manifest.record()
    assert manifest.entries().keys() == {"a/report.pdf"}
    assert manifest.unrecorded() == frozenset()


def test_what_is_announced_and_gone_leaves_the_manifest(tmp_path: Path) -> None:
    """A file that was removed on purpose leaves the manifest; one that vanished is still expected."""
    manifest = Manifest(tmp_path)
    for name in ("removed", "vanished"):
        write(tmp_path, tmp_path / name, b"")
    manifest.announce(["removed", "vanished"])
    manifest.record()
    for name in ("removed", "vanished"):
        (tmp_path / name).unlink()
    manifest.announce(["removed"])
    manifest.record()
    assert manifest.entries().keys() == {"vanished"}


def test_a_folder_above_the_archive_is_left_alone(tmp_path: Path) -> None:
    """Removing empty folders stops at the root and does not follow links."""
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    for folder in (tmp_path, outside):
        write(tmp_path, folder / ".mine.tmp", b"")
    manifest = Manifest(root)
    write(root, root / ".report.pdf.00.tmp", b"")
    (root / "linked").symlink_to(outside)
    manifest.announce(["report.pdf", "linked/report.pdf"])
    manifest.record()
    assert (tmp_path / ".mine.tmp").exists()
    assert (outside / ".mine.tmp").exists()
    assert not (root / ".report.pdf.00.tmp").exists()

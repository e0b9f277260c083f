"""Files are written completely or not at all, and never outside the archive."""

import errno
import os
import resource
from pathlib import Path

import pytest

from reporter.domain.errors import ArchiveError
from reporter.files import explained, json_bytes, make_folder, read, sweep, unfinished_name, write


def test_a_file_is_written_with_its_folders_and_readable_by_all(tmp_path: Path) -> None:
    """A new file is created with its folders, has mode 0644 under the usual umask, and is reported as written."""
    before = os.umask(0o022)
    assert write(tmp_path, tmp_path / "a/b/c.txt", b"content")
    os.umask(before)
    assert (tmp_path / "a/b/c.txt").read_bytes() == b"content"
    assert (tmp_path / "a/b/c.txt").stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path / "a/b") == ["c.txt"]  # noqa: PTH208


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    """A file with unchanged bytes is left in place; one with changed bytes is replaced."""
    path = tmp_path / "c.txt"
    write(tmp_path, path, b"content")
    inode = path.stat().st_ino
    assert not write(tmp_path, path, b"content")
    assert path.stat().st_ino == inode
    assert write(tmp_path, path, b"CONTENT")
    assert path.read_bytes() == b"CONTENT"


def test_a_reader_of_the_old_file_keeps_it(tmp_path: Path) -> None:
    """A process with the file open reads the old bytes to the end, because a file is replaced, never overwritten."""
    path = tmp_path / "report.pdf"
    write(tmp_path, path, b"old")
    with path.open("rb") as reader:
        write(tmp_path, path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_a_full_disk_leaves_the_old_file_and_no_litter(small_disk: Path) -> None:
    """If the disk is full, the error says so and how to fix it, and nothing has changed."""
    write(small_disk, small_disk / "report.pdf", b"old")
    with pytest.raises(ArchiveError, match=r"report\.pdf cannot be written \(No space left.*free some space"):
        write(small_disk, small_disk / "report.pdf", b"new" * 100_000)
    assert (small_disk / "report.pdf").read_bytes() == b"old"
    assert [path.name for path in small_disk.iterdir()] == ["report.pdf"]


def test_a_file_too_large_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    """A size limit reached during a write is rolled back and explained."""
    write(tmp_path, tmp_path / "report.pdf", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(ArchiveError, match=r"report\.pdf cannot be written \(File too large\): raise the limit"):
            write(tmp_path, tmp_path / "report.pdf", b"new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "report.pdf").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_an_unwritable_folder_is_explained(locked_folder: Path) -> None:
    """Without write permission, the old file is kept and the error names the missing permission."""
    with pytest.raises(ArchiveError, match=r"Permission denied\): give the user who runs reports the right"):
        write(locked_folder, locked_folder / "report.pdf", b"new")
    assert (locked_folder / "report.pdf").read_bytes() == b"old"


@pytest.mark.parametrize(("place", "reason"), [("file/report.pdf", "file away"), ("folder", "folder away")])
def test_something_in_the_way_is_explained(tmp_path: Path, place: str, reason: str) -> None:
    """A file in place of a folder, or a folder in place of a file, is named with a fix."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArchiveError, match=reason):
        write(tmp_path, tmp_path / place, b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize("inside", [True, False])
def test_a_symbolic_link_is_refused_wherever_it_leads(tmp_path: Path, inside: bool) -> None:  # noqa: FBT001
    """Nothing is written or read through a linked folder or file."""
    root, elsewhere = tmp_path / "root", tmp_path / ("root/other" if inside else "elsewhere")
    make_folder(root)
    make_folder(elsewhere)
    (elsewhere / "file").write_bytes(b"theirs")
    (root / "folder").symlink_to(elsewhere)
    (root / "file").symlink_to(elsewhere / "file")
    for path in (root / "folder/file", root / "file"):
        with pytest.raises(ArchiveError, match="is a symbolic link"):
            write(root, path, b"ours")
        with pytest.raises(ArchiveError, match="is a symbolic link"):
            read(root, path)
    assert (elsewhere / "file").read_bytes() == b"theirs"


def test_a_path_that_climbs_out_is_refused(tmp_path: Path) -> None:
    """A path that contains two dots is refused before anything is changed."""
    with pytest.raises(ArchiveError, match="leads out of the archive"):
        write(tmp_path / "root", tmp_path / "root/../other", b"")
    assert not list(tmp_path.iterdir())


def test_what_killed_writers_left_is_swept(tmp_path: Path) -> None:
    """Incomplete files and folders are removed; everything else is kept."""
    (tmp_path / unfinished_name("report.pdf.00ff")).write_bytes(b"half")
    make_folder(tmp_path / unfinished_name("revision-1") / "deep")
    (tmp_path / "report.pdf").write_bytes(b"whole")
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_json_is_sorted_and_readable_and_always_utf_8() -> None:
    """Keys are sorted, letters are not escaped, and half a surrogate pair stays an escape."""
    assert json_bytes({"b": "é", "a": ["\ud800"]}) == '{\n "a": [\n  "\\ud800"\n ],\n "b": "é"\n}\n'.encode()


def test_a_folder_that_is_taken_away_is_explained(tmp_path: Path) -> None:
    """If the folder vanishes during a write, the hint fits a write and does not ask to restore a file."""
    place = tmp_path / "gone/report.pdf"
    with (
        pytest.raises(ArchiveError, match=r"cannot be written \(.*\): its folder was removed meanwhile"),
        explained(place, "written"),
    ):
        place.write_bytes(b"new")


def test_a_file_that_may_not_be_read_is_explained(tmp_path: Path) -> None:
    """If read permission is missing, the error asks for read permission, not for write permission."""
    with (
        pytest.raises(ArchiveError, match=r"cannot be read \(Permission denied\): .* the right to read it"),
        explained(tmp_path, "read"),
    ):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_an_unknown_reason_is_still_a_sentence(tmp_path: Path) -> None:
    """A missing file is an ArchiveError with the system's reason, not a traceback."""
    with pytest.raises(ArchiveError, match=rf"gone cannot be read \({os.strerror(errno.ENOENT)}\): put it back"):
        read(tmp_path, tmp_path / "gone")

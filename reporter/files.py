"""Durable, atomic file writes for the archive: a file is written beside its target and renamed.

Every path must be below the archive's root; symbolic links on the way are rejected, never followed.
"""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reporter.domain.errors import ArchiveError

_ADVICE = {
    errno.ENOSPC: "free some space there and run again",
    errno.EDQUOT: "raise the quota or free some space there and run again",
    errno.EFBIG: "raise the limit on file sizes and run again",
    errno.EACCES: "give the user who runs reports the right to write there",
    errno.EPERM: "give the user who runs reports the right to write there",
    errno.EROFS: "choose an output folder on a file system that can be written",
    errno.ENOTDIR: "move the file away that is in the place of a folder",
    errno.EEXIST: "move the file away that is in the place of a folder",
    errno.EISDIR: "move the folder away that is in the place of a file",
    errno.ENOENT: "its folder was removed meanwhile: leave the archive in its place and run again",
}
_ADVICE_READING = {
    errno.ENOENT: "put it back or make the report again",
    errno.EACCES: "give the user who runs reports the right to read it",
    errno.EPERM: "give the user who runs reports the right to read it",
}
"""Advice for read errors, where it differs from that for write errors."""


def json_bytes(document: Any) -> bytes:
    """The document as JSON in one canonical form, so that equal values give equal bytes.

    It is UTF-8 with sorted keys, an indent of one space, and a final newline.
    An unpaired surrogate, which UTF-8 cannot encode, becomes a JSON escape.
    """
    text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def write(root: Path, path: Path, content: bytes) -> bool:
    """Write `content` durably to `path` below `root`; return False if the file already has the same bytes.

    Atomic: `path` always has either its previous bytes or all of the new ones. Raises ArchiveError.
    """
    refuse_links(root, path)
    with explained(path, "written"):
        if _holds(path, content):
            return False
        make_folder(path.parent)
        _replace(path, content)
    return True


def read(root: Path, path: Path) -> bytes:
    """The bytes at `path` below `root`; raises ArchiveError."""
    refuse_links(root, path)
    with explained(path, "read"):
        return path.read_bytes()


def refuse_links(root: Path, path: Path) -> None:
    """Raise ArchiveError if the path from `root` to `path` leaves the archive or includes a symbolic link."""
    if ".." in path.relative_to(root).parts:
        raise ArchiveError(f"{path} leads out of the archive {root}: give a path below it")
    if link := link_on_the_way(root, path):
        raise ArchiveError(f"{link} is a symbolic link, which is not followed: replace it with what it points to")


def link_on_the_way(root: Path, path: Path) -> Path | None:
    """The first symbolic link from below `root` down to `path` itself, or None."""
    parts = path.relative_to(root).parts
    steps = (root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1))
    return next((step for step in steps if step.is_symlink()), None)


def make_folder(folder: Path) -> None:
    """Create `folder` and its parents durably, so that they survive a power failure."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make changes to the folder's entries durable: a rename is not durable before this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished in `folder`; call only while no other process writes there."""
    with explained(folder, "tidied up"):
        for unfinished in folder.glob(unfinished_name("*")):
            if unfinished.is_dir() and not unfinished.is_symlink():
                shutil.rmtree(unfinished)
            else:
                unfinished.unlink(missing_ok=True)


def unfinished_name(name: str) -> str:
    """The temporary name of a file or folder until it is complete; it is ignored when the archive is read."""
    return f".{name}.tmp"


def is_unfinished(path: str) -> bool:
    """Whether `path` is an unfinished file or is in an unfinished folder."""
    return any(part.startswith(".") and part.endswith(".tmp") for part in path.split("/"))


@contextmanager
def explained(path: Path, done: str) -> Iterator[None]:
    """Translate an OSError to an ArchiveError that names the path, the reason, and the fix."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        known = {**_ADVICE, **_ADVICE_READING} if done == "read" else _ADVICE
        advice = known.get(error.errno or 0, "check the disk and run again")
        raise ArchiveError(f"{path} cannot be {done} ({reason}): {advice}") from error


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def _replace(path: Path, content: bytes) -> None:
    """Write a temporary file beside `path` and rename it; remove it if anything fails."""
    unfinished = path.with_name(unfinished_name(f"{path.name}.{secrets.token_hex(8)}"))
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)

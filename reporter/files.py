"""The ground the archive stands on: a file is written beside its place and renamed into it, or nothing has happened.

Every path is given with the archive's root and stays below it: a symbolic link on the way is refused, never followed.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reporter.domain.errors import ArchiveError

_ADVICE = {
    errno.ENOSPC: "free some space there and run again",
    errno.EDQUOT: "raise the quota or free some space there and run again",
    errno.EFBIG: "raise the limit on file sizes and run again",
    errno.EACCES: "give the user who runs reports the right to write there",
    errno.EPERM: "give the user who runs reports the right to write there",
    errno.EROFS: "choose an output folder on a file system that can be written",
    errno.ENOTDIR: "move the file away that stands where a folder belongs",
    errno.EEXIST: "move the file away that stands where a folder belongs",
    errno.EISDIR: "move the folder away that stands where a file belongs",
    errno.ENOENT: "its folder was taken away meanwhile: leave the archive in its place and run again",
}
_ADVICE_READING = {
    errno.ENOENT: "put it back or make the report again",
    errno.EACCES: "give the user who runs reports the right to read it",
    errno.EPERM: "give the user who runs reports the right to read it",
}
"""Where something else is to be done than when it cannot be changed."""


def write(root: Path, path: Path, content: bytes) -> bool:
    """Put `content` durably at `path` below `root`; False when the very same bytes lay there already.

    Whatever happens, `path` holds either its former bytes or all the new ones. Raises ArchiveError.
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
    """Raise ArchiveError when the way from `root` to `path` leaves the archive or leads through a symbolic link."""
    if ".." in path.relative_to(root).parts:
        raise ArchiveError(f"{path} leads out of the archive {root}: give a path below it")
    if link := link_on_the_way(root, path):
        raise ArchiveError(f"{link} is a symbolic link, which the archive does not follow: put what it names there")


def link_on_the_way(root: Path, path: Path) -> Path | None:
    """The first symbolic link from below `root` down to `path` itself, or None."""
    parts = path.relative_to(root).parts
    steps = (root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1))
    return next((step for step in steps if step.is_symlink()), None)


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it, so that they outlast a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's list of names durable: a rename counts only after this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed writers left unfinished in `folder`; call it only while no other process writes there."""
    with explained(folder, "tidied up"):
        for unfinished in folder.glob(unfinished_name("*")):
            if unfinished.is_dir() and not unfinished.is_symlink():
                shutil.rmtree(unfinished)
            else:
                unfinished.unlink(missing_ok=True)


def unfinished_name(name: str) -> str:
    """What a file or folder is called until it gets its `name`; a reader of the archive passes it over."""
    return f".{name}.tmp"


def is_unfinished(path: str) -> bool:
    """Whether `path` is of an unfinished file or leads through an unfinished folder."""
    return any(part.startswith(".") and part.endswith(".tmp") for part in path.split("/"))


@contextmanager
def explained(path: Path, done: str) -> Iterator[None]:
    """Turn an OSError inside into an ArchiveError that names the path, the reason and what to do."""
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
    """Write a new file beside `path` and rename it into place; leaves no litter when anything fails."""
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

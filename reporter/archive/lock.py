"""Locks: one process at a time changes the archive, and one works on an edition."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from filelock import AsyncFileLock, FileLock, Timeout

from reporter.domain.errors import ArchiveError
from reporter.files import explained, make_folder, refuse_links

STATE = ".state"
"""Folder below the root for the program's own state; it is not part of the archived content."""

_TIMEOUT = 300.0
"""Seconds to wait for another process; the longest operation under the lock is indexing a large archive."""

_EDITION_TIMEOUT = 900.0
"""Seconds to wait for another run of the same report: longer than an SMTP server may take for a message."""


class ArchiveLock:
    """The archive's reentrant lock; the kernel releases it if its holder dies."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / STATE / "archive.lock"
        self._lock = FileLock(self._path, timeout=_TIMEOUT, poll_interval=0.01, mode=0o644)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock inside the block. Raises ArchiveError if it cannot be acquired."""
        _prepare(self._root, self._path)
        with explained(self._path, "locked"):
            try:
                self._lock.acquire()
            except Timeout as error:
                raise ArchiveError(
                    f"{self._path} has been held by another process for {_TIMEOUT:.0f} seconds: wait for it to end"
                ) from error
        try:
            yield
        finally:
            self._lock.release()


@asynccontextmanager
async def edition_lock(root: Path, path: str) -> AsyncIterator[bool]:
    """Lock the edition at `path` from its first request to its last email; False if another run still holds it.

    Two runs of one report take turns, so that the second sees what the first has sent, and the files of an email that
    is being sent do not change.
    """
    lock_path = root / STATE / "editions" / f"{path.replace('/', '~')}.lock"  # outside the archived content
    _prepare(root, lock_path)
    lock = AsyncFileLock(lock_path, timeout=_EDITION_TIMEOUT, mode=0o644, thread_local=False)
    try:
        with explained(lock_path, "locked"):
            await lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        await lock.release()


def _prepare(root: Path, path: Path) -> None:
    """Create the folder of a lock file."""
    refuse_links(root, path)
    with explained(path, "locked"):
        make_folder(path.parent)

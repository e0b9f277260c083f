"""One process at a time changes the archive, and one makes an edition: who holds the lock may write."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from filelock import AsyncFileLock, FileLock, Timeout

from reporter.domain.errors import ArchiveError
from reporter.files import explained, make_folder, refuse_links

STATE = ".state"
"""The folder below the root for what the program remembers about the archive; it is no part of what is archived."""

_PATIENCE = 300.0
"""Seconds to wait for another process; the longest thing done under the lock is the index of a large archive."""

_EDITION_PATIENCE = 900.0
"""Seconds to wait for another run of the same report: longer than a server may take to answer for a mail."""


class ArchiveLock:
    """The archive's lock; the kernel frees it when its holder dies. A holder may take it again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / STATE / "archive.lock"
        self._lock = FileLock(self._path, timeout=_PATIENCE, poll_interval=0.01, mode=0o644)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for a while; raises ArchiveError when it cannot be had."""
        refuse_links(self._root, self._path)
        with explained(self._path, "locked"):
            make_folder(self._path.parent)
            try:
                self._lock.acquire()
            except Timeout as error:
                sentence = (
                    f"{self._path} has been held by another process for {_PATIENCE:.0f} seconds: wait for it to end"
                )
                raise ArchiveError(sentence) from error
        try:
            yield
        finally:
            self._lock.release()


@asynccontextmanager
async def edition_lock(root: Path, path: str) -> AsyncIterator[bool]:
    """Hold the edition at `path` from its first question to its last mail; False when another run is still at it.

    Two runs of one report take turns, so that the second finds what the first has sent, and the files of a mail that
    is being sent stay as they are.
    """
    lock_path = root / STATE / "editions" / f"{path.replace('/', '~')}.lock"  # outside of what is archived
    refuse_links(root, lock_path)
    with explained(lock_path, "locked"):
        make_folder(lock_path.parent)
    lock = AsyncFileLock(lock_path, timeout=_EDITION_PATIENCE, mode=0o644, thread_local=False)
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

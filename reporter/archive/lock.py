"""One process at a time changes the archive: who holds this lock may write, count and tidy up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reporter.archive.files import explained, make_folder
from reporter.errors import ArchiveError

STATE = ".state"
"""The folder below the root for what the program remembers about the archive; it is no part of what is archived."""

_PATIENCE = 300.0
"""Seconds to wait for another process; the longest thing done under the lock is the index of a large archive."""


class ArchiveLock:
    """The archive's lock; the kernel frees it when its holder dies. A holder may take it again."""

    def __init__(self, root: Path) -> None:
        self._path = root / STATE / "archive.lock"
        self._lock = FileLock(self._path, timeout=_PATIENCE, poll_interval=0.01, mode=0o644)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for a while; raises ArchiveError when it cannot be had."""
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

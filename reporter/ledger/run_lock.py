"""Locks that show which runs are alive: the kernel releases a run's lock when it dies, so nobody waits for the dead."""

from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from reporter.files import explained, make_folder


class RunLock:
    """The lock of one run, in a `folder` that all runs of an archive share; held while the block lasts.

    The lock file remains as a sign that the run has ended, until `forget` removes it.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._path = folder / f"{run}.lock"
        self._lock = FileLock(self._path, mode=0o644, thread_local=False)

    def __enter__(self) -> Self:
        with explained(self._path, "locked"):
            make_folder(self._folder)
            self._lock.acquire()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def has_ended(self, run: str) -> bool:
        """Whether another run has certainly ended; a run of another archive may still be alive."""
        path = self._folder / f"{run}.lock"
        if not path.exists():
            return False
        lock = FileLock(path, mode=0o644, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except (Timeout, OSError):
            return False
        lock.release()
        return True

    def forget(self, *, held: set[str]) -> None:
        """Remove the lock files of ended runs, except those that still hold a message."""
        for path in self._folder.glob("*.lock"):
            if path != self._path and path.stem not in held and self.has_ended(path.stem):
                path.unlink(missing_ok=True)

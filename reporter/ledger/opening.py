"""Open the ledger of an archive for one run; an archive that has lost its ledger sends nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from reporter.archive.lock import STATE
from reporter.domain.errors import ArchiveError, LedgerError
from reporter.files import explained, make_folder, read, refuse_links, write
from reporter.ledger.database import Database, read_url, sqlite_url
from reporter.ledger.ledger import Ledger

LEDGER = "ledger.sqlite3"
_IDENTITY = "ledger.id"
"""The file with the identity of the archive's ledger: another or a new ledger does not know what was sent."""

_RUNS = "runs"
_OWN = (LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm", f"{LEDGER}-journal", _RUNS)
"""Files below `.state` that are written without checks; the database follows links, so none may be a link."""


@contextmanager
def open_database(root: Path, address: str | None, clock: Callable[[], datetime]) -> Iterator[Database]:
    """The ledger's database: a file in the archive at `root`, or the server at `address`. Raises LedgerError."""
    refuse_linked(root)
    make_folder(root / STATE)
    database = Database(read_url(address) if address else sqlite_url(root / STATE / LEDGER), clock)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_ledger(
    root: Path, address: str | None, *, run: str, clock: Callable[[], datetime], sends: bool
) -> Iterator[Ledger]:
    """The ledger for a run; without `sends`, the run only renders reports and does not change what was sent.

    Raises LedgerError if the ledger cannot be used, or does not know what was sent from this archive.
    """
    with open_database(root, address, clock) as database:
        bind_if_new(root, database)
        if sends:
            refuse_foreign(root, database)
        with RunLock(root / STATE / _RUNS, run) as lock:
            ledger = Ledger(database, run, lock.has_ended)
            lock.forget(held=ledger.holders())
            yield ledger


def refuse_linked(root: Path) -> None:
    """Raise LedgerError if any file or folder that the ledger writes to is a link."""
    try:
        for name in _OWN:
            refuse_links(root, root / STATE / name)
    except ArchiveError as error:
        raise LedgerError(str(error)) from error


def has_ledger(root: Path, address: str | None) -> bool:
    """Whether there is a ledger to read; opening it would create one."""
    return address is not None or (root / STATE / LEDGER).is_file()


def bind_if_new(root: Path, database: Database) -> None:
    """Bind this ledger to the archive if the archive has no ledger and no report yet."""
    if not (root / STATE / _IDENTITY).exists() and not is_foreign(root, database.identity):
        bind(root, database)


def refuse_foreign(root: Path, database: Database) -> None:
    """Raise LedgerError if this is not the archive's ledger."""
    if is_foreign(root, database.identity):
        raise LedgerError(
            f"The archive holds reports, but {database.place} is not the ledger that knows who got them, so nothing is "
            "sent: restore its ledger, or rebuild one from the archive's receipts with "
            "`hyperrep-report resolve --from-receipts`."
        )


def is_foreign(root: Path, identity: str | None) -> bool:
    """Whether the archive has, or had, another ledger; `identity` None is a ledger that is yet to be created."""
    path = root / STATE / _IDENTITY
    if path.exists():
        return read(root, path).decode("ascii", "replace").strip() != identity
    return next(root.glob("*/*/*/report.pdf"), None) is not None


def bind(root: Path, database: Database) -> None:
    """Bind this ledger to the archive."""
    write(root, root / STATE / _IDENTITY, f"{database.identity}\n".encode("ascii"))


class RunLock:
    """The lock of one run, in a `folder` that all runs of an archive share; held while the block lasts.

    The kernel releases the lock of a run that dies, so no other run has to wait for it. The lock file remains as a sign
    that the run has ended, until `forget` removes it.
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
        try:
            with FileLock(path, mode=0o644, thread_local=False, blocking=False):
                return True
        except (Timeout, OSError):
            return False

    def forget(self, *, held: set[str]) -> None:
        """Remove the lock files of ended runs, except those that still hold a message."""
        for path in self._folder.glob("*.lock"):
            if path != self._path and path.stem not in held and self.has_ended(path.stem):
                path.unlink(missing_ok=True)

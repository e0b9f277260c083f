"""Open the ledger of an archive for one run; an archive that has lost its ledger sends nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from reporter.archive.lock import STATE
from reporter.domain.errors import ArchiveError, LedgerError
from reporter.files import make_folder, read, refuse_links, write
from reporter.ledger.database import Database, read_url, sqlite_url
from reporter.ledger.ledger import Ledger
from reporter.ledger.run_lock import RunLock

LEDGER = "ledger.sqlite3"
_IDENTITY = "ledger.id"
"""The file with the identity of the archive's ledger: another or a new ledger does not know what was sent."""

_RUNS = "runs"
_OWN = (LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm", f"{LEDGER}-journal", _RUNS)
"""Files below `.state` that are written without checks; the database follows links, so none may be a link."""


@contextmanager
def opened_database(root: Path, address: str | None, clock: Callable[[], datetime]) -> Iterator[Database]:
    """The ledger's database: a file in the archive at `root`, or the server at `address`. Raises LedgerError."""
    refuse_linked(root)
    make_folder(root / STATE)
    database = Database(read_url(address) if address else sqlite_url(root / STATE / LEDGER), clock)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_book(
    root: Path, address: str | None, *, run: str, clock: Callable[[], datetime], sends: bool
) -> Iterator[Ledger]:
    """The ledger for a run; without `sends`, the run only renders reports and does not change what was sent.

    Raises LedgerError if the ledger cannot be used, or does not know what was sent from this archive.
    """
    with opened_database(root, address, clock) as database:
        bind_if_new(root, database)
        if sends:
            refuse_foreign(root, database)
        with RunLock(root / STATE / _RUNS, run) as lock:
            book = Ledger(database, run, lock.has_ended)
            lock.forget(held=book.holders())
            yield book


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
            "sent: put its ledger back, or let `hyperrep-report resolve --from-receipts` make one of the archive's "
            "receipts."
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

"""Inspection of a ledger outside of a run: nothing is created, migrated, or bound."""

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, func, insert, select

from reporter import __version__
from reporter.archive.lock import STATE
from reporter.ledger.database import VERSION, Transaction, explained, read_url, shown_url, version_of
from reporter.ledger.database_schema import DELIVERIES, LEDGERS, METADATA, RUNS
from reporter.ledger.message_history import doubtful
from reporter.ledger.opening import LEDGER
from reporter.ledger.record import MessageRecord
from reporter.ledger.state import MessageState, Purpose

_PATIENCE = 5
"""Seconds to wait for a server, or for another process's transaction."""

_FORGOTTEN = timedelta(days=1)
"""A deferred email that is overdue by this much is forgotten: nothing runs that would send it."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found. `version` and `identity` are None if a server has no ledger tables yet.

    `flaws` are a file's, in SQLite's words. `is_logged`: it has a write-ahead log, so that it survives a crash and
    reads do not block. `doubtful` are emails whose delivery is uncertain; `forgotten` of the `deferred` are overdue.
    """

    place: str
    version: str | None
    identity: str | None
    flaws: tuple[str, ...] = ()
    is_logged: bool = True
    doubtful: Sequence[MessageRecord] = ()
    forgotten: int = 0
    deferred: int = 0


def inspected(root: Path, address: str | None, now: datetime) -> Inspection:
    """Inspect the ledger of the archive at `root`; `has_ledger` says whether there is one.

    A write is attempted and rolled back. Raises LedgerError if the ledger cannot be read or written.
    """
    place = shown_url(read_url(address)) if address else str(root / STATE / LEDGER)
    with explained(place):
        engine = _server(address) if address else _file(root / STATE / LEDGER)
        with engine.connect() as connection, connection.begin() as transaction:
            try:
                return _look(Transaction(connection, now), place)
            finally:
                transaction.rollback()


def _look(at: Transaction, place: str) -> Inspection:
    connection = at.connection
    flaws, is_logged = _as_file(connection) if connection.dialect.name == "sqlite" else ((), True)
    version = version_of(connection)
    identity = at.run(select(LEDGERS.c.identity)).scalar() if version else None
    if flaws or version not in {None, VERSION}:
        return Inspection(place, version, identity, flaws, is_logged)
    _try_to_write(at)
    waiting = (DELIVERIES.c.state == MessageState.DEFERRED, DELIVERIES.c.purpose == Purpose.REPORT)
    overdue = DELIVERIES.c.next_try <= at.now - _FORGOTTEN
    deferred, forgotten = (_count(at, *which) for which in (waiting, (*waiting, overdue)))
    return Inspection(place, version, identity, flaws, is_logged, doubtful(at), forgotten, deferred)


def _as_file(connection: Connection) -> tuple[tuple[str, ...], bool]:
    """The file's flaws, and whether it has a write-ahead log."""
    told = tuple(connection.exec_driver_sql("PRAGMA quick_check(5)").scalars())
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    return (() if told == ("ok",) else told), mode == "wal"


def _try_to_write(at: Transaction) -> None:
    """Do what a run does first: create the tables if missing, and record itself."""
    METADATA.create_all(at.connection)
    values = {"host": socket.gethostname(), "process": os.getpid(), "version": __version__}
    at.run(insert(RUNS).values(id=uuid.uuid4().hex, started_at=at.now, **values))


def _count(at: Transaction, *which: Any) -> int:
    number: int = at.run(select(func.count()).select_from(DELIVERIES).where(*which)).scalar_one()
    return number


def _server(address: str) -> Engine:
    return create_engine(read_url(address), poolclass=NullPool, connect_args={"connect_timeout": _PATIENCE})


def _file(path: Path) -> Engine:
    """The file, if it exists: in this mode, SQLite creates none."""
    url = URL.create("sqlite", database=path.absolute().as_uri(), query={"mode": "rw", "uri": "true"})
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE, "isolation_level": None})
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Take the write lock at once, as a run does."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")

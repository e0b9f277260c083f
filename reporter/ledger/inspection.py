"""Inspection of a ledger outside of a run: nothing is created, migrated, or bound."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, select

from reporter.archive.lock import STATE
from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.ledger.database import VERSION, Transaction, begin_immediate, explained, read_url, shown_url, version_of
from reporter.ledger.database_schema import DELIVERIES, LEDGERS, METADATA
from reporter.ledger.ledger import record_run
from reporter.ledger.message_history import unresolved
from reporter.ledger.opening import LEDGER
from reporter.ledger.record import MessageRecord

_PATIENCE = 5
"""Seconds to wait for a server, or for another process's transaction."""

_FORGOTTEN = timedelta(days=1)
"""A deferred email that is overdue by this much is forgotten: nothing runs that would send it."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found. `version` and `identity` are None if a server has no ledger tables yet.

    `flaws` are a file's, in SQLite's words. `is_logged`: it has a write-ahead log, so that it survives a crash and
    reads do not block. `unresolved` are emails whose delivery is uncertain; `forgotten` of the `deferred` are overdue.
    """

    place: str
    version: str | None
    identity: str | None
    flaws: tuple[str, ...] = ()
    is_logged: bool = True
    unresolved: Sequence[MessageRecord] = ()
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
                return _inspect(Transaction(connection, now), place)
            finally:
                transaction.rollback()


def _inspect(at: Transaction, place: str) -> Inspection:
    connection = at.connection
    flaws, is_logged = _as_file(connection) if connection.dialect.name == "sqlite" else ((), True)
    version = version_of(connection)
    identity = at.run(select(LEDGERS.c.identity)).scalar() if version else None
    if flaws or version not in {None, VERSION}:
        return Inspection(place, version, identity, flaws, is_logged)
    METADATA.create_all(connection)  # what a run writes first
    record_run(at, uuid.uuid4().hex)
    waiting = (DELIVERIES.c.state == DeliveryStatus.DEFERRED, DELIVERIES.c.purpose == Purpose.REPORT)
    retries = at.run(select(DELIVERIES.c.next_try).where(*waiting)).scalars().all()
    forgotten = sum(retry <= at.now - _FORGOTTEN for retry in retries)
    return Inspection(place, version, identity, flaws, is_logged, unresolved(at), forgotten, len(retries))


def _as_file(connection: Connection) -> tuple[tuple[str, ...], bool]:
    """The file's flaws, and whether it has a write-ahead log."""
    answers = tuple(connection.exec_driver_sql("PRAGMA quick_check(5)").scalars())
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    return (() if answers == ("ok",) else answers), mode == "wal"


def _server(address: str) -> Engine:
    return create_engine(read_url(address), poolclass=NullPool, connect_args={"connect_timeout": _PATIENCE})


def _file(path: Path) -> Engine:
    """The file, if it exists: in this mode, SQLite creates none."""
    url = URL.create("sqlite", database=path.absolute().as_uri(), query={"mode": "rw", "uri": "true"})
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE, "isolation_level": None})
    event.listen(engine, "begin", begin_immediate)
    return engine

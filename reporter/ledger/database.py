"""The ledger's database: a SQLite file in the archive, or a PostgreSQL database that several machines share."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Executable,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from reporter.domain.errors import LedgerError, installing
from reporter.ledger.database_schema import LEDGERS, METADATA, VERSIONS

VERSION = "0002"
"""The schema version that this program reads and writes: its latest migration."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_PATIENCE = 60
"""Seconds to wait for another process's transaction; the longest takes milliseconds."""

_NO_ADDRESS = "is not an address like postgresql://user@host/database"
_MIGRATING = 4_951_022_731
"""The PostgreSQL advisory lock under which one process at a time changes the schema."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """The connection of a transaction, and the database's current time."""

    connection: Connection
    now: datetime

    def run(self, statement: Executable) -> CursorResult[Any]:
        """Execute one statement and return its result."""
        return self.connection.execute(statement)


class Database:
    """The tables at `url`, in this program's version; `clock` gives the time if the database is a file.

    Raises LedgerError if they cannot be created, read, or written.
    """

    def __init__(self, url: URL, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.place = Path(url.database or "") if url.get_backend_name() == "sqlite" else shown_url(url)
        with explained(self.place):
            self._engine = _engine(url)
        try:
            self.identity = self._prepared()
        except LedgerError:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """A transaction: committed durably when the block ends, or rolled back completely."""
        with explained(self.place), self._engine.begin() as connection:
            yield Transaction(connection, self._now(connection))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _now(self, connection: Connection) -> datetime:
        """One clock for all who share the ledger: the server's, or this machine's for a file."""
        if connection.dialect.name == "sqlite":
            return self._clock()
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now

    def _prepared(self) -> str:
        """Migrate the tables to this version, verify that they can be written, and return the ledger's identity."""
        with self.transaction() as at:
            connection, now = at.connection, at.now
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
            found = version_of(connection)
            if found is None:  # create the tables as all migrations would
                METADATA.create_all(connection)
                connection.execute(insert(VERSIONS).values(version_num=VERSION))
            elif found < VERSION:
                _upgrade(connection)
            elif found > VERSION:
                raise LedgerError(
                    f"The ledger {self.place} is of a later version ({found}) than this program knows ({VERSION}): "
                    "update hyperrep-report."
                )
            identity: str | None = connection.execute(select(LEDGERS.c.identity)).scalar()
            if identity is None:
                identity = secrets.token_hex(16)
                connection.execute(insert(LEDGERS).values(identity=identity, made_at=now))
        return identity


@contextmanager
def explained(place: Path | str) -> Iterator[None]:
    """Translate errors to LedgerError; the message shows no statement, value, or password."""
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise LedgerError(_sentence(place, error)) from error


def sqlite_url(path: Path) -> URL:
    """The URL of a ledger in a file."""
    return URL.create("sqlite", database=str(path))


def read_url(address: str) -> URL:
    """The URL of a ledger on a server; raises ValueError with a reason that does not repeat it."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # a ValueError repeats what is in place of the port, perhaps a password
        raise ValueError(_NO_ADDRESS) from None
    if "@" in (url.host or ""):  # part of the password, which would be shown with the host
        raise ValueError(f"{_NO_ADDRESS}; in a password, write @ as %40, : as %3A and / as %2F")
    if url.get_backend_name() != "postgresql":
        raise ValueError("names a kind of database that the ledger does not know: use postgresql://")
    return url.set(drivername="postgresql+psycopg")


def shown_url(url: URL) -> str:
    """The URL to show, without its password and its query, which may contain another."""
    return url.set(query={}).render_as_string()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", begin_immediate)
    return engine


def _set_up(connection: Any, _record: Any) -> None:
    """Sync to disk at every commit; with NORMAL, a power failure could lose one."""
    connection.isolation_level = None  # the driver would begin transactions too late
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: two transactions that read first and then write would fail."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def version_of(connection: Connection) -> str | None:
    """The schema version of the ledger, None if it has no tables."""
    if not inspect(connection).has_table(VERSIONS.name):
        return None
    found: str | None = connection.execute(select(VERSIONS.c.version_num)).scalar()
    return found


def _upgrade(connection: Connection) -> None:
    """Run the missing migrations in the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - only an old ledger needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, VERSION)


def _sentence(place: Path | str, error: Exception) -> str:
    if isinstance(error, NoSuchModuleError | ModuleNotFoundError):
        return f"The ledger's database needs a driver: {installing('postgresql')}."
    cause = getattr(error, "orig", None) or error
    reason = " ".join(str(cause).split())[:200]
    return (
        f"The ledger {place} cannot be used ({reason}), so nothing is sent, as it could not be recorded. "
        "Fix that and run again."
    )

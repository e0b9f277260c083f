"""The ledger's database: its tables, its durability, and the error if it cannot be used."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, text

from reporter.domain.errors import LedgerError
from reporter.ledger import migrations
from reporter.ledger.database import VERSION, _upgrade, read_url, sqlite_url
from reporter.ledger.database_schema import METADATA
from tests.unit.ledger.ledgers import LedgerFixture, claimed, ledger_at, planned

NOBODY = 65534


def opened(url: URL) -> str:
    """Open and close the ledger at this address, and return its identity."""
    with ledger_at(url) as ledger:
        return ledger.database.identity


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Drop root privileges, so that permissions apply; the parent folders are made accessible."""
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and each != each.parent:
            each.chmod(each.stat().st_mode | 0o011)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_the_tables_are_those_of_the_migrations(ledger: LedgerFixture) -> None:
    """The tables of the migrations are the ones that the program uses, to the last column, index, and name."""
    with ledger.database.transaction() as at:
        context = MigrationContext.configure(at.connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_new_ledger_is_what_all_migrations_make(tmp_path: Path) -> None:
    """A new ledger is created without migrations, with exactly the same tables and version."""
    made, migrated = sqlite_url(tmp_path / "made"), sqlite_url(tmp_path / "migrated")
    opened(made)
    engine = create_engine(migrated)
    with engine.begin() as connection:
        _upgrade(connection)
    engine.dispose()
    assert _words(made) == _words(migrated)


def test_an_earlier_ledger_is_brought_up_to_date(url: URL) -> None:
    """A message that was being sent under the state's former name is uncertain to the next run, like any other."""
    with ledger_at(url) as ledger:
        first = ledger.run()
        first.commit(claimed(first, planned(first)[0]))
        with ledger.database.transaction() as at:
            for table in ("deliveries", "events"):
                at.run(text(f"UPDATE {table} SET state = 'committing' WHERE state = 'sending'"))
            at.run(text("UPDATE alembic_version SET version_num = '0001'"))
    with ledger_at(url) as ledger:
        ledger.dead.add(first.run)
        for _ in range(2):  # the first of them has the same name as the run that died
            ledger.run()
        assert ledger.states() == ["planned", "claimed", "sending", "unknown"]


def _words(url: URL) -> tuple[list[str], str]:
    """The SQL of each table and index in a file, sorted by name, and the version."""
    with closing(sqlite3.connect(str(url.database))) as file:
        made = file.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
        [(version,)] = file.execute("SELECT version_num FROM alembic_version").fetchall()
    return [" ".join(sql.split()) for (sql,) in made], version


def test_this_version_is_the_last_migration() -> None:
    """The program's schema version is that of the last migration."""
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_heads() == [VERSION]


def test_a_ledger_keeps_its_name(url: URL) -> None:
    """A ledger has the same identity when it is opened again, and a replacement would not."""
    assert opened(url) == opened(url)


def test_a_later_version_is_left_alone(url: URL) -> None:
    """A ledger of a later version of the program is refused, with a fix."""
    with ledger_at(url) as ledger, ledger.database.transaction() as at:
        at.run(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match=r"is of a later version \(9999\) .* update hyperrep-report\."):
        opened(url)


def test_a_failed_piece_of_work_leaves_nothing(ledger: LedgerFixture) -> None:
    """A transaction is written completely or not at all."""
    planned(ledger.run())

    def interrupted() -> None:
        with ledger.database.transaction() as at:
            at.run(text("DELETE FROM events"))
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        interrupted()
    assert len(ledger.events()) == 1


def test_a_file_is_as_durable_as_it_can_be(tmp_path: Path) -> None:
    """Every connection uses write-ahead logging and waits for the disk, so that a power failure loses nothing."""
    with ledger_at(sqlite_url(tmp_path / "ledger.sqlite3")) as ledger, ledger.database.transaction() as at:
        told = [at.run(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert told == ["wal", 2, 1]


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    """A file that is not a database is reported, nothing is sent, and the file is unchanged."""
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(LedgerError, match=rf"The ledger {path} cannot be used \(file is not a database\), so nothing"):
        opened(sqlite_url(path))
    assert path.read_bytes().startswith(b"no database")


def test_a_torn_file_is_a_sentence(tmp_path: Path) -> None:
    """A truncated ledger is never treated as complete."""
    path = tmp_path / "ledger.sqlite3"
    with ledger_at(sqlite_url(path)) as ledger:
        planned(ledger.run())
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(LedgerError, match="so nothing is sent"):
        opened(sqlite_url(path))


def test_a_ledger_without_its_tables_is_a_sentence(tmp_path: Path) -> None:
    """A ledger with a missing table is refused; the table is not silently created again."""
    path = tmp_path / "ledger.sqlite3"
    opened(sqlite_url(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE events")
    with ledger_at(sqlite_url(path)) as ledger, pytest.raises(LedgerError, match="no such table: events"):
        planned(ledger.run())


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """A path in a missing folder is reported."""
    with pytest.raises(LedgerError, match="unable to open database file"):
        opened(sqlite_url(tmp_path / "nowhere" / "ledger.sqlite3"))


@pytest.mark.parametrize("is_new", [True, False])
def test_a_ledger_that_cannot_be_written_is_a_sentence(tmp_path: Path, *, is_new: bool) -> None:
    """A read-only file system or user is an error before the first message."""
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / "ledger.sqlite3"
    if not is_new:
        opened(sqlite_url(path))
        path.chmod(0o444)
    folder.chmod(0o555)
    with as_nobody(folder), pytest.raises(LedgerError, match="so nothing is sent, as it could not be recorded"):
        opened(sqlite_url(path))


def test_a_server_that_is_gone_is_a_sentence_without_its_password() -> None:
    """An error never contains the password of an address, neither in our text nor in the driver's."""
    url = read_url("postgresql://reports:hush-hush@127.0.0.1:1/ledger")
    with pytest.raises(LedgerError) as told:
        opened(url)
    assert "127.0.0.1" in str(told.value)
    assert "hush-hush" not in str(told.value)


@pytest.mark.parametrize("address", ["mysql://host/ledger", "sqlite:///ledger", "nonsense", ""])
def test_only_postgresql_is_an_address(address: str) -> None:
    """Any other address is refused without being shown, because it may contain a password."""
    with pytest.raises(ValueError, match=r"^(is not an address|names a kind of database)"):
        read_url(address)


def test_a_transaction_has_the_file_to_itself_from_its_beginning(tmp_path: Path) -> None:
    """No other connection writes between a transaction's reads and writes, so that neither has to fail."""
    path = tmp_path / "ledger.sqlite3"
    with ledger_at(sqlite_url(path)) as ledger, ledger.database.transaction() as at:
        at.run(text("SELECT count(*) FROM deliveries")).scalar()
        with (
            closing(sqlite3.connect(path, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("DELETE FROM runs")

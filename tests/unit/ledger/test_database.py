"""The ledger's ground: its tables, how durable they are, and the sentence where it cannot be used."""

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
from tests.unit.ledger.ledgers import LedgerFixture, ledger_at, planned

NOBODY = 65534


def opened(url: URL) -> str:
    """The identity of the ledger at this address, opened and closed."""
    with ledger_at(url) as ledger:
        return ledger.database.identity


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """The user who may do anything gives that up, so that permissions count; the folders above are to be entered."""
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
    """What the migrations have made is what the program reads and writes, to the last column, index and name."""
    with ledger.database.transaction() as at:
        context = MigrationContext.configure(at.connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_new_ledger_is_what_all_migrations_make(tmp_path: Path) -> None:
    """A new ledger is made without them: to the word, its tables are those that they make, and so is its version."""
    made, migrated = sqlite_url(tmp_path / "made"), sqlite_url(tmp_path / "migrated")
    opened(made)
    engine = create_engine(migrated)
    with engine.begin() as connection:
        _upgrade(connection)
    engine.dispose()
    assert _words(made) == _words(migrated)


def _words(url: URL) -> tuple[list[str], str]:
    """What made each table and index of a file, in the order of their names, and its version."""
    with closing(sqlite3.connect(str(url.database))) as file:
        made = file.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
        [(version,)] = file.execute("SELECT version_num FROM alembic_version").fetchall()
    return [" ".join(sql.split()) for (sql,) in made], version


def test_this_version_is_the_last_migration() -> None:
    """A migration that is added is one that the program asks for."""
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_heads() == [VERSION]


def test_a_ledger_keeps_its_name(url: URL) -> None:
    """Opened again it is the same ledger, which another in its place would not be."""
    assert opened(url) == opened(url)


def test_a_later_version_is_left_alone(url: URL) -> None:
    """A ledger that a later program has changed is refused with what to do."""
    with ledger_at(url) as ledger, ledger.database.transaction() as at:
        at.run(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match=r"is of a later version \(9999\) .* update hyperrep-report\."):
        opened(url)


def test_a_failed_piece_of_work_leaves_nothing(ledger: LedgerFixture) -> None:
    """What a transaction has written is there as a whole, or not at all."""
    planned(ledger.run())

    def interrupted() -> None:
        with ledger.database.transaction() as at:
            at.run(text("DELETE FROM events"))
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        interrupted()
    assert len(ledger.events()) == 1


def test_a_file_is_as_durable_as_it_can_be(tmp_path: Path) -> None:
    """Every connection writes ahead and waits for the disk, so that a power cut takes back nothing."""
    with ledger_at(sqlite_url(tmp_path / "ledger.sqlite3")) as ledger, ledger.database.transaction() as at:
        told = [at.run(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert told == ["wal", 2, 1]


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    """A file that is no database is named, nothing is sent, and the file stays as it is."""
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(LedgerError, match=rf"The ledger {path} cannot be used \(file is not a database\), so nothing"):
        opened(sqlite_url(path))
    assert path.read_bytes().startswith(b"no database")


def test_a_torn_file_is_a_sentence(tmp_path: Path) -> None:
    """A ledger of which a disk has kept only the beginning is never taken for a whole one."""
    path = tmp_path / "ledger.sqlite3"
    with ledger_at(sqlite_url(path)) as ledger:
        planned(ledger.run())
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(LedgerError, match="so nothing is sent"):
        opened(sqlite_url(path))


def test_a_ledger_without_its_tables_is_a_sentence(tmp_path: Path) -> None:
    """A table that somebody has dropped is a ledger that does not know; it is not made again in silence."""
    path = tmp_path / "ledger.sqlite3"
    opened(sqlite_url(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE events")
    with ledger_at(sqlite_url(path)) as ledger, pytest.raises(LedgerError, match="no such table: events"):
        planned(ledger.run())


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(LedgerError, match="unable to open database file"):
        opened(sqlite_url(tmp_path / "nowhere" / "ledger.sqlite3"))


@pytest.mark.parametrize("is_new", [True, False])
def test_a_ledger_that_cannot_be_written_is_a_sentence(tmp_path: Path, *, is_new: bool) -> None:
    """A file system or a user that may only read stops everything before the first message."""
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / "ledger.sqlite3"
    if not is_new:
        opened(sqlite_url(path))
        path.chmod(0o444)
    folder.chmod(0o555)
    with as_nobody(folder), pytest.raises(LedgerError, match="so nothing is sent: nobody could remember it"):
        opened(sqlite_url(path))


def test_a_server_that_is_gone_is_a_sentence_without_its_password() -> None:
    """What is told of an address never has the password in it, neither ours nor the driver's words."""
    url = read_url("postgresql://reports:hush-hush@127.0.0.1:1/ledger")
    with pytest.raises(LedgerError) as told:
        opened(url)
    assert "127.0.0.1" in str(told.value)
    assert "hush-hush" not in str(told.value)


@pytest.mark.parametrize("address", ["mysql://host/ledger", "sqlite:///ledger", "nonsense", ""])
def test_only_postgresql_is_an_address(address: str) -> None:
    """Anything else is refused, and not repeated: it may hold a password."""
    with pytest.raises(ValueError, match=r"^(is not an address|names a kind of database)"):
        read_url(address)


def test_a_transaction_has_the_file_to_itself_from_its_beginning(tmp_path: Path) -> None:
    """Nobody writes between what it reads and what it writes: of two that did, one would be turned away."""
    path = tmp_path / "ledger.sqlite3"
    with ledger_at(sqlite_url(path)) as ledger, ledger.database.transaction() as at:
        at.run(text("SELECT count(*) FROM deliveries")).scalar()
        with (
            closing(sqlite3.connect(path, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("DELETE FROM runs")

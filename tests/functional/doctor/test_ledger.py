"""What `doctor` reports about the ledger (a file or a real PostgreSQL), without creating, changing, or claiming one."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reporter.delivery.channel import Claim, DeliveryKey, DeliveryStatus, SendResult
from reporter.doctor.archive import ledger
from reporter.doctor.check_result import ApiAnswer, CheckResult, Level, Subject
from reporter.ledger.ledger import Ledger
from reporter.ledger.opening import open_ledger
from tests.functional.doctor.examining import examined, now, told

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM
LATER = timedelta(hours=36)


def found(folder: Path, address: str | None = None, at: datetime | None = None) -> CheckResult:
    """The finding for the archive in the folder, and for its ledger there or at the address."""
    whole = examined(folder, {})
    whole = replace(whole, config=replace(whole.config, ledger=address))
    return ledger(Subject(whole, at or now(), ApiAnswer))


def remember(folder: Path, *outcomes: DeliveryStatus, address: str | None = None) -> None:
    """Record a run with one email for each of these outcomes."""
    with open_ledger(folder / "reports", address, run="run", clock=now, sends=True) as book:
        for number, status in enumerate(outcomes):
            book.settle(_claimed(book, f"{number}@acme.com"), SendResult(status, "as the server said"))


def _claimed(book: Ledger, recipient: str) -> Claim:
    key = DeliveryKey("org", "month", "2026-04", recipient, 1)
    book.plan([key], "Acme Roofing")
    claim = book.claim(key, "<1@acme.com>", "email.eml", "0" * 64)
    assert isinstance(claim, Claim)
    book.commit(claim)
    return claim


def files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_none_yet(tmp_path: Path) -> None:
    """Before the first email there is no ledger, which is fine, and the check creates none."""
    assert found(tmp_path).level is OK
    assert not (tmp_path / "reports").exists()


def test_a_sound_ledger(tmp_path: Path) -> None:
    """A sound ledger stays unchanged to the byte, although the check tests that it is writable."""
    remember(tmp_path, DeliveryStatus.ACCEPTED)
    before = files(tmp_path / "reports")
    finding = found(tmp_path)
    assert (finding.level, "can be read and written" in finding.text) == (OK, True), told(finding)
    assert files(tmp_path / "reports") == before


def test_what_a_person_has_to_settle(tmp_path: Path) -> None:
    """Emails of unknown outcome are counted and named; deferred ones are, too, once no run seems to retry them."""
    remember(tmp_path, DeliveryStatus.DEFERRED)
    assert (found(tmp_path).level, "1 deferred email" in found(tmp_path).text) == (OK, True)
    finding = found(tmp_path, at=now() + LATER)
    assert (finding.level, "schedule" in told(finding)) == (WARNING, True)
    remember(tmp_path / "other", DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.UNKNOWN)
    (tmp_path / "other").mkdir(exist_ok=True)
    finding = found(tmp_path / "other")
    assert (finding.level, "2 emails" in finding.text) == (WARNING, True)
    assert "beginning with 2, 3" in told(finding)


@pytest.mark.parametrize("at", [0, 4096])
def test_a_damaged_file(tmp_path: Path, at: int) -> None:
    """A file that is not a database, or whose pages are corrupt, is reported with the ways to recover."""
    remember(tmp_path, DeliveryStatus.ACCEPTED)
    path = tmp_path / "reports" / ".state" / "ledger.sqlite3"
    content = bytearray(path.read_bytes())
    content[at : at + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    finding = found(tmp_path)
    assert (finding.level, finding.exit_code) == (PROBLEM, 2)
    assert "--from-receipts" in told(finding)


def test_a_ledger_of_a_later_version(tmp_path: Path) -> None:
    """A ledger written by a newer version is left unchanged."""
    remember(tmp_path, DeliveryStatus.ACCEPTED)
    _tell(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    finding = found(tmp_path)
    assert (finding.level, "Update hyperrep-report" in told(finding)) == (PROBLEM, True)


def test_a_ledger_without_its_log(tmp_path: Path) -> None:
    """A file on a disk that does not support a write-ahead log gets a warning."""
    remember(tmp_path, DeliveryStatus.ACCEPTED)
    _tell(tmp_path, "PRAGMA journal_mode = DELETE")
    finding = found(tmp_path)
    assert (finding.level, "network" in told(finding)) == (WARNING, True)


def test_a_ledger_that_another_process_writes_to(tmp_path: Path) -> None:
    """A long-held lock on the ledger is a problem, because a run would also have to wait."""
    remember(tmp_path, DeliveryStatus.ACCEPTED)
    with closing(sqlite3.connect(tmp_path / "reports" / ".state" / "ledger.sqlite3")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        finding = found(tmp_path)
    assert (finding.level, "locked" in told(finding)) == (PROBLEM, True)


def test_a_ledger_that_is_not_the_archives(tmp_path: Path) -> None:
    """Another archive's ledger, or a missing one beside reports, is a problem, and is left unchanged."""
    remember(tmp_path, DeliveryStatus.ACCEPTED)
    state = tmp_path / "reports" / ".state"
    (state / "ledger.id").write_text("another\n")
    assert (found(tmp_path).level, (state / "ledger.id").read_text()) == (PROBLEM, "another\n")
    (state / "ledger.sqlite3").unlink()
    finding = found(tmp_path)
    assert (finding.level, "--from-receipts" in told(finding)) == (PROBLEM, True)


def test_a_ledger_behind_a_link(tmp_path: Path) -> None:
    """A symbolic link in place of the ledger is rejected by a run, and `doctor` does not follow it either."""
    remember(tmp_path / "other", DeliveryStatus.ACCEPTED)
    state = tmp_path / "reports" / ".state"
    state.mkdir(parents=True)
    (state / "ledger.sqlite3").symlink_to(tmp_path / "other" / "reports" / ".state" / "ledger.sqlite3")
    finding = found(tmp_path)
    assert (finding.level, "symbolic link" in told(finding)) == (PROBLEM, True)


def test_reports_of_which_no_ledger_knows(tmp_path: Path) -> None:
    """An archive with a report and no ledger has lost it."""
    edition = tmp_path / "reports" / "acme" / "month" / "2026-04"
    edition.mkdir(parents=True)
    (edition / "report.pdf").write_bytes(b"%PDF")
    assert found(tmp_path).level is PROBLEM
    assert not (tmp_path / "reports" / ".state").exists()


@pytest.mark.slow
def test_a_ledger_on_a_server(tmp_path: Path, database: str) -> None:
    """A ledger on a server is only read: without tables before the first run, with the run's tables after it."""
    finding = found(tmp_path, database)
    assert (finding.level, "creates its tables" in finding.text) == (OK, True), told(finding)
    assert "creates its tables" in found(tmp_path, database).text, "the tables that were tried are gone"
    remember(tmp_path, DeliveryStatus.UNKNOWN, address=database)
    finding = found(tmp_path, database)
    assert (finding.level, "1 email is uncertain" in finding.text) == (WARNING, True)
    assert "password" not in told(finding)


@pytest.mark.slow
def test_a_server_out_of_reach(tmp_path: Path, database: str) -> None:
    """A server that cannot be used is reported without its password."""
    secret = "not-the-passw0rd"
    address = f"postgresql://postgres:{secret}@{database.rpartition('@')[2]}"
    finding = found(tmp_path, address)
    assert (finding.level, finding.exit_code) == (PROBLEM, 2)
    assert secret not in told(finding)


def _tell(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "reports" / ".state" / "ledger.sqlite3")) as connection, connection:
        connection.execute(statement)

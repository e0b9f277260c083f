"""A disk that is full at any moment of a run, and a read-only ledger: what cannot be recorded is not sent."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporter.ledger.opening import LEDGER, open_ledger
from tests.daemons import installed
from tests.office import APRIL, CEO, CFO, CHEAP, Office, office, states

pytestmark = pytest.mark.slow

TO_TWO = ("--json", *APRIL, "--to", CEO, "--to", CFO)
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs a command with a limit on the size of each file, in bytes: writing more fails, as on a full disk."""

FRAME = 4096 + 24
"""Bytes of one page in SQLite's write-ahead log."""

LARGE = 600_000
"""More bytes than any file of a report has."""


@contextmanager
def nearly_full(place: Office, frames: int) -> Iterator[None]:
    """Leave room for this many more pages in the ledger, and enough for everything else."""
    archive = place.folder / "reports"
    with open_ledger(archive, None, run="first", clock=lambda: datetime.now(UTC), sends=True):
        pass
    log = archive / ".state" / f"{LEDGER}-wal"
    with closing(sqlite3.connect(archive / ".state" / LEDGER, isolation_level=None)) as ledger:
        ledger.execute("CREATE TABLE filling (bytes BLOB)")
        ledger.execute("INSERT INTO filling VALUES (zeroblob(?))", (LARGE,))
        ledger.execute("BEGIN")
        ledger.execute("SELECT count(*) FROM filling").fetchone()  # while this lasts the log only grows
        with limited(place, log.stat().st_size + frames * FRAME):
            yield


@contextmanager
def limited(place: Office, size: int) -> Iterator[None]:
    """Limit the size of every file that the command writes, in bytes."""
    place.under = (sys.executable, "-c", LIMITED, str(size))
    try:
        yield
    finally:
        place.under = ()


@pytest.mark.parametrize("frames", range(0, 36, 4))
def test_a_disk_that_is_full_before_any_note_sends_nothing_unnoted(frames: int, tmp_path: Path) -> None:
    """On a full disk, no final dot is sent unrecorded, and a reply that cannot be recorded leaves the state unknown.

    With space again, the next run sends what was not sent, and nothing twice.
    """
    with office(tmp_path) as place:
        place.configure(CHEAP)
        with nearly_full(place, frames):
            done = place.run(*TO_TWO)
            noted = states(tmp_path / "reports")
        has = place.readers()
        assert has == [to for to, state in zip((CEO, CFO), noted, strict=False) if state in {"sending", "accepted"}]
        told = {
            each["recipient"]: each["status"] for report in done.document["reports"] for each in report["deliveries"]
        }
        assert [to for to, state in told.items() if state in {"accepted", "unknown"}] == has
        assert done.code == (4 if "sending" in noted else 0 if has == [CEO, CFO] else 1 if frames else 2)
        again = place.run(*TO_TWO)
        assert (place.readers(), again.code) == ([CEO, CFO], 4 if "sending" in noted else 0)


def test_a_disk_without_room_for_the_report_sends_nothing(tmp_path: Path) -> None:
    """A report that cannot be archived is not emailed: exit 1, and the next run with space sends it."""
    with office(tmp_path) as place:
        place.configure(CHEAP)
        place.report(*TO_TWO[1:], "--as-of", "2026-04-10", "--no-email")
        with limited(place, 10_000):
            failed = place.run(*TO_TWO)
        assert (failed.code, place.readers()) in [(1, []), (2, [])], failed
        assert place.run(*TO_TWO).code == 0
        assert place.readers() == [CEO, CFO]


def test_a_ledger_that_may_only_be_read_sends_nothing(tmp_path: Path) -> None:
    """Exit 2 and a sentence, before the mail server is contacted; once the ledger is writable again, all is sent."""
    with office(tmp_path) as place:
        place.configure(CHEAP)
        place.report(*TO_TWO[1:], "--as-of", "2026-04-10", "--no-email")
        ledger = tmp_path / "reports" / ".state" / LEDGER
        ledger.chmod(0o444)
        if os.geteuid() == 0:  # root bypasses permissions, but can drop that privilege
            place.under = (str(installed("setpriv")), "--bounding-set=-dac_override")
        done = place.run(*TO_TWO)
        assert (done.code, place.mail.connections) == (2, 0)
        assert "so nothing is sent, as it could not be recorded" in done.err
        place.under = ()
        ledger.chmod(0o644)
        assert (place.run(*TO_TWO).code, place.readers()) == (0, [CEO, CFO])

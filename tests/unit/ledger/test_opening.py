"""Opening a ledger: whether it belongs to the archive, and which runs are alive."""

import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import LedgerError
from reporter.ledger.ledger import Ledger
from reporter.ledger.opening import LEDGER, RunLock, open_ledger
from tests.unit.delivery.mails import key_of
from tests.unit.ledger.ledgers import ACCEPTED, CEO, claimed, planned, refused, sent

ROOT = Path(__file__).parents[3]
DYING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from reporter.ledger.opening import open_ledger
from tests.unit.ledger.ledgers import claimed, planned

with open_ledger(Path(sys.argv[1]), None, run="dying", clock=lambda: datetime.now(UTC), sends=True) as book:
    claim = claimed(book, planned(book)[0])
    if sys.argv[2] == "sending":
        book.commit(claim)
    print("held", flush=True)
    sys.stdin.read()
"""


def book(root: Path, run: str = "run", *, sends: bool = True) -> AbstractContextManager[Ledger]:
    """The ledger as a run uses it."""
    return open_ledger(root, None, run=run, clock=lambda: datetime.now(UTC), sends=sends)


def make_edition(root: Path) -> None:
    """Create a report in the archive."""
    folder = root / "acme" / "month" / "2026-04"
    folder.mkdir(parents=True)
    (folder / "report.pdf").write_bytes(b"%PDF")


@pytest.mark.parametrize(("stage", "status"), [("claimed", None), ("sending", DeliveryStatus.UNKNOWN)])
def test_a_killed_run_holds_nobody_up(stage: str, status: DeliveryStatus | None, tmp_path: Path) -> None:
    """A live run keeps its message; once it is killed, the next run sends it or reports an unknown outcome."""
    program = subprocess.Popen(
        [sys.executable, "-c", DYING, str(tmp_path), stage],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        with book(tmp_path, "second") as second:
            assert refused(second, key_of(CEO)) == stage
        program.kill()
        program.wait()
    assert program.returncode == -signal.SIGKILL
    with book(tmp_path, "third") as third:
        if status is None:
            assert sent(third, key_of(CEO), ACCEPTED).status is DeliveryStatus.ACCEPTED
        else:
            assert refused(third, key_of(CEO)) is status


def test_locks_of_dead_runs_go_when_nothing_depends_on_them(tmp_path: Path) -> None:
    """The next run recovers a dead run's messages, then removes its lock, but never that of a live run."""
    locks = tmp_path / ".state" / "runs"
    with book(tmp_path, "first") as first:
        claimed(first, planned(first)[0])
    with book(tmp_path, "second") as second:
        assert {path.stem for path in locks.iterdir()} == {"second"}
        assert second.holders() == set()
        with book(tmp_path, "third"):
            assert {path.stem for path in locks.iterdir()} == {"second", "third"}


def test_a_lock_tells_who_is_alive(tmp_path: Path) -> None:
    """A run that holds its lock is alive, one that released it has ended, and without a lock nothing is known."""
    with RunLock(tmp_path, "other") as other, RunLock(tmp_path, "own") as own:
        assert (own.has_ended("other"), own.has_ended("stranger")) == (False, False)
        other.__exit__(None, None, None)
        assert own.has_ended("other")


def test_a_new_archive_takes_the_ledger_it_meets(tmp_path: Path) -> None:
    """The first run binds the archive to the ledger, and every later run finds them bound."""
    for run in ("first", "second"):
        with book(tmp_path, run) as opened:
            make_edition(tmp_path) if run == "first" else None
            assert opened.run == run


def test_an_archive_without_its_ledger_sends_nothing(tmp_path: Path) -> None:
    """A new ledger beside existing reports does not know who has received them: an error says what to do."""
    make_edition(tmp_path)
    with (
        pytest.raises(LedgerError, match=r"is not the ledger that knows who got them.*resolve --from-receipts"),
        book(tmp_path),
    ):
        pass
    with book(tmp_path, sends=False) as opened:
        assert opened.holders() == set()


def test_a_ledger_that_was_lost_is_missed(tmp_path: Path) -> None:
    """A ledger that was removed, or replaced by another archive's, is not accepted as the archive's own."""
    with book(tmp_path):
        make_edition(tmp_path)
    for path in (tmp_path / ".state").glob(f"{LEDGER}*"):
        path.unlink()
    for _ in range(2):
        with pytest.raises(LedgerError, match="is not the ledger"), book(tmp_path):
            pass


def test_a_run_that_only_archives_makes_the_ledger_the_archives(tmp_path: Path) -> None:
    """The first run binds its ledger, so that the next run sends what it archived; another ledger sends nothing."""
    with book(tmp_path, sends=False):
        make_edition(tmp_path)
    with book(tmp_path):
        pass
    (tmp_path / ".state" / LEDGER).unlink()
    with pytest.raises(LedgerError, match="is not the ledger that knows"), book(tmp_path):
        pass

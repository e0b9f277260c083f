"""A manipulated or relocated ledger gives no access to any file except the archive's own emails."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from reporter.domain.errors import LedgerError
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.opening import LEDGER, open_ledger
from tests.unit.ledger.ledgers import DEFERRED, LedgerFixture, planned, sent


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "/etc/passwd", "..", "", "report.pdf", "receipt.json", "email.eml/../x", "email.eml\n"],
)
def test_a_ledger_names_no_file_but_a_mail(name: str, ledger: LedgerFixture) -> None:
    """A row that names any other file, or a path, stops the run before anything is read, written, or sent."""
    book = ledger.run()
    (key,) = planned(book)
    sent(book, key, DEFERRED)
    with ledger.database.transaction() as at:
        at.run(update(DELIVERIES).values(file=name))
    with pytest.raises(LedgerError, match="which is no email's name: the ledger was changed by another program"):
        book.window_state(key.organization_id, key.period, key.label)


@pytest.mark.parametrize("name", [LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm", f"{LEDGER}-journal", "runs", ""])
def test_a_ledger_that_is_a_link_is_not_opened(name: str, tmp_path: Path) -> None:
    """A link in place of the ledger, its accompanying files, or its folder is refused; its target is not touched."""
    root, elsewhere = tmp_path / "reports", tmp_path / "elsewhere"
    place = root / ".state" / name
    place.parent.mkdir(parents=True)
    elsewhere.mkdir()
    place.symlink_to(elsewhere)
    with (
        pytest.raises(LedgerError, match="is a symbolic link, which is not followed"),
        open_ledger(root, None, run="run", clock=lambda: datetime.now(UTC), sends=True),
    ):
        pass
    assert list(elsewhere.iterdir()) == []

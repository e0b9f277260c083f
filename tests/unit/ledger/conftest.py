"""Each promise of the ledger is kept in a SQLite file and on a PostgreSQL server alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from reporter.ledger.database import read_url, sqlite_url
from tests.unit.ledger.ledgers import LedgerFixture, ledger_at


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Where an empty ledger may be."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.sqlite3")
    return read_url(request.getfixturevalue("database"))


@pytest.fixture
def ledger(url: URL) -> Iterator[LedgerFixture]:
    """An empty ledger."""
    with ledger_at(url) as opened:
        yield opened

"""Run every test of the ledger with a SQLite file and with a PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from reporter.ledger.database import read_url, sqlite_url
from tests.unit.ledger.ledgers import LedgerFixture, ledger_at


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.sqlite3")
    return read_url(request.getfixturevalue("database"))


@pytest.fixture
def ledger(url: URL) -> Iterator[LedgerFixture]:
    """An empty ledger."""
    with ledger_at(url) as opened:
        yield opened

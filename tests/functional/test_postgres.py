"""The PostgreSQL for tests: a real server, with a separate database for each test."""

import psycopg
import pytest

from tests.postgres import Postgres

pytestmark = pytest.mark.slow


def test_each_database_is_empty_and_gone_afterwards(postgres: Postgres) -> None:
    """A database has nothing of other tests and is dropped afterwards, even with a connection left open."""
    with postgres.database() as first, postgres.database() as second:
        left_open = psycopg.connect(first)
        left_open.execute("CREATE TABLE ledger (key text PRIMARY KEY)")
        left_open.commit()
        with psycopg.connect(second) as connection:
            assert connection.execute("SELECT to_regclass('ledger')").fetchone() == (None,)
    with pytest.raises(psycopg.OperationalError, match="terminat"):
        left_open.execute("SELECT 1")
    left_open.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)


def test_a_password_is_wanted(database: str, postgres: Postgres) -> None:
    """No login succeeds without the password, so a secret in an address is a secret in tests as well."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database.replace(postgres.password, "another"))

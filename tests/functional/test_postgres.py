"""The PostgreSQL that tests are given: a real one, with a database for each test alone."""

import psycopg
import pytest

from tests.postgres import Postgres

pytestmark = pytest.mark.slow


def test_each_database_is_empty_and_gone_afterwards(postgres: Postgres) -> None:
    """What one test writes no other sees, and a connection that was left open does not keep its database."""
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
    """Nobody gets in without the password, so a secret of an address is a secret in tests as well."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database.replace(postgres.password, "another"))

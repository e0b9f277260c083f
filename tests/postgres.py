"""A real PostgreSQL for tests: one server for a run's process, started when first needed, a database for each test.

def test_something(database: str) -> None:  # postgresql://… of an empty database
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.daemons import installed, open_folder, reserved_port, running

_PLACES = ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql@*/bin", "usr/local/opt/postgresql@*/bin")
"""Where packages install PostgreSQL's versions side by side, none of them on PATH."""

_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Nothing here has to survive a crash of the machine."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server that requires a password, on a port of 127.0.0.1."""

    port: int
    password: str = field(repr=False)

    def url(self, name: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database that is dropped when the block ends, even with open connections."""
        name = f"test_{uuid4().hex}"
        self._tell("CREATE DATABASE {}", name)
        try:
            yield self.url(name)
        finally:
            self._tell("DROP DATABASE {} WITH (FORCE)", name)

    def _tell(self, statement: str, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A new PostgreSQL until the block ends; it never runs as root, which starts it as the user postgres."""
    user = "postgres" if os.geteuid() == 0 else None
    initdb = installed("initdb", *_versions())
    with open_folder("postgres") as folder, reserved_port() as port:
        server = Postgres(port, uuid4().hex)
        secret = folder / "password"
        secret.write_text(server.password)
        if user:
            shutil.chown(folder, user)
            shutil.chown(secret, user)
        _make(initdb, folder, secret, user)
        places = (f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
        options = [part for setting in (*places, *_QUICK) for part in ("-c", setting)]
        command: list[str | Path] = [initdb.with_name("postgres"), "-D", folder / "data", *options]
        # An interrupt is PostgreSQL's fast shutdown; on SIGTERM it would wait until every client has disconnected.
        with running(command, lambda: _answers(server), folder=folder, user=user, end=signal.SIGINT):
            yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server that the tests of this process share."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database for one test."""
    with postgres.database() as url:
        yield url


def _make(initdb: Path, folder: Path, secret: Path, user: str | None) -> None:
    """Create the files of a server in `folder`."""
    login = ("--username=postgres", "--auth=scram-sha-256", f"--pwfile={secret}")
    quick = ("--locale=C", "--encoding=UTF8", "--no-sync", f"--pgdata={folder / 'data'}")
    made = subprocess.run(
        [initdb, *login, *quick],
        cwd=folder,
        capture_output=True,
        text=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def _versions() -> list[Path]:
    """The folders of programs, newest version first."""
    found = (path for place in _PLACES for path in Path("/").glob(place))
    return sorted(found, key=lambda path: int(path.parent.name.rpartition("@")[2]), reverse=True)


def _answers(server: Postgres) -> bool:
    try:
        psycopg.connect(server.url()).close()
    except psycopg.OperationalError:
        return False
    return True

"""A complete setup for a test: the API and the mail server on sockets, a folder, and the command.

with office(tmp_path) as place:
    document = place.report("--period", "month", "--to", "ceo@acme.example")

`run` and `report` call the command's entry point in the test's own process, which takes a fifth of the time of a new
program; `start` starts a program, for tests of what only a program has: signals, streams, and its end.
"""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import structlog
import trustme

from reporter.cli import run
from reporter.sandbox.world import DEMO_KEY
from tests.servers import served
from tests.smtp_server import SmtpServer, smtp_server
from tests.watched_api import WatchedApi

PROJECT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "reporter")
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CEO, CFO, CTO = "ceo@acme.example", "cfo@acme.example", "cto@acme.example"
LOGIN = ("reports", "hush-hush-password")
APRIL = ("--period", "month", "--org", "Acme Roofing", "--timezone", "America/New_York")
FOLDER = "reports/acme-roofing/month/2026-04"
"""The path of April's report in the operator's folder."""

CHEAP = 'figures = ["conversations"]\nsections = []\n'
"""A configuration whose reports are cheap, for tests of everything but their content."""

PATIENCE = 120
"""Seconds to wait for a program that should long have ended."""

OWN_VARIABLES = ("HYPERREP_", "GITHUB_", "SOURCE_DATE_EPOCH")
"""Variables that the command reads for itself; others are read by libraries, once in a process."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code, stdout, and stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on stdout, which is one document and nothing else."""
        return json.loads(self.out)


@dataclass
class Office:
    """The operator's setup. Programs run in `folder` with `environment`; the servers can be inspected.

    `under` is the start of a command that runs another, as `nice` does: programs run under it. With `starts_programs`,
    every command is a program.
    """

    folder: Path
    environment: dict[str, str]
    api: WatchedApi
    mail: SmtpServer
    under: tuple[str, ...] = ()
    starts_programs: bool = False
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """The command, running."""
        program = subprocess.Popen(
            [*self.under, *COMMAND, *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.started.append(program)
        return program

    def run(self, *arguments: str, **environment: str) -> Ended:
        """The result of the command, run to its end: in this process, unless it must be a program."""
        if self.under or self.starts_programs or not all(name.startswith(OWN_VARIABLES) for name in environment):
            return ended(self.start(*arguments, **environment))
        return run_here(arguments, self.folder, {**self.environment, **environment})

    def report(self, *arguments: str, code: int = 0) -> Any:
        """The one report in the `--json` document of a run that ends with this exit code."""
        done = self.run("--json", *arguments)
        assert done.code == code, done
        assert done.document["exit_code"] == code
        (report,) = done.document["reports"]
        return report

    def configure(self, text: str) -> None:
        """Write the configuration file that the command finds by default."""
        (self.folder / "hyperrep-report.toml").write_text(text, "utf-8")

    def archived(self, name: str, folder: str = FOLDER) -> bytes:
        """A file of April's report, or of another."""
        return (self.folder / folder / name).read_bytes()

    def receipt(self, folder: str = FOLDER) -> Any:
        """The content of the report's receipt."""
        return json.loads(self.archived("receipt.json", folder))

    def let_time_pass(self) -> None:
        """Make every retry due."""
        let_time_pass(self.folder / "reports")

    def readers(self) -> list[str]:
        """The recipients that the mail server has a message for, in order."""
        return [recipient for stored in self.mail.stored for recipient in stored.recipients]


def let_time_pass(archive: Path) -> None:
    """Make every retry in the ledger due and every lease expired, as hours would."""
    with closing(sqlite3.connect(archive / ".state" / "ledger.sqlite3")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET next_try = datetime(next_try, '-1 day') WHERE next_try IS NOT NULL")
        ledger.execute(
            "UPDATE deliveries SET lease_until = datetime(lease_until, '-1 day') WHERE lease_until IS NOT NULL"
        )


def held_ledger(archive: Path, patience: float = PATIENCE) -> sqlite3.Connection:
    """Lock the ledger against writes, and against reads that need them, until the connection is closed."""
    path = archive / ".state" / "ledger.sqlite3"
    ledger = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    ledger.execute("BEGIN IMMEDIATE")
    return ledger


def states(archive: Path) -> list[str]:
    """The state of each message, in order, as any other process can read it now."""
    with closing(sqlite3.connect(archive / ".state" / "ledger.sqlite3")) as ledger:
        return [state for (state,) in ledger.execute("SELECT state FROM deliveries ORDER BY id")]


def kill(program: "subprocess.Popen[str]") -> None:
    """End a program as a power cut would."""
    program.kill()
    assert ended(program).code == -signal.SIGKILL


def run_here(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
    """The result of the command, run in this process as if it were a program."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        with chdir(folder), redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("error")
            code = run(arguments)
    finally:
        os.environ.clear()
        os.environ.update(before)
        structlog.reset_defaults()
    return Ended(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def ended(program: "subprocess.Popen[str]") -> Ended:
    """The result of a program that has been started."""
    out, err = program.communicate(timeout=PATIENCE)
    return Ended(program.returncode, out, err)


@contextmanager
def office(
    folder: Path, *, implicit_tls: bool = False, login: tuple[str, str] = LOGIN, starts_programs: bool = False
) -> Iterator[Office]:
    """A setup in `folder`: the sandbox at `NOW`, and a mail server that requires a login over TLS.

    The key and the server are in the environment, as an operator would set them; there is no configuration file.
    """
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    api = WatchedApi(NOW)
    server = SmtpServer(login=LOGIN)
    with (
        served(api) as url,
        smtp_server(server, certificate=authority.issue_cert("localhost"), implicit_tls=implicit_tls) as mail,
    ):
        own = {
            "HYPERREP_API_KEY": DEMO_KEY,
            "HYPERREP_API_URL": url,
            "HYPERREP_SMTP_HOST": "localhost",
            "HYPERREP_SMTP_PORT": str(mail.port),
            "HYPERREP_SMTP_SECURITY": "tls" if implicit_tls else "starttls",
            "HYPERREP_SMTP_USERNAME": login[0],
            "HYPERREP_SMTP_PASSWORD": login[1],
            "HYPERREP_SMTP_FROM": "Acme Reports <reports@acme.example>",
            "HYPERREP_SMTP_CA_FILE": str(ca_file),
        }
        place = Office(folder, {**bare_environment(), **own}, api, mail, starts_programs=starts_programs)
        try:
            yield place
        finally:
            for program in place.started:
                _stop(program)


def bare_environment() -> Mapping[str, str]:
    """An environment for the command, with the clock pinned, warnings as errors, and no settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HYPERREP_", "GITHUB_"))}
    pinned = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "error"}
    return {**kept, **pinned}


def parts(wire: bytes) -> tuple[str, str, str, bytes]:
    """An email's text, HTML, and its attachment's name and bytes."""
    message = message_from_bytes(wire, policy=policy.default)
    (attachment,) = message.iter_attachments()
    return (_body(message, "plain"), _body(message, "html"), attachment.get_filename() or "", attachment.get_content())


def words(text: str) -> str:
    """The text with every kind of white space as one plain space, so that figures can be searched for."""
    return " ".join(text.split())


def editions(root: Path) -> Sequence[str]:
    """The folders of an archive that hold a report, relative to its root."""
    return sorted(path.parent.relative_to(root).as_posix() for path in root.glob("*/*/*/report.pdf"))


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def _stop(program: "subprocess.Popen[str]") -> None:
    if program.poll() is None:
        program.kill()
    program.communicate()

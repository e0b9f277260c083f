"""Editions and reports for the archive's tests, and the code that other processes run."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reporter.archive.edition import Edition
from reporter.archive.store import Archive
from reporter.domain.report import Brand, CurrencySource, ReportData, ReportSettings
from reporter.domain.snapshot import Organization
from reporter.domain.window import Period, Window, last_complete
from reporter.hyperrep.responses import parse_snapshot

PROJECT = Path(__file__).parents[3]
ACME = Organization("gAAAAAB/1", "Acme Roofing")
WEEK = last_complete(Period.WEEK, date(2026, 4, 29), "America/New_York")
OLD = {"report.pdf": b"old pdf" * 5_000, "report.json": b'{"old": 1}\n'}
NEW = {"report.pdf": b"the new pdf" * 5_000, "report.json": b'{"new": 2}\n', "email.eml": b"Subject: new\r\n"}
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'
STEPS = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}
"""The audit events that the interpreter raises before it changes a file system."""


def edition(
    files: Mapping[str, bytes] = OLD, *, organization: Organization = ACME, window: Window = WEEK, revision: int = 1
) -> Edition:
    """An edition with these files."""
    return Edition(organization, window, files, revision)


def answers(conversations: int = 42) -> dict[str, Any]:
    """The API's answer for one window."""
    return {
        "conversations": {
            "responseRateStats": {
                "numConversationsReceived": 20,
                "numConversationsRespondedTo": 14,
                "responseRate": 0.7,
            },
            "responseTimeStats": {"responseTime": 312.5},
            "volumeStats": {
                "numMessagesReceived": 130,
                "numMessagesSent": 98,
                "totalConversations": conversations,
            },
            "modalityStats": {"textMessages": 10, "calls": 4, "emails": 20, "liveChats": 6, "formRequests": 2},
        },
        "sales": {
            "pipeline": [{"name": "Accepted", "status": "accepted", "volume": 11, "value": "28800.00"}],
            "salesRate": 0.46,
        },
    }


def report(organization: Organization = ACME, window: Window = WEEK) -> ReportData:
    """A report's complete input, with a gap in its history."""
    before, previous = window.history(2)
    settings = ReportSettings(
        locale="de_DE",
        figures=("response_rate", "conversations"),
        currency="EUR",
        currency_source=CurrencySource.OPTION,
        brand=Brand(name="Acme", logo=LOGO, logo_type="svg"),
        targets={"response_rate": Decimal("0.80")},
    )
    return ReportData(
        organization,
        settings,
        date(2026, 4, 29),
        parse_snapshot(window, answers()),
        parse_snapshot(previous, answers(38)),
        (None, parse_snapshot(before, answers(30))),
    )


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `root` except the program's own state, by relative path."""
    paths = (path for path in root.rglob("*") if path.is_file())
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    return {path: content for path, content in files.items() if not path.startswith(".state/")}


def start(code: str, *arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a process that runs `code`, with this module's names and its arguments in `sys.argv`."""
    prelude = "import sys; from tests.unit.archive.samples import *; "
    command = [sys.executable, "-c", prelude + code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=PROJECT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True
    )


def finish(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Wait until all processes have ended successfully, and return their output."""
    printed = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return printed


def claim_many(root: str, first: str) -> None:
    """Claim a folder for each of thirty organizations with the same name, starting with the given one."""
    archive = Archive(Path(root))
    for number in range(30):
        organization = Organization(f"id-{(number + int(first)) % 30}", "Acme Roofing")
        sys.stdout.write(f"{organization.id} {archive.folder(organization, WEEK).parents[1].name}\n")


def keep_many(root: str, name: str) -> None:
    """Keep editions of many weeks, writing the manifest after each."""
    archive = Archive(Path(root))
    for window in WEEK.history(25):
        archive.keep(edition(window=window, organization=Organization(name, name)))
        archive.record()
    archive.close()


def keep_for_ever(root: str) -> None:
    """Keep two versions of one edition alternately until killed, printing a line each time."""
    archive = Archive(Path(root))
    while True:
        for files in (NEW, OLD):
            archive.keep(edition(files))
            archive.close()
            print("kept", flush=True)  # noqa: T201


def crash_in_a_write(root: str) -> None:
    """Keep the new edition, and be killed by the system after 10 kB of its PDF are written."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    Archive(Path(root)).keep(edition(NEW))


def crash_everywhere(start: str, target: str, revision: str) -> None:
    """Copy the archive `start` to `target`/0, /1, … and keep the new edition in each, killed one step later each time.

    Ends when the work completes before the kill; the copy in which that happened is removed.
    """
    for step in range(1_000):
        copy = Path(target, str(step))
        shutil.copytree(start, copy)
        child = os.fork()
        if not child:
            _kill_after(step)
            archive = Archive(copy)
            archive.keep(edition(NEW, revision=int(revision)))
            archive.close()
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            shutil.rmtree(copy)
            return


def _kill_after(steps: int) -> None:
    left = steps

    def count(event: str, _: tuple[Any, ...]) -> None:
        nonlocal left
        if event in STEPS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)

"""The ledger as `hyperrep-report history` shows it to a person and to a script."""

import json
import os
import pty
import sqlite3
import subprocess
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reporter.cli import run
from reporter.ledger.opening import LEDGER
from tests.office import APRIL, CEO, CFO, COMMAND, office


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An operator's folder after a run in which one recipient was rejected; the organization has a hostile name."""
    folder = tmp_path_factory.mktemp("office")
    with office(folder) as place:
        place.mail.refused = {CFO: "550 5.1.1 No such mailbox"}
        place.report(*APRIL, "--to", CEO, "--to", CFO, code=1)
    with closing(sqlite3.connect(folder / "reports" / ".state" / LEDGER)) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET organization = ?", ("[red]Acme\x1b[2J\tRoofing",))
    return folder


def asked(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The history as a script gets it, with no key and no server in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HYPERREP_")}
    return subprocess.run(
        [*COMMAND, "history", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_mail_is_a_line_with_tabs(folder: Path) -> None:
    """If stdout is not a terminal, each email is one line, whatever the organization's name."""
    done = asked(folder)
    fields = [line.split("\t") for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert {(each[4], each[5]) for each in fields} == {(CEO, "accepted"), (CFO, "failed")}
    assert {each[2] for each in fields} == {"[red]Acme?[2J?Roofing"}
    assert {len(each) for each in fields} == {7}


def test_a_script_gets_one_document(folder: Path) -> None:
    """`history --json` prints the filtered list with its total, and one email's whole history by its number."""
    (reader,) = asked_json(folder, "--json", "--state", "failed", "--recipient", CFO.upper())["deliveries"]
    story = asked_json(folder, "--json", str(reader["id"]))
    assert (reader["recipient"], reader["period"], reader["attempts"]) == (CFO, "month", 1)
    assert story["delivery"] == reader
    assert [event["state"] for event in story["events"]] == ["planned", "claimed", "failed"]
    assert asked_json(folder, "--json", "--limit", "1")["total"] == 2
    assert asked_json(folder, "--json", "--since", "2199-01-01") == {"deliveries": [], "total": 0}


def test_a_persons_limit_is_told(folder: Path) -> None:
    """A truncated list, and one without matches, is reported on stderr, not on stdout."""
    assert "1 of 2" in asked(folder, "--limit", "1").stderr
    assert asked(folder, "--period", "week").stderr == "The ledger has no such email.\n"


def test_a_terminal_gets_a_table(folder: Path) -> None:
    """The table has headings, and an organization's name can neither color nor control the terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160"}
    with subprocess.Popen([*COMMAND, "history", "2", f"--output={folder}/reports"], env=environment, stdout=theirs):
        os.close(theirs)
        told = b"".join(iter(partial(_read, ours), b"")).decode()
    os.close(ours)
    assert "Reply" in told
    assert "Time (UTC)" in told
    assert "[red]Acme?[2J?Roofing" in told
    assert "550 5.1.1 No such mailbox" in told


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["99", "--output", "{folder}/reports"], "has no delivery 99"),
        (["--output", "nowhere"], "nowhere has no ledger: nothing was sent from there"),
        (["--state", "lost"], "'lost' is not one of"),
        (
            ["--recipient", "nobody", "--output", "{folder}/reports"],
            "--recipient: 'nobody' is not a valid email address",
        ),
        (["--since", "today"], "is not a date"),
    ],
)
def test_what_is_not_there_is_a_sentence(
    arguments: list[str], sentence: str, folder: Path, capfd: pytest.CaptureFixture[str], empty: Path
) -> None:
    """Exit 2, and reading creates no file."""
    assert run(["history", *(each.format(folder=folder) for each in arguments)]) == 2
    assert sentence in capfd.readouterr().err
    assert list(empty.iterdir()) == []


def asked_json(folder: Path, *arguments: str) -> Any:
    """The document."""
    return json.loads(asked(folder, *arguments).stdout)


def _read(terminal: int) -> bytes:
    """The next output to the terminal; empty once no program has it open."""
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux reports that
        return b""

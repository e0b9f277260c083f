"""`hyperrep-report verify` over an archive of real reports: rendered again in another process, byte for byte."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.archive.store import Archive
from reporter.archive.verification import make_files
from reporter.domain.snapshot import Organization
from reporter.rendering.templates import STOCK
from tests.tiers import first_is_fast
from tests.unit.archive.samples import PROJECT, edition, report

ACME = "acme-roofing/week/2026-W17"
OFFLINE = """
import os, sys
def watch(event, values):
    leaves = event == "socket.getaddrinfo" or (event == "socket.connect" and isinstance(values[1], tuple))
    if leaves:
        os._exit(99)
sys.addaudithook(watch)
from reporter.cli import run
sys.exit(run(sys.argv[1:]))
"""
"""The command in a process that dies if it uses the network; a socket to its own worker is a path."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds an archive, `reports`, with real reports of two organizations."""
    folder = tmp_path_factory.mktemp("archive")
    archive = Archive(folder / "reports")
    for organization in (Organization("1", "Acme Roofing"), Organization("2", "Ajax <b>")):
        archive.keep(edition(make_files(report(organization)), organization=organization))
    archive.close()
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to damage."""
    subprocess.run(["cp", "-a", str(original / "reports"), str(tmp_path)], check=True)
    return tmp_path


def verify(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `hyperrep-report verify` in `folder`, without a network."""
    variables = {**os.environ, "PYTHONPATH": str(PROJECT), **environment}
    command = [sys.executable, "-c", OFFLINE, "verify", *arguments]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "environment", first_is_fast([{"PYTHONHASHSEED": "1", "TZ": "Pacific/Apia"}, {"PYTHONHASHSEED": "2", "TZ": "UTC"}])
)
def test_real_reports_are_made_again_byte_for_byte(original: Path, environment: dict[str, str]) -> None:
    """With another hash seed and time zone, and no network, the same data gives the same PDF and data."""
    done = verify(original, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "reports: 7 files, 2 reports; everything is as it was archived\n"


def test_the_pdf_carries_the_data_that_lies_beside_it(original: Path, tmp_path: Path) -> None:
    """`pdfdetach` extracts from an archived PDF the archived `report.json`, byte for byte."""
    edition = original / "reports" / ACME
    subprocess.run(["pdfdetach", "-savefile", "report.json", edition / "report.pdf"], cwd=tmp_path, check=True)
    assert (tmp_path / "report.json").read_bytes() == (edition / "report.json").read_bytes()


def test_a_changed_pdf_is_named_twice(folder: Path) -> None:
    """A changed PDF matches neither the manifest nor a new rendering of its data; the exit code is 1."""
    pdf = folder / "reports" / ACME / "report.pdf"
    pdf.write_bytes(pdf.read_bytes().replace(b"Acme", b"Ajax", 1) + b"\n")
    done = verify(folder, "--output", "reports")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == f"differs       {ACME}: rendered again, it differs in report.pdf"
    assert lines[1] == f"changed       {ACME}/report.pdf: is not what manifest.json says was archived"
    assert lines[2] == "reports: 7 files, 2 reports; 2 not as archived"


@pytest.mark.slow
def test_the_json_document_says_the_same(folder: Path) -> None:
    """Standard output is one JSON document, which includes the exit code."""
    (folder / "reports" / "a\nb").write_text("")
    done = verify(folder, "--json")
    assert json.loads(done.stdout) == {
        "archive": "reports",
        "files": 8,
        "editions": 2,
        "findings": [{"path": "a\nb", "fault": "unlisted", "text": "is not in manifest.json", "is_error": True}],
        "exit_code": 1,
    }
    assert done.returncode == 1
    assert "'a\\nb': is not in" in verify(folder).stdout


@pytest.mark.slow
def test_a_folder_is_verified_alone(folder: Path) -> None:
    """If folders are given, only they are verified; the archive is found above them."""
    (folder / "reports/ajax-b/organization.json").unlink()
    assert verify(folder, f"reports/{ACME}").stdout.endswith(
        "reports: 2 files, 1 reports; everything is as it was archived\n"
    )
    assert verify(folder, "reports/acme-roofing", "reports/ajax-b").returncode == 1
    assert verify(folder / "reports/ajax-b", ".").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    first_is_fast(
        [
            ([], "reports is no archive"),
            (["--output", "nowhere"], "nowhere is no archive"),
            (["nowhere"], "nowhere is not a folder"),
            (["."], "is in no archive"),
            (["--output", "x", "y"], "--output and FOLDER"),
        ]
    ),
)
def test_no_such_archive_is_exit_code_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    """If there is nothing to verify, one sentence says so."""
    done = verify(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_progress_is_told_on_a_terminal_only(original: Path) -> None:
    """The progress is shown on standard error if it is a terminal; standard output stays the same."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", OFFLINE, "verify"]
    variables = {**os.environ, "PYTHONPATH": str(PROJECT), "TERM": "xterm"}
    done = subprocess.run(command, cwd=original, env=variables, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    told = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "Rendering reports again" in told
    assert "100%" in told
    assert done.stdout.decode() == "reports: 7 files, 2 reports; everything is as it was archived\n"


@pytest.mark.slow
def test_a_template_of_ones_own_is_asked_for_where_it_is_not_found(tmp_path: Path) -> None:
    """From another folder, a report is said to lack its template, and is rendered again once the template is given."""
    shutil.copytree(STOCK / "executive", tmp_path / "work/looks/mine")
    assert verify_demo(tmp_path / "work").returncode == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    missing = verify(elsewhere, "--output", "../work/reports")
    assert missing.returncode == 1
    assert "no-template   acme-roofing/week/" in missing.stdout
    assert "its template, 'looks/mine', is not here: give its folder with --template DIR" in missing.stdout
    found = verify(elsewhere, "--output", "../work/reports", "--template", "../work/looks/mine")
    assert (found.returncode, found.stderr) == (0, "")
    nowhere = verify(elsewhere, "--output", "../work/reports", "--template", "looks/mine")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "There is no template 'looks/mine'" in nowhere.stderr


def verify_demo(folder: Path) -> subprocess.CompletedProcess[str]:
    """Make a demo report with the template `looks/mine` in this folder, and verify the archive there."""
    command = [sys.executable, "-m", "reporter", "--demo", "--no-email", "--template", "looks/mine"]
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, check=True)
    return verify(folder)

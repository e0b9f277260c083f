"""`hyperrep-report export` over an archive of real reports: one table of all reported figures."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from reporter.archive.edition import edition_files
from reporter.archive.store import Archive
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Organization
from reporter.rendering.render import make_view, written
from reporter.rendering.rendered_report import ReportFiles
from tests.office import PROJECT
from tests.tiers import first_is_fast
from tests.unit.archive.samples import WEEK, edition, report
from tests.unit.rendering.tables import of, read

AJAX, ACME = Organization("2", "Ajax <b>"), Organization("1", "Acme Roofing")
OFFLINE = """
import os, sys
sys.addaudithook(lambda event, _: os._exit(99) if event in ("socket.connect", "socket.getaddrinfo") else None)
from reporter.cli import run
sys.exit(run(sys.argv[1:]))
"""
"""The command in a process that dies if it uses the network."""


def files(data: ReportData) -> Mapping[str, bytes]:
    """The files of an edition, with a placeholder for the PDF."""
    return edition_files(ReportFiles(b"%PDF", written(data, make_view(data))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that holds an archive, `reports`, with two weeks of two organizations."""
    archive = Archive(tmp_path / "reports")
    for organization in (AJAX, ACME):
        for window in (WEEK, WEEK.previous()):
            data = report(organization, window)
            archive.keep(edition(files(data), organization=organization, window=window))
    archive.close()
    return tmp_path


def export(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run `hyperrep-report export` in `folder`, without a network and a key."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HYPERREP_")}
    command = [sys.executable, "-c", OFFLINE, "export", *arguments]
    variables = {**environment, "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "error"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, check=False)


def rows(folder: Path, *arguments: str) -> list[dict[str, str]]:
    """The table that the command writes, with nothing on stderr."""
    done = export(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return read([done.stdout])


def test_every_reported_window_is_in_one_table(folder: Path) -> None:
    """Sorted by organization, then by time; each number appears once, as reported and as printed."""
    shares = of(rows(folder), metric="response_rate")
    assert [(row["organization"], row["label"], row["value"]) for row in shares] == [
        ("Acme Roofing", "2026-W16", "0.7"),
        ("Acme Roofing", "2026-W17", "0.7"),
        ("Ajax <b>", "2026-W16", "0.7"),
        ("Ajax <b>", "2026-W17", "0.7"),
    ]
    assert {row["shown"] for row in shares} == {"70\N{NO-BREAK SPACE}%"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--org", "acme roofing"], {("1", "2026-W16"), ("1", "2026-W17")}),
        (["--org", "2", "--org", "Acme Roofing", "--label", "2026-W17"], {("1", "2026-W17"), ("2", "2026-W17")}),
        (["--period", "week", "--label", "2026-W16", "--org", "2"], {("2", "2026-W16")}),
        (["--org", "1", "--label", "2026-W17", "--history"], {("1", f"2026-W{week}") for week in (15, 16, 17)}),
    ],
)
def test_what_was_asked_for(arguments: Sequence[str], found: set[tuple[str, str]], folder: Path) -> None:
    """Organizations, a period, a window; with previous windows, as the report knew them."""
    assert {(row["organization_id"], row["label"]) for row in rows(folder, *arguments)} == found


@pytest.mark.slow
def test_the_printed_text_is_the_archived_one(folder: Path) -> None:
    """The text shown to the recipient is exported, not what this version would print."""
    file = folder / "reports/acme-roofing/week/2026-W17/report.json"
    document = json.loads(file.read_bytes())
    document["figures"] = [{**document["figures"][0], "shown": "seventy"}, "damaged", {"key": 1}]
    file.write_text(json.dumps(document))
    found = of(rows(folder, "--org", "1", "--label", "2026-W17"), kind="figure")
    assert [row["shown"] for row in found] == ["seventy", ""]


def test_a_file_is_whole_or_as_it_was(folder: Path) -> None:
    """The suffix sets the format; if the archive has no readable report, the former file stays unchanged."""
    for name in ("figures.xlsx", "figures.json", "figures.csv"):
        assert export(folder, "--file", name).returncode == 0
    book = load_workbook(folder / "figures.xlsx")
    table = read([(folder / "figures.csv").read_bytes()])
    assert json.loads((folder / "figures.json").read_bytes())[0]["organization"] == "Acme Roofing"
    assert sum(book[name].max_row - 1 for name in ("figures", "channels", "pipeline")) == len(table)
    before = (folder / "figures.csv").read_bytes()
    assert export(folder, "--file", "figures.csv", "--org", "nobody").returncode == 2
    assert (folder / "figures.csv").read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {"reports", "figures.xlsx", "figures.json", "figures.csv"}


@pytest.mark.slow
def test_a_workbook_goes_down_a_pipe_and_to_no_terminal(folder: Path) -> None:
    """A workbook is not written to a terminal, which cannot show it; a pipe gets it whole."""
    piped = export(folder, "--format", "xlsx")
    assert load_workbook(io.BytesIO(piped.stdout)).sheetnames[0] == "figures"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reporter", "export", "--format", "xlsx"]
    variables = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, cwd=folder, env=variables, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, b"name a file with --file" in done.stderr) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "json"])
def test_no_name_steers_a_terminal(form: str, tmp_path: Path) -> None:
    """A terminal shows control characters in an id as question marks; a file has them unchanged."""
    archive = Archive(tmp_path / "reports")
    odd = Organization("\x1b[2J\x9b1m", "Odd")
    archive.keep(edition(files(report(odd)), organization=odd))
    archive.close()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reporter", "export", "--format", form, "--label", WEEK.label]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdout=theirs):
        os.close(theirs)
        told = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert "[2J?1m" in told
    assert not {"\x1b", "\x9b"} & set(told)
    assert rows(tmp_path)[0]["organization_id"] == odd.id


def _read(terminal: int) -> bytes:
    """The next output to the terminal; empty once its program has ended."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["{", '{"schema": 2}', "unknown figure", "unknown locale"])
def test_a_damaged_report_troubles_only_itself(damage: str, folder: Path) -> None:
    """A damaged report is listed by its path, the others are in the table, and the exit code reports the gap."""
    file = folder / "reports/acme-roofing/week/2026-W17/report.json"
    text = file.read_text("utf-8")
    changed = {
        "unknown figure": text.replace('"response_rate",', '"nonsense",'),
        "unknown locale": text.replace('"de_DE"', '"xx_XX"'),
    }
    file.write_text(changed.get(damage, damage), "utf-8")
    done = export(folder)
    assert done.returncode == 1
    assert done.stderr.startswith(b"hyperrep-report: acme-roofing/week/2026-W17 is left out: ")
    assert b"Traceback" not in done.stderr
    assert len(of(read([done.stdout]), metric="response_rate")) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    first_is_fast(
        [
            (["--output", "nowhere"], "nowhere is no archive"),
            (["--org", "nobody"], "has no reports of 'nobody'; it has those of 'Acme Roofing', 'Ajax <b>'."),
            (["--file", "figures.txt"], "does not end in csv, xlsx, json"),
            (["--file", "missing/figures.csv"], "missing/figures.csv cannot be written"),
        ]
    ),
)
def test_what_cannot_be_done_is_a_sentence(arguments: Sequence[str], sentence: str, folder: Path) -> None:
    """The exit code is that of a usage error, and the sentence lists what is available."""
    done = export(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()


@pytest.mark.slow
def test_nothing_of_a_kind_is_a_table_without_rows(folder: Path) -> None:
    """A script gets an empty table that it can read, and a person a message."""
    done = export(folder, "--period", "year")
    assert (done.returncode, read([done.stdout])) == (0, [])
    assert done.stderr == b"The archive has no such report.\n"
    assert export(folder, "--period", "year", "--format", "json").stdout == b"[]\n"


def test_the_schema_is_printed(folder: Path) -> None:
    """The archive's data is valid by the printed schema."""
    schema = json.loads(export(folder, "--schema").stdout)
    for file in folder.rglob("report.json"):
        Draft202012Validator(schema).validate(json.loads(file.read_bytes()))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_reader_that_goes_away_is_no_error(form: str, folder: Path) -> None:
    """A pipe closed early, as `head` does, is no error."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "reporter", "export", "--format", form]
    variables = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, cwd=folder, env=variables, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")

"""The command line for people and scripts: help, exit codes, progress, logs, and a closed pipe."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from reporter.cli.command import EXIT_CODES, SUMMARIES
from reporter.domain import errors
from reporter.domain.errors import ReporterError
from scripts.command_line_reference import FILE, reference
from tests.office import APRIL, CEO, CFO, COMMAND, PROJECT, bare_environment, office

HEAVY = (
    "alembic apprise asyncio babel css_inline filelock httpx jinja2 multiprocessing pydantic rich slugify sqlalchemy "
    "starlette structlog uvicorn watchfiles weasyprint"
)
DEMO = (*COMMAND, "--demo", "--period", "day")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], *([name, "--help"] for name in SUMMARIES)])
def test_help_waits_for_no_library(arguments: list[str], tmp_path: Path) -> None:
    """Help and version are printed, with exit code 0, without loading any of a run's libraries."""
    program = (
        "import sys\nfrom reporter.cli import run\ncode = run(sys.argv[2:])\n"
        "assert code == 0, code\nprint('loaded', *(set(sys.argv[1].split()) & sys.modules.keys()), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, HEAVY, *arguments]
    # Coverage measurement loads libraries of its own, so this program is not measured.
    environment = {name: value for name, value in bare_environment().items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == "loaded\n"
    assert done.stdout.startswith(("Usage: hyperrep-report", "hyperrep-report, version "))


def test_the_reference_is_what_the_commands_say() -> None:
    """If docs/command-line.md is stale, `python scripts/command_line_reference.py` updates it."""
    assert FILE.read_text("utf-8") == reference()


def test_exit_codes_are_the_same_wherever_they_stand() -> None:
    """The README has every exit code in the help's words, and each error's own code is one of them."""
    readme = " ".join((PROJECT / "README.md").read_text("utf-8").split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in readme
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ReporterError)]
    assert len(classes) > 8
    drawn = dict(re.findall(r"(\w+) +(\d)  ", errors.__doc__ or ""))
    for each in classes:
        assert each.exit_code in EXIT_CODES
        assert drawn.get(each.__name__, str(each.exit_code)) == str(each.exit_code)


def test_the_quick_start_is_two_commands() -> None:
    """The README's quick start has exactly two fenced commands, each an existing script."""
    readme = (PROJECT / "README.md").read_text("utf-8")
    (section,) = re.findall(r"(?ms)^## Quick start\n(.*?)^## ", readme)
    fenced = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", section)
    assert [language for language, _ in fenced] == ["sh", "sh"]
    scripts = [re.fullmatch(r"sh (scripts/\w+)\n", command) for _, command in fenced]
    assert all(script and (PROJECT / script[1]).is_file() for script in scripts)


def test_every_link_of_the_documents_leads_somewhere() -> None:
    """Every relative link and picture in the top-level documents and in docs/ names an existing file."""
    for document in (*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")):
        text = document.read_text("utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)\)|src=\"([^\":]+)\"", text):
            path = document.parent / (target[0] or target[1])
            assert path.exists(), f"{document.name} names {path}"


@pytest.mark.slow
def test_a_reader_that_goes_away_changes_nothing(tmp_path: Path) -> None:
    """With `| head` and the like, the reports are still rendered: no traceback, and the run's exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        DEMO, cwd=tmp_path, env=dict(bare_environment()), stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(tmp_path.glob("reports/*/*/*/report.pdf"))) == 1


def on_a_terminal(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """The output of a successful command on stdout, a pipe, and on stderr, a terminal."""
    ours, theirs = pty.openpty()
    environment = {**bare_environment(), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as program:
        os.close(theirs)
        told = b"".join(iter(partial(_read, ours), b""))
        out, _ = program.communicate()
    os.close(ours)
    assert program.returncode == 0, told
    return out, told.decode()


def _read(terminal: int) -> bytes:
    """The next output to the terminal; empty once no program has it open."""
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux reports that
        return b""


@pytest.mark.slow
def test_progress_is_drawn_on_a_terminal_only(tmp_path: Path) -> None:
    """A terminal on stderr shows each step of the report; stdout has the same lines as without one."""
    out, told = on_a_terminal(DEMO, tmp_path)
    piped = subprocess.run(DEMO, cwd=tmp_path, env=dict(bare_environment()), capture_output=True, text=True, check=True)
    assert "Acme Roofing: asking the API" in told
    assert "Acme Roofing: rendering the document" in told
    assert (piped.stdout, piped.stderr) == (out, "")


@pytest.mark.slow
@pytest.mark.parametrize("quiet", ["-q", "--json"])
def test_nothing_is_drawn_where_it_is_not_wanted(quiet: str, tmp_path: Path) -> None:
    """With -q nothing is printed, and with --json nothing on stderr, even on a terminal."""
    out, told = on_a_terminal([*DEMO, quiet], tmp_path)
    assert (told, bool(out)) == ("", quiet == "--json")


def test_the_log_names_each_step_and_no_address(tmp_path: Path) -> None:
    """With -v --log-format json, each line is an object with organization and window, and no address or figure."""
    with office(tmp_path) as place:
        place.mail.refused = {CFO: f"550 5.1.1 <{CFO}>: no such mailbox"}
        done = place.run("-v", "--log-format", "json", *APRIL, "--to", CEO, "--to", CFO)
        figures = [figure["shown"] for figure in json.loads(place.archived("report.json"))["figures"]]
        key, password = place.environment["HYPERREP_API_KEY"], place.environment["HYPERREP_SMTP_PASSWORD"]
    events = [json.loads(line) for line in done.err.splitlines()]
    assert done.code == 1
    assert [event["step"] for event in events if event["event"] == "report.step"] == ["fetch", "render", "deliver"]
    assert [event["status"] for event in events if event["event"] == "delivery"] == ["accepted", "failed"]
    for event in events:
        assert (event["level"], event["window"], bool(event["organization"])) == ("info", "2026-04", True)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", event["timestamp"])
    for hidden in ("@", key, password, *figures):
        assert f"{hidden}" not in re.sub(r'"(timestamp|organization)": "[^"]*"', "", done.err)


@pytest.mark.slow
def test_quiet_says_what_did_not_go_out(tmp_path: Path) -> None:
    """With -q, a sent report is not mentioned, and one that was not sent is reported on stderr."""
    with office(tmp_path) as place:
        assert place.run("-q", *APRIL, "--to", CEO).err == ""
        place.mail.refused = {CFO: "550 5.1.1 No such mailbox"}
        done = place.run("-q", *APRIL, "--to", CFO)
    assert (done.code, done.out) == (1, "")
    assert "550 5.1.1 No such mailbox" in done.err

"""The process that starts others loads neither Pango nor Fontconfig: no child can inherit a lock of their threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import os, sys, threading
from reporter.cli import run

forks = []
os.register_at_fork(before=lambda: forks.append(sys._getframe(1).f_code.co_qualname))
sys.argv = ["hyperrep-report", *sys.argv[1:]]
code = run()
with open("/proc/self/maps") as maps:
    loaded = {line.rpartition("/")[2].strip() for line in maps}
print("LOADED", *sorted(name for name in loaded if name.startswith(("libpango", "libfontconfig", "libharfbuzz"))))
print("FORKS", *forks)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the demo's report."""
    folder = tmp_path_factory.mktemp("rendered")
    command = [sys.executable, "-m", "reporter", "--demo", "--output", str(folder / "reports")]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has loaded is read from Linux's /proc")
@pytest.mark.parametrize(
    "command",
    [
        ["--demo", "--output", "again"],
        ["--demo", "--all-orgs", "--no-email", "--output", "all"],
        ["doctor", "--demo"],
        ["verify", "--output", "reports"],
        ["template", "check", "executive"],
    ],
    ids=lambda words: words[0].strip("-"),
)
def test_every_command_that_renders_does_so_in_a_spawned_process(command: list[str], archive: Path) -> None:
    """Runs, checks, and verification: the command's own process never forks and loads none of the libraries."""
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command],
        capture_output=True,
        text=True,
        cwd=archive,
        env=variables,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:] == ["LOADED", "FORKS"]


def test_a_process_that_was_started_early_for_nothing_ends_with_the_command(tmp_path: Path) -> None:
    """Options that are rejected after the worker has started: code 2, one sentence, and no process left running."""
    done = subprocess.run(
        [sys.executable, "-m", "reporter", "--demo", "--org", "Nobody", "--output", "reports"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,  # the pipes close when the last process of the family has ended
        check=False,
    )
    assert done.returncode == 2
    assert "Nobody" in done.stderr
    assert "Traceback" not in done.stderr

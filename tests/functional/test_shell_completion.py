"""Shell completion: the script is sourced in a real bash, which then calls its completion function."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.rendering.templates import STOCK
from tests.office import bare_environment

pytestmark = pytest.mark.slow

ASK = """
eval "$(_HYPERREP_REPORT_COMPLETE=bash_source hyperrep-report)"
complete -p hyperrep-report > /dev/null || exit 9
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_hyperrep_report_completion hyperrep-report
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """A bash, and an environment with the command on its path."""
    program = shutil.which("bash")
    assert program, "bash is missing"
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "hyperrep-report"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reporter "$@"\n')
    command.chmod(0o755)
    environment = dict(bare_environment())
    return program, {**environment, "PATH": f"{folder}:{environment['PATH']}"}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("--per", {"--period"}),
        ("--period ", {"day", "week", "month", "quarter", "year"}),
        ("--period m", {"month"}),
        ("--week-start s", {"sunday", "saturday"}),
        ("s", {"schedule", "sandbox", "status"}),
        ("--timezone America/New_", {"America/New_York"}),
        ("--timezone europe/ber", {"Europe/Berlin"}),
        ("--locale fr_F", {"fr_FR"}),
        ("--currency us", {"USD", "USN", "USS"}),
        ("--template exe", {"executive"}),
        ("template ", {"check", "list", "new", "reference"}),
        ("template new --from exe", {"executive"}),
        ("template check ", {"executive", "my-template"}),
        ("export --form", {"--format"}),
        ("verify --j", {"--json"}),
        ("--json --no-em", {"--no-email"}),
        ("--locale ru", {""}),
    ],
)
def test_bash_completes(words: str, offered: set[str], bash: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    """What bash offers after these words, in a folder that holds a template."""
    shutil.copytree(STOCK / "executive", tmp_path / "my-template")
    program, environment = bash
    done = subprocess.run(
        [program, "--norc", "-c", ASK, "bash", "hyperrep-report", *words.split(" ")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (set(done.stdout.split("\n")[:-1]), done.stderr) == (offered, "")

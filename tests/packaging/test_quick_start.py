"""The scripts of the quick start for a user who may not install anything."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.sources import CHECKOUT

pytestmark = pytest.mark.slow

TOOLS = ("cat", "cksum", "dirname", "echo", "grep", "id", "printf", "rm", "sh", "tr", "uname")
NOBODY = 65534


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A temporary folder that other users can read."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        (
            "apt-get",
            (
                "  sudo apt-get update && sudo apt-get install -y --no-install-recommends"
                " python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
            ),
        ),
        ("dnf", "  sudo dnf install -y python3 pango harfbuzz fontconfig"),
        ("brew", "  brew install python@3.13 pango"),
    ],
)
def test_where_nothing_may_be_installed_the_line_to_run_is_printed(
    manager: str, line: str, public_folder: Path
) -> None:
    """A user without the right to install, on a machine without Python, gets one exact command and exit code 2."""
    shutil.copytree(CHECKOUT / "scripts", public_folder / "scripts")
    programs = public_folder / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    (programs / manager).symlink_to(shutil.which("false") or "/bin/false")
    user = NOBODY if os.geteuid() == 0 else None
    command = [str(programs / "sh"), str(public_folder / "scripts/demo")]
    done = subprocess.run(
        command, env={"PATH": str(programs)}, user=user, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == line
    assert done.stdout == ""

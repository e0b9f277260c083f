"""What `due` loads while nothing is due."""

import subprocess
import sys
from pathlib import Path

from tests.office import bare_environment

HEAVY = {"httpx", "multiprocessing", "smtplib", "starlette", "weasyprint"}
PROGRAM = f"import sys; from reporter.cli import run; print(run(['due', '--dry-run']), *({HEAVY} & sys.modules.keys()))"
CONFIGURATION = 'period = "year"\n[[reports]]\norganization = "Acme Roofing"\n'


def test_when_nothing_is_due_no_network_and_no_renderer_is_loaded(tmp_path: Path) -> None:
    """`due` runs every few minutes, so it loads network and renderer only when a run begins."""
    (tmp_path / "hyperrep-report.toml").write_text(CONFIGURATION, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**bare_environment(), "HYPERREP_API_KEY": "unused"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("0\n", "")

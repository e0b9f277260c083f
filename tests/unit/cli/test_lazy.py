"""Modules that a command does not load because it mostly has nothing to do."""

import subprocess
import sys


def test_looking_for_what_is_due_loads_no_network_and_no_renderer() -> None:
    """`due` runs every few minutes, so it loads network and renderer only when a run begins."""
    heavy = {"httpx", "starlette", "weasyprint", "smtplib"}
    code = f"import reporter.cli.run_due, sys; print(*({heavy} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []

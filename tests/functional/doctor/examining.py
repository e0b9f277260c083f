"""A configuration in a folder, and what the checks find about it."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from reporter.config.load import LoadedConfig, examine_config
from reporter.config.settings import Overrides
from reporter.doctor.check_result import CheckResult
from reporter.doctor.checks import run_checks
from reporter.doctor.dns import DnsResolver

LOGIN = ("reports", "s3cret-of-the-mail")
GOOD = """
timezone = "Europe/Berlin"
recipients = ["ada@example.com"]
[[reports]]
organization = "Acme Roofing"
"""


def now() -> datetime:
    """This machine's current time."""
    return datetime.now(UTC)


def examined(folder: Path, environ: Mapping[str, str], text: str = GOOD) -> LoadedConfig:
    """The configuration loaded from this file in this folder, which also holds the archive."""
    file = folder / "hyperrep-report.toml"
    file.write_text(text)
    return examine_config(file, environ, Overrides(output=str(folder / "reports")))


def found(
    folder: Path, environ: Mapping[str, str], text: str = GOOD, names: DnsResolver | None = None
) -> dict[str, CheckResult]:
    """The results of the checks, by name."""
    return dict(run_checks(examined(folder, environ, text), now, is_demo=False, names=names))


def told(finding: CheckResult) -> str:
    """All text that is printed for a finding."""
    return " ".join((finding.text, *finding.fixes))


def environment_of(environ: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without HyperRep settings of its own, plus these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HYPERREP_")}
    return {**kept, **environ, "PYTHONPATH": ":".join(sys.path)}

"""The checkout, and the part of it that a user needs to install the command."""

import shutil
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

_NAMES = (
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "README.md",
    "SECURITY.md",
    "packages",
    "pyproject.toml",
    "reporter",
    "requirements",
    "scripts",
    "templates",
)


def copy_sources(folder: Path) -> None:
    """Copy everything that the command is built from, as a fresh clone would have it."""
    for name in _NAMES:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, folder)


def copy_tests(folder: Path) -> None:
    """Copy what the tests need beside the sources."""
    for name in ("benchmarks", "docs", "sample_output", "tests"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))

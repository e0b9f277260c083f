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
    "docs",
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
    """Copy the rest of the checkout: everything that the tests read in addition to the sources."""
    for name in ("benchmarks", "sample_output", "tests", ".ci", ".github"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("CONTRIBUTING.md", "Dockerfile", ".dockerignore", ".gitattributes", ".gitignore"):
        shutil.copy(CHECKOUT / name, folder)

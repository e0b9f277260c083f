"""The oldest and the newest packages that `pyproject.toml` allows give the same results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.packaging.sources import CHECKOUT

pytestmark = pytest.mark.slow

LOCALES = ("en_US", "de_CH", "ar_EG", "ja_JP")
DEMO = ("--demo", "--period", "month", "--as-of", "2026-05-04", "--timezone", "America/New_York")


def run(*command: str | Path, cwd: Path = CHECKOUT) -> str:
    """The command's output; a failure shows all of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module", params=["lowest-direct", "highest"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with one end of the ranges, extras included, and what the tests need."""
    folder = tmp_path_factory.mktemp(str(request.param))
    extras = ("--extra", "notify", "--extra", "password", "--extra", "postgresql")
    resolved = folder / "requirements.txt"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    choose = ("--quiet", "--resolution", request.param, "--python-version", version, *extras)
    run("uv", "pip", "compile", *choose, "--output-file", resolved, "pyproject.toml")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "environment")
    interpreter = folder / "environment/bin/python"
    install = ("uv", "pip", "install", "--quiet", "--no-deps", "--python", interpreter)
    run(*install, "--requirement", "requirements/dev.txt")
    run(*install, "--requirement", resolved)
    run(*install, ".", "./packages/hyperrep-report-cjk")
    return interpreter


def demo(python: str | Path, folder: Path) -> dict[str, tuple[list[str], bytes]]:
    """The demo report in four locales: the text of its pages, and its email."""
    found = {}
    for locale in LOCALES:
        run(python, "-m", "reporter", *DEMO, "--locale", locale, "--output", locale, cwd=folder)
        (pdf,) = (folder / locale).rglob("report.pdf")
        pages = [page.extract_text() for page in PdfReader(pdf).pages]
        found[locale] = pages, pdf.with_name("report.json").read_bytes()
    return found


def test_the_unit_tests_pass_at_both_ends(python: Path) -> None:
    """The unit tests, golden files included, without the slow ones."""
    printed = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "-m", "not slow", "tests/unit")
    assert " passed" in printed.splitlines()[-1]


def test_the_demo_says_the_same_at_both_ends(python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In four locales, the pages and the data are those that the locked packages give."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1777896000")
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    assert demo(python, tmp_path / "there") == demo(sys.executable, tmp_path / "here")

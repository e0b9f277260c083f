"""The oldest packages that `pyproject.toml` allows are those of all other tests; the newest give the same results."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
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


def resolved(resolution: str, folder: Path) -> Path:
    """The packages at one end of the ranges, extras included, as a file of requirements."""
    extras = ("--extra", "notify", "--extra", "password", "--extra", "postgresql")
    file = folder / f"{resolution}.txt"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    choose = ("--quiet", "--no-annotate", "--no-header", "--resolution", resolution, "--python-version", version)
    run("uv", "pip", "compile", *choose, *extras, "--output-file", file, "pyproject.toml")
    return file


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the newest packages, and what the tests need."""
    folder = tmp_path_factory.mktemp("newest")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "environment")
    interpreter = folder / "environment/bin/python"
    install = ("uv", "pip", "install", "--quiet", "--no-deps", "--python", interpreter)
    run(*install, "--requirement", "requirements/dev.txt")
    run(*install, "--requirement", resolved("highest", folder))
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


def test_the_oldest_packages_are_those_of_all_other_tests(tmp_path: Path) -> None:
    """The lowest version of each direct dependency is the locked one."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    named = [
        *project["dependencies"],
        *(each for extra in ("notify", "password", "postgresql") for each in extras[extra]),
    ]
    direct = {Requirement(each).name.lower() for each in named}
    lowest, locked = (
        pinned(file.read_text("utf-8"))
        for file in (resolved("lowest-direct", tmp_path), CHECKOUT / "requirements" / "dev.txt")
    )
    assert {name: lowest[name] for name in direct} == {name: locked[name] for name in direct}


def pinned(requirements: str) -> dict[str, str]:
    """The version of each package in a file of requirements."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;\n]+)", requirements, re.MULTILINE))


def test_the_unit_tests_pass_with_the_newest_packages(newest: Path) -> None:
    """The unit tests, golden files included, without the slow ones."""
    printed = run(newest, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "-m", "not slow", "tests/unit")
    assert " passed" in printed.splitlines()[-1]


def test_the_demo_says_the_same_with_the_newest_packages(
    newest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In four locales, the pages and the data are those that the locked packages give."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1777896000")
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    assert demo(newest, tmp_path / "there") == demo(sys.executable, tmp_path / "here")

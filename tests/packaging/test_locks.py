"""The lock files, the changelog, and the list of dependencies match the project's requirements."""

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reporter import __version__
from tests.packaging.sources import CHECKOUT

pytestmark = pytest.mark.slow

PROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
RUN = PROJECT["project"]["dependencies"]
DEV = PROJECT["dependency-groups"]["dev"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
LOCKED_EXTRAS = sorted(EXTRAS.keys() - {"cjk"})
"""Extras with packages from other projects."""
BUILD = PROJECT["build-system"]["requires"]

LOCKED = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;]+)(?P<hashes>[^\\\n]*(?:\\\n[^\\\n]*)*)(?P<origin>(?:\n {4}#.*)*)",
    re.MULTILINE,
)
OURS = re.compile(r"hyperrep-report \(pyproject\.toml(?::dev)?\)")


def lock_text(name: str) -> str:
    """The text of a lock file."""
    return (CHECKOUT / "requirements" / f"{name}.txt").read_text()


def versions(name: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    return {match["name"]: match["version"] for match in LOCKED.finditer(lock_text(name))}


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [("build", BUILD), ("run", RUN), ("dev", RUN + DEV), *((extra, EXTRAS[extra]) for extra in LOCKED_EXTRAS)],
)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, requirements: list[str]) -> None:
    """Every required package is locked to a permitted version; `sh scripts/lock` fixes it."""
    locked = versions(lock)
    asked = {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, requirements)}
    assert asked.keys() <= locked.keys()
    assert [name for name, requirement in asked.items() if not requirement.specifier.contains(locked[name])] == []


@pytest.mark.parametrize(("lock", "requirements"), [("run", RUN), ("dev", RUN + DEV)])
def test_a_lock_holds_nothing_for_what_is_no_longer_asked_for(lock: str, requirements: list[str]) -> None:
    """Every package that is locked as a direct dependency is still required by the project."""
    ours = {match["name"] for match in LOCKED.finditer(lock_text(lock)) if OURS.search(match["origin"])}
    assert ours == {canonicalize_name(Requirement(text).name) for text in requirements}


def test_the_locks_agree_with_each_other() -> None:
    """The tests run with the same versions as a report."""
    build, run, dev = versions("build"), versions("run"), versions("dev")
    assert run.items() <= dev.items()
    assert all(dev.get(name, version) == version for name, version in build.items())
    for extra in map(versions, LOCKED_EXTRAS):
        assert extra.items() <= dev.items()
        assert not extra.keys() & run.keys()


@pytest.mark.parametrize("lock", ["build", "run", "dev", *LOCKED_EXTRAS])
def test_a_lock_has_a_hash_for_each_package_and_names_no_index(lock: str) -> None:
    """An installation takes exactly these files, from whichever index pip is configured to use."""
    text = lock_text(lock)
    for match in LOCKED.finditer(text):
        assert "--hash=sha256:" in match["hashes"], match["name"]
    assert "://" not in text
    assert not re.search(r"^\s*--?(index|extra-index|find-links|trusted-host|i |f )", text, re.MULTILINE)
    assert not re.search(r"# (via )?.*\s/", text)


@pytest.mark.parametrize("requirement", [*RUN, *DEV, *BUILD])
def test_each_dependency_has_its_reason(requirement: str) -> None:
    """The list of dependencies gives the reason for every package."""
    rows = re.findall(r"^\| ([a-z0-9-]+) \| \S.*\|$", (CHECKOUT / "docs/dependencies.md").read_text(), re.MULTILINE)
    assert rows.count(canonicalize_name(Requirement(requirement).name)) == 1


def test_no_reason_outlives_its_dependency() -> None:
    """The list of dependencies names only what the project requires."""
    packages, _, _ = (CHECKOUT / "docs/dependencies.md").read_text().partition("## From the system")
    rows = re.findall(r"^\| ([a-z0-9-]*[a-z0-9]) \|", packages, re.MULTILINE)
    asked = {canonicalize_name(Requirement(text).name) for text in [*RUN, *DEV, *BUILD]}
    assert set(rows) - {"package"} == asked


def test_the_changelog_begins_with_this_version() -> None:
    """The newest entry of the changelog is the version that the command prints, dated or unreleased."""
    entries = re.findall(r"^## \[(.+)\] - (.+)$", (CHECKOUT / "CHANGELOG.md").read_text(), re.MULTILINE)
    version, day = entries[0]
    assert version == __version__
    assert re.fullmatch(r"unreleased|\d{4}-\d{2}-\d{2}", day)

"""The workflows, as far as they can be checked without GitHub."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.sources import CHECKOUT

WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))


def load(path: Path) -> dict[Any, Any]:
    """The workflow; YAML parses its key `on` as true."""
    loaded = yaml.safe_load(path.read_text())
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_bounded_with_least_rights_and_pinned_actions(path: Path) -> None:
    """No job may write to the repository or run for hours, and each action is pinned to a commit."""
    workflow = load(path)
    assert set(workflow["permissions"].values()) == {"read"}
    assert workflow[True]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) if "uses" in step else True


@pytest.mark.parametrize("source", [*WORKFLOWS, "schedule", "schedule --due"], ids=str)
def test_an_audit_of_the_workflows_finds_nothing(source: Path | str, tmp_path: Path) -> None:
    """Ours and those that `schedule github` prints: no unpinned action, stored credential, or secret for every step."""
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    if isinstance(source, Path):
        shutil.copy(source, folder)
    else:
        words = ["schedule", "github", *source.split()[1:]]
        printed = subprocess.run([sys.executable, "-m", "reporter", *words], capture_output=True, text=True, check=True)
        (folder / "printed.yml").write_text(printed.stdout)
    audit = ["zizmor", "--offline", "--no-progress", str(folder)]
    done = subprocess.run(audit, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_expression_is_pasted_into_a_shell(path: Path) -> None:
    """Whatever is typed into a workflow's form, and every secret, reaches a shell only through the environment."""
    commands = [step.get("run", "") for job in load(path)["jobs"].values() for step in job["steps"]]
    assert not [command for command in commands if "${{" in command]


def test_the_reports_workflow_never_runs_twice_at_once_and_keeps_its_memory() -> None:
    """Runs queue up, none is canceled for the next, and the hidden ledger is stored with the archive."""
    workflow = load(CHECKOUT / ".github/workflows/reports.yml")
    assert workflow["concurrency"] == {"group": "reports", "cancel-in-progress": False}
    steps = workflow["jobs"]["reports"]["steps"]
    upload = next(step for step in steps if "upload-artifact" in step.get("uses", ""))
    assert upload["with"]["include-hidden-files"] is True
    assert upload["if"].startswith("always()")


def test_the_test_workflow_and_the_continuous_integration_run_what_the_readme_says() -> None:
    """One command runs all checks and tests, everywhere."""
    commands = [step.get("run") for step in load(CHECKOUT / ".github/workflows/test.yml")["jobs"]["test"]["steps"]]
    assert "sh scripts/test --all" in commands
    assert "sh scripts/test --all" in (CHECKOUT / ".ci/run").read_text().splitlines()

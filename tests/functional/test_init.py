"""`hyperrep-report init` as an operator runs it, with the API on a real socket."""

import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporter.cli import run
from reporter.config.load import load_config
from reporter.config.settings import Overrides
from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY, World
from tests.servers import served

WORLD = World()
FILE = Path("hyperrep-report.toml")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a sandbox."""
    with served(create_app(WORLD, lambda: datetime.now(UTC))) as url:
        yield url


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and an environment without HyperRep settings."""
    for name in [name for name in os.environ if name.startswith("HYPERREP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_organization_of_the_key_gets_a_block(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file loads without a problem and names every organization, hostile names included; the key is not in it."""
    monkeypatch.setenv("HYPERREP_API_URL", url)
    monkeypatch.setenv("HYPERREP_API_KEY", DEMO_KEY)
    assert run(["init"]) == 0
    config = load_config(FILE, {}, Overrides())
    known = {name: each.id for each in WORLD.organizations for name in (each.id, each.name)}
    assert [known[report.organization or ""] for report in config.reports] == [each.id for each in WORLD.organizations]
    assert DEMO_KEY not in FILE.read_text("utf-8")
    told = capsys.readouterr().out
    assert f"Wrote hyperrep-report.toml with {len(WORLD.organizations)} organizations." in told
    assert "hyperrep-report doctor" in told


def test_without_a_key_an_example_stands_in_a_comment(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key the API is not called, the command says so, and the file is a valid configuration all the same."""
    assert run(["init", "--config", "my reports.toml"]) == 0
    assert tomllib.loads(Path("my reports.toml").read_text("utf-8")) == {"api": {}, "smtp": {}, "ops": {}}
    told = capsys.readouterr().out
    assert "HYPERREP_API_KEY is not set" in told
    assert "hyperrep-report --config 'my reports.toml' --dry-run" in told


def test_a_file_that_is_there_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Only --force replaces a file, even a broken one; nothing is left beside it."""
    FILE.write_text("broken [", "utf-8")
    assert run(["init"]) == 2
    assert "give --force to replace it" in capsys.readouterr().err
    assert FILE.read_text("utf-8") == "broken ["
    assert run(["init", "--force"]) == 0
    assert load_config(FILE, {}, Overrides()).reports == ()
    assert list(Path().iterdir()) == [FILE]


@pytest.mark.parametrize("place", ["file/hyperrep-report.toml", "."])
def test_a_path_that_cannot_be_written_is_a_usage_fault(
    place: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path and the reason are reported in a sentence, and nothing is left behind."""
    (workplace / "file").touch()
    assert run(["init", "--force", "--config", place]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert list(Path().iterdir()) == [Path("file")]


def test_a_refused_key_writes_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The API's refusal ends the command with exit code 3 and no file."""
    monkeypatch.setenv("HYPERREP_API_URL", url)
    monkeypatch.setenv("HYPERREP_API_KEY", "wrong-key")
    assert run(["init"]) == 3
    assert "wrong-key" not in capsys.readouterr().err
    assert not FILE.exists()


def test_a_wrong_environment_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every problem of the environment is reported at once, with exit code 2 and no file."""
    monkeypatch.setenv("HYPERREP_API_URL", "ftp://example.com")
    monkeypatch.setenv("HYPERREP_API_KEY", "two words")
    assert run(["init"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not FILE.exists()

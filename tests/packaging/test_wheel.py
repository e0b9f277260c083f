"""The wheel as a user gets it: built from the source distribution, installed alone, run from another folder."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

from reporter import __version__
from tests.packaging.demo_archive import pages_by_report
from tests.packaging.sources import CHECKOUT, copy_sources

pytestmark = pytest.mark.slow

EXPECTED = re.compile(
    r"""reporter/([a-z_]+/)*([a-z_]+\.(py|j2|html\.j2|css|js)|py\.typed)
    | reporter/archive/report\.schema\.json
    | reporter/ledger/migrations/versions/[0-9]{4}_[a-z_]+\.py
    | reporter/rendering/locale/[A-Za-z_]+\.po
    | reporter/rendering/fonts/([a-z0-9-]+(\.ttf|-OFL\.txt)|coverage\.txt)
    | reporter/_templates/[a-z_-]+/[a-z_-]+\.(html\.j2|txt\.j2|css|toml)
    | reporter/_docs/templates\.md
    | hyperrep_report-[0-9.]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt)
    | hyperrep_report-[0-9.]+\.dist-info/licenses/(LICENSE|NOTICE|reporter/rendering/fonts/[a-z0-9-]+-OFL\.txt)
    """,
    re.VERBOSE,
)


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """The command's output, with nothing of the checkout in its environment; a failure shows all of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    environment |= variables
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of a clean copy of the sources."""
    folder = tmp_path_factory.mktemp("sources")
    copy_sources(folder)
    run(sys.executable, "-m", "hatchling", "build", "--target", "sdist", cwd=folder)
    return next((folder / "dist").glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, sdist)
    run(sys.executable, "-m", "pip", *build, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    """The paths of the files within the wheel."""
    return [info.filename for info in zipfile.ZipFile(wheel).infolist() if not info.is_dir()]


@pytest.fixture(scope="module")
def metadata(wheel: Path, names: list[str]) -> Message:
    """The wheel's metadata."""
    name = next(name for name in names if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(zipfile.ZipFile(wheel).read(name).decode())


def shipped(folder: str, pattern: str) -> set[str]:
    """The matching files of the checkout's folder, by their paths within it."""
    root = CHECKOUT / folder
    return {str(path.relative_to(root)) for path in root.rglob(pattern) if path.is_file()}


def test_the_source_distribution_holds_the_package_and_its_own_documents_alone(sdist: Path) -> None:
    """Besides the package and the templates, it has this distribution's documents, and none of another one."""
    with tarfile.open(sdist) as archive:
        paths = [Path(*Path(name).parts[1:]) for name in archive.getnames()]
    others = {str(path) for path in paths if path.parts[0] not in {"reporter", "templates"}}
    documents = {"docs/templates.md", "CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "SECURITY.md"}
    assert others - {".gitignore"} == {*documents, "PKG-INFO", "pyproject.toml"}


def test_the_metadata_say_whose_it_is_and_where_it_runs(metadata: Message) -> None:
    """Authors, an address, and a classifier for each version of Python that it is tested on."""
    assert metadata["Author"] == "The hyperrep-report authors"
    assert metadata.get_all("Project-URL") == ["HyperRep API, https://api.hyperrep.ai"]
    classifiers = set(metadata.get_all("Classifier", []))
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13, 14)} <= classifiers


def test_a_folder_of_wheels_installs_the_command_with_extras_and_fonts(tmp_path: Path) -> None:
    """`scripts/wheels` writes what one command installs anywhere: every package by its hash, with extras and fonts."""
    folder = tmp_path / "my wheels"
    printed = run("sh", CHECKOUT / "scripts/wheels", folder, "notify", "password", cwd=tmp_path)
    assert printed == f"pip install --no-deps --require-hashes -r {folder}/requirements.txt"
    run(sys.executable, "-m", "venv", "--without-pip", "there", cwd=tmp_path)
    install = (sys.executable, "-m", "pip", "--python", tmp_path / "there/bin/python", "install", "--quiet")
    run(*install, "--no-deps", "--require-hashes", "-r", folder / "requirements.txt", cwd=tmp_path)
    run(tmp_path / "there/bin/hyperrep-report", "--demo", "--locale", "ja_JP", "--output", "reports", cwd=tmp_path)
    assert set(pages_by_report(tmp_path / "reports").values()) == {2}
    load = "import importlib.util as u; print([u.find_spec(n) is not None for n in ('apprise', 'pikepdf', 'psycopg')])"
    assert run(tmp_path / "there/bin/python", "-c", load, cwd=tmp_path) == "[True, True, False]"


def test_wheels_of_an_unknown_extra_are_refused(tmp_path: Path) -> None:
    """An unknown extra gets one sentence with the valid ones and code 2, before anything is written."""
    done = subprocess.run(
        ["sh", CHECKOUT / "scripts/wheels", "wheels", "dev"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "There is no extra 'dev': choose from notify, password, and postgresql" in done.stderr
    assert list(tmp_path.iterdir()) == []
    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras.keys() == {"cjk", "notify", "password", "postgresql"}, "scripts/wheels knows these"


def test_the_wheel_holds_every_file_that_a_report_needs(names: list[str]) -> None:
    """The package's modules, fonts, catalogs, page templates, `py.typed`, and the report templates are inside."""
    for pattern in ("*.py", "*.ttf", "*.po", "*.j2", "*.css", "*.js", "py.typed", "*-OFL.txt", "coverage.txt"):
        files = {f"reporter/{name}" for name in shipped("reporter", pattern)}
        assert files, f"the checkout holds no {pattern}"
        assert files <= set(names)
    looks = {f"reporter/_templates/{name}" for name in shipped("templates", "*")}
    assert any(name.endswith("/report.html.j2") for name in looks)
    assert looks <= set(names)


def test_the_wheel_holds_nothing_else(names: list[str]) -> None:
    """Neither tests, caches, reports, nor a developer's leftover files are in the wheel."""
    assert [name for name in names if not EXPECTED.fullmatch(name)] == []


def test_the_metadata_names_version_licences_and_command(wheel: Path, names: list[str], metadata: Message) -> None:
    """The metadata for pip and for license inventories match the project's own."""
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0 AND OFL-1.1"
    assert metadata["Requires-Python"] == ">=3.11"
    licences = metadata.get_all("License-File", [])
    fonts = sorted(f"reporter/rendering/fonts/{name}" for name in shipped("reporter/rendering/fonts", "*-OFL.txt"))
    assert licences == ["LICENSE", "NOTICE", *fonts]
    assert all(any(name.endswith(f".dist-info/licenses/{licence}") for name in names) for licence in licences)
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert "hyperrep-report = reporter.__main__:main" in zipfile.ZipFile(wheel).read(entry_points).decode()


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, the locked packages, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    install = (sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet")
    run(*install, "--no-deps", "--require-hashes", "--requirement", CHECKOUT / "requirements/run.txt", cwd=folder)
    run(*install, "--no-deps", "--no-index", wheel, cwd=folder)
    return folder


def test_an_installed_wheel_makes_the_demo_report(environment: Path, tmp_path: Path) -> None:
    """In an empty environment with the locked packages, outside the checkout, the command renders two-page reports."""
    origin = run(environment / "bin/python", "-c", "import reporter; print(reporter.__file__)", cwd=tmp_path)
    assert Path(origin).is_relative_to(environment)
    run(environment / "bin/hyperrep-report", "--demo", "--output", "reports", cwd=tmp_path)
    pages = pages_by_report(tmp_path / "reports")
    assert pages
    assert set(pages.values()) == {2}


def test_another_installation_makes_the_same_file(environment: Path, tmp_path: Path) -> None:
    """5: a report does not depend on the paths of packages and fonts: the wheel's PDF and data are the checkout's."""
    demo = ("--demo", "--org", "Acme Roofing", "--period", "month", "--timezone", "America/New_York", "--output")
    now = {"SOURCE_DATE_EPOCH": "1777896000"}
    run(environment / "bin/hyperrep-report", *demo, "there", cwd=tmp_path, **now, TZ="Asia/Tokyo", LC_ALL="C")
    run(sys.executable, "-m", "reporter", *demo, "here", cwd=tmp_path, **now, TZ="UTC", PYTHONHASHSEED="7")
    here, there = (
        {path.name: path.read_bytes() for path in (tmp_path / place).rglob("report.*")} for place in ("here", "there")
    )
    assert here.keys() == {"report.pdf", "report.json"}
    assert here == there

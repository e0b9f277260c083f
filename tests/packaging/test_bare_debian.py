"""From nothing to a report: both commands of the quick start on a bare Debian, and the container image, built and run.

Debian 12 and 13 are bootstrapped for both. With Python they replace the image's base, `python:3.11-slim-bookworm`,
which cannot be pulled where no image registry can be reached.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.daemons import give_up
from tests.packaging.buildah import Builder, debian_mirror, find_builder, machine_mounts, run
from tests.packaging.demo_archive import pages_by_report
from tests.packaging.sources import CHECKOUT, copy_sources, copy_tests

pytestmark = pytest.mark.slow

IMAGE_USER = 10001
REFUSED = 2
DEMO = ("--as-of", "2026-05-04", "--period", "month")
FAST = (
    "tests/functional/test_main_job.py tests/functional/test_command_line.py tests/functional/test_smtp.py "
    "tests/functional/doctor tests/unit/rendering/test_golden.py tests/unit/rendering/test_pdf.py"
)
"""Fast tests that start the program, render, or send."""
LEANING = "tests/functional/preview/test_browser.py tests/functional/test_smtp_tls.py"
"""Slow tests that depend on the system: a browser with its driver, and the TLS of the release's own Python."""


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """The builder; without one the tests are skipped, but never in continuous integration."""
    builder = find_builder(tmp_path_factory.mktemp("storage"))
    if isinstance(builder, str):
        give_up(builder)
    yield builder
    builder.as_root("rm", "-rf", "--one-file-system", builder.storage)


@pytest.fixture(scope="module")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a container needs to reach the registries of pip and apt as this machine does."""
    return machine_mounts(tmp_path_factory.mktemp("settings"))


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def suite(request: pytest.FixtureRequest) -> str:
    """The release of Debian: 12, whose Python is 3.11.2, and 13, whose Pango starts threads."""
    return str(request.param)


@pytest.fixture(scope="module")
def bare_debian(builder: Builder, suite: str) -> str:
    """The name of a Debian image without Python or any other optional package."""
    container = builder.container("scratch")
    root = builder.files(container)
    builder.as_root("debootstrap", "--variant=minbase", suite, root, debian_mirror())
    # Packages are installed without waiting for the disk, which takes most of the time and matters to no test.
    builder.as_root("sh", "-c", 'echo force-unsafe-io > "$0/etc/dpkg/dpkg.cfg.d/unsafe-io"', root)
    builder.as_root("chroot", root, "apt-get", "clean")
    builder("commit", "--rm", container, f"bare-{suite}")
    return f"localhost/bare-{suite}"


@pytest.fixture(scope="module")
def base(builder: Builder, bare_debian: str, suite: str, mounts: list[str]) -> str:
    """The name of an image that replaces the Dockerfile's base."""
    container = builder.container(bare_debian)
    install = (
        "apt-get -qq update && apt-get -qq install -y --no-install-recommends python3 python3-venv && apt-get clean"
    )
    builder.run(container, ["sh", "-c", install], mounts=mounts)
    builder("commit", "--rm", container, f"base-{suite}")
    return f"localhost/base-{suite}"


@pytest.fixture(scope="module")
def image(builder: Builder, base: str, suite: str, mounts: list[str]) -> str:
    """The name of the image that the Dockerfile builds."""
    volumes = [f"--volume={mount}" for mount in mounts]
    tag = f"command-{suite}"
    builder("build", "--isolation", "chroot", "--build-arg", f"BASE={base}", *volumes, "--tag", tag, CHECKOUT)
    return f"localhost/{tag}"


@dataclass(frozen=True)
class Root:
    """A bare Debian with a checkout at a path with a space, kept across the commands that are run in it."""

    builder: Builder
    container: str
    mounts: list[str]
    checkout: Path
    suite: str

    def run(self, script: str, *, user: str | None = None, fails: bool = False) -> str:
        """The output of a shell on both streams in the checkout, as root or as a user; `fails`: with code 2."""
        script = f"cd '/srv/a checkout' && ( {script} )" + (f"; test $? = {REFUSED}" if fails else "")
        script = f"exec 2>&1; export LANG=C; {script}"
        shell = ["sh", "-c", script] if user is None else ["su", user, "-s", "/bin/sh", "-c", script]
        return self.builder.run(self.container, shell, mounts=[*self.mounts, f"{self.checkout}:/srv/a checkout"])

    def pages(self) -> dict[str, list[str]]:
        """The text of each page of each report below the checkout, by the report's path in its archive."""
        self.builder.as_root("chmod", "-R", "a+rX", self.checkout)
        return texts_by_report(self.checkout / "demo-report")


@pytest.fixture(scope="module")
def new_root(
    builder: Builder, bare_debian: str, suite: str, mounts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Root]]:
    """Makes bare Debians that nothing was run in."""
    checkouts = []

    def make() -> Root:
        checkout = tmp_path_factory.mktemp("root") / "a checkout"
        checkout.mkdir()
        checkouts.append(checkout)
        copy_sources(checkout)
        return Root(builder, builder.container(bare_debian), mounts, checkout, suite)

    yield make
    for checkout in checkouts:
        builder.as_root("rm", "-rf", checkout)  # root's files


@dataclass(frozen=True)
class SetUp:
    """A Debian in which the first command was run twice, as root and without a home, and what it printed."""

    root: Root
    first: str
    second: str


@pytest.fixture(scope="module")
def set_up(new_root: Callable[[], Root]) -> SetUp:
    """The first command's set-up, which the tests of the other commands share, as its users do."""
    root = new_root()
    first, second = (root.run(f"HOME=/nonexistent sh scripts/demo {' '.join(DEMO)}") for _ in range(2))
    copy_tests(root.checkout)
    return SetUp(root, first, second)


def megabytes(builder: Builder, image: str) -> float:
    """The size of an image with all its layers."""
    files = builder.files(builder.container(image))
    return int(builder.as_root("du", "-sb", files).split()[0]) / 1e6


def texts_by_report(archive: Path) -> dict[str, list[str]]:
    """The text of each page of every report, by the path of its PDF within the archive."""
    found = {str(pdf.relative_to(archive)): pdf for pdf in sorted(archive.rglob("report.pdf"))}
    return {path: [page.extract_text() for page in PdfReader(pdf).pages] for path, pdf in found.items()}


@pytest.fixture(scope="module")
def made_here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The text of the same reports, rendered on this machine."""
    folder = tmp_path_factory.mktemp("here")
    run(sys.executable, "-m", "reporter", "--demo", *DEMO, "--output", folder / "demo-report")
    return texts_by_report(folder / "demo-report")


def test_the_first_command_makes_the_demo_report_as_root(set_up: SetUp, made_here: dict[str, list[str]]) -> None:
    """On a bare Debian, without a home, `scripts/demo` installs everything and prints where the report is.

    The pages have the same text as those rendered here. The second time nothing is installed. This machine, whose
    libraries may differ, verifies the archive without errors.
    """
    assert "Installing" in set_up.first
    assert "Installing" not in set_up.second
    pages = set_up.root.pages()
    assert pages == made_here
    for report in pages:
        assert f"/srv/a checkout/demo-report/{report}" in set_up.first.splitlines()
        assert f"/srv/a checkout/demo-report/{report}" in set_up.second.splitlines()
    archive = set_up.root.checkout / "demo-report"
    verified = run(sys.executable, "-m", "reporter", "verify", "--json", "--output", archive)
    faults = {finding["fault"] for finding in json.loads(verified)["findings"]}
    assert faults <= {"other-libraries"}


def test_commands_are_silent_on_the_releases_own_python(set_up: SetUp) -> None:
    """The demo in four locales, `doctor`, `verify`, and `export` raise no warning, with warnings as errors."""
    command = ".venv/bin/python -X dev -W error -m reporter"
    for locale in ("en_US", "ar_EG", "ja_JP", "de_DE"):
        assert "archived" in set_up.root.run(f"{command} --demo --locale {locale} --output {locale} 2>&1")
    assert "a run has everything it needs" in set_up.root.run(f"{command} doctor --demo")
    assert "everything is as it was archived" in set_up.root.run(f"{command} verify --output ja_JP")
    assert "response_rate" in set_up.root.run(f"{command} export --output ar_EG")


def test_the_second_command_sets_up_all_that_its_tests_need(set_up: SetUp) -> None:
    """On the release's own Python, the set-up of `scripts/test` is all that the fast tests need."""
    printed = set_up.root.run(f"sh scripts/test -q -n 2 -m 'not slow' {FAST}")
    assert re.search(r"^\d+ passed", printed.splitlines()[-1]), printed[-3000:]


@pytest.mark.parametrize("suite", ["bookworm"], indirect=True)
def test_the_slow_tests_find_what_they_need(set_up: SetUp) -> None:
    """With `--all`, the set-up adds what the slow tests need, on the oldest supported release."""
    printed = set_up.root.run(
        f"root=$PWD; . scripts/setup.sh; set_up dev every_test; python -m pytest -q -n 2 {LEANING}"
    )
    assert re.search(r"^\d+ passed", printed.splitlines()[-1]), printed[-3000:]


def test_an_ordinary_user_gets_one_line_to_run_and_then_the_demo_report(
    new_root: Callable[[], Root], made_here: dict[str, list[str]]
) -> None:
    """A user who may not install packages gets code 2 and a command; once root has run it, the report is rendered."""
    root = new_root()
    root.run("useradd --create-home ada && chown -R ada .")
    refused = root.run("sh scripts/demo", user="ada", fails=True)
    line = refused.splitlines()[-1].strip()
    assert line.startswith("sudo apt-get update && sudo apt-get install ")
    root.run(line.replace("sudo ", ""))  # as root; a bare Debian has no sudo
    root.run(f"sh scripts/demo {' '.join(DEMO)}", user="ada")
    assert root.pages() == made_here


def test_the_image_runs_the_command_as_a_user_that_is_not_root(builder: Builder, image: str, tmp_path: Path) -> None:
    """The container renders the demo report into a mounted folder, and its user can write where it starts."""
    container = builder.container(image)
    builder.as_root("chown", str(IMAGE_USER), tmp_path)
    configuration = json.loads(builder("inspect", container))["OCIv1"]["config"]
    assert builder.run(container, ["id", "-u"], mounts=[]) == str(IMAGE_USER)
    builder.run(container, ["test", "-w", "."], mounts=[])
    command = [*configuration["Entrypoint"], "--demo", "--output", "/archive/reports"]
    builder.run(container, command, mounts=[f"{tmp_path}:/archive"])
    builder.as_root("chown", "-R", str(os.geteuid()), tmp_path)
    pages = pages_by_report(tmp_path)
    assert pages
    assert set(pages.values()) == {2}


@pytest.mark.parametrize("suite", ["trixie"], indirect=True)
def test_the_image_takes_the_extras_that_it_is_built_with(
    builder: Builder, base: str, image: str, mounts: list[str]
) -> None:
    """A build argument names one or more extras, whose libraries are then installed; without it they are not."""
    volumes = [f"--volume={mount}" for mount in mounts]
    chosen = ["--build-arg", f"BASE={base}", "--build-arg", "EXTRAS=notify password postgresql"]
    builder("build", "--isolation", "chroot", *chosen, *volumes, "--tag", "extras", CHECKOUT)
    load = [
        "python3",
        "-c",
        "import importlib.util as u; print([u.find_spec(n) is not None for n in ('apprise', 'pikepdf', 'psycopg')])",
    ]
    assert builder.run(builder.container("localhost/extras"), load, mounts=[]) == "[True, True, True]"
    assert builder.run(builder.container(image), load, mounts=[]) == "[False, False, False]"


def test_the_image_holds_no_tools_and_little_more_than_the_command(builder: Builder, base: str, image: str) -> None:
    """Neither sources, pip, nor package lists stay in the image, and it adds less than 280 MB to its base."""
    root = builder.files(builder.container(image))
    assert not (root / "build").exists()
    assert not (root / "opt/hyperrep-report/bin/pip").exists()
    assert not list((root / "var/lib/apt/lists").glob("*_Packages*"))
    whole = megabytes(builder, image)
    added = whole - megabytes(builder, base)
    print(f"The image has {whole:.0f} MB, {added:.0f} MB of them on top of its base.")  # noqa: T201 - for pytest -rP
    assert added < 280

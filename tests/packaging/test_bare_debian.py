"""From nothing to a report: the quick start on a bare Debian, and the container image, really built and run.

One Debian is bootstrapped for both. With Python it stands in for the image's base, `python:3.11-slim-bookworm`, which
is not to be had where no image registry is reached.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemons import give_up
from tests.packaging.buildah import Builder, debian_mirror, find_builder, machine_mounts
from tests.packaging.demo_archive import pages_by_report
from tests.packaging.sources import CHECKOUT, copy_sources

pytestmark = pytest.mark.slow

IMAGE_USER = 10001


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """The builder; where there is none the tests are skipped, but never in continuous integration."""
    builder = find_builder(tmp_path_factory.mktemp("storage"))
    if isinstance(builder, str):
        give_up(builder)
    yield builder
    builder("rm", "--all")
    builder.as_root("rm", "-rf", builder.storage)


@pytest.fixture(scope="module")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a container needs to reach the registries of pip and apt as this machine does."""
    return machine_mounts(tmp_path_factory.mktemp("settings"))


@pytest.fixture(scope="module")
def bare_debian(builder: Builder) -> str:
    """The name of an image of Debian bookworm that holds no Python and nothing else that can be left out."""
    container = builder.container("scratch")
    root = builder.files(container)
    builder.as_root("debootstrap", "--variant=minbase", "bookworm", root, debian_mirror())
    builder.as_root("chroot", root, "apt-get", "clean")
    builder("commit", "--rm", container, "bare")
    return "localhost/bare"


@pytest.fixture(scope="module")
def base(builder: Builder, bare_debian: str, mounts: list[str]) -> str:
    """The name of an image that stands in for the Dockerfile's base."""
    container = builder.container(bare_debian)
    install = (
        "apt-get -qq update && apt-get -qq install -y --no-install-recommends python3 python3-venv && apt-get clean"
    )
    builder.run(container, ["sh", "-c", install], mounts=mounts)
    builder("commit", "--rm", container, "base")
    return "localhost/base"


@pytest.fixture(scope="module")
def image(builder: Builder, base: str, mounts: list[str]) -> str:
    """The name of the image that the Dockerfile makes."""
    volumes = [f"--volume={mount}" for mount in mounts]
    builder("build", "--isolation", "chroot", "--build-arg", f"BASE={base}", *volumes, "--tag", "command", CHECKOUT)
    return "localhost/command"


def megabytes(builder: Builder, image: str) -> float:
    """The size of an image with everything below it."""
    files = builder.files(builder.container(image))
    return int(builder.as_root("du", "-sb", files).split()[0]) / 1e6


def test_the_demo_comes_out_of_a_bare_debian(
    builder: Builder, bare_debian: str, mounts: list[str], tmp_path: Path
) -> None:
    """From a path with a space and without a home, `scripts/demo` installs all and says where the reports lie.

    The second time nothing is installed.
    """
    folder = tmp_path / "a checkout"
    folder.mkdir()
    copy_sources(folder)
    container = builder.container(bare_debian)
    demo = ["sh", "-c", "LANG=C HOME=/nonexistent sh '/srv/a checkout/scripts/demo' 2>&1"]
    everything = [*mounts, f"{folder}:/srv/a checkout"]
    first, second = (builder.run(container, demo, mounts=everything) for _ in range(2))
    builder.as_root("chown", "-R", str(os.geteuid()), tmp_path)
    pages = pages_by_report(folder / "demo-report")
    assert pages
    assert set(pages.values()) == {2}
    for report in pages:
        assert f"/srv/a checkout/demo-report/{report}" in first.splitlines()
        assert f"/srv/a checkout/demo-report/{report}" in second.splitlines()
    assert "Installing" in first
    assert "Installing" not in second


def test_the_image_runs_the_command_as_a_user_that_is_not_root(builder: Builder, image: str, tmp_path: Path) -> None:
    """The container makes the demo report into a mounted folder, by its entry point, and may write where it starts."""
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


def test_the_image_takes_the_extras_that_it_is_built_with(
    builder: Builder, base: str, image: str, mounts: list[str]
) -> None:
    """A build argument names them, one or several, and the libraries are there; without it they are not."""
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
    """Neither sources, pip nor package lists stay in the image, and it adds less than 280 MB to its base."""
    root = builder.files(builder.container(image))
    assert not (root / "build").exists()
    assert not (root / "opt/hyperrep-report/bin/pip").exists()
    assert not list((root / "var/lib/apt/lists").glob("*_Packages*"))
    whole = megabytes(builder, image)
    added = whole - megabytes(builder, base)
    print(f"The image has {whole:.0f} MB, {added:.0f} MB of them on top of its base.")  # noqa: T201 - for pytest -rP
    assert added < 280

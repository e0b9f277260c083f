"""The container image, really built and run: a bare Debian with Python stands in for `python:3.11-slim-bookworm`."""

import os
from pathlib import Path

import pytest

from tests.packaging.buildah import Builder
from tests.packaging.demo_archive import pages_by_report
from tests.packaging.sources import CHECKOUT

pytestmark = pytest.mark.xdist_group("debian")

IMAGE_USER = 10001


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


def test_the_image_runs_the_command_as_a_user_that_is_not_root(builder: Builder, image: str, tmp_path: Path) -> None:
    """The container makes the demo report into the mounted folder, by its entry point, and not as root."""
    container = builder.container(image)
    builder.as_root("chown", str(IMAGE_USER), tmp_path)
    entry_point = builder("inspect", "--format", '{{join .OCIv1.Config.Entrypoint " "}}', container).split()
    mounts = [f"{tmp_path}:/data"]
    assert builder.run(container, ["id", "-u"], mounts=mounts) == str(IMAGE_USER)
    builder.run(container, [*entry_point, "--demo", "--output", "reports"], mounts=mounts)
    builder.as_root("chown", "-R", str(os.geteuid()), tmp_path)
    pages = pages_by_report(tmp_path)
    assert pages
    assert set(pages.values()) == {2}


def test_the_image_holds_no_tools_and_little_more_than_the_command(builder: Builder, base: str, image: str) -> None:
    """Neither sources, pip nor package lists stay in the image, and it adds less than 200 MB to its base."""
    root = builder.files(builder.container(image))
    assert not (root / "build").exists()
    assert not (root / "opt/hyperrep-report/bin/pip").exists()
    assert not list((root / "var/lib/apt/lists").glob("*_Packages*"))
    whole = megabytes(builder, image)
    added = whole - megabytes(builder, base)
    print(f"The image has {whole:.0f} MB, {added:.0f} MB of them on top of its base.")  # noqa: T201 - for pytest -rP
    assert added < 200

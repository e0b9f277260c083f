"""A bare Debian, made once for the tests that start from nothing."""

import os
from collections.abc import Iterator

import pytest

from tests.packaging.buildah import Builder, debian_mirror, find_builder, machine_mounts


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """The builder; where there is none the tests are skipped, but never in continuous integration."""
    storage = tmp_path_factory.mktemp("storage")
    builder = find_builder(storage)
    if isinstance(builder, str):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(builder)
    yield builder
    builder("rm", "--all")
    builder.as_root("rm", "-rf", storage)


@pytest.fixture(scope="session")
def bare_debian(builder: Builder) -> str:
    """The name of an image of Debian bookworm that holds no Python and nothing else that can be left out."""
    container = builder.container("scratch")
    root = builder.files(container)
    builder.as_root("debootstrap", "--variant=minbase", "bookworm", root, debian_mirror())
    builder.as_root("chroot", root, "apt-get", "clean")
    builder("commit", "--rm", container, "bare")
    return "localhost/bare"


@pytest.fixture(scope="session")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a container needs to reach the registries of pip and apt as this machine does."""
    return machine_mounts(tmp_path_factory.mktemp("settings"))

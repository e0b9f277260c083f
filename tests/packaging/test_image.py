"""The container image, really built and run, without a daemon and without an image registry.

Buildah builds the Dockerfile; a Debian bootstrapped here, with Python, stands in for `python:3.11-slim-bookworm`. The
build reaches the package registries in the way this machine does: its pip and apt settings are mounted, never kept.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.demo_archive import pages_by_report

pytestmark = pytest.mark.xdist_group("image")

CHECKOUT = Path(__file__).parents[2]
IMAGE_USER = 10001


def run(*command: str | Path, cwd: Path = CHECKOUT) -> str:
    """What the command printed; a failure shows all of its output."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def root_prefix() -> list[str] | None:
    """What makes a command run as root: nothing, a sudo that asks no password, or None when there is no way."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n", "--preserve-env"]
    possible = (
        shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    )
    return sudo if possible else None


def why_no_builder() -> str | None:
    """The sentence that says what is missing for building an image here; None when nothing is."""
    for program in ("buildah", "debootstrap"):
        if shutil.which(program) is None and not Path("/usr/sbin", program).exists():
            return f"no image can be built here: {program} is not installed"
    return "no image can be built here: that needs root" if root_prefix() is None else None


@dataclass(frozen=True)
class Builder:
    """Buildah with a storage of its own, so that this machine's images and containers are never touched."""

    storage: Path
    prefix: tuple[str, ...]

    def __call__(self, *arguments: str | Path) -> str:
        """What buildah printed."""
        places = ("--storage-driver", "vfs", "--root", self.storage / "images", "--runroot", self.storage / "run")
        return run(*self.prefix, "buildah", *places, *arguments)


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """The builder; where there is none the tests are skipped, but never in continuous integration."""
    if reason := why_no_builder():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    prefix = tuple(root_prefix() or ())
    storage = tmp_path_factory.mktemp("storage")
    builder = Builder(storage, prefix)
    yield builder
    builder("rm", "--all")
    run(*prefix, "rm", "-rf", storage)


def debian_mirror() -> str:
    """The mirror that this machine's apt uses for Debian, else Debian's own."""
    default = "http://deb.debian.org/debian"
    if shutil.which("apt-get") is None:
        return default
    listed = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian")
    return next(iter(listed.splitlines()), default)


@pytest.fixture(scope="module")
def base(builder: Builder) -> str:
    """The name of an image that stands in for the base: Debian bookworm with Python, and nothing else."""
    container = builder("from", "scratch")
    root = Path(builder("mount", container))
    packages = "--include=python3,python3-venv,ca-certificates"
    run(*builder.prefix, "debootstrap", "--variant=minbase", packages, "bookworm", root, debian_mirror())
    run(*builder.prefix, "chroot", root, "apt-get", "clean")
    builder("commit", "--rm", container, "base")
    return "localhost/base"


def pip_settings() -> dict[str, str]:
    """How this machine's pip reaches its index, from its configuration and environment."""
    settings = {}
    for line in run(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'")
    return settings


def machine_mounts(folder: Path) -> list[str]:
    """Mounts that let pip and apt in the build reach their registries in the way this machine does."""
    settings = ConfigParser(interpolation=None)
    settings["global"] = pip_settings()
    pip_file, apt_file = folder / "pip.conf", folder / "apt.conf"
    with pip_file.open("w") as stream:
        settings.write(stream)
    acquire = run("apt-config", "dump", "Acquire").splitlines() if shutil.which("apt-config") else []
    apt_file.write_text("\n".join(line for line in acquire if "IndexTargets" not in line))
    words = [word.removeprefix("file://") for value in settings["global"].values() for word in value.split()]
    found = [Path(word) for word in words if word.startswith("/") and Path(word).exists()]
    # An index in a folder, `…/simple`, links to files that lie beside it.
    places = sorted({path.parent if path.name == "simple" else path for path in found})
    mounts = [f"{place}:{place}:ro" for place in places]
    return [*mounts, f"{pip_file}:/etc/pip.conf:ro", f"{apt_file}:/etc/apt/apt.conf.d/90machine:ro"]


@pytest.fixture(scope="module")
def image(builder: Builder, base: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the image that the Dockerfile makes."""
    mounts = [f"--volume={mount}" for mount in machine_mounts(tmp_path_factory.mktemp("settings"))]
    base_argument = ["--build-arg", f"BASE={base}"]
    builder("build", "--isolation", "chroot", *base_argument, *mounts, "--tag", "hyperrep-report", CHECKOUT)
    return "localhost/hyperrep-report"


def megabytes(builder: Builder, image: str) -> float:
    """The size of an image with everything below it."""
    container = builder("from", image)
    return int(run(*builder.prefix, "du", "-sb", builder("mount", container)).split()[0]) / 1e6


def test_the_image_runs_the_command_as_a_user_that_is_not_root(builder: Builder, image: str, tmp_path: Path) -> None:
    """The container makes the demo report into the mounted folder, by its entry point, and not as root."""
    container = builder("from", image)
    os.chown(tmp_path, IMAGE_USER, IMAGE_USER)
    in_container = ["run", "--isolation", "chroot", "--volume", f"{tmp_path}:/data", container, "--"]
    entry_point = builder("inspect", "--format", '{{join .OCIv1.Config.Entrypoint " "}}', container)
    assert builder(*in_container, "id", "-u") == str(IMAGE_USER)
    builder(*in_container, *entry_point.split(), "--demo", "--output", "reports")
    pages = pages_by_report(tmp_path)
    assert pages
    assert set(pages.values()) == {2}


def test_the_image_holds_no_tools_and_little_more_than_the_command(
    builder: Builder, base: str, image: str, record_property: Callable[[str, object], None]
) -> None:
    """Neither sources, pip nor package lists stay in the image, and it adds less than 200 MB to its base."""
    root = Path(builder("mount", builder("from", image)))
    assert not (root / "build").exists()
    assert not (root / "opt/hyperrep-report/bin/pip").exists()
    assert not list((root / "opt").rglob("site-packages/pip"))
    assert not list((root / "var/lib/apt/lists").glob("*_Packages*"))
    whole = megabytes(builder, image)
    added = whole - megabytes(builder, base)
    record_property("megabytes", f"{whole:.0f}, of them {added:.0f} on top of the base")
    assert added < 200

"""Images without a daemon and without a registry: buildah on this machine, with this machine's access to registries.

What pip and apt need here to reach their registries is read from their settings, and mounted for builds and runs.
"""

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

MACHINE = "/mnt/machine"


def run(*command: str | Path) -> str:
    """The command's output; a failure shows all of it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Builder:
    """Buildah as root, with its own storage, so that this machine's images and containers are never touched."""

    storage: Path
    root_prefix: tuple[str, ...]

    def __call__(self, *arguments: str | Path) -> str:
        """The output of buildah."""
        places = ("--storage-driver", "vfs", "--root", self.storage / "images", "--runroot", self.storage / "run")
        return self.as_root("buildah", *places, *arguments)

    def as_root(self, *command: str | Path) -> str:
        """The output of another program run as root."""
        return run(*self.root_prefix, *command)

    def container(self, image: str) -> str:
        """The name of a new container of the image."""
        return self("from", image)

    def files(self, container: str) -> Path:
        """The path of the container's files."""
        return Path(self("mount", container))

    def run(self, container: str, command: list[str], *, mounts: list[str]) -> str:
        """The output of the command in the container, run as the image's user; `mounts` are `from:to`."""
        return self(
            "run", "--isolation", "chroot", *(f"--volume={mount}" for mount in mounts), container, "--", *command
        )


def find_builder(storage: Path) -> Builder | str:
    """The builder, or the sentence that says why there is none here."""
    for program in ("buildah", "debootstrap"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            return f"no image can be built here: {program} is not installed"
    if os.geteuid() == 0:
        return Builder(storage, ())
    sudo = ("sudo", "-n", "--preserve-env")
    if shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        return Builder(storage, sudo)
    return "no image can be built here: that needs root, or a sudo without password"


def debian_mirror() -> str:
    """The Debian mirror that this machine's apt uses, else Debian's own."""
    default = "http://deb.debian.org/debian"
    if shutil.which("apt-get") is None:
        return default
    listed = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian")
    return next(iter(listed.splitlines()), default)


def machine_mounts(folder: Path) -> list[str]:
    """Mounts that let pip and apt reach their registries as they do here; `folder` gets the settings."""
    (folder / "apt.conf").write_text(_apt_settings())
    settings = _pip_settings()
    words = {word.removeprefix("file://") for value in settings.values() for word in value.split()}
    # An index in a folder, `…/simple`, links to files in the folder above it.
    places = {
        place.parent if place.name == "simple" else place for word in words if (place := Path(word)).is_absolute()
    }
    found = sorted(place for place in places if place.exists())
    for name, value in settings.items():
        settings[name] = " ".join(_moved(word, found) for word in value.split())
    parser = ConfigParser(interpolation=None)
    parser["global"] = settings
    with (folder / "pip.conf").open("w") as stream:
        parser.write(stream)
    return [
        f"{folder / 'pip.conf'}:/etc/pip.conf:ro",
        f"{folder / 'apt.conf'}:/etc/apt/apt.conf.d/90machine:ro",
        *(f"{place}:{MACHINE}{place}:ro" for place in found),
    ]


def _pip_settings() -> dict[str, str]:
    settings = {}
    for line in run(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'")
    return settings


def _apt_settings() -> str:
    if shutil.which("apt-config") is None:
        return ""
    return "\n".join(line for line in run("apt-config", "dump", "Acquire").splitlines() if "IndexTargets" not in line)


def _moved(word: str, places: list[Path]) -> str:
    scheme = "file://" if word.startswith("file://") else ""
    path = Path(word.removeprefix(scheme))
    return f"{scheme}{MACHINE}{path}" if any(path.is_relative_to(place) for place in places) else word

"""The organizations' folders in the archive: named after the organization, claimed once, and never reassigned.

A folder is created together with its `organization.json`, which names the owner, by one rename that fails if the name
is taken. So no two organizations share a folder, even in a race, and a renamed organization keeps its folder.
"""

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from slugify import slugify

from reporter.archive.manifest import Manifest
from reporter.domain.errors import ArchiveError
from reporter.domain.snapshot import Organization
from reporter.files import explained, json_bytes, read, sweep, sync_folder, unfinished_name, write

OWNER = "organization.json"
_LONGEST = 60
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
"""Reserved file names on Windows, where an archive may be copied to."""


class Folders:
    """The organizations' folders below `root`, looked up by the organization's id."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self._root = root
        self._manifest = manifest
        self._owners: dict[str, Organization | None] = {}
        """The owner of each folder seen so far; None if it cannot be read."""
        self._slugs: dict[str, str] = {}
        """Folder names by organization id."""

    def find(self, organization: Organization) -> Path | None:
        """The organization's folder, or None if it has none yet."""
        if organization.id not in self._slugs:
            self._load()
        slug = self._slugs.get(organization.id)
        return self._root / slug if slug else None

    def claim(self, organization: Organization) -> Path:
        """The organization's folder, created if necessary; its `organization.json` has the current name."""
        with self._manifest.lock.held():
            folder = self.find(organization) or self._create(organization)
            if self._owners[folder.name] != organization:
                self._manifest.announce([f"{folder.name}/{OWNER}"])
                write(self._root, folder / OWNER, _claim(organization))
                self._register(folder.name, organization)
            return folder

    def owners(self) -> list[tuple[str, Organization]]:
        """Each organization with its folder name, sorted by name."""
        self._load()
        known = [(slug, owner) for slug, owner in self._owners.items() if owner]
        return sorted(known, key=lambda item: (item[1].name.casefold(), item[0]))

    def _load(self) -> None:
        """Read the owners of new folders; a folder never changes its owner."""
        with explained(self._root, "read"):
            slugs = os.listdir(self._root) if self._root.is_dir() else []  # noqa: PTH208 - only names are needed
        for slug in sorted(set(slugs) - self._owners.keys()):
            if not slug.startswith(".") and (self._root / slug / OWNER).is_file():
                with suppress(ArchiveError):  # an unreadable folder affects only its own organization
                    self._owners[slug] = None
                    self._register(slug, read_owner(self._root, self._root / slug))

    def _register(self, slug: str, organization: Organization) -> None:
        self._owners[slug] = organization
        self._slugs.setdefault(organization.id, slug)

    def _create(self, organization: Organization) -> Path:
        sweep(self._root)
        for slug in _candidates(organization):
            if slug in self._owners and self._owners[slug] is None:
                read_owner(self._root, self._root / slug)  # raises the error
            self._manifest.announce([f"{slug}/{OWNER}"])
            if self._create_as(slug, organization):
                return self._root / slug
        raise ArchiveError(f"{self._root} has no free folder for {organization.name}: move other files away from there")

    def _create_as(self, slug: str, organization: Organization) -> bool:
        """Rename a finished folder to `slug`; False if another folder or file has that name."""
        new = self._root / unfinished_name(f"{slug}.{secrets.token_hex(8)}")
        with explained(self._root / slug, "made"):
            try:
                write(self._root, new / OWNER, _claim(organization))
                new.rename(self._root / slug)
            except OSError as error:
                if error.errno in _TAKEN:
                    return False
                raise
            finally:
                shutil.rmtree(new, ignore_errors=True)
            sync_folder(self._root)
        self._register(slug, organization)
        return True


def slug_of(name: str) -> str:
    """The folder name for an organization's name: up to 60 of `a-z 0-9 -`, never empty, never a device name."""
    slug = slugify(name, max_length=_LONGEST, word_boundary=True)
    return "-".join(filter(None, ("organization", slug))) if slug in _DEVICES or not slug else slug


def _candidates(organization: Organization) -> Iterator[str]:
    """The names to try: the slug, then the slug with an increasing part of the id's hash."""
    slug = slug_of(organization.name)
    digest = hashlib.sha256(organization.id.encode("utf-8", "backslashreplace")).hexdigest()
    yield slug
    yield from (f"{slug}-{digest[:length]}" for length in (6, 16, 64))


def _claim(organization: Organization) -> bytes:
    return json_bytes({"id": organization.id, "name": organization.name})


def read_owner(root: Path, folder: Path) -> Organization:
    """Read the organization that owns a folder of the archive below `root`. Raises ArchiveError."""
    path = folder / OWNER
    content = read(root, path)
    try:
        claim = json.loads(content)
        return Organization(str(claim["id"]), str(claim["name"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ArchiveError(f"{path} does not say whose folder this is: put back a copy of it") from error

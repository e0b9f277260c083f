"""The manifest of the archive: the SHA-256 and size of each file, in `manifest.json`.

A path is announced durably before its file changes, and recorded later, in batches. A process killed in between
leaves the announcement, so that the next `record`, in any process, includes the file.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from reporter.archive.lock import STATE, ArchiveLock
from reporter.domain.errors import ArchiveError, UsageError
from reporter.files import (
    explained,
    json_bytes,
    link_on_the_way,
    read,
    refuse_links,
    sweep,
    sync_folder,
    write,
)

MANIFEST = "manifest.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """The manifest's entry for one file; `size` is in bytes."""

    sha256: str
    size: int


class Manifest:
    """The manifest of the archive at `root`, and the lock under which it and the archive change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.lock = ArchiveLock(root)
        self._announced = root / STATE / "unrecorded"

    def announce(self, paths: Iterable[str]) -> None:
        """Record durably that the files at these paths, relative to the root, are about to change."""
        lines = "".join(f"\n{path}" for path in paths) + "\n"  # the first break ends a line truncated by a crash
        refuse_links(self._root, self._announced)
        with self.lock.held(), explained(self._announced, "written"):
            is_new = not self._announced.exists()
            with self._announced.open("a", encoding="utf-8") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                sync_folder(self._announced.parent)

    def unrecorded(self) -> frozenset[str]:
        """Announced paths that are not recorded yet."""
        refuse_links(self._root, self._announced)
        with explained(self._announced, "read"):
            try:
                lines = self._announced.read_text("utf-8", "replace").splitlines()
            except FileNotFoundError:
                return frozenset()
        return frozenset(line for line in lines if line and _is_inside(line))

    def record(self) -> None:
        """Update the manifest for every announced file, whichever process announced it."""
        with self.lock.held():
            paths = self.unrecorded()
            if not paths:
                return
            self._sweep(paths)
            now = {path: measured(self._root, self._root / path) for path in paths}
            self._write({path: entry for path, entry in {**self.entries(), **now}.items() if entry})
            with explained(self._announced, "written"):
                self._announced.unlink(missing_ok=True)

    def entries(self) -> dict[str, ManifestEntry]:
        """Entries by path relative to the root; empty if there is no manifest yet."""
        path = self._root / MANIFEST
        if not path.exists():
            return {}
        try:
            document = json.loads(read(self._root, path))
            return {name: ManifestEntry(file["sha256"], file["size"]) for name, file in _files(document).items()}
        except (ValueError, TypeError, KeyError) as error:
            raise ArchiveError(f"{path} is damaged ({error}): put back a copy of it, or move it away") from error

    def _sweep(self, paths: Iterable[str]) -> None:
        """Remove unfinished files from all folders above these paths."""
        for folder in {folder for path in paths for folder in PurePath(path).parents}:
            if not link_on_the_way(self._root, self._root / folder):
                sweep(self._root / folder)

    def _write(self, entries: Mapping[str, ManifestEntry]) -> None:
        files = {path: {"sha256": entry.sha256, "size": entry.size} for path, entry in entries.items()}
        write(self._root, self._root / MANIFEST, json_bytes({"schema": SCHEMA, "files": files}))


def existing_manifest(root: Path) -> Manifest:
    """The manifest of an archive that must exist at `root`. Raises UsageError if there is none."""
    if not (root / MANIFEST).is_file():
        raise UsageError(f"{root} is no archive: it has no {MANIFEST}")
    return Manifest(root)


def measured(root: Path, path: Path) -> ManifestEntry | None:
    """Measure the file at `path`; None if it is not a regular file. Links are not followed."""
    if link_on_the_way(root, path) or not path.is_file():
        return None
    with explained(path, "read"):
        try:
            file = path.open("rb")
        except FileNotFoundError:  # another process removed it since
            return None
        with file:
            return ManifestEntry(hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size)


def _files(document: Any) -> Mapping[str, Any]:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']!r}, where this version reads {SCHEMA}")
    files: Mapping[str, Any] = document["files"]
    if outside := next((path for path in files if not _is_inside(path)), None):
        raise ValueError(f"it names {outside!a}, which is no path below it")
    return files


def _is_inside(path: str) -> bool:
    """Whether an untrusted path stays below the root."""
    return not path.startswith("/") and ".." not in path.split("/")

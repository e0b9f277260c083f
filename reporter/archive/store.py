"""Storage of editions before delivery, so that every email can be traced to its content.

<root>/<organization>/<period>/<label>/   report.pdf, report.json, email.eml, receipt.json
                              revision-1/   replaced by an operator
       index.html  manifest.json  .state/
"""

import hashlib
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from reporter.archive.edition import DATA, PDF, RECEIPT, Edition, StoredEdition
from reporter.archive.folders import Folders
from reporter.archive.index import INDEX, Index
from reporter.archive.index_page import warm_up
from reporter.archive.lock import STATE, edition_lock
from reporter.archive.manifest import Manifest
from reporter.domain.errors import ArchiveError, UsageError
from reporter.domain.snapshot import Organization
from reporter.domain.window import Window
from reporter.files import (
    explained,
    make_folder,
    read,
    refuse_links,
    sweep,
    sync_folder,
    unfinished_name,
    write,
)

RECORD_EVERY = 200
"""Number of editions stored between two updates of the manifest, which lists every file of the archive."""


class Archive:
    """The archive below `root`. Several processes may write to one archive; call `close` at the end of a run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._manifest = Manifest(root)
        self._lock = self._manifest.lock
        self._folders = Folders(root, self._manifest)
        self._index = Index(root)
        self._kept = 0

    def check_writable(self) -> None:
        """Create the root and check that it is writable, before anything else is done. Raises UsageError."""
        try:
            with explained(self.root, "written"):
                refuse_links(self.root, self.root / STATE)
                make_folder(self.root / STATE)
                for folder in (self.root, self.root / STATE):
                    probe = folder / unfinished_name(secrets.token_hex(8))
                    probe.touch()
                    probe.unlink()
        except ArchiveError as error:
            raise UsageError(f"The output folder {error}") from error
        except ValueError as error:
            raise UsageError(f"The output folder {str(self.root)!r} is no path ({error}): name another") from error

    def folder(self, organization: Organization, window: Window) -> Path:
        """The folder for the edition of this window; claims the organization's folder if it has none."""
        return self._folders.claim(organization) / window.period / window.label

    @asynccontextmanager
    async def editing(self, organization: Organization, window: Window) -> AsyncIterator[Path | None]:
        """The edition's folder, locked for this run inside the block; None if another run holds the lock."""
        folder = self.folder(organization, window)
        async with edition_lock(self.root, self._path(folder)) as ours:
            if ours:
                refuse_links(self.root, folder)
                sweep(folder)
            yield folder if ours else None

    def find(self, organization: Organization, window: Window) -> StoredEdition | None:
        """Find the latest revision of an edition that has both PDF and data, or None."""
        folder = self._complete(organization, window)
        return StoredEdition(folder, _sha256(read(self.root, folder / PDF))) if folder else None

    def data(self, organization: Organization, window: Window, *, before: int = 1) -> bytes | None:
        """Read the data of the latest revision of an edition, or None. Raises ArchiveError.

        `before` is the next revision: if a run died while writing it, the latest one is in its `revision-<n>/` folder.
        """
        folder = self._complete(organization, window)
        if folder is None:
            return None
        aside = folder / _former(before)
        return read(self.root, (aside if before > 1 and aside.exists() else folder) / DATA)

    def holds(self, organization_id: str, window: Window) -> bool:
        """Whether there is an edition with both PDF and data."""
        return self._complete(Organization(organization_id, ""), window) is not None

    def keep(self, edition: Edition) -> StoredEdition:
        """Store the edition's files.

        A revision above 1 first moves the previous one's files into `revision-<n>/`. After an ArchiveError or a crash,
        each file is complete, old or new, and storing the edition again fixes it.
        """
        folder = self.folder(edition.organization, edition.window)
        with self._lock.held():
            before = folder / _former(edition.revision)
            if edition.revision > 1:
                self._set_aside(folder, before)
            self._write(folder, edition.files)
            self._drop(path for path in _files(before) if path.name not in edition.files)
        self._kept += 1
        if self._kept % RECORD_EVERY == 0:
            self.record()
        return StoredEdition(folder, _sha256(edition.files[PDF]))

    def add(self, kept: StoredEdition, files: Mapping[str, bytes]) -> None:
        """Add files to a stored edition or replace them, such as its emails and receipt."""
        self._write(kept.folder, files)

    def record(self) -> None:
        """Update the manifest with all files stored so far, by this process or by one that died."""
        self._manifest.record()

    def get_ready(self) -> None:
        """Load what `close` needs in advance; may be called from any thread."""
        warm_up()

    def close(self) -> None:
        """Write the index page and the manifest, so that the archive passes `verify`."""
        self._index.read(self._folders.owners())  # the slow part, without the lock
        with self._lock.held():
            self._write(self.root, {INDEX: self._index.page(self._folders.owners())})
            self.record()

    def _complete(self, organization: Organization, window: Window) -> Path | None:
        owned = self._folders.find(organization)
        folder = owned / window.period / window.label if owned else None
        return folder if folder and all((folder / name).is_file() for name in (PDF, DATA)) else None

    def _write(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Write the files in an order that leaves a defined state if the run dies in between.

        A new receipt comes first: from then on, the next run sends this revision. Then PDF and data, without which
        an edition is not found.
        """
        order = sorted(files, key=lambda name: (name != RECEIPT, name != PDF, name != DATA, name))
        with self._lock.held():
            self._manifest.announce(self._path(folder / name) for name in order)
            for name in order:
                write(self.root, folder / name, files[name])

    def _set_aside(self, folder: Path, before: Path) -> None:
        """Copy the previous revision's files into `before`, all or none; does nothing if `before` exists."""
        former = _files(folder)
        if before.exists() or not former:
            return
        self._manifest.announce(self._path(before / path.name) for path in former)
        unfinished = folder / unfinished_name(before.name)
        sweep(folder)
        for path in former:
            write(self.root, unfinished / path.name, read(self.root, path))
        with explained(before, "written"):
            unfinished.rename(before)
            sync_folder(folder)

    def _drop(self, set_aside: Iterable[Path]) -> None:
        """Remove files that only the previous revision had: those that equal the copy set aside."""
        for copy in set_aside:
            path = copy.parent.parent / copy.name
            if path.is_file() and path.read_bytes() == copy.read_bytes():
                self._manifest.announce([self._path(path)])
                with explained(path, "removed"):
                    path.unlink()

    def _path(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _former(revision: int) -> str:
    """The folder for the files of the revision before this one."""
    return f"revision-{revision - 1}"


def _files(folder: Path) -> list[Path]:
    """The archived files directly in `folder`, sorted by name; empty if it does not exist."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))

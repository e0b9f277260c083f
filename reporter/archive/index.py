"""The archive's index: one static page that links organizations, periods, and files, without a server.

A cache between runs, `.state/index.json`, keeps editions whose folders have not changed from being read again.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reporter import __version__
from reporter.archive.edition import DATA
from reporter.archive.index_page import PageEntry, page, row_markup
from reporter.archive.index_rows import IndexRow, read_row
from reporter.archive.lock import STATE
from reporter.domain.snapshot import Organization
from reporter.files import read, write

INDEX = "index.html"

CACHE = f"{STATE}/index.json"
"""Path below the archive's root. The file may be removed at any time; then every edition is read again."""

Owners = Sequence[tuple[str, Organization]]
"""Folder names with their organizations, sorted by the organizations' names."""

State = tuple[tuple[str, int, int, int], ...]
"""Entries of an edition's folder: name, inode, modification time in nanoseconds, and size in bytes."""

_FORM = f"{__version__}/2"
"""The cache is discarded if this differs. Increase the number when the content of `IndexRow` changes."""

_Rows = dict[str, tuple[State, IndexRow]]
_CACHE = TypeAdapter(tuple[str, _Rows])


class Index:
    """The index page of all editions below `root`. An edition is read again only if its folder has changed.

    Calling `read` before taking the archive's lock limits the time under the lock to listing the folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entries: dict[str, PageEntry] = {}

    def read(self, owners: Owners) -> Sequence[PageEntry]:
        """The entry of every edition as it is now."""
        return [
            self._entry(folder, owner.title, state)
            for slug, owner in owners
            for folder, state in _editions(self._root, slug)
        ]

    def page(self, owners: Owners) -> bytes:
        """The page for the archive's current state; the same archive gives the same bytes."""
        entries = self.read(owners)
        self._rows = {folder: self._rows[folder] for folder in sorted(entry.folder for entry in entries)}
        write(self._root, self._root / CACHE, _CACHE.dump_json((_FORM, self._rows)))
        return page(entries, owners)

    def _entry(self, folder: str, owner: str, state: State) -> PageEntry:
        """The edition's entry on the page; it is read, and its markup is rendered, only if it has changed."""
        known, row = self._rows.get(folder, (None, None))
        if row is None or known != state:
            row = read_row(self._root, self._root / folder, [name for name, *_ in state])
            self._rows[folder] = state, row
        entry = self._entries.get(folder)
        if not entry or (entry.owner, entry.row) != (owner, row):
            entry = self._entries[folder] = PageEntry(folder, owner, row, row_markup(folder, owner, row))
        return entry

    @cached_property
    def _rows(self) -> _Rows:
        """Rows by folder, each with the folder's state before it was read: at first those that an earlier run saved.

        Empty if the cache is missing or damaged. Raises ArchiveError if it is a link.
        """
        path = self._root / CACHE
        if os.path.lexists(path):
            with suppress(ValidationError):
                form, rows = _CACHE.validate_json(read(self._root, path))
                return rows if form == _FORM else {}
        return {}


def _editions(root: Path, slug: str) -> Iterator[tuple[str, State]]:
    """The folder of each edition of an organization, relative to the root, and its state."""
    for period in _folders(root, slug):
        for folder in _folders(root, period):
            state = _state(root / folder)
            if any(name == DATA for name, *_ in state):
                yield folder, state


def _folders(root: Path, folder: str) -> Iterable[str]:
    """The subfolders of a folder, sorted by name; empty if it is missing. Links are not followed."""
    with suppress(OSError), os.scandir(root / folder) as entries:
        return sorted(f"{folder}/{entry.name}" for entry in entries if _is_ours(entry) and entry.is_dir())
    return ()


def _state(folder: Path) -> State:
    """The folder's entries without links and unfinished files; empty if it changes while it is read."""
    with suppress(OSError), os.scandir(folder) as entries:
        found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries if _is_ours(entry)]
        return tuple(sorted((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in found))
    return ()


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Whether it may belong to the archive: an ASCII name, no link, and not unfinished (leading dot)."""
    return entry.name.isascii() and not entry.name.startswith(".") and not entry.is_symlink()

"""The archive's index: one static page that links organizations, periods, and files, without a server."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from reporter.archive.edition import DATA
from reporter.archive.index_cache import IndexCache, State
from reporter.archive.index_page import PageEntry, page, row_markup
from reporter.archive.index_rows import IndexRow
from reporter.domain.snapshot import Organization

INDEX = "index.html"

Owners = Sequence[tuple[str, Organization]]
"""Folder names with their organizations, sorted by the organizations' names."""


class Index:
    """The index page of all editions below `root`. An edition is read again only if its folder has changed.

    Calling `look` before taking the archive's lock limits the time under the lock to listing the folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen = IndexCache(root)
        self._written: dict[str, PageEntry] = {}

    def look(self, owners: Owners) -> None:
        """Read every edition without the lock; `page` reads again what other processes change in the meantime."""
        for _ in self._entries(owners):
            pass

    def page(self, owners: Owners) -> bytes:
        """The page for the archive's current state; the same archive gives the same bytes."""
        entries = list(self._entries(owners))
        self._seen.keep(frozenset(entry.folder for entry in entries))
        return page(entries, owners)

    def _entries(self, owners: Owners) -> Iterator[PageEntry]:
        for slug, owner in owners:
            for folder, state in _editions(self._root, slug):
                yield self._entry(folder, owner.title, self._seen.row(folder, state))

    def _entry(self, folder: str, owner: str, row: IndexRow) -> PageEntry:
        """The edition's entry on the page; its markup is rendered only if it has changed."""
        written = self._written.get(folder)
        if not written or (written.owner, written.row) != (owner, row):
            written = self._written[folder] = PageEntry(folder, owner, row, row_markup(folder, owner, row))
        return written


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

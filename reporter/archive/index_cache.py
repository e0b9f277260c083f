"""Cache of the index between runs: an edition whose folder has not changed is not read again."""

import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reporter import __version__
from reporter.archive.index_rows import IndexRow, read_row
from reporter.archive.lock import STATE
from reporter.files import read, write

SEEN = f"{STATE}/index.json"
"""Path below the archive's root. The file may be removed at any time; then every edition is read again."""

State = tuple[tuple[str, int, int, int], ...]
"""Entries of an edition's folder: name, inode, modification time in nanoseconds, and size in bytes."""

_FORM = f"{__version__}/1"
"""The cache is discarded if this differs. Increase the number when the content of `IndexRow` changes."""

_Rows = dict[str, tuple[State, IndexRow]]
_SEEN = TypeAdapter(tuple[str, _Rows])


class IndexCache:
    """The rows of the editions below `root` by folder path, each with the folder's state when it was read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._rows: _Rows | None = None
        self._is_new = False

    def row(self, folder: str, state: State) -> IndexRow:
        """The row of an edition in this state, read only if not cached; take the state before calling."""
        rows = self._remembered()
        known = rows.get(folder)
        if known and known[0] == state:
            return known[1]
        row = read_row(self._root, self._root / folder, [name for name, *_ in state])
        rows[folder] = state, row
        self._is_new = True
        return row

    def keep(self, folders: frozenset[str]) -> None:
        """Save the rows of these folders for the next run, and drop all others. Raises ArchiveError."""
        rows = self._remembered()
        kept = {folder: entry for folder, entry in sorted(rows.items()) if folder in folders}
        if self._is_new or len(kept) < len(rows):
            write(self._root, self._root / SEEN, _SEEN.dump_json((_FORM, kept)))
        self._rows, self._is_new = kept, False

    def _remembered(self) -> _Rows:
        if self._rows is None:
            self._rows = self._recalled()
        return self._rows

    def _recalled(self) -> _Rows:
        """The rows saved by an earlier run; empty if damaged. Raises ArchiveError if the file is a link."""
        path = self._root / SEEN
        if os.path.lexists(path):
            with suppress(ValidationError):
                form, rows = _SEEN.validate_json(read(self._root, path))
                return rows if form == _FORM else {}
        return {}
